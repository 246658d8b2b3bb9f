package render

import (
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/secgen/secgen/manifest"
)

// removal is a remove operation of a JSON patch on its way to a manifest.Removal:
// the map that lost a key, in the replayed tree.
type removal struct {
	parent *yaml.Node
	key    string
	value  *yaml.Node
	use    *use
	op     *yaml.Node
}

// removed finds the fields that patches took away from the resource.
func (x *explainer) removed() []manifest.Removal {
	var out []manifest.Removal
	for i, p := range x.patches {
		if p.json {
			continue
		}
		for _, u := range p.uses {
			r := remover{x: x, before: x.patches[:i], doc: u.doc}
			r.value(u.doc.node, nil)
			out = append(out, r.out...)
		}
	}
	return append(out, x.removedByOps()...)
}

func (x *explainer) removedByOps() []manifest.Removal {
	if len(x.removals) == 0 || x.tree == nil {
		return nil
	}
	paths := map[*yaml.Node]manifest.FieldPath{}
	var visit func(*yaml.Node, manifest.FieldPath)
	visit = func(n *yaml.Node, path manifest.FieldPath) {
		paths[n] = path
		for i, c := range n.Content {
			switch {
			case n.Kind == yaml.SequenceNode:
				visit(c, path.At(i))
			case n.Kind == yaml.MappingNode && i%2 == 1:
				visit(c, path.Field(n.Content[i-1].Value))
			}
		}
	}
	visit(x.tree, nil)
	var out []manifest.Removal
	for _, r := range x.removals {
		path, ok := paths[r.parent]
		if !ok || x.built.object.Lookup(path.Field(r.key)) != nil {
			continue
		}
		if found, ok := x.at(r.use, r.op, ""); ok {
			out = removals(out, r.value, path.Field(r.key), found.value)
		}
	}
	return out
}

// removals notes that a value was taken away, with all in it.
func removals(out []manifest.Removal, n *yaml.Node, path manifest.FieldPath, at manifest.Position) []manifest.Removal {
	out = append(out, manifest.Removal{Path: slices.Clone(path), Position: at})
	n = deref(n)
	for i := 0; n != nil && n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
		out = removals(out, n.Content[i+1], path.Field(n.Content[i].Value), at)
	}
	return out
}

// remover walks a strategic merge patch for nulls and $patch directives.
type remover struct {
	x      *explainer
	before []applied
	doc    *doc
	out    []manifest.Removal
}

func (r *remover) value(n *yaml.Node, path manifest.FieldPath) {
	n = deref(n)
	switch {
	case n == nil:
	case n.Kind == yaml.MappingNode:
		r.fields(n, path)
	case n.Kind == yaml.SequenceNode:
		list := r.x.built.object.Lookup(path)
		for _, item := range n.Content {
			for i := range list.Elems() {
				if align([]*yaml.Node{item}, list, i) != nil && deref(item).Kind == yaml.MappingNode {
					r.value(item, path.At(i))
				}
			}
		}
	}
}

func (r *remover) fields(n *yaml.Node, path manifest.FieldPath) {
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		at := r.doc.place(key).Through(r.doc.place(value))
		switch {
		case key.Value == "$patch" && value.Value == "delete":
			r.take(path, at)
		case key.Value == "$patch" && value.Value == "replace":
			for _, name := range r.had(path) {
				r.take(path.Field(name), at)
			}
		case value.Kind == yaml.ScalarNode && value.ShortTag() == "!!null":
			r.take(path.Field(key.Value), at)
		default:
			r.value(value, path.Field(key.Value))
		}
	}
}

// take notes a field that was there and is there no more.
func (r *remover) take(path manifest.FieldPath, at manifest.Position) {
	if len(path) == 0 || r.x.built.object.Lookup(path) != nil {
		return
	}
	for _, root := range r.sources() {
		if n, _ := lookup(root, r.x.built.object, path); n != nil && n.ShortTag() != "!!null" {
			r.out = removals(r.out, n, path, at)
			return
		}
	}
}

// had returns the keys that a map had before the patch.
func (r *remover) had(path manifest.FieldPath) []string {
	var out []string
	for _, root := range r.sources() {
		n, _ := lookup(root, r.x.built.object, path)
		if n == nil || n.Kind != yaml.MappingNode {
			continue
		}
		for i := 0; i+1 < len(n.Content); i += 2 {
			if key := n.Content[i].Value; !slices.Contains(out, key) {
				out = append(out, key)
			}
		}
	}
	return out
}

// sources are the documents that the resource was made of before the patch.
func (r *remover) sources() []*yaml.Node {
	out := []*yaml.Node{r.x.rec.node}
	for _, p := range r.before {
		for _, u := range p.uses {
			if !p.json {
				out = append(out, u.doc.node)
			}
		}
	}
	return out
}
