package discover

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/secgen/secgen/load/source"
	"github.com/secgen/secgen/manifest"
)

// Discover walks the repository once. It fails only where the top cannot be
// listed; what is wrong below is in the result. What tests the rules of the given folders is
// ignored as if .secgenignore named it.
func Discover(tree *source.Tree, rules ...RuleFolder) (*Repository, error) {
	l, err := walk(tree)
	if err != nil {
		return nil, fmt.Errorf("list the repository: %w", err)
	}
	ig, unread, err := readIgnores(tree, l, rules)
	if err != nil {
		return nil, err
	}
	d := &discovery{tree: tree, listing: l, ignores: ig, files: map[string]*File{}}
	for _, f := range unread {
		d.files[f.Path] = &f
	}
	d.kustomizations()
	d.roots()
	d.usedFiles()
	d.strayFiles()
	d.refusedFiles()
	d.outOfReach()
	return d.result(), nil
}

func isMissing(err error) bool { return errors.Is(err, fs.ErrNotExist) }

// unreadFile names a file that could not be read.
func unreadFile(file string, err error) File {
	f := File{Path: file, Bucket: Unread, Reason: err.Error(), Position: manifest.Position{File: file}}
	var p *source.Problem
	if errors.As(err, &p) {
		f.Reason, f.Position = p.Reason, p.Position
	}
	return f
}

// discovery is the state of one run.
type discovery struct {
	tree    *source.Tree
	listing *listing
	ignores *ignores
	graph   *graph
	repo    Repository
	files   map[string]*File
	// tops are the kustomizations from which all others are reached.
	tops []string
}

// kustomizations reads those that count: all that Git does not ignore, and all
// that these use.
func (d *discovery) kustomizations() {
	r := &reader{tree: d.tree, documents: map[string][]*manifest.Node{}}
	var starts []string
	for _, dir := range slices.Sorted(maps.Keys(d.listing.names)) {
		if names := d.listing.names[dir]; len(names) > 0 && d.ignores.byGit(path.Join(dir, names[0])) == nil {
			starts = append(starts, dir)
		}
	}
	read := make([]*parser, len(starts))
	each(len(starts), func(i int) { read[i] = r.read(starts[i], d.listing.names[starts[i]]) })
	ahead := map[string]*parser{}
	for i, dir := range starts {
		ahead[dir] = read[i]
	}
	all := map[string]*Kustomization{}
	var parsers []*parser
	var visit func(dir string)
	visit = func(dir string) {
		names := d.listing.names[dir]
		if len(names) == 0 || all[dir] != nil {
			return
		}
		p := ahead[dir]
		if p == nil { // Git ignores it, and something uses it all the same
			p = r.read(dir, names)
		}
		p.k.Ignored = d.ignores.bySecgen(p.k.File) != nil
		all[dir] = p.k
		parsers = append(parsers, p)
		for _, next := range p.k.folders() {
			visit(next)
		}
	}
	for _, dir := range starts {
		visit(dir)
	}
	for _, p := range parsers {
		p.pluginFolders(all)
	}
	d.graph = newGraph(all)
}

// roots decides which kustomizations are deployed.
func (d *discovery) roots() {
	d.tops = d.graph.tops()
	for _, dir := range d.tops {
		k := d.graph.all[dir]
		switch {
		case k.Ignored:
		case k.Template && len(d.graph.users[dir]) == 0:
		case k.Component:
			d.repo.Notes = append(d.repo.Notes, Note{manifest.Position{File: k.File, Line: 1, Column: 1},
				"no kustomization uses this Component, so it is not linted"})
		default:
			d.repo.Roots = append(d.repo.Roots, d.graph.root(dir))
		}
	}
}

