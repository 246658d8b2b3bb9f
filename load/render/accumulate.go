package render

import (
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/secgen/secgen/load/source"
	"github.com/secgen/secgen/manifest"
)

// A layer is one use of a kustomization in a build.
type layer struct {
	k      *kustomization
	parent *layer
	// patches in the order in which they are applied, among them those of
	// patchesJson6902, which kustomize applies after labels and annotations.
	patches []*patch
}

// use is one reading of a document by kustomize, with the lines that tell it from
// all others (see tags.go).
type use struct {
	doc   *doc
	layer *layer
	tag
}

// patch is one entry of patches, patchesStrategicMerge or patchesJson6902.
type patch struct {
	layer  *layer
	entry  *manifest.Node
	target *manifest.Node
	// json says that the documents are lists of JSON 6902 operations.
	json bool
	// inline says that the text stands in the kustomization.
	inline bool
	uses   []*use
	// late patches come after the transformers of names, labels and annotations.
	late bool
}

// record is a resource as it enters a build, and what then happens to it.
type record struct {
	// use and node are the document and the value in it; nil for what a generator
	// makes.
	use  *use
	node *yaml.Node
	// traced says that the node keeps its line on its way into kustomize.
	traced    bool
	generator *generator
	// regenerated are generators that merged into the resource or replaced it.
	regenerated []*generator
	// layers are the kustomizations whose transformers see the resource, in order.
	layers []*layer
}

// generator is an entry of configMapGenerator or secretGenerator, or of
// generators, of which nothing else is known.
type generator struct {
	layer *layer
	kind  string
	entry *manifest.Node
}

// plan is what a build is going to read, in kustomize's order, found before
// kustomize runs.
type plan struct {
	repo    *repo
	records []*record
	// seen are the records of all files, among them those that did not get further.
	seen   []*record
	layers []*layer
	// reads holds, for each file, the documents of its first, second, ... reading.
	reads map[string][][]*use
	// kustomizations holds the same for kustomization files.
	kustomizations map[string][]*layer
	patches        []*use
	// raw files are read by generators or as configuration: they are never tagged.
	raw map[string]bool
	// virtual holds the documents of inline patches by their path.
	virtual map[string][]*use
	// tainted says that the build changes kustomize's OpenAPI state.
	tainted bool
	uses    int
	// maxPadding is a field for tests.
	maxPadding int
	// replacements are read once for each use of a kustomization.
	replacements map[*kustomization][]*manifest.Node
}

// maxUses and maxLayers bound what a fan-out of bases can accumulate.
const (
	maxUses   = 50_000
	maxLayers = 5_000
)

func newPlan(r *repo) *plan {
	return &plan{repo: r, reads: map[string][][]*use{}, kustomizations: map[string][]*layer{}, raw: map[string]bool{}, virtual: map[string][]*use{}, maxPadding: maxPadding,
		replacements: map[*kustomization][]*manifest.Node{}}
}

// kustomization walks a root as kustomize does.
func (p *plan) kustomization(dir string) *source.Problem {
	real, _, err := p.repo.tree.Resolve(dir)
	if err != nil {
		return asProblem(err, manifest.Position{File: dir})
	}
	k, bad := p.repo.readKustomization(real, manifest.Position{File: dir})
	if bad != nil {
		return bad
	}
	p.records, bad = p.accumulate(&layer{k: k}, nil)
	return bad
}

// accumulate adds to the resources of in those of a kustomization, and lets its
// transformers see all of them.
func (p *plan) accumulate(l *layer, in []*record) ([]*record, *source.Problem) {
	p.layers = append(p.layers, l)
	p.kustomizations[l.k.file.path] = append(p.kustomizations[l.k.file.path], l)
	if len(p.layers) > maxLayers {
		return nil, problem(manifest.Position{File: l.k.file.path}, "the root accumulated more than %d kustomizations", maxLayers)
	}
	out, bad := p.resources(l, in, "resources", "bases")
	if bad != nil {
		return nil, bad
	}
	if bad := p.configuration(l); bad != nil {
		return nil, bad
	}
	if out, bad = p.generators(l, out); bad != nil {
		return nil, bad
	}
	if out, bad = p.components(l, out); bad != nil {
		return nil, bad
	}
	if bad := p.transformers(l); bad != nil {
		return nil, bad
	}
	for _, rec := range out {
		rec.layers = append(rec.layers, l)
	}
	return out, nil
}

func (p *plan) resources(l *layer, out []*record, fields ...string) ([]*record, *source.Problem) {
	for _, field := range fields {
		for i, item := range l.k.items(field) {
			name, dir, bad := p.reference(l, item)
			if bad != nil {
				return nil, bad
			}
			if !dir {
				records, bad := p.file(l, name, item)
				if bad != nil {
					return nil, bad
				}
				out = append(out, records...)
				continue
			}
			p.disarm(l, field, i, item)
			child, bad := p.enter(l, name, item)
			if bad != nil {
				return nil, bad
			}
			if child.k.component() {
				return nil, problem(item.Pos, "%s is a Component; list it under components, not under %s", name, field)
			}
			records, bad := p.accumulate(child, nil)
			if bad != nil {
				return nil, bad
			}
			out = append(out, records...)
		}
	}
	return out, nil
}

func (p *plan) components(l *layer, out []*record) ([]*record, *source.Problem) {
	for i, item := range l.k.items("components") {
		name, dir, bad := p.reference(l, item)
		if bad != nil {
			return nil, bad
		}
		if !dir {
			return nil, problem(item.Pos, "%s is a file; components names folders", name)
		}
		p.disarm(l, "components", i, item)
		child, bad := p.enter(l, name, item)
		if bad != nil {
			return nil, bad
		}
		if !child.k.component() {
			return nil, problem(item.Pos, "%s is no Component; list it under resources, or write kind: Component there", name)
		}
		if out, bad = p.accumulate(child, out); bad != nil {
			return nil, bad
		}
	}
	return out, nil
}

// enter reads the kustomization of a folder, which must not be an ancestor.
func (p *plan) enter(l *layer, dir string, item *manifest.Node) (*layer, *source.Problem) {
	for at := l; at != nil; at = at.parent {
		if at.k.dir == dir || dir == "." || strings.HasPrefix(at.k.dir, dir+"/") {
			chain := dir
			for up := l; up != nil; up = up.parent {
				chain = up.k.dir + " -> " + chain
			}
			return nil, problem(item.Pos, "cycle: %s; a kustomization cannot use itself or a folder above", chain)
		}
	}
	k, bad := p.repo.readKustomization(dir, item.Pos)
	if bad != nil {
		return nil, bad
	}
	return &layer{k: k, parent: l}, nil
}

// file plans one reading of a file of resources.
func (p *plan) file(l *layer, name string, item *manifest.Node) ([]*record, *source.Problem) {
	f, err := p.repo.load(name)
	if err != nil {
		return nil, asProblem(err, item.Pos)
	}
	docs, bad := p.repo.documents(f)
	if bad != nil {
		return nil, bad
	}
	uses := make([]*use, len(docs))
	for i, d := range docs {
		uses[i] = &use{doc: d, layer: l}
	}
	if p.uses += len(uses); p.uses > maxUses {
		return nil, problem(item.Pos, "the root accumulated more than %d documents", maxUses)
	}
	p.reads[f.path] = append(p.reads[f.path], uses)
	records := expand(uses)
	for _, rec := range records {
		if bad := rec.unnamed(); bad != nil {
			return nil, bad
		}
	}
	p.seen = append(p.seen, records...)
	return records, nil
}
