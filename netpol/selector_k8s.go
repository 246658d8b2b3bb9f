package netpol

import (
	"fmt"
	"slices"
	"strings"

	"github.com/secgen/secgen/manifest"
)

// labelSelector reads a Kubernetes label selector (matchLabels and
// matchExpressions). The caller has dealt with an absent one. Label names get the
// prefix. Unresolved variables match perhaps; what the API server refuses is an
// error with the path from the selector.
func labelSelector(n *manifest.Node, prefix string) (matcher, manifest.FieldPath, error) {
	if n.Kind != manifest.Map {
		return nil, nil, fmt.Errorf("is a %s; want a map", n.Kind)
	}
	var parts []matcher
	labels := n.Get("matchLabels")
	if !labels.IsNull() && labels.Kind != manifest.Map {
		return nil, manifest.Path("matchLabels"), fmt.Errorf("is a %s; want a map", labels.Kind)
	}
	if labels != nil {
		for _, f := range labels.Fields {
			if f.Value.IsNull() {
				continue
			}
			if f.Value.Kind != manifest.String {
				return nil, manifest.Path("matchLabels", f.Key), fmt.Errorf("is the %s %s; want a string, so quote it", f.Value.Kind, f.Value.Text)
			}
			parts = append(parts, in(prefix, f.Key, []string{f.Value.Text}))
		}
	}
	for i, e := range n.Get("matchExpressions").Elems() {
		at := manifest.Path("matchExpressions").At(i)
		m, path, err := expression(e, prefix)
		if err != nil {
			return nil, at.Join(path), err
		}
		parts = append(parts, m)
	}
	return allOf(parts...), nil, nil
}

func expression(e *manifest.Node, prefix string) (matcher, manifest.FieldPath, error) {
	key, values := e.Get("key").Str(), e.Get("values").Strings()
	if key == "" {
		return nil, manifest.Path("key"), fmt.Errorf("is missing; want the name of a label")
	}
	switch op := e.Get("operator").Str(); op {
	case "In", "NotIn":
		if len(values) == 0 {
			return nil, manifest.Path("values"), fmt.Errorf("is empty; operator %s wants at least one value", op)
		}
		m := in(prefix, key, values)
		if op == "NotIn" {
			return func(l *labels) tri { return m(l).not() }, nil, nil
		}
		return m, nil, nil
	case "Exists", "DoesNotExist":
		if len(values) > 0 {
			return nil, manifest.Path("values"), fmt.Errorf("has %d values; operator %s wants none", len(values), op)
		}
		if manifest.Unresolved(key) {
			return perhaps, nil, nil
		}
		name := prefix + key
		if op == "Exists" {
			return func(l *labels) tri { return l.get(name).present }, nil, nil
		}
		return func(l *labels) tri { return l.get(name).present.not() }, nil, nil
	default:
		return nil, manifest.Path("operator"), fmt.Errorf("is %q; want In, NotIn, Exists or DoesNotExist", op)
	}
}

func perhaps(*labels) tri { return maybe }

// in is satisfied where the label has one of the values.
func in(prefix, key string, values []string) matcher {
	if manifest.Unresolved(key) || slices.ContainsFunc(values, manifest.Unresolved) {
		return perhaps
	}
	name := prefix + key
	if len(values) == 1 {
		return func(l *labels) tri { return l.get(name).equals(values[0]) }
	}
	return func(l *labels) tri {
		result := no
		v := l.get(name)
		for _, text := range values {
			result = or(result, v.equals(text))
		}
		return result
	}
}

func equalFold(a, b string) bool { return strings.EqualFold(a, b) }
