package manifest

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Step is one step of a FieldPath: a map key or, where IsIndex, a list index.
type Step struct {
	Key     string
	Index   int
	IsIndex bool
}

// FieldPath leads from a node to one below it. It prints as
// a.b[0]["dotted.key/x"]; the empty path prints as "".
type FieldPath []Step

// Path makes a path of map keys.
func Path(keys ...string) FieldPath { return FieldPath(nil).Field(keys...) }

// Field returns p extended by map keys. It never shares memory with p.
func (p FieldPath) Field(keys ...string) FieldPath {
	out := make(FieldPath, len(p), len(p)+len(keys))
	copy(out, p)
	for _, k := range keys {
		out = append(out, Step{Key: k})
	}
	return out
}

// At returns p extended by a list index. It never shares memory with p.
func (p FieldPath) At(i int) FieldPath {
	return append(slices.Clip(slices.Clone(p)), Step{Index: i, IsIndex: true})
}

// Join returns p followed by q.
func (p FieldPath) Join(q FieldPath) FieldPath {
	return append(slices.Clip(slices.Clone(p)), q...)
}

var plainKey = regexp.MustCompile(`^[A-Za-z_$][A-Za-z0-9_$-]*$`)

func (p FieldPath) String() string {
	var b strings.Builder
	for i, s := range p {
		switch {
		case s.IsIndex:
			fmt.Fprintf(&b, "[%d]", s.Index)
		case plainKey.MatchString(s.Key):
			if i > 0 {
				b.WriteByte('.')
			}
			b.WriteString(s.Key)
		default:
			fmt.Fprintf(&b, "[%s]", strconv.Quote(s.Key))
		}
	}
	return b.String()
}

// ParsePath reads what FieldPath.String prints.
func ParsePath(text string) (FieldPath, error) {
	var p FieldPath
	bad := func(at int) (FieldPath, error) {
		return nil, fmt.Errorf("field path %q: unexpected text at byte %d; want the form a.b[0][\"dotted.key/x\"]", text, at)
	}
	for i := 0; i < len(text); {
		switch {
		case text[i] == '[' && i+1 < len(text) && text[i+1] == '"':
			quoted, err := strconv.QuotedPrefix(text[i+1:])
			if err != nil {
				return bad(i)
			}
			i += 1 + len(quoted)
			if i >= len(text) || text[i] != ']' {
				return bad(i)
			}
			key, _ := strconv.Unquote(quoted)
			p = append(p, Step{Key: key})
			i++
		case text[i] == '[':
			end := strings.IndexByte(text[i:], ']')
			if end < 0 {
				return bad(i)
			}
			n, err := strconv.Atoi(text[i+1 : i+end])
			if err != nil || n < 0 {
				return bad(i)
			}
			p = append(p, Step{Index: n, IsIndex: true})
			i += end + 1
		default:
			if len(p) > 0 {
				if text[i] != '.' {
					return bad(i)
				}
				i++
			}
			end := i
			for end < len(text) && text[end] != '.' && text[end] != '[' {
				end++
			}
			if !plainKey.MatchString(text[i:end]) {
				return bad(i)
			}
			p = append(p, Step{Key: text[i:end]})
			i = end
		}
	}
	return p, nil
}
