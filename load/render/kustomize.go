package render

import (
	"path"
	"strings"

	"go.yaml.in/yaml/v3"
	jsonpatch "gopkg.in/evanphx/json-patch.v4"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/resmap"
	"sigs.k8s.io/kustomize/api/resource"
	"sigs.k8s.io/kustomize/api/types"

	"github.com/secgen/secgen/load/source"
	"github.com/secgen/secgen/manifest"
)

// maxCopied is how many bytes the copy operations of one JSON patch may add, as
// the API server has it: 26 of them can make 64 MB of one byte.
const maxCopied = 3 << 20

// build runs kustomize over a plan. Its panics become problems.
func (p *plan) build(t *tags, dir string) (resources []*resource.Resource, bad *source.Problem) {
	at := p.layers[0].k.file.path
	defer func() {
		if r := recover(); r != nil {
			bad = problem(manifest.Position{File: at}, "kustomize crashed while building this root: %v", r)
		}
	}()
	fsys := &fileSystem{repo: p.repo, virtual: map[string][]byte{}, serve: p.server(t)}
	for name, uses := range p.virtual {
		fsys.virtual[name] = p.text(t, uses)
	}
	jsonpatch.AccumulatedCopySizeLimit = maxCopied // for all of this process, a worker
	m, err := krusty.MakeKustomizer(&krusty.Options{
		Reorder:          krusty.ReorderOptionNone,
		LoadRestrictions: types.LoadRestrictionsNone,
		PluginConfig:     types.DisabledPluginConfig(),
	}).Run(fsys, path.Join(top, dir))
	if err != nil {
		return nil, p.explainError(err)
	}
	return resourcesOf(m), nil
}

func resourcesOf(m resmap.ResMap) []*resource.Resource {
	var out []*resource.Resource
	for _, r := range m.Resources() {
		if !r.IsNilOrEmpty() {
			out = append(out, r)
		}
	}
	return out
}

// server hands out files as the plan has them: kustomizations with their edits,
// resources and patches with their tags, everything else as it is.
func (p *plan) server(t *tags) func(*file) ([]byte, error) {
	seen := map[string]int{}
	return func(f *file) ([]byte, error) {
		n := seen[f.path]
		seen[f.path]++
		if layers := p.kustomizations[f.path]; len(layers) > 0 {
			return layers[min(n, len(layers)-1)].k.content()
		}
		if reads := p.reads[f.path]; n < len(reads) && !p.raw[f.path] {
			return p.text(t, reads[n]), nil
		}
		return f.data, nil
	}
}

func (p *plan) text(t *tags, uses []*use) []byte {
	if t.off {
		for _, u := range uses {
			u.padded = false
		}
	}
	return padded(uses)
}

// match finds the record of each rendered resource. Most are known by the line of
// their top value; what has lost it (generated, patched by JSON 6902, unwrapped
// from a nested list) is found by order, kind and name.
func (p *plan) match(t *tags, resources []*resource.Resource) []*record {
	out := make([]*record, len(resources))
	order := make(map[*record]int, len(p.records))
	for i, rec := range p.records {
		order[rec] = i
	}
	taken := map[*record]bool{}
	if !t.off {
		for i, r := range resources {
			if n := r.YNode(); n.Line >= t.low {
				if rec := t.roots[rootKey{n.Line, n.Column}]; rec != nil && !taken[rec] {
					out[i], taken[rec] = rec, true
				}
			}
		}
	}
	// In order and by name; then by name alone, for a root that sorts; then by
	// kind, for what a patch renamed; the rest was made by plugins.
	for _, pass := range []struct {
		fits    func(*record, *resource.Resource) bool
		ordered bool
	}{{(*record).couldBe, true}, {(*record).couldBe, false}, {(*record).sameKind, true}, {(*record).sameKind, false}, {(*record).plugin, true}} {
		next := 0
		for i, r := range resources {
			if out[i] != nil {
				next = order[out[i]] + 1
				continue
			}
			if !pass.ordered {
				next = 0
			}
			for j := next; j < len(p.records); j++ {
				if rec := p.records[j]; !taken[rec] && pass.fits(rec, r) {
					out[i], taken[rec], next = rec, true, j+1
					break
				}
			}
		}
	}
	return out
}

func (rec *record) plugin(*resource.Resource) bool {
	return rec.generator != nil && rec.generator.kind == ""
}

func (rec *record) sameKind(r *resource.Resource) bool { return rec.id().Kind == r.GetKind() }

// couldBe tells whether a record could have become a resource, by kind and name.
func (rec *record) couldBe(r *resource.Resource) bool {
	id := rec.id()
	return id.Kind == r.GetKind() && strings.Contains(r.GetName(), id.Name)
}

// id is the identity that the resource has in its source.
func (rec *record) id() manifest.ID {
	if g := rec.generator; g != nil {
		if g.kind == "" {
			return manifest.ID{}
		}
		return manifest.ID{APIVersion: "v1", Kind: g.kind, Name: fold(g.entry, "name").Str(), Namespace: fold(g.entry, "namespace").Str()}
	}
	meta := child(rec.node, "metadata")
	return manifest.ID{APIVersion: scalar(child(rec.node, "apiVersion")), Kind: scalar(child(rec.node, "kind")),
		Namespace: scalar(child(meta, "namespace")), Name: scalar(child(meta, "name"))}
}

func scalar(n *yaml.Node) string {
	if n == nil || n.Kind != yaml.ScalarNode {
		return ""
	}
	return n.Value
}

// origin is where the resource was written.
func (rec *record) origin() manifest.Origin {
	o := manifest.Origin{ID: rec.id()}
	switch {
	case rec.generator != nil:
		o.Position = start(rec.generator.entry.Pos)
	default:
		o.Position = start(rec.use.doc.place(rec.node))
	}
	return o
}

func start(p manifest.Position) manifest.Position {
	p.EndLine, p.EndColumn = 0, 0
	return p
}
