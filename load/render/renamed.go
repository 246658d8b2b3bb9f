package render

import (
	"regexp"
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/secgen/secgen/manifest"
)

// renamed explains a value that differs from what its source holds: kustomize
// expanded a variable in it, or it is the name of a resource that kustomize
// renamed, or a replacement set it before the list around it was re-ordered.
func (x *explainer) renamed(l lost, n, key *yaml.Node) (place, bool) {
	if l.node.Kind >= manifest.List {
		return place{}, false
	}
	if n != nil && n.Kind == yaml.ScalarNode {
		if related, ok := x.changed(n.Value, l.node.Text); ok {
			found := placed(x.rec.use.doc, n, key)
			found.related = related
			return found, true
		}
	}
	for i := len(x.patches) - 1; i >= 0; i-- {
		for _, u := range x.patches[i].uses {
			n, key := lookup(u.doc.node, x.built.object, l.path)
			if n == nil || n.Kind != yaml.ScalarNode {
				continue
			}
			if related, ok := x.changed(n.Value, l.node.Text); ok {
				found := placed(u.doc, n, key)
				found.related = related
				return found, true
			}
		}
	}
	for _, layer := range slices.Backward(x.rec.layers) {
		if found, ok := x.replacement(layer.k, l, true); ok {
			return found, true
		}
	}
	if lastKey(l.path) == "namespace" {
		// A reference takes the namespace of what it names.
		for _, layer := range x.plan.layers {
			if layer.k.field("namespace").Str() == l.node.Text {
				return fieldPlace(layer.k.node, "namespace"), true
			}
		}
	}
	return place{}, false
}

var variable = regexp.MustCompile(`\$\(([-._a-zA-Z][-._a-zA-Z0-9]*)\)`)

// changed tells whether kustomize turns one text into the other, and by what.
func (x *explainer) changed(from, to string) ([]manifest.Related, bool) {
	if variable.MatchString(from) {
		pattern := "^"
		var related []manifest.Related
		last := 0
		for _, m := range variable.FindAllStringSubmatchIndex(from, -1) {
			pattern += regexp.QuoteMeta(from[last:m[0]]) + "(?s:.*)"
			last = m[1]
			related = append(related, x.variable(from[m[2]:m[3]])...)
		}
		whole, err := regexp.Compile(pattern + regexp.QuoteMeta(from[last:]) + "$")
		return related, err == nil && len(related) > 0 && whole.MatchString(to)
	}
	for _, b := range x.all {
		name := b.object.Get("metadata", "name")
		if b.rec != nil && name.Str() == to && to != from && b.rec.id().Name == from {
			return []manifest.Related{{Position: name.Pos, Message: "the resource of this name was renamed here"}}, !name.Pos.IsZero()
		}
	}
	return nil, false
}

// variable finds the entry of vars of a name.
func (x *explainer) variable(name string) []manifest.Related {
	for _, l := range x.plan.layers {
		for _, entry := range l.k.items("vars") {
			if fold(entry, "name").Str() == name {
				return []manifest.Related{{Position: fieldPlace(entry, "name").value, Message: "the variable " + name + " is defined here"}}
			}
		}
	}
	return nil
}
