package netpol

import (
	"fmt"
	"math"
	"strconv"

	"github.com/secgen/secgen/manifest"
)

// reader reads the policies of one resource and collects what is wrong with it.
type reader struct {
	w        *world
	r        *manifest.Resource
	p        *Policy
	problems []Problem
}

func newReader(w *world, r *manifest.Resource) *reader {
	return &reader{w: w, r: r, p: &Policy{Resource: r, Order: math.Inf(1), Tier: defaultTier}}
}

// refuse reports what the API server does not accept; the policy's effect is
// unknown from then on.
func (rd *reader) refuse(path manifest.FieldPath, code Code, format string, args ...any) {
	rd.add(path, code, true, format, args...)
}

// warn reports what is accepted and still wrong.
func (rd *reader) warn(path manifest.FieldPath, code Code, format string, args ...any) {
	rd.add(path, code, false, format, args...)
}

func (rd *reader) add(path manifest.FieldPath, code Code, refused bool, format string, args ...any) {
	p := Problem{Resource: rd.r, Path: path, Code: code, Refused: refused, Message: fmt.Sprintf(format, args...)}
	rd.problems = append(rd.problems, p)
	if refused {
		rd.p.broken = append(rd.p.broken, fmt.Sprintf("%s: %s %s", rd.p, path, p.Message))
	}
}

// unresolved reports a variable and tells the caller that the value is unknown.
func (rd *reader) unresolved(path manifest.FieldPath, text string) bool {
	if !manifest.Unresolved(text) {
		return false
	}
	rd.warn(path, CodeUnresolved, "is %q, a variable that is not resolved; what the policy does with it is unknown", text)
	return true
}

// list returns the items of a list, and reports anything else.
func (rd *reader) list(n *manifest.Node, path manifest.FieldPath) []*manifest.Node {
	if n.IsNull() {
		return nil
	}
	if n.Kind != manifest.List {
		rd.refuse(path, CodeField, "is a %s; want a list", n.Kind)
		return nil
	}
	return n.Items
}

// port reads a number, a range "1:2", or a name into a set of ports.
func (rd *reader) port(n *manifest.Node, path manifest.FieldPath, into *namedPorts) (vague bool) {
	if n.IsNull() {
		rd.refuse(path, CodePort, "is empty; want a port number, a range such as \"8000:8080\" or a name")
		return true
	}
	if i, ok := n.Int(); ok {
		if i < 1 || i > 65535 {
			rd.refuse(path, CodePort, "is %d; want 1 to 65535", i)
			return true
		}
		into.set = into.set.union(oneRange(uint16(i), uint16(i)))
		return false
	}
	if n.Kind != manifest.String {
		rd.refuse(path, CodePort, "is the %s %s; want a port number or a string", n.Kind, n.Text)
		return true
	}
	if rd.unresolved(path, n.Text) {
		return true
	}
	lo, hi, isRange, err := portRange(n.Text)
	switch {
	case err != nil:
		rd.refuse(path, CodePort, "is %q: %v", n.Text, err)
		return true
	case isRange:
		into.set = into.set.union(oneRange(lo, hi))
	default:
		into.names = append(into.names, n.Text)
	}
	return false
}

// portRange reads "80", "80:90" and names as Calico does
// (api/pkg/lib/numorstring/port.go).
func portRange(text string) (lo, hi uint16, numeric bool, err error) {
	if m := numberPort.FindStringSubmatch(text); m != nil {
		first, err1 := strconv.ParseUint(m[1], 10, 16)
		last, err2 := first, err1
		if m[2] != "" {
			last, err2 = strconv.ParseUint(m[2], 10, 16)
		}
		switch {
		case err1 != nil || err2 != nil || first == 0 || last == 0:
			return 0, 0, false, fmt.Errorf("want ports from 1 to 65535")
		case first > last:
			return 0, 0, false, fmt.Errorf("the range ends before it begins")
		}
		return uint16(first), uint16(last), true, nil
	}
	if !namePort.MatchString(text) {
		return 0, 0, false, fmt.Errorf("want a number, a range such as \"8000:8080\" or a name of letters, digits, '-', '_' and '.'")
	}
	return 0, 0, false, nil
}
