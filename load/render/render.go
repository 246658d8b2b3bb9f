package render

import (
	"path"
	"time"

	"github.com/secgen/secgen/load/discover"
	"github.com/secgen/secgen/load/source"
	"github.com/secgen/secgen/manifest"
)

// Options say how to render.
type Options struct {
	// Trim leaves out the OpenAPI schemas of CustomResourceDefinitions, which cost
	// more than everything else and which no rule reads: openAPIV3Schema is then an
	// empty map. A root whose patches reach into them is built with the part that
	// these need, one that cannot be built without them with all of them, and they are
	// dropped from the result.
	Trim bool
	// Input is the content of manifests that stand in no repository, by name:
	// standard input, fixtures.
	Input map[string][]byte
}

// Result is a rendered root.
type Result struct {
	Resources []*manifest.Resource
	// Problems are what could not be read or rendered. With a problem of a
	// kustomization there are no resources; of a plain root's files the others
	// are rendered.
	Problems []source.Problem
	Notes    []Note
	// Read is every path that the render read, listed or looked for, relative to
	// the repository and sorted.
	Read []string
	// Tainted says that the process must render no other root: kustomize's global
	// state was changed, or it failed.
	Tainted bool

	// Checking is the wall time of the pre-check.
	Checking time.Duration

	// inFull says that the root has to be rendered again with its schemas: kustomize
	// would fail, or has failed, without them. Where keep is set, what lies on these
	// paths is enough.
	inFull bool
	keep   [][]string
}

// Note is something that the user should know and that is no problem.
type Note struct {
	Position manifest.Position
	Message  string
}

// Render builds a root. It must not run twice at once in one process.
func Render(tree *source.Tree, root discover.Root, options Options) *Result {
	return new(Renderer).Render(tree, root, options)
}

// Render is Render with what this Renderer remembers.
func (x *Renderer) Render(tree *source.Tree, root discover.Root, options Options) (out *Result) {
	defer func() {
		if r := recover(); r != nil {
			at := manifest.Position{File: root.Name}
			if !root.Plain() {
				at.File = root.Kustomization
			}
			out = &Result{Problems: []source.Problem{*problem(at, "secgen failed on this root, which is a fault of secgen: %v", r)}, Tainted: true}
		}
	}()
	r := x.newRepo(tree, options.Trim)
	for name, data := range options.Input {
		r.files[name] = &file{path: name, data: data}
	}
	if root.Plain() {
		out = r.plain(root.Manifests)
		out.Read, out.Checking = r.paths(), r.checking
		return out
	}
	out = r.kustomize(path.Clean(root.Dir))
	for out.inFull { // at most twice: with a part of the schemas, and with all
		failed := out.Tainted
		r = x.newRepo(tree, len(out.keep) > 0)
		r.bare, r.keep = true, out.keep
		out = r.kustomize(path.Clean(root.Dir))
		out.Tainted = out.Tainted || failed
	}
	out.Read, out.Checking = r.paths(), r.checking
	return out
}

func (r *repo) kustomize(dir string) *Result {
	p := newPlan(r)
	if bad := p.kustomization(dir); bad != nil {
		return &Result{Problems: []source.Problem{*bad}, inFull: len(r.keep) > 0}
	}
	if r.trimmed && len(r.keep) == 0 && p.patchesSchemas() {
		return &Result{inFull: true, keep: p.schemaPaths()}
	}
	return p.render(dir)
}

// render builds the root that was planned.
func (p *plan) render(dir string) *Result {
	t := p.assign()
	resources, bad := p.build(t, dir)
	if bad != nil {
		return &Result{Problems: []source.Problem{*bad}, Tainted: true, inFull: p.repo.trimmed}
	}
	if p.repo.bare {
		for _, res := range resources {
			dropSchemas(res.YNode())
		}
	}
	out := &Result{Tainted: p.tainted}
	if t.off {
		out.Notes = append(out.Notes, Note{Position: manifest.Position{File: p.layers[0].k.file.path},
			Message: "this root is too large for exact positions; those of its findings are approximate"})
	}
	records := p.match(t, resources)
	all := make([]*built, len(resources))
	for i, res := range resources {
		all[i] = t.convert(res, records[i])
	}
	// Names first: references to a renamed resource are explained by them.
	explainers := make([]*explainer, len(all))
	for i, b := range all {
		if b.rec != nil && len(b.lost) > 0 {
			explainers[i] = newExplainer(p, t, b, all)
			explainers[i].run(isName)
		}
	}
	for _, x := range explainers {
		if x != nil {
			x.run(func(path manifest.FieldPath) bool { return !isName(path) })
			x.built.removed = x.removed()
		}
	}
	for _, x := range explainers {
		if x != nil {
			x.settle()
		}
	}
	for _, b := range all {
		b.relate()
		b.placeMade()
		if bad := unidentified(b.object); bad != nil {
			// Kustomize lets a kind that is a number pass, which no rule would match.
			out.Problems = append(out.Problems, *bad)
			continue
		}
		out.Resources = append(out.Resources, b.finish(p))
	}
	return out
}

func (b *built) finish(p *plan) *manifest.Resource {
	r := &manifest.Resource{ID: manifest.IDOf(b.object), Object: b.object, Removed: b.removed}
	if b.rec != nil {
		r.Origin = b.rec.origin()
	} else {
		r.Origin = manifest.Origin{ID: r.ID, Position: manifest.Position{File: p.layers[0].k.file.path, Line: 1, Column: 1}}
	}
	return r
}
