package starter

import (
	"fmt"
	"slices"
	"strings"
)

// fewShared is how many roots are rather repeated in each environment than given a
// list of their own.
const fewShared = 3

// Block is the environments as secgen.cue has them, of all roots that there are.
func Block(environments []Environment, all []string) string {
	patterns := make([][]string, len(environments))
	for i, e := range environments {
		patterns[i] = folded(e.Roots, all)
	}
	var lines []string
	shared := slices.DeleteFunc(slices.Clone(patterns[0]), func(p string) bool {
		return slices.ContainsFunc(patterns, func(list []string) bool { return !slices.Contains(list, p) })
	})
	if len(environments) == 1 || len(shared) <= fewShared {
		shared = nil
	} else {
		lines = append(list("", "_everywhere: [", shared, "]"), "")
	}
	lines = append(lines, "environments: {")
	for i, e := range environments {
		own := slices.DeleteFunc(patterns[i], func(p string) bool { return slices.Contains(shared, p) })
		switch head := "\t" + label(e.Name) + ": roots: ["; {
		case len(shared) > 0:
			lines = append(lines, list("\t", strings.TrimPrefix(head, "\t"), own, "\tfor root in _everywhere {root},", "]")...)
		case len(own) == 1:
			lines = append(lines, fmt.Sprintf("%s%s]", head, quote(own[0])))
		default:
			lines = append(lines, list("\t", strings.TrimPrefix(head, "\t"), own, "]")...)
		}
	}
	return strings.Join(append(lines, "}"), "\n")
}

// list is a list of strings with a line for each, and what comes behind them.
func list(indent, head string, items []string, tail ...string) []string {
	out := []string{indent + head}
	for _, item := range items {
		out = append(out, indent+"\t"+quote(item)+",")
	}
	for _, line := range tail {
		out = append(out, indent+line)
	}
	return out
}
