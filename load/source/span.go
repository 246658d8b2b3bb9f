package source

import (
	"bytes"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// extent finds the bytes of a node: data[start:end]. ok is false where the
// source does not look as the node says.
func (x *Index) extent(n *yaml.Node) (start, end int, ok bool) {
	start, ok = x.offset(n.Line, n.Column)
	if !ok {
		// A value that nobody wrote may stand behind the file's end.
		return len(x.data), len(x.data), n.Kind == yaml.ScalarNode && n.Value == "" && n.Style == 0
	}
	if n.Kind == yaml.AliasNode {
		return x.literal(start, "*"+n.Value)
	}
	start = x.skipProperties(start, n)
	switch {
	case n.Kind == yaml.ScalarNode:
		return x.scalar(start, n)
	case n.Style&yaml.FlowStyle != 0:
		return x.flow(start, n)
	case len(n.Content) == 0:
		return start, start, true
	}
	first, _, ok := x.extent(n.Content[0])
	if !ok {
		return 0, 0, false
	}
	_, end, ok = x.extent(n.Content[len(n.Content)-1])
	if n.Kind == yaml.MappingNode && n.Style&yaml.TaggedStyle == 0 && n.Anchor == "" && first < start {
		start = first
	}
	return start, max(end, start), ok
}

func (x *Index) literal(start int, text string) (int, int, bool) {
	return start, start + len(text), bytes.HasPrefix(x.data[start:], []byte(text))
}

// skipProperties moves past an anchor and a tag, in either order, and what lies
// between them and the value.
func (x *Index) skipProperties(at int, n *yaml.Node) int {
	if n.Anchor == "" && n.Style&yaml.TaggedStyle == 0 && !x.has(at, "!") {
		return at
	}
	for x.has(at, "&") || x.has(at, "!") {
		end := x.propertyEnd(at, n)
		if n.Kind == yaml.ScalarNode && n.Value == "" && n.Style&^yaml.TaggedStyle == 0 {
			return end // nothing was written behind the properties
		}
		at = x.skipBlank(end)
	}
	return at
}

// propertyEnd finds the end of an anchor or a tag.
func (x *Index) propertyEnd(at int, n *yaml.Node) int {
	if x.data[at] == '&' {
		return min(at+1+len(n.Anchor), len(x.data))
	}
	for end := at; end < len(x.data); end++ {
		switch x.data[end] {
		case ' ', '\t', '\r', '\n', ',', '[', ']', '{', '}':
			return end
		}
	}
	return len(x.data)
}

// skipBlank moves past spaces, line breaks and comments.
func (x *Index) skipBlank(at int) int {
	for at < len(x.data) {
		switch c := x.data[at]; {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			at++
		case c == '#' && (at == 0 || isBlank(x.data[at-1]) || x.data[at-1] == '\n' || x.data[at-1] == '\r'):
			end := bytes.IndexAny(x.data[at:], "\n\r")
			if end < 0 {
				return len(x.data)
			}
			at += end
		default:
			return at
		}
	}
	return at
}

func (x *Index) has(at int, prefix string) bool {
	return at < len(x.data) && bytes.HasPrefix(x.data[at:], []byte(prefix))
}

func (x *Index) scalar(start int, n *yaml.Node) (int, int, bool) {
	switch {
	case n.Style&yaml.DoubleQuotedStyle != 0:
		return x.quoted(start, '"')
	case n.Style&yaml.SingleQuotedStyle != 0:
		return x.quoted(start, '\'')
	case n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		return x.block(start, n)
	}
	return x.plain(start, n.Value)
}

func (x *Index) quoted(start int, quote byte) (int, int, bool) {
	if start >= len(x.data) || x.data[start] != quote {
		return 0, 0, false
	}
	for at := start + 1; at < len(x.data); at++ {
		switch {
		case quote == '"' && x.data[at] == '\\':
			at++
		case x.data[at] != quote:
		case quote == '\'' && at+1 < len(x.data) && x.data[at+1] == quote:
			at++
		default:
			return start, at + 1, true
		}
	}
	return 0, 0, false
}

// plain finds the end of an unquoted scalar. One that spans lines was folded:
// its words are those of the source, its blanks are not.
func (x *Index) plain(start int, value string) (int, int, bool) {
	at := start
	for i := 0; i < len(value); {
		r, size := utf8.DecodeRuneInString(value[i:])
		if isSpace(r) {
			i += size
			continue
		}
		for at < len(x.data) {
			if s, size := utf8.DecodeRune(x.data[at:]); isSpace(s) {
				at += size
				continue
			}
			break
		}
		if !bytes.HasPrefix(x.data[at:], []byte(value[i:i+size])) {
			return 0, 0, false
		}
		at += size
		i += size
	}
	return start, at, true
}

func isSpace(r rune) bool {
	return r == ' ' || r == '\t' || r == '\n' || r == '\r' || r == '\u0085' || r == '\u2028' || r == '\u2029'
}

// block finds the end of a | or > scalar: its lines are those that are blank or
// indented at least as much as its text.
func (x *Index) block(start int, n *yaml.Node) (int, int, bool) {
	if start >= len(x.data) || x.data[start] != '|' && x.data[start] != '>' {
		return 0, 0, false
	}
	header := x.lineEnd(start)
	indent, ok := x.blockIndent(header, n.Value)
	end := start + len(bytes.TrimRight(bytes.SplitN(x.data[start:header], []byte(" #"), 2)[0], " \t\r"))
	if !ok {
		return start, end, true // it has no text
	}
	for at := header + 1; at < len(x.data); {
		stop := x.lineEnd(at)
		text := bytes.TrimRight(x.data[at:stop], "\r")
		content := bytes.TrimLeft(text, " ")
		if len(content) > 0 {
			if len(text)-len(content) < indent {
				break
			}
			end = at + len(text)
		}
		at = stop + 1
	}
	return start, end, true
}

// blockIndent is how far the text of a block scalar is indented: as its first
// line that is not blank, less the blanks that the value itself begins with.
func (x *Index) blockIndent(header int, value string) (int, bool) {
	var own int
	found := false
	for line := range bytes.SplitSeq([]byte(value), newline) {
		if content := bytes.TrimLeft(line, " "); len(content) > 0 {
			own, found = len(line)-len(content), true
			break
		}
	}
	if !found {
		return 0, false
	}
	for at := header + 1; at < len(x.data); {
		stop := x.lineEnd(at)
		text := bytes.TrimRight(x.data[at:stop], "\r")
		if content := bytes.TrimLeft(text, " "); len(content) > 0 {
			return max(0, len(text)-len(content)-own), true
		}
		at = stop + 1
	}
	return 0, false
}

func (x *Index) lineEnd(at int) int {
	if i := bytes.IndexByte(x.data[at:], '\n'); i >= 0 {
		return at + i
	}
	return len(x.data)
}

// flow finds the bracket that closes a flow collection, behind its last value.
func (x *Index) flow(start int, n *yaml.Node) (int, int, bool) {
	open, close := byte('{'), byte('}')
	if n.Kind == yaml.SequenceNode {
		open, close = '[', ']'
	}
	if start < len(x.data) && x.data[start] != open && n.Kind == yaml.MappingNode && len(n.Content) == 2 {
		// A single pair in a list: [a: 1].
		_, end, ok := x.extent(n.Content[1])
		return start, end, ok
	}
	if start >= len(x.data) || x.data[start] != open {
		return 0, 0, false
	}
	at := start + 1
	if len(n.Content) > 0 {
		_, end, ok := x.extent(n.Content[len(n.Content)-1])
		if !ok {
			return 0, 0, false
		}
		at = end
	}
	for {
		at = x.skipBlank(at)
		switch {
		case at >= len(x.data):
			return 0, 0, false
		case x.data[at] == close:
			return start, at + 1, true
		case x.data[at] == ',' || x.data[at] == ':' || x.data[at] == '?':
			at++
		default:
			return 0, 0, false
		}
	}
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' }
