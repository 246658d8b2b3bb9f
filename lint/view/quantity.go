package view

import (
	"maps"
	"slices"

	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/workload"
)

// quantities makes a map from the names of resources to quantities, own ones
// before the others.
func quantities(own, others map[string]*manifest.Node) *manifest.Node {
	if len(others) > 0 {
		all := maps.Clone(others)
		maps.Copy(all, own)
		own = all
	}
	facts := make(facts, 0, len(own))
	for _, name := range slices.Sorted(maps.Keys(own)) {
		facts.set(name, quantity(own[name]))
	}
	return facts.node()
}

// quantity is the text as written and, where it is a quantity, its value in base
// units: cores, bytes, pieces.
func quantity(source *manifest.Node) *manifest.Node {
	facts := make(facts, 0, 2)
	facts.set("text", from(source, text(source.Text)))
	if q, ok := workload.Quantity(source); ok {
		if whole, exact := q.AsInt64(); exact {
			facts.set("value", from(source, manifest.Of(whole)))
		} else {
			facts.set("value", from(source, manifest.Of(q.AsApproximateFloat64())))
		}
	}
	return from(source, facts.node())
}
