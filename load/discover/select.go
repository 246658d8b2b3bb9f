package discover

import (
	"path"
	"slices"
)

// Select returns the roots that paths stand for, each once, sorted by name. Paths
// are relative to the repository's top and exist:
//   - a folder selects the roots at or below it; a folder with a kustomization that
//     is no root (a base, a Component) selects the roots that use it; a folder with
//     neither selects the roots that read a file below it;
//   - a file selects the roots that read it.
//
// A path may select nothing: a README, an ignored folder.
func (r *Repository) Select(paths []string) []Root {
	var out []Root
	for _, root := range r.Roots {
		if slices.ContainsFunc(paths, func(p string) bool { return r.selects(path.Clean(p), root) }) {
			out = append(out, root)
		}
	}
	return out
}

func (r *Repository) selects(name string, root Root) bool {
	if within(root.Dir, name) || slices.Contains(root.Reads, name) || slices.Contains(root.Folders, name) {
		return true
	}
	if r.holdsRoot(name) || r.Kustomization(name) != nil {
		return false
	}
	return slices.ContainsFunc(root.Reads, func(file string) bool { return within(file, name) })
}

// holdsRoot tells whether there is a root at or below a folder.
func (r *Repository) holdsRoot(dir string) bool {
	return slices.ContainsFunc(r.Roots, func(root Root) bool { return within(root.Dir, dir) })
}
