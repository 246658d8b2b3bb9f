package view

import (
	"maps"
	"slices"
	"strconv"

	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/workload"
)

// quantities makes a map from the names of resources to quantities, own ones
// before the others. The map stands where source does.
func quantities(source *manifest.Node, own, others map[string]*manifest.Node) *manifest.Node {
	if len(others) > 0 {
		all := maps.Clone(others)
		maps.Copy(all, own)
		own = all
	}
	if len(own) == 0 {
		return facts(nil).nodeFrom(source)
	}
	facts := make(facts, 0, len(own))
	for _, name := range slices.Sorted(maps.Keys(own)) {
		facts.set(name, quantity(own[name]))
	}
	return facts.nodeFrom(source)
}

// quantity is the text as written and, where it is a quantity, its value in base
// units: cores, bytes, pieces.
func quantity(source *manifest.Node) *manifest.Node {
	facts := make(facts, 0, 2)
	if source.Kind == manifest.String {
		facts.set("text", source)
	} else {
		facts.set("text", textFrom(source, source.Text))
	}
	if q, ok := workload.Quantity(source); ok {
		value := &manifest.Node{Kind: manifest.Int, Pos: source.Pos, Related: source.Related}
		if whole, exact := q.AsInt64(); exact {
			value.Text = strconv.FormatInt(whole, 10)
		} else {
			value.Kind, value.Text = manifest.Float, strconv.FormatFloat(q.AsApproximateFloat64(), 'g', -1, 64)
		}
		facts.set("value", value)
	}
	return facts.nodeFrom(source)
}
