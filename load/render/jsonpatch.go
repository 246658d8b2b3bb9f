package render

import (
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// operation is one operation of a JSON 6902 patch, as YAML nodes.
type operation struct {
	name       string
	path, from []string // unescaped parts of the pointers
	value      *yaml.Node
	// node is the whole operation.
	node *yaml.Node
}

func operations(patch *yaml.Node) []operation {
	var out []operation
	if patch == nil || patch.Kind != yaml.SequenceNode {
		return nil
	}
	for _, n := range patch.Content {
		out = append(out, operation{
			name:  scalar(child(n, "op")),
			path:  pointer(scalar(child(n, "path"))),
			from:  pointer(scalar(child(n, "from"))),
			value: child(n, "value"),
			node:  deref(n),
		})
	}
	return out
}

var unescape = strings.NewReplacer("~1", "/", "~0", "~")

func pointer(text string) []string {
	if text == "" || text == "/" {
		return nil
	}
	parts := strings.Split(strings.TrimPrefix(text, "/"), "/")
	for i, p := range parts {
		parts[i] = unescape.Replace(p)
	}
	return parts
}

// apply runs the operation on a tree of nodes, which keep their places. What does
// not apply is left alone: kustomize has already accepted the patch.
func (op operation) apply(root *yaml.Node) {
	switch op.name {
	case "add":
		set(root, op.path, clone(op.value), true)
	case "replace":
		set(root, op.path, clone(op.value), false)
	case "remove":
		unset(root, op.path)
	case "copy":
		set(root, op.path, clone(walk(root, op.from)), true)
	case "move":
		value := walk(root, op.from)
		unset(root, op.from)
		set(root, op.path, value, true)
	}
}

func walk(n *yaml.Node, path []string) *yaml.Node {
	for _, part := range path {
		if n == nil {
			return nil
		}
		switch n.Kind {
		case yaml.MappingNode:
			n = child(n, part)
		case yaml.SequenceNode:
			i, ok := index(part, len(n.Content))
			if !ok || i >= len(n.Content) {
				return nil
			}
			n = n.Content[i]
		default:
			return nil
		}
	}
	return n
}

// index reads a list index; "-" is the end.
func index(part string, length int) (int, bool) {
	if part == "-" {
		return length, true
	}
	i, err := strconv.Atoi(part)
	if i < 0 {
		i += length // json-patch counts negative ones from the end
	}
	return i, err == nil && i >= 0 && i <= length
}

func set(root *yaml.Node, path []string, value *yaml.Node, insert bool) {
	if value == nil {
		return
	}
	if len(path) == 0 {
		*root = *value
		return
	}
	parent, last := walk(root, path[:len(path)-1]), path[len(path)-1]
	switch {
	case parent == nil:
	case parent.Kind == yaml.SequenceNode:
		i, ok := index(last, len(parent.Content))
		if !ok {
			return
		}
		if insert {
			parent.Content = slices.Insert(parent.Content, i, value)
		} else if i < len(parent.Content) {
			parent.Content[i] = value
		}
	case parent.Kind == yaml.MappingNode:
		for i := 0; i+1 < len(parent.Content); i += 2 {
			if parent.Content[i].Value == last {
				parent.Content[i+1] = value
				return
			}
		}
		parent.Content = append(parent.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: last}, value)
	}
}

func unset(root *yaml.Node, path []string) {
	if len(path) == 0 {
		return
	}
	parent, last := walk(root, path[:len(path)-1]), path[len(path)-1]
	switch {
	case parent == nil:
	case parent.Kind == yaml.SequenceNode:
		if i, ok := index(last, len(parent.Content)); ok && i < len(parent.Content) {
			parent.Content = slices.Delete(parent.Content, i, i+1)
		}
	case parent.Kind == yaml.MappingNode:
		for i := 0; i+1 < len(parent.Content); i += 2 {
			if parent.Content[i].Value == last {
				parent.Content = slices.Delete(parent.Content, i, i+2)
				return
			}
		}
	}
}

// clone copies a tree, with aliases replaced by what they stand for.
func clone(n *yaml.Node) *yaml.Node {
	n = deref(n)
	if n == nil {
		return nil
	}
	out := *n
	out.Content = make([]*yaml.Node, len(n.Content))
	for i, c := range n.Content {
		out.Content[i] = clone(c)
	}
	return &out
}
