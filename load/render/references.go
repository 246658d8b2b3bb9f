package render

import (
	"errors"
	"io/fs"
	"net/url"
	"regexp"
	"strings"

	"github.com/secgen/secgen/load/source"
	"github.com/secgen/secgen/manifest"
)

// reference resolves what a kustomization names to a file or folder of the
// repository. Everything that kustomize would fetch is refused here, before it
// sees it.
func (p *plan) reference(l *layer, item *manifest.Node) (name string, dir bool, bad *source.Problem) {
	ref := item.Str()
	if item.Kind != manifest.String || ref == "" {
		return "", false, problem(item.Pos, "found %s %q where a path is wanted; quote it if it is one", item.Kind, item.Text)
	}
	if isURL(ref) {
		return "", false, problem(item.Pos, "%s is remote, and nothing is fetched; vendor it into the repository", ref)
	}
	rel, ok := join(l.k.dir, ref)
	if !ok {
		return "", false, problem(item.Pos, "%s is outside the repository, of which nothing is read", ref)
	}
	p.repo.looked[rel] = true
	real, dir, err := p.repo.tree.Resolve(rel)
	switch {
	case err == nil:
		return real, dir, nil
	case errors.Is(err, fs.ErrNotExist) && looksGit(ref):
		return "", false, problem(item.Pos, "%s is a remote base, and nothing is fetched; vendor it into the repository", ref)
	case errors.Is(err, fs.ErrNotExist):
		return "", false, problem(item.Pos, "%s does not exist (looked for %s)", ref, rel)
	}
	return "", false, asProblem(err, item.Pos)
}

// fileReference is reference for what must be a file.
func (p *plan) fileReference(l *layer, item *manifest.Node) (*file, *source.Problem) {
	name, dir, bad := p.reference(l, item)
	if bad != nil {
		return nil, bad
	}
	if dir {
		return nil, problem(item.Pos, "%s is a folder; a file is wanted", item.Text)
	}
	f, err := p.repo.load(name)
	if err != nil {
		return nil, asProblem(err, item.Pos)
	}
	return f, nil
}

// rawFile is fileReference for what kustomize must read byte by byte.
func (p *plan) rawFile(l *layer, item *manifest.Node) *source.Problem {
	f, bad := p.fileReference(l, item)
	if bad == nil {
		p.raw[f.path] = true
	}
	return bad
}

// isURL tells what kustomize loads over HTTP.
func isURL(ref string) bool {
	u, err := url.Parse(ref)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https")
}

// gitLike is what kustomize's NewRepoSpecFromURL takes for a Git repository: a
// scheme, a user name as in git@host, or github.com.
var gitLike = regexp.MustCompile(`(?i)^(git::)?(ssh://|https?://|file://|[a-z][a-z0-9-]*@|github\.com[/:])`)

func looksGit(ref string) bool { return gitLike.MatchString(ref) }

// disarm rewrites the reference to a folder that exists and that kustomize would
// take for a Git repository all the same, because of its name.
func (p *plan) disarm(l *layer, field string, i int, item *manifest.Node) {
	if looksGit(item.Str()) {
		l.k.edits = append(l.k.edits, edit{field: field, index: i, path: "./" + item.Str()})
	}
}

// configuration plans what kustomize reads besides resources and patches.
func (p *plan) configuration(l *layer) *source.Problem {
	if schema := l.k.field("openapi"); schema != nil {
		p.tainted = true
		if at := fold(schema, "path"); at != nil {
			if bad := p.rawFile(l, at); bad != nil {
				return bad
			}
		}
	}
	if len(l.k.items("crds")) > 0 {
		p.tainted = true
	}
	for _, item := range l.k.items("configurations", "crds") {
		if bad := p.rawFile(l, item); bad != nil {
			return bad
		}
	}
	for _, item := range l.k.items("replacements") {
		if at := fold(item, "path"); at != nil {
			if bad := p.rawFile(l, at); bad != nil {
				return bad
			}
		}
	}
	for _, field := range []string{"helmCharts", "helmChartInflationGenerator"} {
		if charts := l.k.field(field); len(charts.Elems()) > 0 {
			return problem(charts.Items[0].Pos, "%s needs helm, and nothing is executed; render the chart into the repository first", field)
		}
	}
	return nil
}

// generators plans the generated ConfigMaps and Secrets, and what plugins make.
func (p *plan) generators(l *layer, out []*record) ([]*record, *source.Problem) {
	for _, kind := range []string{"ConfigMap", "Secret"} {
		field := strings.ToLower(kind[:1]) + kind[1:] + "Generator"
		for _, entry := range l.k.items(field) {
			if bad := p.generatorFiles(l, entry); bad != nil {
				return nil, bad
			}
			g := &generator{layer: l, kind: kind, entry: entry}
			if behavior := fold(entry, "behavior").Str(); behavior == "merge" || behavior == "replace" {
				if old := findGenerated(out, kind, fold(entry, "name").Str()); old != nil {
					old.regenerated = append(old.regenerated, g)
					continue
				}
			}
			out = append(out, &record{generator: g})
		}
	}
	made, bad := p.plugins(l, "generators")
	if bad != nil {
		return nil, bad
	}
	return append(out, made...), nil
}

// findGenerated finds the resource that a generator merges into.
func findGenerated(records []*record, kind, name string) *record {
	for _, rec := range records {
		if id := rec.id(); id.Kind == kind && id.Name == name {
			return rec
		}
	}
	return nil
}

func (p *plan) generatorFiles(l *layer, entry *manifest.Node) *source.Problem {
	paths := append([]*manifest.Node{}, fold(entry, "envs").Elems()...)
	if env := fold(entry, "env"); env.Str() != "" {
		paths = append(paths, env)
	}
	for _, item := range fold(entry, "files").Elems() {
		at := *item
		if _, file, ok := strings.Cut(item.Text, "="); ok {
			at.Text = file
		}
		paths = append(paths, &at)
	}
	for _, item := range paths {
		if bad := p.rawFile(l, item); bad != nil {
			return bad
		}
	}
	return nil
}
