package manifest

import "strings"

// Unresolved tells whether a string holds a ${VARIABLE} that somebody, such as
// Flux after the build, still has to fill in, so that the value is unknown. $${
// is an escaped ${.
func Unresolved(text string) bool {
	for {
		i := strings.Index(text, "${")
		if i < 0 {
			return false
		}
		rest := text[i+2:]
		if (i == 0 || text[i-1] != '$') && rest != "" && startsName(rest[0]) && strings.IndexByte(rest, '}') > 0 {
			return true
		}
		text = rest
	}
}

func startsName(c byte) bool {
	return c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// IsUnresolved tells whether the node is a string that is Unresolved.
func (n *Node) IsUnresolved() bool { return n != nil && n.Kind == String && Unresolved(n.Text) }
