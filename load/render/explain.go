package render

import (
	"go.yaml.in/yaml/v3"

	"github.com/secgen/secgen/manifest"
)

// explainer finds where the values of one resource were set whose lines kustomize
// forgot. It walks the layers from the outermost inwards, in each the
// transformers in the reverse of kustomize's order, and takes the first that
// could have set the value and holds, or makes, just this value.
type explainer struct {
	plan    *plan
	tags    *tags
	built   *built
	rec     *record
	all     []*built
	patches []applied
	// tree is the replayed resource; nil unless a JSON 6902 patch met it.
	tree     *yaml.Node
	opValues map[rootKey]bool
	removals []removal
	pending  []pending
}

// place is the answer for one value.
type place struct {
	value, key manifest.Position
	related    []manifest.Related
	// doc is the document that holds the value, as node; nil where it is none of a
	// resource or patch.
	doc  *doc
	node *yaml.Node
	// file says that the value is a whole file.
	file bool
}

func newExplainer(p *plan, t *tags, b *built, all []*built) *explainer {
	x := &explainer{plan: p, tags: t, built: b, rec: b.rec, all: all, opValues: map[rootKey]bool{}}
	x.patches = x.findPatches()
	for _, p := range x.patches {
		if p.json {
			x.tree = x.replay()
			break
		}
	}
	return x
}

// run explains the lost values of a resource at some of its paths.
func (x *explainer) run(some func(manifest.FieldPath) bool) {
	for _, l := range x.built.lost {
		if !some(l.path) {
			continue
		}
		found, ok := x.explain(l)
		if !ok {
			continue
		}
		l.node.Pos, l.node.File = found.value, found.file
		l.node.Related = append(l.node.Related, found.related...)
		if found.doc != nil {
			x.built.through(found.doc, found.node, l.path, l.node)
		}
		if l.parent != nil {
			l.parent.Fields[l.field].KeyPos = found.key
		}
	}
}

// placeMade places the maps and lists that no document holds, and that a transformer
// made for a value: they stand where the first of their values does.
func (b *built) placeMade() {
	for _, l := range b.lost { // inner ones first
		if l.node.Kind < manifest.List || !l.node.Pos.IsZero() {
			continue
		}
		for _, f := range l.node.Fields {
			at := f.KeyPos
			if at.IsZero() {
				at = f.Value.Pos
			}
			if l.node.Pos.IsZero() {
				l.node.Pos = start(at)
			}
		}
		for _, item := range l.node.Items {
			if l.node.Pos.IsZero() {
				l.node.Pos = start(item.Pos)
			}
		}
	}
}

func (x *explainer) explain(l lost) (place, bool) {
	for i := len(x.rec.layers) - 1; i >= 0; i-- {
		k := x.rec.layers[i].k
		scalar := l.node.Kind < manifest.List
		if scalar {
			if found, ok := x.lateEntries(k, l); ok {
				return found, true
			}
		}
		if found, ok := x.patched(i, l, true); ok {
			return found, true
		}
		if scalar {
			if found, ok := x.earlyEntries(k, i, l); ok {
				return found, true
			}
		}
		if found, ok := x.patched(i, l, false); ok {
			return found, true
		}
	}
	return x.base(l)
}

// patched looks for the value in the patches of a layer, the last one first.
func (x *explainer) patched(layer int, l lost, late bool) (place, bool) {
	if x.tree != nil {
		if u, n := x.replayed(l); u != nil {
			if u.patch != nil && u.patch.late == late && x.rec.layers[layer] == u.layer {
				return x.at(u, n, lastKey(l.path))
			}
			return place{}, false
		}
	}
	for i := len(x.patches) - 1; i >= 0; i-- {
		p := x.patches[i]
		if p.layer != layer || p.late != late || p.json || !p.sets(l.path) {
			continue
		}
		for j := len(p.uses) - 1; j >= 0; j-- {
			n, key := lookup(p.uses[j].doc.node, x.built.object, l.path)
			if alike(n, l.node) {
				return placed(p.uses[j].doc, n, key), true
			}
		}
	}
	return place{}, false
}

// sets tells whether a strategic merge patch may set a path: its kind, name and
// namespace tell its target, and kustomize restores the target's own.
func (p applied) sets(path manifest.FieldPath) bool {
	switch path.String() {
	case "metadata.namespace":
		return false
	case "kind":
		allowed, _ := fold(fold(p.entry, "options"), "allowKindChange").Bool()
		return allowed
	case "metadata.name":
		allowed, _ := fold(fold(p.entry, "options"), "allowNameChange").Bool()
		return allowed
	}
	return true
}

// base looks for the value in the resource's own document or generator.
func (x *explainer) base(l lost) (place, bool) {
	if x.rec.generator != nil {
		return x.generated(l)
	}
	if found, ok := x.regenerated(l); ok {
		return found, true
	}
	if x.tree != nil {
		if u, n := x.replayed(l); u != nil && u.patch == nil {
			return x.at(u, n, lastKey(l.path))
		}
	}
	n, key := lookup(x.rec.node, x.built.object, l.path)
	if alike(n, l.node) {
		return placed(x.rec.use.doc, n, key), true
	}
	return x.renamed(l, n, key)
}

// replayed finds a value in the replayed tree, and the document that its line
// belongs to.
func (x *explainer) replayed(l lost) (*use, *yaml.Node) {
	n := x.tree
	for _, step := range l.path {
		switch {
		case n == nil:
			return nil, nil
		case step.IsIndex && n.Kind == yaml.SequenceNode && step.Index < len(n.Content):
			n = n.Content[step.Index]
		case !step.IsIndex && n.Kind == yaml.MappingNode:
			n = child(n, step.Key)
		default:
			return nil, nil
		}
	}
	if !alike(n, l.node) {
		return nil, nil
	}
	u, _ := x.tags.find(x.rec.use, n.Line)
	return u, n
}

// at is the place of a node of the replayed tree, if the source holds it there.
// name is the key under which it stands in the resource.
func (x *explainer) at(u *use, n *yaml.Node, name string) (place, bool) {
	if u.doc.index == nil {
		return placed(u.doc, n, nil), true
	}
	e, ok := u.doc.index.At(u.doc.line+n.Line-u.pad-1, n.Column+u.doc.column, n.Kind)
	if !ok {
		return place{}, false
	}
	if n.Kind == yaml.ScalarNode {
		kind, text := resolve(n)
		if !same(e.Node, &manifest.Node{Kind: kind, Text: text}) {
			return place{}, false
		}
	}
	found := place{value: e.Value, key: e.Key, doc: u.doc, node: e.Node}
	if n.Kind != yaml.ScalarNode {
		found.value = start(found.value)
	}
	if x.opValues[rootKey{n.Line, n.Column}] || !u.doc.holdsKey(e.Key, name) {
		// The key is an operation's "value", or that of a value copied elsewhere.
		found.key = manifest.Position{}
	}
	return found, true
}

// holdsKey tells whether a key of this name stands at a position.
func (d *doc) holdsKey(at manifest.Position, name string) bool {
	e, ok := d.index.At(at.Line, at.Column, yaml.ScalarNode)
	return ok && e.IsKey && e.Node.Value == name
}

func placed(d *doc, n, key *yaml.Node) place {
	found := place{value: d.place(n), doc: d, node: n}
	if key != nil {
		found.key = d.place(key)
	}
	return found
}
