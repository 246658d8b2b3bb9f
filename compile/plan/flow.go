package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/secgen/secgen/compile/inventory"
)

// SideKind says what stands on one side of a flow.
type SideKind uint8

// The kinds of sides.
const (
	Pods SideKind = iota
	Addresses
	Anywhere
	APIServer
)

// Side is one end of a flow.
type Side struct {
	Kind SideKind
	// Namespace and Labels select pods; no labels means all of the namespace.
	Namespace string
	Labels    map[string]string
	// Workload is whose pods they are, where they are rendered.
	Workload *inventory.Workload
	// CIDRs are for Addresses, but for those in Except.
	CIDRs, Except []string
	// Network is the policy's name for the CIDRs, "" where it has none.
	Network string
}

// Port is a range of ports of a protocol.
type Port struct {
	Protocol    string
	First, Last uint16
}

func (p Port) String() string {
	if p.First == p.Last {
		return fmt.Sprintf("%s %d", p.Protocol, p.First)
	}
	return fmt.Sprintf("%s %d-%d", p.Protocol, p.First, p.Last)
}

// Flow is traffic that the repository or the policy declares. No ports means all.
type Flow struct {
	From, To Side
	Ports    []Port
	Reasons  []Reason
	// Loose says that no port was named, so that one that is allowed will do where
	// the repository's own policies deny others.
	Loose bool
}

// Reason is what declares a flow, and where; Field is nil where the policy does.
type Reason struct {
	Why   string
	Field *inventory.Field
}

func (r Reason) String() string {
	if r.Field == nil {
		return r.Why
	}
	return r.Why + " (" + r.Field.String() + ")"
}

// because makes the reasons of a flow that one field declares.
func because(why string, at inventory.Field) []Reason { return []Reason{{why, &at}} }

// implied tells whether another reason says the same of a field below or equal.
func (r Reason) implied(by Reason) bool {
	if r.Field == nil || by.Field == nil {
		return r == by
	}
	path, below := r.Field.Path, by.Field.Path
	return r.Why == by.Why && r.Field.Resource == by.Field.Resource && len(path) <= len(below) && slices.Equal(path, below[:len(path)])
}

// join adds the reasons of the same flow declared elsewhere.
func (f *Flow) join(reasons []Reason) {
	for _, r := range reasons {
		f.Reasons = slices.DeleteFunc(slices.Clone(f.Reasons), func(old Reason) bool { return old.implied(r) })
		if !slices.ContainsFunc(f.Reasons, r.implied) {
			f.Reasons = append(f.Reasons, r)
		}
	}
	slices.SortFunc(f.Reasons, func(a, b Reason) int { return cmp.Compare(a.String(), b.String()) })
}

func (s Side) String() string {
	switch s.Kind {
	case Addresses:
		text := strings.Join(s.CIDRs, ", ")
		if s.Network != "" {
			text = "network " + s.Network
		}
		if len(s.Except) > 0 {
			text += " but " + strings.Join(s.Except, ", ")
		}
		return text
	case Anywhere:
		return "anywhere"
	case APIServer:
		return "the API server"
	}
	if s.Workload != nil {
		return s.Workload.Resource.ID.String()
	}
	if len(s.Labels) == 0 {
		return "all pods of " + s.Namespace
	}
	return "pods of " + s.Namespace + " with " + labelText(s.Labels)
}

// has tells whether the pods of a workload are on the side.
func (s Side) has(w *inventory.Workload) bool {
	if s.Kind != Pods || s.Namespace != w.Resource.ID.Namespace || s.Workload != nil && s.Workload != w {
		return false
	}
	return s.Workload == w || matches(s.Labels, w.Labels())
}

// tidy orders flows by their other side and joins those that differ in their
// reasons alone.
func tidy(flows []Flow, other func(Flow) Side) []Flow {
	key := func(f Flow) string { return fmt.Sprint(other(f).Kind, other(f), f.Ports) }
	slices.SortStableFunc(flows, func(a, b Flow) int { return cmp.Compare(key(a), key(b)) })
	var out []Flow
	for _, f := range flows {
		if len(out) > 0 && key(out[len(out)-1]) == key(f) {
			out[len(out)-1].join(f.Reasons)
			out[len(out)-1].Loose = out[len(out)-1].Loose && f.Loose
			continue
		}
		out = append(out, f)
	}
	return out
}

func labelText(labels map[string]string) string {
	var parts []string
	for _, key := range sortedKeys(labels) {
		parts = append(parts, key+"="+labels[key])
	}
	return strings.Join(parts, ",")
}
