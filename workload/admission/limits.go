// Package admission says what the API server's LimitRanger and ResourceQuota
// admission do with a pod: which requests and limits it gets by default, what is
// refused, and what a quota counts.
//
// Sources: plugin/pkg/admission/limitranger/admission.go,
// pkg/apis/core/v1/defaults.go and pkg/quota/v1/evaluator/core of Kubernetes 1.37.
// It knows nothing of webhooks, which run before both.
package admission

import (
	"fmt"
	"maps"
	"slices"

	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/workload"
)

// Quantities are amounts by resource name.
type Quantities map[string]resource.Quantity

// Limit is one item of a LimitRange.
type Limit struct {
	// Type is Container, Pod or PersistentVolumeClaim.
	Type                              string
	Min, Max, Default, DefaultRequest Quantities
	// Ratio is maxLimitRequestRatio.
	Ratio Quantities
}

// ReadLimits reads the items of a LimitRange, with the defaults that the API
// server fills in. An error names the field that is no quantity.
func ReadLimits(r *manifest.Resource) ([]Limit, error) {
	var out []Limit
	for i, item := range r.Object.Get("spec", "limits").Elems() {
		l := Limit{Type: item.Get("type").Str()}
		for _, part := range []struct {
			key  string
			into *Quantities
		}{{"min", &l.Min}, {"max", &l.Max}, {"default", &l.Default}, {"defaultRequest", &l.DefaultRequest}, {"maxLimitRequestRatio", &l.Ratio}} {
			q, err := ReadQuantities(item.Get(part.key))
			if err != nil {
				return nil, fmt.Errorf("%s: spec.limits[%d].%s: %w", r.ID, i, part.key, err)
			}
			*part.into = q
		}
		out = append(out, l.Expanded())
	}
	return out, nil
}

// ReadQuantities reads a map of quantities.
func ReadQuantities(n *manifest.Node) (Quantities, error) {
	if n.IsNull() || n.Kind != manifest.Map {
		return nil, nil
	}
	out := Quantities{}
	for _, f := range n.Fields {
		if f.Value.IsNull() {
			continue
		}
		q, ok := workload.Quantity(f.Value)
		if !ok {
			return nil, fmt.Errorf("%s is %q; want a quantity such as 500m or 1Gi", f.Key, f.Value.Text)
		}
		out[f.Key] = q
	}
	return out, nil
}

// Expanded fills in what the API server would: default falls back to max,
// defaultRequest to default and then to min. Only containers have defaults.
func (l Limit) Expanded() Limit {
	if l.Type != "Container" {
		return l
	}
	l.Default = over(l.Default, l.Max)
	l.DefaultRequest = over(over(l.DefaultRequest, l.Default), l.Min)
	return l
}

// over is low with the entries of high put over it.
func over(high, low Quantities) Quantities {
	if len(high)+len(low) == 0 {
		return nil
	}
	out := maps.Clone(low)
	if out == nil {
		out = Quantities{}
	}
	maps.Copy(out, high)
	return out
}

// Apply gives each container of the pod the requests and limits that it lacks,
// as the LimitRanger does. The pod stays as it was.
func Apply(p workload.Pod, limits []Limit) workload.Pod {
	for _, l := range limits {
		if l.Type != "Container" || len(l.Default)+len(l.DefaultRequest) == 0 {
			continue
		}
		for _, key := range []string{"initContainers", "containers"} {
			list := p.Spec.Get(key)
			if len(list.Elems()) == 0 {
				continue
			}
			items := make([]*manifest.Node, len(list.Items))
			for i, c := range list.Items {
				items[i] = l.fill(c)
			}
			p.Spec = p.Spec.With(key, manifest.Of(items))
		}
	}
	return p
}

func (l Limit) fill(container *manifest.Node) *manifest.Node {
	if container == nil || container.Kind != manifest.Map {
		return container
	}
	set := workload.ResourcesOf(container.Get("resources"))
	requests, limits := nodes(l.DefaultRequest), nodes(l.Default)
	maps.Copy(requests, set.Requests)
	maps.Copy(limits, set.Limits)
	return container.With("resources", manifest.Of(map[string]*manifest.Node{
		"requests": manifest.Of(requests), "limits": manifest.Of(limits),
	}))
}

func nodes(q Quantities) map[string]*manifest.Node {
	out := map[string]*manifest.Node{}
	for name, amount := range q {
		out[name] = manifest.Of(amount.String())
	}
	return out
}

// Refusal is why the LimitRanger refuses a pod.
type Refusal struct {
	// Container is nil where it is the pod as a whole.
	Container *workload.Container
	Text      string
}

// Refusals says why the LimitRanger would refuse a pod whose defaults are filled
// in; nothing where it would not.
func (l Limit) Refusals(p workload.Pod) []string {
	var out []string
	for _, r := range l.RefusalsAt(p) {
		if r.Container != nil {
			r.Text = r.Container.Kind.Noun() + " " + r.Container.Name() + ": " + r.Text
		}
		out = append(out, r.Text)
	}
	return out
}

// RefusalsAt is Refusals by container.
func (l Limit) RefusalsAt(p workload.Pod) []Refusal {
	var out []Refusal
	switch l.Type {
	case "Container":
		for _, c := range p.Containers() {
			if c.Kind == workload.Ephemeral {
				continue
			}
			set := workload.ResourcesOf(c.Node.Get("resources"))
			requests, limits := amounts(set.Requests), amounts(set.Limits)
			for _, text := range append(l.refusals(requests, limits), crossed(requests, limits)...) {
				out = append(out, Refusal{&c, text})
			}
		}
	case "Pod":
		d := p.Demand()
		for _, text := range l.refusals(fromList(d.Requests), fromList(d.Limits)) {
			out = append(out, Refusal{nil, text})
		}
	}
	return out
}

