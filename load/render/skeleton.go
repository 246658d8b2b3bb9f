package render

import (
	"bytes"
	"slices"
)

// skeleton keeps of a schema what JSON 6902 patches touch: along their paths all
// keys, at the end of a path everything. What else is there becomes {}, so that an
// operation finds, or misses, the same as in the whole schema.
type skeleton struct {
	// levels are the maps that the line in hand is in, the schema first.
	levels []level
	// below is the indentation of the key whose value is left out or kept whole,
	// -1 outside of one.
	below int
	whole bool
}

// level is a map on the path of a patch: the indentation of its key, and what is
// left of the paths that lead through it.
type level struct {
	indent int
	paths  [][]string
}

func newSkeleton(indent int, paths [][]string) *skeleton {
	return &skeleton{levels: []level{{indent, paths}}, below: -1}
}

// kept says that lines without content stay, since they may belong to a text.
func (s *skeleton) kept() bool { return s != nil && s.below >= 0 && s.whole }

var emptyLine = []byte("\n")

// line is what becomes of a line of the schema that holds something. ok is false for
// what is no map of plain lines.
func (s *skeleton) line(line, content []byte, indent int) (out []byte, ok bool) {
	if s == nil {
		return emptyLine, true
	}
	item := content[0] == '-' && (len(content) == 1 || content[1] == ' ')
	if s.below >= 0 && (indent > s.below || item && indent == s.below) {
		if s.whole {
			return line, true
		}
		return emptyLine, true
	}
	s.below = -1
	at := len(s.levels) - 1
	for at > 0 && (s.levels[at].indent > indent || !item && s.levels[at].indent == indent) {
		at--
	}
	s.levels = s.levels[:at+1]
	parent := s.levels[at]
	if item {
		s.below, s.whole = parent.indent, true
		return line, true
	}
	key, value, ok := keyOf(content)
	if !ok {
		return nil, false
	}
	var rest [][]string
	for _, p := range parent.paths {
		if p[0] == key {
			rest = append(rest, p[1:])
		}
	}
	ends := slices.ContainsFunc(rest, func(p []string) bool { return len(p) == 0 })
	switch {
	case len(rest) == 0:
		s.below, s.whole = indent, false
		return slices.Concat(line[:indent], content[:len(content)-len(value)], []byte(" {}\n")), true
	case ends || len(value) > 0 && value[0] != '#':
		s.below, s.whole = indent, true
	default:
		s.levels = append(s.levels, level{indent, rest})
	}
	return line, true
}

// keyOf cuts a line of a block map into its key and what stands behind the colon,
// without the space between.
func keyOf(content []byte) (key string, value []byte, ok bool) {
	end := 0
	switch q := content[0]; q {
	case '"', '\'':
		close := bytes.IndexByte(content[1:], q)
		if close < 0 || bytes.ContainsRune(content[1:close+1], '\\') {
			return "", nil, false
		}
		key, end = string(content[1:close+1]), close+2
	case '?', '{', '[', '&', '*', '!', '|', '>', '%', '@', '`', ',', ']', '}':
		return "", nil, false
	default:
		if end = bytes.Index(content, []byte(": ")); end < 0 {
			end = len(content) - 1
		}
		key = string(content[:end])
	}
	if end >= len(content) || content[end] != ':' || len(content) > end+1 && content[end+1] != ' ' {
		return "", nil, false
	}
	return key, bytes.TrimLeft(content[end+1:], " "), true
}

// maxSchemaPaths bounds the paths that each line of a schema is held against.
const maxSchemaPaths = 200

// schemaPaths are the paths below schemas that the patches lead to. There are none
// where a patch speaks of schemas and it is not known which parts it needs, or they
// are too many.
func (p *plan) schemaPaths() (paths [][]string) {
	for _, u := range p.patches {
		if !bytes.Contains(u.doc.text, schemaName) {
			continue
		}
		if !u.patch.json {
			return nil
		}
		for _, op := range operations(u.doc.node) {
			i := slices.Index(op.path, string(schemaName))
			if i+1 == len(op.path) || !slices.Contains([]string{"add", "replace", "remove", "test"}, op.name) {
				return nil
			}
			if i >= 0 {
				paths = append(paths, op.path[i+1:])
			}
		}
	}
	if len(paths) > maxSchemaPaths {
		return nil
	}
	return paths
}
