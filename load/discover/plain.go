package discover

import (
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/secgen/secgen/manifest"
)

// plainRoots groups the manifests that no kustomization uses, as the package
// comment says. kustomized tells whether a folder holds a kustomization.
func plainRoots(manifests map[string][]manifest.ID, kustomized func(dir string) bool) []Root {
	var roots []Root
	byDir := map[string][]string{}
	for _, file := range slices.Sorted(maps.Keys(manifests)) {
		dir := path.Dir(file)
		if kustomized(dir) {
			roots = append(roots, Root{Name: file, Dir: dir, Manifests: []string{file}, Reads: []string{file}})
			continue
		}
		byDir[dir] = append(byDir[dir], file)
	}
	p := plain{byDir: byDir, objects: manifests, kustomized: kustomized}
	for len(byDir) > 0 {
		// The shortest folder is the top of its branch.
		top := slices.MinFunc(slices.Collect(maps.Keys(byDir)), func(a, b string) int {
			if n := depth(a) - depth(b); n != 0 {
				return n
			}
			return strings.Compare(a, b)
		})
		files := p.take(top)
		roots = append(roots, Root{Name: top, Dir: top, Manifests: files, Reads: files})
	}
	return roots
}

func depth(dir string) int {
	if dir == "." {
		return 0
	}
	return strings.Count(dir, "/") + 1
}

type plain struct {
	byDir      map[string][]string
	objects    map[string][]manifest.ID
	kustomized func(dir string) bool
}

// take removes the files of the root at a folder from byDir and returns them.
func (p plain) take(top string) []string {
	var dirs []string
	for dir := range p.byDir {
		if within(dir, top) && !p.border(dir, top) {
			dirs = append(dirs, dir)
		}
	}
	slices.Sort(dirs)
	if p.clash(dirs) {
		dirs = []string{top}
	}
	var files []string
	for _, dir := range dirs {
		files = append(files, p.byDir[dir]...)
		delete(p.byDir, dir)
	}
	slices.Sort(files)
	return files
}

// border tells whether a folder with a kustomization lies between two folders.
func (p plain) border(dir, top string) bool {
	for ; dir != top && dir != "."; dir = parent(dir) {
		if p.kustomized(dir) {
			return true
		}
	}
	return false
}

// clash tells whether two folders define the same object.
func (p plain) clash(dirs []string) bool {
	owner := map[manifest.ID]string{}
	for _, dir := range dirs {
		for _, file := range p.byDir[dir] {
			for _, id := range p.objects[file] {
				if id.Name == "" {
					continue
				}
				if other, ok := owner[id]; ok && other != dir {
					return true
				}
				owner[id] = dir
			}
		}
	}
	return false
}
