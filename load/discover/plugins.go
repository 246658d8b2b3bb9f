package discover

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/secgen/secgen/load/source"
	"github.com/secgen/secgen/manifest"
)

type yamlNode = yaml.Node

// plugin is the configuration of a generator, transformer or validator: a
// document, a file, or a folder whose kustomization yields documents.
func (p *parser) plugin(field string, item *manifest.Node) {
	ref := Ref{Field: field, Role: Plugin, Text: item.Text, Position: item.Pos}
	if docs := p.inline(item); len(docs) > 0 {
		ref.Inline = true
		p.add(ref)
		for _, doc := range docs {
			p.pluginDocument(ref, doc)
		}
		return
	}
	if p.brokenInline(field, Plugin, item) {
		return
	}
	p.fileOrFolder(ref, PluginBase)
}

// pluginFile reads a file of plugin configurations.
func (p *parser) pluginFile(ref Ref, file string) {
	docs, ok := p.known(file)
	if !ok {
		data, err := p.tree.ReadFile(file)
		if err != nil {
			p.k.refuse(Outside, ref.Position, "%v", err)
			return
		}
		parsed, problem := source.Check(file, data, p.tree.Limits())
		if problem != nil {
			p.k.refuse(Malformed, problem.Position, "%s", problem.Reason)
			return
		}
		index := source.NewIndex(file, data, parsed)
		for _, doc := range parsed {
			if root := doc.Root(); root != nil {
				n, err := manifest.FromYAML(root, index.Place)
				if err != nil {
					p.k.refuse(Malformed, manifest.Position{File: file}, "%v", err)
					return
				}
				docs = append(docs, items(n)...)
			}
		}
		p.learn(file, docs)
	}
	for _, doc := range docs {
		p.pluginDocument(ref, doc)
	}
}

// items expands lists of objects.
func items(n *manifest.Node) []*manifest.Node {
	if list := n.Get("items"); strings.HasSuffix(n.Get("kind").Str(), "List") && list != nil && list.Kind == manifest.List {
		var out []*manifest.Node
		for _, item := range list.Items {
			out = append(out, items(item)...)
		}
		return out
	}
	return []*manifest.Node{n}
}

// functionAnnotations mark a document as the input of a program.
var functionAnnotations = []string{"config.kubernetes.io/function", "config.k8s.io/function"}

// pluginDocument refuses what only a foreign program can do, and follows the
// files that a built-in plugin reads. Its paths start at the kustomization's
// folder, wherever the document stands.
func (p *parser) pluginDocument(ref Ref, doc *manifest.Node) {
	kind, version := doc.Get("kind").Str(), doc.Get("apiVersion").Str()
	at := ref.Position
	if k := doc.Get("kind"); k != nil && !k.Pos.IsZero() {
		at = k.Pos
	}
	what := fmt.Sprintf("%s (%s)", kind, version)
	for _, name := range functionAnnotations {
		if f := doc.Get("metadata", "annotations", name); f != nil {
			p.k.refuse(Function, at, "%s of %s is a container or exec function, which secgen never runs; render it first and list the result in resources", what, ref.Field)
			return
		}
	}
	if version != "builtin" {
		p.k.refuse(Function, at, "%s of %s is a plugin, a program that secgen never runs; render it first and list the result in resources", what, ref.Field)
		return
	}
	switch kind {
	case "HelmChartInflationGenerator":
		p.k.refuse(Helm, at, "the chart %q needs helm, which secgen does not run; render it first (helm template) and list the result in resources",
			fold(doc, "name").Str())
	case "ConfigMapGenerator", "SecretGenerator":
		p.keyValues(ref.Field, doc)
	case "PatchTransformer", "PatchJson6902Transformer":
		if file := fold(doc, "path"); file.Str() != "" {
			p.file(ref.Field, Patch, file)
		}
	case "PatchStrategicMergeTransformer":
		for _, item := range texts(fold(doc, "paths")) {
			p.pathOrInline(ref.Field, item)
		}
	case "ReplacementTransformer":
		p.replacements(ref.Field, fold(doc, "replacements"))
	}
}

// pluginFolders follows the folders whose kustomizations yield plugin
// configurations, once all kustomizations are read.
func (p *parser) pluginFolders(all map[string]*Kustomization) {
	for _, ref := range p.k.Refs {
		if ref.Role != PluginBase || ref.Path == "" {
			continue
		}
		seen := map[string]bool{}
		var walk func(dir string)
		walk = func(dir string) {
			k := all[dir]
			if k == nil || seen[dir] {
				return
			}
			seen[dir] = true
			for _, inner := range k.Refs {
				switch {
				case inner.Path == "":
				case inner.Role == Resource:
					p.pluginFile(ref, inner.Path)
				case inner.folder():
					walk(inner.Path)
				}
			}
		}
		walk(ref.Path)
	}
}

// folder tells whether the reference is to a folder with a kustomization.
func (r Ref) folder() bool { return r.Role == Base || r.Role == Component || r.Role == PluginBase }
