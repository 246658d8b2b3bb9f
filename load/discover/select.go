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
	wanted := make([]selection, len(paths))
	for i, p := range paths {
		name := path.Clean(p)
		wanted[i] = selection{name: name, below: !r.holdsRoot(name) && r.Kustomization(name) == nil}
	}
	var out []Root
	for _, root := range r.Roots {
		if slices.ContainsFunc(wanted, func(s selection) bool { return s.holds(root) }) {
			out = append(out, root)
		}
	}
	return out
}

// selection is a path of the user's.
type selection struct {
	name string
	// below says that the path stands for no root and no kustomization, so that it
	// selects whatever reads a file below it.
	below bool
}

func (s selection) holds(root Root) bool {
	if within(root.Dir, s.name) || slices.Contains(root.Reads, s.name) || slices.Contains(root.Folders, s.name) {
		return true
	}
	return s.below && slices.ContainsFunc(root.Reads, func(file string) bool { return within(file, s.name) })
}

// holdsRoot tells whether there is a root at or below a folder.
func (r *Repository) holdsRoot(dir string) bool {
	return slices.ContainsFunc(r.Roots, func(root Root) bool { return within(root.Dir, dir) })
}
