package lint

import (
	"github.com/secgen/secgen/lint/view"
	"github.com/secgen/secgen/schema"
)

// Tally counts what a rule had before it, so that a report can tell "nothing
// wrong" from "nothing there".
type Tally struct {
	// Seen counts what the rule is about: objects that its match selects; of views
	// that only some objects have, such as containers, all of them, since the match
	// may be the very thing that the rule forbids.
	Seen int
	// Unknown counts the views that could not be judged, because a value holds an
	// unresolved ${VARIABLE}.
	Unknown int
	// Components are the programs of the control plane among what was seen.
	Components []string
}

// Tallies are tallies by rule. A rule that had nothing before it has none.
type Tallies map[string]Tally

// Add counts the tallies of other roots in.
func (t Tallies) Add(other Tallies) {
	for rule, more := range other {
		sum := t[rule]
		sum.Seen += more.Seen
		sum.Unknown += more.Unknown
		for _, name := range more.Components {
			sum.Components = addSorted(sum.Components, name)
		}
		t[rule] = sum
	}
}

// counter counts by the rules' places in Judge.rules, which costs less than their
// names would.
type counter map[schema.View][]Tally

func (c counter) of(kind schema.View, rules int) []Tally {
	tallies := c[kind]
	if tallies == nil {
		tallies = make([]Tally, rules)
		c[kind] = tallies
	}
	return tallies
}

// add counts a view that a rule judged.
func (t *Tally) add(seen view.View, result schema.Result) {
	if !result.Skipped || seen.Kind != schema.ViewObject && seen.Kind != schema.ViewComponent {
		t.Seen++
		if seen.Kind == schema.ViewComponent {
			t.Components = addSorted(t.Components, seen.Node.Get("facts", "name").Str())
		}
	}
	if result.Unknown > 0 {
		t.Unknown++
	}
}

// tallies names the rules. Of fields and flaws there is a view only where there
// is something to say: their rules are about all objects, and all policies.
func (j *Judge) tallies(c counter, objects, policies int) Tallies {
	out := Tallies{}
	for kind, rules := range j.rules {
		for i, tally := range c.of(kind, len(rules)) {
			switch kind {
			case schema.ViewField:
				tally.Seen = objects
			case schema.ViewNetworkFlaw:
				tally.Seen = policies
			}
			if tally.Seen+tally.Unknown > 0 {
				out[rules[i].Rule.ID] = tally
			}
		}
	}
	return out
}

// policiesIn counts the network policies of the selected roots.
func policiesIn(digests []view.Digest, selected map[string]bool) int {
	n := 0
	for _, d := range digests {
		if selected[d.Root] {
			n += d.Policies()
		}
	}
	return n
}

// ofWhole tells whether a kind of view is made of all roots together.
func ofWhole(kind schema.View) bool {
	switch kind {
	case schema.ViewNamespace, schema.ViewEnvironment, schema.ViewReference, schema.ViewEndpoint, schema.ViewNetworkPolicy, schema.ViewNetworkFlaw,
		schema.ViewKustomization:
		return true
	}
	return false
}
