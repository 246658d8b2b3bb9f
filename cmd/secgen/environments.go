package main

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/secgen/secgen/compile/inventory"
	"github.com/secgen/secgen/lint"
	"github.com/secgen/secgen/load/discover"
	"github.com/secgen/secgen/schema"
)

// environment is the roots that land in one cluster together.
type environment struct {
	// name is "" where none is configured.
	name   string
	policy *schema.Policy
	roots  []discover.Root
	// rendered are the roots with what they render.
	rendered []inventory.Root
}

// split puts roots into their environments. Where none is configured, those that
// the user selected are one. Where some are, each that has a selected root is
// compiled whole, since a part of it would make guardrails that are too tight;
// stray are selected roots that belong to none. What compile wrote is no input.
func split(s *session, out *output, policy *policyAnswer) (all []*environment, stray []string, err error) {
	var selected []discover.Root
	for _, r := range s.selected {
		if !s.wrote(r) {
			selected = append(selected, r)
		}
	}
	if len(selected) == 0 {
		but := ""
		if len(s.selected) > 0 {
			but = ", but for what secgen wrote"
		}
		return nil, nil, fmt.Errorf("nothing to compile: no manifest and no kustomization at or below %s%s", strings.Join(s.paths, ", "), but)
	}
	if len(policy.Config.Environments) == 0 {
		return []*environment{{policy: policy.Config.Policy, roots: selected}}, nil, nil
	}
	for _, c := range policy.Config.Environments {
		e := &environment{name: c.Name, policy: c.Policy.Over(policy.Config.Policy)}
		for _, r := range s.repo.Roots {
			if !s.wrote(r) && slices.ContainsFunc(c.Roots, func(glob string) bool { return lint.Glob(glob, r.Name) }) {
				e.roots = append(e.roots, r)
			}
		}
		all = append(all, e)
	}
	for _, r := range selected {
		if !slices.ContainsFunc(all, func(e *environment) bool { return e.has(r.Name) }) {
			stray = append(stray, r.Name)
		}
	}
	all = slices.DeleteFunc(all, func(e *environment) bool {
		if slices.ContainsFunc(selected, func(r discover.Root) bool { return e.has(r.Name) }) {
			return false
		}
		out.others = append(out.others, e)
		return true
	})
	if len(all) == 0 {
		return nil, nil, fmt.Errorf("nothing to compile: %s; %s", strayText(stray, policy.File), strayRemedy)
	}
	return all, stray, nil
}

// shownRoots is how many roots a message lists.
const shownRoots = 8

func strayText(roots []string, file string) string {
	if len(roots) == 1 {
		return fmt.Sprintf("the root %s belongs to no environment of %s", roots[0], file)
	}
	shown := roots[:min(len(roots), shownRoots)]
	text := fmt.Sprintf("%d roots belong to no environment of %s: %s", len(roots), file, strings.Join(shown, ", "))
	if n := len(roots) - len(shown); n > 0 {
		text += fmt.Sprintf(" and %d more", n)
	}
	return text
}

const strayRemedy = "add what is deployed to one, and what is not to .secgenignore"

func (e *environment) has(root string) bool {
	return slices.ContainsFunc(e.roots, func(r discover.Root) bool { return r.Name == root })
}

// rootsOf are the roots of all environments, each once.
func rootsOf(environments []*environment) []discover.Root {
	seen := map[string]bool{}
	var out []discover.Root
	for _, e := range environments {
		for _, r := range e.roots {
			if !seen[r.Name] {
				seen[r.Name] = true
				out = append(out, r)
			}
		}
	}
	return out
}

// take picks what the environment's roots rendered.
func (e *environment) take(results []rendered) {
	for _, r := range results {
		if e.has(r.root.Name) {
			e.rendered = append(e.rendered, inventory.Root{Path: r.root.Name, Resources: r.answer.Resources})
		}
	}
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
