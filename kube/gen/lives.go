package main

import (
	"bytes"
	"fmt"
	"reflect"

	"k8s.io/apimachinery/pkg/runtime/schema"
)

type (
	deprecated interface{ APILifecycleDeprecated() (major, minor int) }
	removed    interface{ APILifecycleRemoved() (major, minor int) }
	replaced   interface {
		APILifecycleReplacement() schema.GroupVersionKind
	}
)

func writeLives(b *bytes.Buffer, found []known) {
	b.WriteString("var lives = [...]apiLife{\n")
	for _, k := range found {
		object := reflect.New(k.typ).Interface()
		var d, r int
		if o, ok := object.(deprecated); ok {
			_, d = o.APILifecycleDeprecated()
		}
		if o, ok := object.(removed); ok {
			_, r = o.APILifecycleRemoved()
		}
		if d == 0 && r == 0 {
			continue
		}
		fmt.Fprintf(b, "\t{%q, %q, Life{%d, %d, %q}},\n", apiVersion(k.gvk), k.gvk.Kind, d, r, replacement(object, k, found))
	}
	b.WriteString("}\n")
}

// replacement is "apiVersion Kind" of what to use instead: what the type is
// marked with, or else the same kind in its group's stable version.
func replacement(object any, k known, found []known) string {
	if o, ok := object.(replaced); ok {
		gvk := o.APILifecycleReplacement()
		if gvk.Kind == k.gvk.Kind+"List" { // a slip in k8s.io/api
			gvk.Kind = k.gvk.Kind
		}
		return apiVersion(gvk) + " " + gvk.Kind
	}
	for _, version := range []string{"v1", "v2", "v1beta2", "v1beta1"} {
		for _, other := range found {
			if other.gvk.Group == k.gvk.Group && other.gvk.Kind == k.gvk.Kind && other.gvk.Version == version && newer(version, k.gvk.Version) {
				return apiVersion(other.gvk) + " " + other.gvk.Kind
			}
		}
	}
	return ""
}

// newer tells whether a version is more stable than another: v1 than v1beta1 than
// v1alpha1.
func newer(a, b string) bool {
	order := map[string]int{"v2": 9, "v1": 8, "v1beta3": 7, "v1beta2": 6, "v1beta1": 5, "v1alpha3": 3, "v1alpha2": 2, "v1alpha1": 1}
	return order[a] > order[b]
}
