package plan

import (
	"maps"
	"slices"

	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/secgen/secgen/compile/inventory"
)

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// selectors chooses for each workload the labels by which policies find its pods:
// those of its own selector where they tell it apart from the others of its
// namespace, else all labels of its pods. A workload whose pods have no label
// that is known has none.
func (p *planner) selectors() map[*inventory.Workload]map[string]string {
	out := map[*inventory.Workload]map[string]string{}
	for _, ns := range p.Inventory.Namespaces {
		for _, w := range ns.Workloads {
			all := known(w.Labels())
			if len(all) == 0 {
				continue
			}
			out[w] = all
			if own := ownSelector(w, all); own != nil && !ambiguous(ns, w, own) {
				out[w] = own
			}
		}
	}
	return out
}

// ownSelector is the workload's matchLabels, nil where it has none or more than
// those.
func ownSelector(w *inventory.Workload, podLabels map[string]string) map[string]string {
	spec := w.Resource.Object.Get("spec", "selector")
	plain := spec.Get("matchLabels")
	if plain == nil || spec.Has("matchExpressions") {
		return nil
	}
	own := known(plain.StringMap())
	if len(own) == 0 || !matches(own, podLabels) {
		return nil
	}
	return own
}

// known is the labels without those that hold a variable, that a controller sets,
// or that the API server does not accept, which could mean anything in a selector.
func known(m map[string]string) map[string]string {
	out := map[string]string{}
	for key, value := range m {
		if key == "pod-template-hash" || key == "controller-revision-hash" {
			continue
		}
		if len(validation.IsQualifiedName(key)) == 0 && len(validation.IsValidLabelValue(value)) == 0 {
			out[key] = value
		}
	}
	return out
}

// ambiguous tells whether the labels find pods of another workload too.
func ambiguous(ns *inventory.Namespace, w *inventory.Workload, own map[string]string) bool {
	return slices.ContainsFunc(ns.Workloads, func(other *inventory.Workload) bool {
		return other != w && matches(own, other.Labels())
	})
}

// matches tells whether labels satisfy a selector of equalities.
func matches(selector, of map[string]string) bool {
	return labels.SelectorFromSet(selector).Matches(labels.Set(of))
}

func labelSet(w *inventory.Workload) labels.Set { return labels.Set(w.Labels()) }
