package render

import (
	"path"
	"strings"

	"github.com/secgen/secgen/load/source"
	"github.com/secgen/secgen/manifest"
)

// plugins plans the configuration of generators, transformers and validators,
// which are kustomize's built-in ones: it runs no others.
func (p *plan) plugins(l *layer, field string) ([]*record, *source.Problem) {
	var out []*record
	for i, item := range l.k.items(field) {
		out = append(out, &record{generator: &generator{layer: l, entry: item}})
		if strings.Contains(item.Str(), "\n") {
			docs, bad := p.repo.inline(l.k, item, false)
			if bad == nil {
				bad = p.pluginDocuments(docs, item.Pos)
			}
			if bad != nil {
				return nil, bad
			}
			continue
		}
		name, dir, bad := p.reference(l, item)
		if bad != nil {
			return nil, bad
		}
		if !dir {
			if bad = p.rawFile(l, item); bad == nil {
				docs, problem := p.repo.documents(p.repo.files[name])
				if bad = problem; bad == nil {
					bad = p.pluginDocuments(docs, manifest.Position{File: name})
				}
			}
			if bad != nil {
				return nil, bad
			}
			continue
		}
		p.disarm(l, field, i, item)
		if bad := p.pluginFolder(l, name, item); bad != nil {
			return nil, bad
		}
	}
	return out, nil
}

// pluginFolder plans a kustomization whose resources configure plugins.
func (p *plan) pluginFolder(l *layer, dir string, item *manifest.Node) *source.Problem {
	child, bad := p.enter(l, dir, item)
	if bad != nil {
		return bad
	}
	records, bad := p.accumulate(child, nil)
	if bad != nil {
		return bad
	}
	for _, rec := range records {
		if rec.use == nil {
			continue
		}
		p.raw[rec.use.doc.file.path] = true
		if bad := p.pluginDocuments([]*doc{rec.use.doc}, item.Pos); bad != nil {
			return bad
		}
	}
	return nil
}

// loadKeys are the fields through which built-in plugins load files.
var loadKeys = map[string]bool{"path": true, "paths": true, "files": true, "envs": true, "env": true}

// pluginDocuments refuses plugins that are executed, and built-in ones that
// would load from the network or from outside.
func (p *plan) pluginDocuments(docs []*doc, at manifest.Position) *source.Problem {
	for _, d := range docs {
		if d.node == nil {
			continue
		}
		n, err := manifest.FromYAML(d.node, d.place)
		if err != nil {
			return problem(at, "%v", err)
		}
		for _, key := range []string{"config.kubernetes.io/function", "config.k8s.io/function"} {
			if f := n.Get("metadata", "annotations", key); f != nil {
				return problem(f.Pos, "%s %s is a function plugin, and nothing is executed; render its output into the repository",
					n.Get("kind").Str(), n.Get("metadata", "name").Str())
			}
		}
		if api := n.Get("apiVersion"); api.Str() != "" && api.Str() != "builtin" {
			return problem(api.Pos, "%s of %s is a plugin, and nothing is executed; render its output into the repository",
				n.Get("kind").Str(), api.Str())
		}
		if n.Get("kind").Str() == "HelmChartInflationGenerator" {
			return problem(n.Pos, "HelmChartInflationGenerator needs helm, and nothing is executed; render the chart into the repository first")
		}
		if bad := pluginLoads(n, false); bad != nil {
			return bad
		}
	}
	return nil
}

func pluginLoads(n *manifest.Node, loads bool) *source.Problem {
	if loads && n.Kind == manifest.String {
		for _, ref := range []string{n.Text, n.Text[strings.IndexByte(n.Text, '=')+1:]} {
			if isURL(ref) {
				return problem(n.Pos, "%s is remote, and nothing is fetched; vendor it into the repository", ref)
			}
			if path.IsAbs(ref) && !strings.Contains(ref, "\n") {
				return problem(n.Pos, "%s is outside the repository, of which nothing is read", ref)
			}
		}
	}
	for _, f := range n.Fields {
		if bad := pluginLoads(f.Value, loadKeys[f.Key]); bad != nil {
			return bad
		}
	}
	for _, item := range n.Items {
		if bad := pluginLoads(item, loads); bad != nil {
			return bad
		}
	}
	return nil
}
