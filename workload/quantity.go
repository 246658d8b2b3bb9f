package workload

import (
	"github.com/secgen/secgen/manifest"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// Quantity reads a Kubernetes quantity such as 500m, 1Gi or 2. ok is false where
// the node is none: absent, invalid, or with an unresolved variable.
func Quantity(n *manifest.Node) (quantity resource.Quantity, ok bool) {
	if n == nil {
		return quantity, false
	}
	switch n.Kind {
	case manifest.String, manifest.Int, manifest.Float:
		quantity, err := resource.ParseQuantity(n.Text)
		return quantity, err == nil
	}
	return quantity, false
}

// Resources is what a container asks for: its requests, each defaulting to the
// limit as the API server has it, and its limits. Keys are resource names (cpu,
// memory, ephemeral-storage, nvidia.com/gpu); the nodes are the quantities as
// written.
type Resources struct {
	Requests, Limits map[string]*manifest.Node
}

// ResourcesOf reads a container's resources field, or a pod's.
func ResourcesOf(resources *manifest.Node) Resources {
	var r Resources
	limits, requests := entries(resources.Get("limits")), entries(resources.Get("requests"))
	if len(limits)+len(requests) == 0 {
		return r
	}
	r.Limits = make(map[string]*manifest.Node, len(limits))
	r.Requests = make(map[string]*manifest.Node, len(limits)+len(requests))
	for _, f := range limits {
		r.Limits[f.Key], r.Requests[f.Key] = f.Value, f.Value
	}
	for _, f := range requests {
		r.Requests[f.Key] = f.Value
	}
	return r
}

// entries is the fields of a map that are not null.
func entries(n *manifest.Node) []manifest.Field {
	if n == nil || n.Kind != manifest.Map {
		return nil
	}
	for i := range n.Fields {
		if n.Fields[i].Value.IsNull() {
			return withoutNulls(n.Fields)
		}
	}
	return n.Fields
}

func withoutNulls(fields []manifest.Field) []manifest.Field {
	var out []manifest.Field
	for _, f := range fields {
		if !f.Value.IsNull() {
			out = append(out, f)
		}
	}
	return out
}

// quantities makes the API's list of a map of quantities. complete is false where
// one of them is not a quantity.
func quantities(m map[string]*manifest.Node) (list corev1.ResourceList, complete bool) {
	complete = true
	list = make(corev1.ResourceList, len(m))
	for name, n := range m {
		q, ok := Quantity(n)
		if !ok {
			complete = false
			continue
		}
		list[corev1.ResourceName(name)] = q
	}
	return list, complete
}
