package main

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/secgen/secgen/compile/emit"
	"github.com/secgen/secgen/compile/write"
	"github.com/secgen/secgen/load/discover"
)

// keepIncluded adds a Component without patches for each folder of the output that
// some kustomization includes and that nothing is written to any more: without it
// the next run could not read that root.
func (o *output) keepIncluded(environments []*environment) error {
	for _, r := range o.session.repo.Roots {
		for _, folder := range r.Folders {
			at, inside := strings.CutPrefix(folder, o.dir+"/")
			ours := slices.ContainsFunc(environments, func(e *environment) bool { return strings.HasPrefix(at, path.Join(e.name, "components")+"/") })
			if o.dir == "" || !inside || !ours || len(o.below(at)) > 0 {
				continue
			}
			f, err := emit.NoPatches(at)
			if err != nil {
				return err
			}
			o.files = append(o.files, write.File{Path: f.Path, Content: f.Content})
		}
	}
	return nil
}

// unwired says which components of the output no root includes yet, and what to
// write where. It is silent about a root that is also in an environment which is
// not compiled now, since its component there is not known.
func (o *output) unwired(environments []*environment) []string {
	sharers := map[string][]string{}
	for _, e := range slices.Concat(environments, o.others) {
		for _, r := range e.roots {
			sharers[r.Name] = append(sharers[r.Name], e.name)
		}
	}
	var out []string
	for _, e := range environments {
		for _, r := range e.roots {
			at := path.Join(e.name, "components", r.Name)
			if o.dir == "" || len(o.below(at)) == 0 || slices.ContainsFunc(o.others, func(e *environment) bool { return e.has(r.Name) }) || o.includes(r, e, environments) {
				continue
			}
			include := relative(r.Dir, path.Join(o.dir, at))
			switch others := sharers[r.Name]; {
			case r.Plain():
				out = append(out, fmt.Sprintf("%s is not wired: %s has no kustomization.yaml yet; make one that lists its manifests under resources, and under components %s",
					path.Join(o.dir, at), r.Name, include))
			case len(others) == 1:
				out = append(out, fmt.Sprintf("%s is not wired: add to %s, under components: %s", path.Join(o.dir, at), r.Kustomization, include))
			case o.alike(r, environments):
				out = append(out, fmt.Sprintf("components for %s are not wired; they are the same in %s, so add one of them to %s, under components: %s",
					r.Name, strings.Join(others, ", "), r.Kustomization, relative(r.Dir, path.Join(o.dir, others[0], "components", r.Name))))
			default:
				out = append(out, fmt.Sprintf("components for %s are not wired; %s share that root and need different ones, so give each an overlay of it, which includes its own",
					r.Name, strings.Join(others, ", ")))
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// includes tells whether the root includes its component, or that of another
// environment which is the same.
func (o *output) includes(r discover.Root, e *environment, environments []*environment) bool {
	want := o.below(path.Join(e.name, "components", r.Name))
	for _, other := range environments {
		at := path.Join(other.name, "components", r.Name)
		if slices.Contains(r.Folders, path.Join(o.dir, at)) && slices.Equal(o.below(at), want) {
			return true
		}
	}
	return false
}

// alike tells whether a root's component is the same in all environments that
// have the root.
func (o *output) alike(r discover.Root, environments []*environment) bool {
	var first []string
	for _, e := range environments {
		if !e.has(r.Name) {
			continue
		}
		files := o.below(path.Join(e.name, "components", r.Name))
		if first == nil {
			first = files
		} else if !slices.Equal(first, files) {
			return false
		}
	}
	return true
}

// below lists files of a folder of the output with their contents.
func (o *output) below(dir string) []string {
	var out []string
	for _, f := range o.files {
		if name, ok := strings.CutPrefix(f.Path, dir+"/"); ok {
			out = append(out, name+"\n"+string(f.Content))
		}
	}
	return out
}

// relative is the way from one folder of the repository to another.
func relative(from, to string) string {
	up := ""
	for from != "." && from != to && !strings.HasPrefix(to, from+"/") {
		up += "../"
		from = path.Dir(from)
	}
	if from == "." {
		return up + to
	}
	return up + strings.TrimPrefix(to, from+"/")
}
