package render

import (
	"fmt"

	"go.yaml.in/yaml/v3"

	"github.com/secgen/secgen/load/source"
	"github.com/secgen/secgen/manifest"
)

// plain reads manifests as kubectl apply would, without kustomize.
func (r *repo) plain(files []string) *Result {
	out := &Result{}
	for _, name := range files {
		f, err := r.load(name)
		if err != nil {
			out.Problems = append(out.Problems, *asProblem(err, manifest.Position{}))
			continue
		}
		docs, bad := r.documents(f)
		for _, d := range docs {
			resources, problems := d.resources()
			out.Resources = append(out.Resources, resources...)
			out.Problems = append(out.Problems, problems...)
		}
		if bad != nil {
			out.Problems = append(out.Problems, *bad)
		}
	}
	return out
}

// resources converts a document, with every item of a List of any depth.
func (d *doc) resources() (out []*manifest.Resource, bad []source.Problem) {
	if d.node == nil {
		return nil, nil
	}
	object, err := manifest.FromYAML(d.node, d.place)
	if err != nil {
		return nil, []source.Problem{*problem(d.place(d.node), "%v", err)}
	}
	out, bad = flatten(object)
	if len(bad) > 0 {
		// Of a word that YAML reads as something else, show what is written.
		for _, better := range source.NotStrings(d.file.path, source.Document{Node: &yaml.Node{Kind: yaml.DocumentNode, Content: []*yaml.Node{d.node}}}) {
			for i := range bad {
				if bad[i].Position.Line == better.Position.Line && bad[i].Position.Column == better.Position.Column {
					bad[i].Reason = better.Reason
				}
			}
		}
	}
	return out, bad
}

// flatten expands lists. The items of a FooList that do not say so are of kind Foo,
// as the API server has it.
func flatten(object *manifest.Node) (out []*manifest.Resource, bad []source.Problem) {
	items := object.Get("items")
	kind := object.Get("kind").Str()
	if n := len(kind) - len("List"); n >= 0 && kind[n:] == "List" && items != nil {
		for i, item := range items.Elems() {
			if item.Kind != manifest.Map {
				bad = append(bad, *problem(item.Pos, "item %d of a %s must be an object; found a %s", i, kind, item.Kind))
				continue
			}
			if n > 0 {
				item = inherit(item, "kind", kind[:n])
				item = inherit(item, "apiVersion", object.Get("apiVersion").Str())
			}
			more, problems := flatten(item)
			out, bad = append(out, more...), append(bad, problems...)
		}
		if items.Kind != manifest.List && items.Kind != manifest.Null {
			bad = append(bad, *problem(items.Pos, "items of a %s must be a list; found a %s", kind, items.Kind))
		}
		return out, bad
	}
	if reason := unidentified(object); reason != nil {
		return nil, []source.Problem{*reason}
	}
	id := manifest.IDOf(object)
	return []*manifest.Resource{{ID: id, Object: object, Origin: manifest.Origin{ID: id, Position: start(object.Pos)}}}, nil
}

func inherit(n *manifest.Node, key, value string) *manifest.Node {
	if n.Get(key) != nil || value == "" {
		return n
	}
	return n.With(key, manifest.Of(value))
}

// unidentified says why an object cannot be applied: each needs apiVersion, kind
// and a name, or a prefix for one.
func unidentified(object *manifest.Node) *source.Problem {
	if object.Kind != manifest.Map {
		return problem(object.Pos, "a manifest must be a map; found a %s", object.Kind)
	}
	for _, path := range [][]string{{"apiVersion"}, {"kind"}, {"metadata"}, {"metadata", "name"}} {
		n := object.Get(path...)
		field := path[len(path)-1]
		switch {
		case field == "metadata" && n != nil && n.Kind != manifest.Map:
			return problem(n.Pos, "metadata must be a map; found a %s", n.Kind)
		case field == "metadata":
		case n.IsNull() && field == "name" && nameless(manifest.IDOf(object).Group()):
		case n.IsNull() && field == "name" && object.Get("metadata", "generateName").Str() != "":
			return problem(object.Get("metadata", "generateName").Pos,
				"the object has generateName and no name, so nothing can apply it twice; give it a name")
		case n.IsNull():
			return problem(start(object.Pos), "the object has no %s", manifest.Path(path...))
		case n.Kind != manifest.String:
			return problem(n.Pos, "%s must be a string; found %s", manifest.Path(path...), unquoted(n))
		}
	}
	return nil
}

// nameless tells whether objects of a group are files for a program, which are
// judged without a name. Kustomizations come here on standard input and as
// fixtures of rules only.
func nameless(group string) bool {
	return manifest.OfControlPlane(group) || group == "kustomize.config.k8s.io"
}

// unquoted explains a scalar that was probably meant as a string.
func unquoted(n *manifest.Node) string {
	if n.Kind == manifest.Map || n.Kind == manifest.List {
		return "a " + n.Kind.String()
	}
	return fmt.Sprintf("the %s %s; quote it if the text is meant", n.Kind, n.Text)
}