// usedFiles puts every file that a kustomization uses into its bucket. A
// manifest weighs more than a patch, and a patch more than the rest.
func (d *discovery) usedFiles() {
	rank := map[Bucket]int{Linted: 3, Patches: 2, Other: 1}
	put := func(name string, bucket Bucket, reason, root string) {
		f := d.files[name]
		if f == nil {
			f = &File{Path: name, Position: manifest.Position{File: name}}
			d.files[name] = f
		}
		if rank[bucket] > rank[f.Bucket] {
			f.Bucket, f.Reason = bucket, reason
		}
		if root != "" && !slices.Contains(f.Roots, root) {
			f.Roots = append(f.Roots, root)
		}
	}
	for _, root := range d.repo.Roots {
		for _, dir := range root.Folders {
			k := d.graph.all[dir]
			put(k.File, Linted, "kustomization", root.Name)
			for _, ref := range k.Refs {
				if ref.Path != "" && !ref.folder() {
					bucket, reason := bucketOf(ref)
					put(ref.Path, bucket, reason, root.Name)
				}
			}
		}
	}
	d.unreachedFiles(put)
}

func bucketOf(ref Ref) (Bucket, string) {
	switch ref.Role {
	case Resource:
		return Linted, "manifest of a kustomization"
	case Patch:
		return Patches, "patch of a kustomization"
	case Generator, Env:
		return Other, "read by " + ref.Field
	}
	return Other, string(ref.Role) + " of a kustomization"
}

// unreachedFiles names what only ignored kustomizations, templates or unused
// Components use.
func (d *discovery) unreachedFiles(put func(name string, bucket Bucket, reason, root string)) {
	for _, top := range d.tops {
		k := d.graph.all[top]
		bucket, reason := Other, "used only by the Component "+top+", which no kustomization uses"
		var at manifest.Position
		if k.Ignored {
			r := d.ignores.bySecgen(k.File)
			bucket, reason, at = Ignored, "used only by "+top+", which "+r.why, r.at
		} else if !k.Component {
			continue
		}
		seen := map[string]bool{}
		d.graph.reach(top, seen)
		for _, dir := range slices.Sorted(maps.Keys(seen)) {
			names := []string{d.graph.all[dir].File}
			for _, ref := range d.graph.all[dir].Refs {
				if ref.Path != "" && !ref.folder() {
					names = append(names, ref.Path)
				}
			}
			for _, name := range names {
				if d.files[name] == nil {
					put(name, bucket, reason, "")
					d.files[name].Bucket, d.files[name].Reason = bucket, reason
					if !at.IsZero() {
						d.files[name].Position = at
					}
				}
			}
		}
	}
}

// refusedFiles gives the files that could not be read to the roots that refer to
// them and say so already.
func (d *discovery) refusedFiles() {
	for i := range d.repo.Roots {
		root := &d.repo.Roots[i]
		for _, dir := range root.Folders {
			for _, ref := range d.graph.all[dir].Refs {
				if ref.Path != "" || ref.Inline || ref.Text == "" {
					continue
				}
				_, name, found := strings.Cut(ref.Text, "=") // key=file of a generator
				if !found {
					name = ref.Text
				}
				f := d.files[path.Join(dir, name)]
				if f != nil && f.Bucket == Unread && !slices.Contains(f.Roots, root.Name) {
					f.Roots = append(f.Roots, root.Name)
					root.Reads = append(root.Reads, f.Path)
				}
			}
		}
		slices.Sort(root.Reads)
	}
}

// result sorts what was found.
func (d *discovery) result() *Repository {
	for _, dir := range d.graph.dirs {
		d.repo.Kustomizations = append(d.repo.Kustomizations, d.graph.all[dir])
	}
	slices.SortFunc(d.repo.Roots, func(a, b Root) int { return strings.Compare(a.Name, b.Name) })
	for _, name := range slices.Sorted(maps.Keys(d.files)) {
		f := d.files[name]
		slices.Sort(f.Roots)
		d.repo.Files = append(d.repo.Files, *f)
	}
	return &d.repo
}
