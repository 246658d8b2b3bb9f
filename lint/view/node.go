package view

import (
	"github.com/secgen/secgen/manifest"
)

// Facts are made for every container of every root: helpers here allocate a node
// once, with its position.

// facts collects the entries of a map. What is nil is left out: an unknown fact
// is absent.
type facts []manifest.Field

func (f *facts) set(key string, value *manifest.Node) {
	if value != nil {
		*f = append(*f, manifest.Field{Key: key, Value: value})
	}
}

func (f facts) node() *manifest.Node { return &manifest.Node{Kind: manifest.Map, Fields: f} }

var (
	isTrue  = manifest.Of(true)
	isFalse = manifest.Of(false)
)

func boolean(b bool) *manifest.Node {
	if b {
		return isTrue
	}
	return isFalse
}

func text(s string) *manifest.Node { return &manifest.Node{Kind: manifest.String, Text: s} }

// optional is a text, or nothing where it is empty.
func optional(s string) *manifest.Node {
	if s == "" {
		return nil
	}
	return text(s)
}

// textFrom is a text with the position of the field that it derives from.
func textFrom(source *manifest.Node, s string) *manifest.Node {
	return &manifest.Node{Kind: manifest.String, Text: s, Pos: source.Pos, Related: source.Related}
}

// nodeFrom is the map of the facts, with the position of the field that they
// derive from, which may be absent.
func (f facts) nodeFrom(source *manifest.Node) *manifest.Node {
	n := f.node()
	if source != nil {
		n.Pos, n.Related = source.Pos, source.Related
	}
	return n
}

// from gives a fact the position of the field that it derives from.
func from(source *manifest.Node, fact *manifest.Node) *manifest.Node {
	if source == nil || fact == nil || source.Pos.IsZero() {
		return fact
	}
	out := *fact
	out.Pos, out.Related = source.Pos, source.Related
	return &out
}

// withoutNulls returns the tree without the map entries that are null, which the
// API server drops. It is n itself where there is none. Items of lists stay, so
// that indices stay.
func withoutNulls(n *manifest.Node) *manifest.Node {
	if n == nil {
		return nil
	}
	switch n.Kind {
	case manifest.Map:
		for i := range n.Fields {
			value := n.Fields[i].Value
			if clean := withoutNulls(value); clean != value || value.IsNull() {
				return mapWithoutNulls(n)
			}
		}
	case manifest.List:
		for i, item := range n.Items {
			if clean := withoutNulls(item); clean != item {
				return listWithoutNulls(n, i)
			}
		}
	}
	return n
}

func mapWithoutNulls(n *manifest.Node) *manifest.Node {
	out := *n
	out.Fields = make([]manifest.Field, 0, len(n.Fields))
	for _, f := range n.Fields {
		if !f.Value.IsNull() {
			f.Value = withoutNulls(f.Value)
			out.Fields = append(out.Fields, f)
		}
	}
	return &out
}

func listWithoutNulls(n *manifest.Node, first int) *manifest.Node {
	out := *n
	out.Items = make([]*manifest.Node, len(n.Items))
	copy(out.Items, n.Items[:first])
	for i := first; i < len(n.Items); i++ {
		out.Items[i] = withoutNulls(n.Items[i])
	}
	return &out
}
