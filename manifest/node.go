package manifest

import (
	"strconv"
)

// Kind is the kind of a node: those of JSON, with integers told apart.
type Kind uint8

// The kinds of a node.
const (
	Null Kind = iota
	Bool
	Int
	Float
	String
	List
	Map
)

func (k Kind) String() string {
	return [...]string{"null", "boolean", "integer", "number", "string", "list", "map"}[k]
}

// Node is a value with the place where it was written. Trees are read-only once
// they are made: views and facts share their parts. All methods accept nil,
// which stands for an absent value.
type Node struct {
	Kind Kind
	// File says that the text is a whole file, which begins at Pos.
	File bool
	// Text of a scalar in its canonical form: "true", "15", "0.5", or the string.
	Text string
	// Fields of a map, in the order of the source, each key once.
	Fields []Field
	// Items of a list.
	Items []*Node
	// Pos is where the value stands; zero where nobody wrote it (facts, defaults).
	Pos Position
	// Related positions, such as the alias through which the value came.
	Related []Related
}

// Field is one entry of a map.
type Field struct {
	Key string
	// KeyPos is where the key stands beside the value that won: in the patch's
	// file if a patch set the value.
	KeyPos Position
	Value  *Node
}

// Get follows map keys and returns nil where one is missing.
func (n *Node) Get(keys ...string) *Node {
	for _, key := range keys {
		f := n.Field(key)
		if f == nil {
			return nil
		}
		n = f.Value
	}
	return n
}

// Field returns the entry of a map, or nil.
func (n *Node) Field(key string) *Field {
	if n == nil || n.Kind != Map {
		return nil
	}
	for i := range n.Fields {
		if n.Fields[i].Key == key {
			return &n.Fields[i]
		}
	}
	return nil
}

// Has tells whether the map holds a value under the key that is not null.
func (n *Node) Has(key string) bool {
	f := n.Field(key)
	return f != nil && !f.Value.IsNull()
}

// IsNull tells whether the value is absent or null, which the API server treats
// alike.
func (n *Node) IsNull() bool { return n == nil || n.Kind == Null }

// Str is the text of a string, and "" for anything else.
func (n *Node) Str() string {
	if n == nil || n.Kind != String {
		return ""
	}
	return n.Text
}

// Bool is the value of a boolean; ok tells whether it is one.
func (n *Node) Bool() (value, ok bool) {
	if n == nil || n.Kind != Bool {
		return false, false
	}
	return n.Text == "true", true
}

// Int is the value of an integer; ok tells whether it is one that fits.
func (n *Node) Int() (value int64, ok bool) {
	if n == nil || n.Kind != Int {
		return 0, false
	}
	value, err := strconv.ParseInt(n.Text, 10, 64)
	return value, err == nil
}

// Elems is the items of a list, and nothing for anything else.
func (n *Node) Elems() []*Node {
	if n == nil || n.Kind != List {
		return nil
	}
	return n.Items
}

// Strings is the string items of a list.
func (n *Node) Strings() []string {
	var out []string
	for _, item := range n.Elems() {
		if item.Kind == String {
			out = append(out, item.Text)
		}
	}
	return out
}

// StringMap is the entries of a map whose values are strings, such as labels.
func (n *Node) StringMap() map[string]string {
	if n == nil || n.Kind != Map {
		return nil
	}
	out := make(map[string]string, len(n.Fields))
	for _, f := range n.Fields {
		if f.Value != nil && f.Value.Kind == String {
			out[f.Key] = f.Value.Text
		}
	}
	return out
}

// Lookup follows a path and returns nil where it ends early.
func (n *Node) Lookup(path FieldPath) *Node {
	found, depth := n.nearest(path)
	if depth < len(path) {
		return nil
	}
	return found
}

// nearest follows the path as far as it is present and returns the last node
// with the number of steps that were taken.
func (n *Node) nearest(path FieldPath) (*Node, int) {
	for i, step := range path {
		var next *Node
		if step.IsIndex {
			if items := n.Elems(); step.Index < len(items) {
				next = items[step.Index]
			}
		} else {
			next = n.Get(step.Key)
		}
		if next == nil {
			return n, i
		}
		n = next
	}
	return n, len(path)
}

// Locate returns the position to show for a path: from the key to the end of the
// value for a map's field, the item for a list's item, and for what is missing
// the key of its nearest present parent. It is the zero Position where nothing
// on the way has one.
func (n *Node) Locate(path FieldPath) (Position, []Related) {
	_, depth := n.nearest(path)
	for ; depth > 0; depth-- {
		parent, _ := n.nearest(path[:depth-1])
		node, _ := parent.nearest(path[depth-1 : depth])
		pos := node.Pos
		if last := path[depth-1]; !last.IsIndex {
			if f := parent.Field(last.Key); f != nil && !f.KeyPos.IsZero() {
				pos = f.KeyPos.Through(node.Pos)
			}
		}
		if !pos.IsZero() {
			return pos, node.Related
		}
	}
	if n == nil {
		return Position{}, nil
	}
	return n.Pos, n.Related
}

// PosOfLine is where a line of the text stands, counted from 0, for a text that is
// a whole file; else it is where the value stands.
func (n *Node) PosOfLine(line int) Position {
	if n == nil {
		return Position{}
	}
	if !n.File || line == 0 {
		return n.Pos
	}
	at := n.Pos
	at.Line, at.Column, at.EndLine, at.EndColumn = at.Line+line, 1, 0, 0
	return at
}

// Value makes the Go value that encoding/json would: nil, bool, int64, float64,
// string, []any, map[string]any. Integers that do not fit become float64.
func (n *Node) Value() any {
	if n == nil {
		return nil
	}
	switch n.Kind {
	case Bool:
		return n.Text == "true"
	case Int:
		if v, err := strconv.ParseInt(n.Text, 10, 64); err == nil {
			return v
		}
		fallthrough
	case Float:
		v, _ := strconv.ParseFloat(n.Text, 64)
		return v
	case String:
		return n.Text
	case List:
		out := make([]any, len(n.Items))
		for i, item := range n.Items {
			out[i] = item.Value()
		}
		return out
	case Map:
		out := make(map[string]any, len(n.Fields))
		for _, f := range n.Fields {
			out[f.Key] = f.Value.Value()
		}
		return out
	}
	return nil
}