// Change is what the LimitRanger fills in for a container.
type Change struct {
	Container workload.Container
	// Sets are such as limits.memory 512Mi.
	Sets []string
}

// Changes says what the item's defaults fill in for the containers of a pod.
func (l Limit) Changes(p workload.Pod) []Change {
	if l.Type != "Container" {
		return nil
	}
	var out []Change
	for _, c := range p.Containers() {
		if c.Kind == workload.Ephemeral {
			continue
		}
		set := workload.ResourcesOf(c.Node.Get("resources"))
		var sets []string
		for _, part := range []struct {
			name     string
			defaults Quantities
			own      map[string]*manifest.Node
		}{{"requests.", l.DefaultRequest, set.Requests}, {"limits.", l.Default, set.Limits}} {
			for _, name := range part.defaults.Names() {
				if part.own[name] == nil {
					q := part.defaults[name]
					sets = append(sets, part.name+name+" "+q.String())
				}
			}
		}
		if len(sets) > 0 {
			out = append(out, Change{c, sets})
		}
	}
	return out
}

// Mistake is why the API server refuses an item of a LimitRange.
type Mistake struct {
	// Field and Resource lead to the amount: default, cpu.
	Field, Resource string
	Text            string
}

// Mistakes says where an item contradicts itself, as the API server sees it
// (pkg/apis/core/validation, ValidateLimitRange): min <= defaultRequest <= default
// <= max. It is for items with their defaults expanded.
func (l Limit) Mistakes() []Mistake {
	var out []Mistake
	for _, pair := range []struct {
		low, high string
		lows      Quantities
		highs     Quantities
	}{
		{"min", "max", l.Min, l.Max}, {"min", "defaultRequest", l.Min, l.DefaultRequest}, {"min", "default", l.Min, l.Default},
		{"defaultRequest", "max", l.DefaultRequest, l.Max}, {"defaultRequest", "default", l.DefaultRequest, l.Default},
		{"default", "max", l.Default, l.Max},
	} {
		for _, name := range pair.lows.Names() {
			low, high := pair.lows[name], pair.highs[name]
			known := slices.ContainsFunc(out, func(m Mistake) bool { return m.Field == pair.low && m.Resource == name })
			if _, ok := pair.highs[name]; ok && !known && low.Cmp(high) > 0 {
				out = append(out, Mistake{pair.low, name, fmt.Sprintf("%s %s of %s is more than %s %s", pair.low, low.String(), name, pair.high, high.String())})
			}
		}
	}
	return out
}

// ClaimRefusals says why the LimitRanger would refuse a volume claim of the size.
func (l Limit) ClaimRefusals(storage resource.Quantity) []string {
	if l.Type != "PersistentVolumeClaim" {
		return nil
	}
	size := Quantities{"storage": storage}
	return l.refusals(size, size)
}

func (l Limit) refusals(requests, limits Quantities) []string {
	var out []string
	say := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	for _, name := range slices.Sorted(maps.Keys(l.Min)) {
		low := l.Min[name]
		if q, ok := requests[name]; !ok || q.Cmp(low) < 0 {
			say("requests %s of %s, less than the minimum %s", shown(q, ok), name, low.String())
		} else if q, ok := limits[name]; ok && q.Cmp(low) < 0 {
			say("limit %s of %s is less than the minimum %s", shown(q, ok), name, low.String())
		}
	}
	for _, name := range slices.Sorted(maps.Keys(l.Max)) {
		high := l.Max[name]
		if q, ok := limits[name]; !ok || q.Cmp(high) > 0 {
			say("limit %s of %s, more than the maximum %s", shown(q, ok), name, high.String())
		} else if q, ok := requests[name]; ok && q.Cmp(high) > 0 {
			say("requests %s of %s, more than the maximum %s", shown(q, ok), name, high.String())
		}
	}
	for _, name := range slices.Sorted(maps.Keys(l.Ratio)) {
		most := l.Ratio[name]
		request, limit := requests[name], limits[name]
		if request.IsZero() || limit.IsZero() || limit.AsApproximateFloat64()/request.AsApproximateFloat64() > most.AsApproximateFloat64() {
			say("limit %s over request %s of %s, more than the ratio %s", limit.String(), request.String(), name, most.String())
		}
	}
	return out
}

// crossed names the requests above their limits, which the API server refuses
// after it has filled in the defaults. Of a pod's sums it demands nothing, since a
// container without a limit adds to its requests alone.
func crossed(requests, limits Quantities) []string {
	var out []string
	for _, name := range requests.Names() {
		request := requests[name]
		if limit, ok := limits[name]; ok && request.Cmp(limit) > 0 {
			out = append(out, fmt.Sprintf("requests %s of %s, more than its limit %s", request.String(), name, limit.String()))
		}
	}
	return out
}

func shown(q resource.Quantity, ok bool) string {
	if !ok {
		return "none"
	}
	return q.String()
}

func amounts(m map[string]*manifest.Node) Quantities {
	out := Quantities{}
	for name, n := range m {
		if q, ok := workload.Quantity(n); ok {
			out[name] = q
		}
	}
	return out
}
