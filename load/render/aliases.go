package render

import (
	"bytes"
	"slices"
	"strconv"

	"go.yaml.in/yaml/v3"

	"github.com/secgen/secgen/manifest"
)

// aliased is a value that an alias may have brought to its place in the object.
type aliased struct {
	doc  *doc
	path manifest.FieldPath
	node *manifest.Node
}

// through notes a value that stands in its document as y, if an alias uses that.
func (b *built) through(d *doc, y *yaml.Node, path manifest.FieldPath, n *manifest.Node) {
	if d.isShared(y) {
		b.aliased = append(b.aliased, aliased{d, slices.Clone(path), n})
	}
}

// isShared tells whether a value stands in an anchor that some alias uses.
func (d *doc) isShared(y *yaml.Node) bool {
	if !d.searched {
		d.searched = true
		if bytes.IndexByte(d.text, '*') >= 0 {
			d.shared = map[*yaml.Node]bool{}
			d.share(d.node, false)
		}
	}
	return d.shared[y]
}

// share collects what aliases at or below a value use; used says that one uses the
// value itself.
func (d *doc) share(y *yaml.Node, used bool) {
	switch {
	case y == nil || d.shared[y]:
		return
	case used:
		d.shared[y] = true
	case y.Kind == yaml.AliasNode:
		d.share(y.Alias, true)
	}
	for _, c := range y.Content {
		d.share(c, used)
	}
}

// relate adds to each value the aliases and merge keys through which it came. It
// looks for the value in its document once the whole object is known, since list
// items are found by what they hold.
func (b *built) relate() {
	for _, a := range b.aliased {
		root := a.doc.node
		if b.rec != nil && b.rec.use != nil && b.rec.use.doc == a.doc {
			root = b.rec.node
		}
		f, ok := a.in(root, b.object)
		if !ok || len(f.through) == 0 || start(a.doc.place(f.value)) != start(a.node.Pos) {
			continue
		}
		for _, h := range f.through {
			message := "merged in here through <<"
			if !h.merge {
				message = "used here through the alias *" + h.node.Value
			}
			a.node.Related = append(a.node.Related, manifest.Related{Position: a.doc.place(h.node), Message: message})
		}
		if last := len(a.path) - 1; f.aliased && !a.path[last].IsIndex {
			// The value stands elsewhere, under another key.
			b.object.Lookup(a.path[:last]).Field(a.path[last].Key).KeyPos = manifest.Position{}
		}
	}
}

// in finds the value in its document: at its path, or below the operation of a JSON
// 6902 patch that set it.
func (a aliased) in(root *yaml.Node, object *manifest.Node) (found, bool) {
	if root.Kind != yaml.SequenceNode {
		return find(root, object, a.path), true
	}
	for _, op := range slices.Backward(operations(root)) {
		n := len(op.path)
		if op.value == nil || n > len(a.path) || !leads(op.path, a.path[:n]) {
			continue
		}
		value, _, _ := entryOf(op.node, "value")
		return find(value, object.Lookup(a.path[:n]), a.path[n:]), true
	}
	return found{}, false
}

// leads tells whether the parts of a JSON pointer are the steps of a path.
func leads(pointer []string, path manifest.FieldPath) bool {
	for i, step := range path {
		if step.IsIndex && pointer[i] != strconv.Itoa(step.Index) && pointer[i] != "-" || !step.IsIndex && pointer[i] != step.Key {
			return false
		}
	}
	return true
}
