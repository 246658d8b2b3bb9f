package render

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// expand makes the records of a file's documents in kustomize's order: a List that
// is a file's only document is unwrapped as it is read and keeps its lines; every
// other FooList is turned into JSON, loses them, and its items go to the end of
// the queue.
func expand(uses []*use) []*record {
	var queue []*record
	for _, u := range uses {
		if u.doc.node == nil {
			continue
		}
		rec := &record{use: u, node: u.doc.node, traced: true}
		kind := child(u.doc.node, "kind")
		items := child(u.doc.node, "items")
		if len(uses) == 1 && kind != nil && (kind.Value == "List" || kind.Value == "ResourceList") && items != nil {
			u.list = true
			for _, item := range items.Content {
				queue = append(queue, &record{use: u, node: deref(item), traced: item.Kind != yaml.AliasNode})
			}
			continue
		}
		queue = append(queue, rec)
	}
	var out []*record
	for len(queue) > 0 {
		rec := queue[0]
		queue = queue[1:]
		kind, items := child(rec.node, "kind"), child(rec.node, "items")
		if kind == nil || items == nil || !strings.HasSuffix(kind.Value, "List") {
			out = append(out, rec)
			continue
		}
		for _, item := range items.Content {
			queue = append(queue, &record{use: rec.use, node: deref(item)})
		}
	}
	return out
}

func deref(n *yaml.Node) *yaml.Node {
	for n != nil && n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}

// child returns the value of a map's key as it is written, without merge keys.
func child(n *yaml.Node, key string) *yaml.Node {
	n = deref(n)
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return deref(n.Content[i+1])
		}
	}
	return nil
}
