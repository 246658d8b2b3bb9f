package render

import (
	"go.yaml.in/yaml/v3"

	"github.com/secgen/secgen/manifest"
)

// mergeKeys tell the items of a list apart, as Kubernetes' own strategic merge
// does, most telling first.
var mergeKeys = []string{"name", "mountPath", "devicePath", "containerPort", "port", "key", "ip", "topologyKey", "type", "uid", "kind"}

// found is what a document holds at a path.
type found struct {
	value, key *yaml.Node
	// through are the aliases, and the values of merge keys, on the way there.
	through []hop
	// aliased says that an alias stands in the value's own place.
	aliased bool
}

// hop is an alias, or the value of a merge key.
type hop struct {
	node  *yaml.Node
	merge bool
}

// lookup finds in a document the value that stands at a path of a rendered
// object, with its key. List items are found by their merge key, by their value,
// or by their index where the list is as long.
func lookup(root *yaml.Node, object *manifest.Node, path manifest.FieldPath) (value, key *yaml.Node) {
	f := find(root, object, path)
	return f.value, f.key
}

// find is lookup that says through which aliases it came.
func find(root *yaml.Node, object *manifest.Node, path manifest.FieldPath) (f found) {
	f.value = f.follow(root)
	for _, step := range path {
		if f.value == nil || object == nil {
			return found{}
		}
		if step.IsIndex {
			if f.value.Kind != yaml.SequenceNode {
				return found{}
			}
			f.value, f.key = f.follow(align(f.value.Content, object, step.Index)), nil
			object = object.Lookup(manifest.FieldPath{step})
			continue
		}
		value, key, merge := entryOf(f.value, step.Key)
		if merge != nil {
			f.through = append(f.through, hop{merge, true})
		}
		f.value, f.key = f.follow(value), key
		object = object.Get(step.Key)
	}
	return f
}

// follow resolves an alias and notes it.
func (f *found) follow(n *yaml.Node) *yaml.Node {
	f.aliased = n != nil && n.Kind == yaml.AliasNode
	if f.aliased {
		f.through = append(f.through, hop{n, false})
	}
	return deref(n)
}

// entryOf finds a key of a map, through merge keys too; merge is then the value of
// the map's own one. The value may be an alias.
func entryOf(n *yaml.Node, name string) (value, key, merge *yaml.Node) {
	n = deref(n)
	if n == nil || n.Kind != yaml.MappingNode {
		return nil, nil, nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == name && n.Content[i].Tag != "!!merge" {
			return n.Content[i+1], n.Content[i], nil
		}
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Tag != "!!merge" {
			continue
		}
		sources := []*yaml.Node{n.Content[i+1]}
		if list := deref(n.Content[i+1]); list.Kind == yaml.SequenceNode {
			sources = list.Content
		}
		for _, source := range sources {
			if value, key, _ = entryOf(source, name); value != nil {
				return value, key, n.Content[i+1]
			}
		}
	}
	return nil, nil, nil
}

// align finds the item of a source's list that became item i of a rendered one. It
// may be an alias.
func align(items []*yaml.Node, list *manifest.Node, i int) *yaml.Node {
	elems := list.Elems()
	if i >= len(elems) {
		return nil
	}
	want := elems[i]
	if want.Kind == manifest.Map {
		for _, key := range mergeKeys {
			id := want.Get(key)
			if id == nil || id.Kind >= manifest.List {
				continue
			}
			if found := only(items, i, func(n *yaml.Node) bool {
				v, _, _ := entryOf(n, key)
				return same(deref(v), id)
			}); found != nil {
				return found
			}
		}
	} else if found := only(items, i, func(n *yaml.Node) bool { return same(deref(n), want) }); found != nil {
		return found
	}
	if len(items) == len(elems) {
		return items[i]
	}
	return nil
}

// only returns the one item that fits; of several the one at index i.
func only(items []*yaml.Node, i int, fits func(*yaml.Node) bool) *yaml.Node {
	var found *yaml.Node
	for j, n := range items {
		switch {
		case !fits(n):
		case j == i:
			return n
		case found != nil:
			return nil
		default:
			found = n
		}
	}
	return found
}

// same tells whether a source's scalar holds a rendered value.
func same(n *yaml.Node, want *manifest.Node) bool {
	if n == nil || want == nil || n.Kind != yaml.ScalarNode {
		return false
	}
	kind, text := resolve(n)
	return kind == want.Kind && text == want.Text
}

// alike is same for any kind of value; of maps and lists only the kind counts.
func alike(n *yaml.Node, want *manifest.Node) bool {
	switch {
	case n == nil:
		return false
	case want.Kind == manifest.Map:
		return n.Kind == yaml.MappingNode
	case want.Kind == manifest.List:
		return n.Kind == yaml.SequenceNode
	}
	return same(n, want)
}
