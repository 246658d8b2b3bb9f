package main

import (
	"fmt"
	"maps"
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
	if err := checkRoots(s, policy); err != nil {
		return nil, nil, err
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

// checkRoots refuses a policy that speaks of roots that are none.
func checkRoots(s *session, policy *policyAnswer) error {
	var names []string
	for _, r := range s.repo.Roots {
		names = append(names, r.Name)
	}
	policies := []*schema.Policy{policy.Config.Policy}
	for _, e := range policy.Config.Environments {
		policies = append(policies, e.Policy)
	}
	for _, p := range policies {
		if p == nil {
			continue
		}
		for _, name := range slices.Sorted(maps.Keys(p.Roots)) {
			if !slices.Contains(names, name) {
				return fmt.Errorf("%s: there is no root of this name%s; 'secgen render' names them all", p.Where("roots", name), didYouMean(name, names))
			}
		}
	}
	return nil
}

// rootless says of environments that they have no root, which a mistyped path
// brings about.
func rootless(s *session, policy *policyAnswer) []string {
	var names, out []string
	for _, r := range s.repo.Roots {
		names = append(names, r.Name)
	}
	for _, e := range policy.Config.Environments {
		found := slices.ContainsFunc(names, func(name string) bool {
			return slices.ContainsFunc(e.Roots, func(glob string) bool { return lint.Glob(glob, name) })
		})
		if !found {
			at := e.Position
			at.File = policy.File
			out = append(out, fmt.Sprintf("%s: environment %s has no root: nothing matches %s%s", at, e.Name, strings.Join(e.Roots, ", "), didYouMean(e.Roots[0], names)))
		}
	}
	return out
}

func didYouMean(name string, known []string) string {
	if best := schema.Like(name, known); best != "" {
		return fmt.Sprintf("; did you mean %q?", best)
	}
	return ""
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
