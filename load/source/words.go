package source

import (
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/secgen/secgen/manifest"
)

// NotStrings names the values of a document that the API server wants as strings
// and that YAML 1.1 reads as something else, such as `namespace: n` (a boolean),
// `version: 1.0` in a label (a number), or a bare date. Kustomize fails on them
// with an obscure error, or changes them. The document's aliases must have passed
// Guard or Check.
func NotStrings(file string, doc Document) []*Problem {
	root := doc.Root()
	if root == nil {
		return nil
	}
	w := words{file: file}
	w.object(root)
	return w.problems
}

type words struct {
	file     string
	problems []*Problem
}

// object looks at a resource, and at the items of a List.
func (w *words) object(n *yaml.Node) {
	w.scalar("apiVersion", get(n, "apiVersion"))
	w.scalar("kind", get(n, "kind"))
	w.metadata("metadata", get(n, "metadata"))
	if kind := get(n, "kind"); kind != nil && strings.HasSuffix(kind.Value, "List") {
		if items := get(n, "items"); items != nil && items.Kind == yaml.SequenceNode {
			for _, item := range items.Content {
				w.object(deref(item))
			}
		}
	}
	if spec := get(n, "spec"); spec != nil {
		w.spec("spec", spec)
	}
	if kind := get(n, "kind"); kind != nil && (kind.Value == "ConfigMap" || kind.Value == "Secret") {
		w.values("data", get(n, "data"))
		w.values("stringData", get(n, "stringData"))
	}
}

// spec follows the templates of pods and jobs down to the containers.
func (w *words) spec(path string, spec *yaml.Node) {
	for _, name := range []string{"template", "jobTemplate"} {
		if t := get(spec, name); t != nil {
			w.metadata(path+"."+name+".metadata", get(t, "metadata"))
			if inner := get(t, "spec"); inner != nil {
				w.spec(path+"."+name+".spec", inner)
			}
		}
	}
	for _, list := range []string{"containers", "initContainers", "ephemeralContainers"} {
		containers := get(spec, list)
		if containers == nil || containers.Kind != yaml.SequenceNode {
			continue
		}
		for _, c := range containers.Content {
			c = deref(c)
			at := path + "." + list + "[]"
			w.scalar(at+".name", get(c, "name"))
			w.scalar(at+".image", get(c, "image"))
			w.items(at+".command", get(c, "command"))
			w.items(at+".args", get(c, "args"))
			if env := get(c, "env"); env != nil && env.Kind == yaml.SequenceNode {
				for _, e := range env.Content {
					w.scalar(at+".env[].name", get(deref(e), "name"))
					w.scalar(at+".env[].value", get(deref(e), "value"))
				}
			}
		}
	}
	w.values(path+".nodeSelector", get(spec, "nodeSelector"))
}

func (w *words) metadata(path string, m *yaml.Node) {
	for _, name := range []string{"name", "generateName", "namespace"} {
		w.scalar(path+"."+name, get(m, name))
	}
	w.values(path+".labels", get(m, "labels"))
	w.values(path+".annotations", get(m, "annotations"))
}

func (w *words) values(path string, m *yaml.Node) {
	if m == nil || m.Kind != yaml.MappingNode {
		return
	}
	for i := 0; i+1 < len(m.Content); i += 2 {
		w.scalar(path+"."+m.Content[i].Value, deref(m.Content[i+1]))
	}
}

func (w *words) items(path string, list *yaml.Node) {
	if list == nil || list.Kind != yaml.SequenceNode {
		return
	}
	for _, item := range list.Content {
		w.scalar(path+"[]", deref(item))
	}
}

func (w *words) scalar(path string, n *yaml.Node) {
	if n == nil || n.Kind != yaml.ScalarNode {
		return
	}
	kind, _ := manifest.Resolve(n)
	if kind == manifest.String || kind == manifest.Null {
		return
	}
	article := "a "
	if kind == manifest.Int {
		article = "an "
	}
	w.problems = append(w.problems, problemAt(w.file, n.Line, n.Column,
		"%s must be a string, and unquoted %s is %s%s in YAML 1.1; quote it: %q", path, n.Value, article, kind, n.Value))
}

// get is the value of a map's key, aliases followed.
func get(m *yaml.Node, key string) *yaml.Node {
	m = deref(m)
	if m == nil || m.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(m.Content); i += 2 {
		if m.Content[i].Value == key && m.Content[i].Kind == yaml.ScalarNode {
			return deref(m.Content[i+1])
		}
	}
	return nil
}

func deref(n *yaml.Node) *yaml.Node {
	if n != nil && n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}
