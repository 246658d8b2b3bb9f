package schema

import (
	"slices"
	"strings"
)

// Reads tells whether a rule may look at a fact of its view, so that nobody
// computes facts that are costly and that no rule reads. A rule that is left to CUE
// may look at any.
func (r *Rule) Reads(fact string) bool {
	return !r.Lowered() || strings.Contains(r.Message, "facts."+fact) || r.Match.names("facts", fact) || r.Require.names("facts", fact)
}

// names tells whether the predicate judges the field at a path, somewhere in its
// tree.
func (p *Predicate) names(path ...string) bool {
	if p == nil {
		return false
	}
	for _, f := range p.Fields {
		if f.Name == path[0] && (len(path) == 1 || f.Check.names(path[1:]...)) {
			return true
		}
	}
	// A pattern may stand for any field.
	for _, k := range p.Patterns {
		if len(path) == 1 || k.Check.names(path[1:]...) {
			return true
		}
	}
	return slices.ContainsFunc(slices.Concat(p.Args, p.Items, []*Predicate{p.Rest}), func(q *Predicate) bool { return q.names(path...) })
}
