package starter

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
)

// Divide proposes environments for roots of which some cannot be in one, as clash
// tells: by the names of folders where they tell environments, the rest as few as
// it takes. A root that clashes with nothing is in all of them. Where nothing
// clashes and no name tells anything, there is none.
func Divide(roots []string, clash func(a, b string) bool) []Environment {
	roots = slices.Sorted(slices.Values(roots))
	told, rest, _ := environments(roots)
	clashes := func(root string, with []string) bool {
		return slices.ContainsFunc(with, func(other string) bool { return other != root && clash(root, other) })
	}
	var out []Environment
	var left []string
	for _, e := range told {
		var fits []string
		for _, root := range e.Roots {
			if clashes(root, fits) {
				left = append(left, root)
			} else {
				fits = append(fits, root)
			}
		}
		out = append(out, Environment{e.Name, fits})
	}
	if len(told) == 0 {
		rest = roots
	}
	var shared []string
	for _, root := range rest {
		if !clashes(root, roots) {
			shared = append(shared, root)
			continue
		}
		fits := false
		for i := range out[:len(told)] {
			if !clashes(root, out[i].Roots) {
				out[i].Roots, fits = append(out[i].Roots, root), true
			}
		}
		if !fits {
			left = append(left, root)
		}
	}
	for _, root := range left {
		i := slices.IndexFunc(out[len(told):], func(e Environment) bool { return !clashes(root, e.Roots) })
		if i < 0 {
			out = append(out, Environment{Roots: []string{root}})
		} else {
			i += len(told)
			out[i].Roots = append(out[i].Roots, root)
		}
	}
	for i := range out {
		if out[i].Name == "" {
			out[i].Name = freeName(out[i].Roots, out)
		}
		out[i].Roots = slices.Sorted(slices.Values(append(out[i].Roots, shared...)))
	}
	return out
}

var notInNames = regexp.MustCompile(`[^a-z0-9]+`)

// freeName calls an environment by the last folder of a root that is its own, and by
// more folders where that is taken.
func freeName(roots []string, taken []Environment) string {
	free := func(name string) bool {
		return !slices.ContainsFunc(taken, func(e Environment) bool { return e.Name == name })
	}
	for _, root := range roots {
		name := ""
		for at := root; path.Ext(root) == "" && at != "." && at != "/"; at = path.Dir(at) {
			part := strings.Trim(notInNames.ReplaceAllString(strings.ToLower(path.Base(at)), "-"), "-")
			if name = strings.Trim(part+"-"+name, "-"); name != "" && free(name) {
				return name
			}
		}
	}
	for n := 1; ; n++ {
		if name := fmt.Sprintf("cluster-%d", n); free(name) {
			return name
		}
	}
}
