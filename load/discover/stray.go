package discover

import (
	"path"
	"slices"
	"strings"

	"github.com/secgen/secgen/manifest"
)

// strayFiles puts the files that no kustomization uses into their buckets and
// makes plain roots of the manifests.
func (d *discovery) strayFiles() {
	helm := charts{}
	for _, file := range d.listing.files {
		if path.Base(file) == "Chart.yaml" {
			helm[path.Dir(file)] = true
		}
	}
	var strays []string
	for _, file := range d.listing.files {
		if d.ignoredFile(file) || d.files[file] != nil {
			continue
		}
		if problem := d.listing.odd[file]; problem != nil {
			d.files[file] = &File{Path: file, Bucket: Unread, Reason: problem.Reason, Position: problem.Position}
			continue
		}
		if !isYAML(file) && path.Base(file) != "Kustomization" {
			continue
		}
		if extra := d.secondKustomization(file); extra != "" {
			d.files[file] = &File{Path: file, Bucket: Unread, Reason: extra, Position: manifest.Position{File: file, Line: 1, Column: 1}}
			continue
		}
		strays = append(strays, file)
	}
	found := make([]stray, len(strays))
	each(len(strays), func(i int) { found[i] = classify(d.tree, strays[i], helm) })
	manifests := map[string][]manifest.ID{}
	for i, file := range strays {
		s := found[i]
		d.files[file] = &File{Path: file, Bucket: s.bucket, Reason: s.reason, Position: s.at}
		if s.bucket == Linted {
			manifests[file] = s.objects
		}
		if s.bucket == Other && strings.HasPrefix(s.reason, unusedPatch) {
			// It may be a manifest that pretends: say that nobody looked at it.
			d.repo.Notes = append(d.repo.Notes, Note{manifest.Position{File: file, Line: 1, Column: 1},
				"not linted, since it is a " + s.reason})
		}
	}
	d.plainRoots(manifests)
}

// secondKustomization says that a file is one of several kustomizations of its
// folder, which is refused as a whole.
func (d *discovery) secondKustomization(file string) string {
	dir := path.Dir(file)
	names := d.listing.names[dir]
	if len(names) < 2 || !slices.Contains(names, path.Base(file)) || d.graph.all[dir] == nil {
		return ""
	}
	return "one of " + strings.Join(names, " and ") + " in one folder, of which kustomize takes only one"
}

// ignoredFile puts a file that is ignored into its bucket, used or not by an
// ignored kustomization, unless a root uses it.
func (d *discovery) ignoredFile(file string) bool {
	f := d.files[file]
	if !isYAML(file) && f == nil || f != nil && len(f.Roots) > 0 {
		return false
	}
	if r := d.ignores.bySecgen(file); r != nil {
		d.files[file] = &File{Path: file, Bucket: Ignored, Reason: r.reason, Position: r.at}
		return true
	}
	if r := d.ignores.byGit(file); r != nil && f == nil {
		d.files[file] = &File{Path: file, Bucket: Ignored, Reason: r.reason, Position: r.at}
		return true
	}
	return false
}

func (d *discovery) plainRoots(manifests map[string][]manifest.ID) {
	for _, r := range plainRoots(manifests, func(dir string) bool { return d.graph.all[dir] != nil || len(d.listing.names[dir]) > 0 }) {
		for _, file := range r.Manifests {
			d.files[file].Roots = []string{r.Name}
			d.files[file].Reason = "manifest that no kustomization uses"
		}
		d.repo.Roots = append(d.repo.Roots, r)
	}
}
