package workload

import (
	"slices"
	"strings"

	"github.com/secgen/secgen/manifest"
)

// Unlisted is a place that looks like a pod's spec, in an object of a kind that
// the table does not know.
type Unlisted struct {
	// Path leads to the map that holds the containers, Containers is their list.
	Path       manifest.FieldPath
	Containers *manifest.Node
	// Template is the path that a Shape of the kind would have; Listable says
	// whether there can be one: the containers stand in a spec, and below keys that
	// such a path can hold.
	Template string
	Listable bool
}

// Unlisted finds what looks like a pod's spec in an object of an unknown kind, in
// the order of its fields; at most max places. Schemas and data, which hold pods only as
// examples, are not searched.
func (t *Table) Unlisted(r *manifest.Resource, max int) []Unlisted {
	switch r.ID.Kind {
	case "CustomResourceDefinition", "ConfigMap", "Secret":
		return nil
	}
	if t.Knows(r.ID) {
		return nil
	}
	var found []Unlisted
	var at manifest.FieldPath // of the node that is looked at
	var search func(n *manifest.Node)
	search = func(n *manifest.Node) {
		if containers := n.Get("containers"); len(at) > 0 && areContainers(containers) {
			u := Unlisted{Path: slices.Clone(at), Containers: containers}
			u.Template, u.Listable = templateOf(u.Path)
			found = append(found, u)
			return
		}
		for i := 0; i < len(n.Items) && len(found) < max; i++ {
			if item := n.Items[i]; item.Kind >= manifest.List {
				at = append(at, manifest.Step{Index: i, IsIndex: true})
				search(item)
				at = at[:len(at)-1]
			}
		}
		for i := 0; i < len(n.Fields) && len(found) < max; i++ {
			if f := n.Fields[i]; f.Value.Kind >= manifest.List {
				at = append(at, manifest.Step{Key: f.Key})
				search(f.Value)
				at = at[:len(at)-1]
			}
		}
	}
	search(r.Object)
	return found
}

// templateOf turns the path of a pod's spec into a Shape.Template.
func templateOf(spec manifest.FieldPath) (template string, ok bool) {
	last := len(spec) - 1
	if spec[last].IsIndex || spec[last].Key != "spec" {
		return "", false
	}
	for _, s := range spec[:last] {
		switch {
		case s.IsIndex:
			template += "[*]"
		case s.Key == "" || strings.ContainsAny(s.Key, ".[]*"):
			return "", false
		default:
			template += "." + s.Key
		}
	}
	return strings.TrimPrefix(template, "."), true
}

// areContainers tells whether a list looks like the containers of a pod: each has
// a name, and some have an image.
func areContainers(list *manifest.Node) bool {
	images := false
	for _, c := range list.Elems() {
		if c.Get("name").Str() == "" {
			return false
		}
		images = images || c.Get("image").Str() != ""
	}
	return images
}
