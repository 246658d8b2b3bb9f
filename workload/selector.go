package workload

import (
	"fmt"

	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/selection"

	"github.com/secgen/secgen/manifest"
)

// PlainSelector reads a selector that is a map of labels, such as a Service's.
// An empty or absent one selects nothing: such a Service has its endpoints from
// elsewhere. An error says that the selector cannot be known.
func PlainSelector(n *manifest.Node) (labels.Selector, error) {
	fields := entries(n)
	if len(fields) == 0 {
		return labels.Nothing(), nil
	}
	return requirements(fields, nil)
}

// LabelSelector reads a selector with matchLabels and matchExpressions. An absent
// one selects nothing and an empty one everything, as metav1 has it; where the
// API differs, the caller says so.
func LabelSelector(n *manifest.Node) (labels.Selector, error) {
	if n.IsNull() {
		return labels.Nothing(), nil
	}
	if n.Kind != manifest.Map {
		return nil, fmt.Errorf("a selector must be a map, this one is a %s", n.Kind)
	}
	return requirements(entries(n.Get("matchLabels")), n.Get("matchExpressions").Elems())
}

func requirements(plain []manifest.Field, expressions []*manifest.Node) (labels.Selector, error) {
	selector := labels.NewSelector()
	add := func(key string, op selection.Operator, values []string) error {
		for _, text := range append([]string{key}, values...) {
			if manifest.Unresolved(text) {
				return fmt.Errorf("the selector holds %q, a variable that is not resolved", text)
			}
		}
		r, err := labels.NewRequirement(key, op, values)
		if err != nil {
			return fmt.Errorf("selector: %w", err)
		}
		selector = selector.Add(*r)
		return nil
	}
	for _, f := range plain {
		if f.Value.Kind != manifest.String {
			return nil, fmt.Errorf("selector: the value of %q is a %s; want a string", f.Key, f.Value.Kind)
		}
		if err := add(f.Key, selection.Equals, []string{f.Value.Text}); err != nil {
			return nil, err
		}
	}
	operators := map[string]selection.Operator{
		"In": selection.In, "NotIn": selection.NotIn, "Exists": selection.Exists, "DoesNotExist": selection.DoesNotExist,
	}
	for _, e := range expressions {
		text := e.Get("operator").Str()
		op, ok := operators[text]
		if !ok {
			return nil, fmt.Errorf("selector: operator %q; want In, NotIn, Exists or DoesNotExist", text)
		}
		if err := add(e.Get("key").Str(), op, e.Get("values").Strings()); err != nil {
			return nil, err
		}
	}
	return selector, nil
}
