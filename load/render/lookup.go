package render

import (
	"go.yaml.in/yaml/v3"

	"github.com/secgen/secgen/manifest"
)

// mergeKeys tell the items of a list apart, as Kubernetes' own strategic merge
// does, most telling first.
var mergeKeys = []string{"name", "mountPath", "devicePath", "containerPort", "port", "key", "ip", "topologyKey", "type", "uid", "kind"}

// lookup finds in a document the value that stands at a path of a rendered
// object, with its key. List items are found by their merge key, by their value,
// or by their index where the list is as long.
func lookup(root *yaml.Node, object *manifest.Node, path manifest.FieldPath) (value, key *yaml.Node) {
	value = deref(root)
	for _, step := range path {
		if value == nil || object == nil {
			return nil, nil
		}
		if step.IsIndex {
			if value.Kind != yaml.SequenceNode {
				return nil, nil
			}
			value, key = align(value.Content, object, step.Index), nil
			object = object.Lookup(manifest.FieldPath{step})
			continue
		}
		value, key = entryOf(value, step.Key)
		object = object.Get(step.Key)
	}
	return value, key
}

// entryOf finds a key of a map, through merge keys too.
func entryOf(n *yaml.Node, name string) (value, key *yaml.Node) {
	n = deref(n)
	if n == nil || n.Kind != yaml.MappingNode {
		return nil, nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == name && n.Content[i].Tag != "!!merge" {
			return deref(n.Content[i+1]), n.Content[i]
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
			if value, key = entryOf(source, name); value != nil {
				return value, key
			}
		}
	}
	return nil, nil
}

// align finds the item of a source's list that became item i of a rendered one.
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
				v, _ := entryOf(n, key)
				return same(v, id)
			}); found != nil {
				return found
			}
		}
	} else if found := only(items, i, func(n *yaml.Node) bool { return same(deref(n), want) }); found != nil {
		return found
	}
	if len(items) == len(elems) {
		return deref(items[i])
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
			return deref(n)
		case found != nil:
			return nil
		default:
			found = deref(n)
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
