package view

import (
	"strings"

	"github.com/secgen/secgen/manifest"
)

// node makes the view's fields of a digested object, and the fact "object".
func (o Object) node() (fields, ref *manifest.Node) {
	name := &manifest.Node{Kind: manifest.String, Text: o.ID.Name, Pos: o.Name}
	meta := []manifest.Field{{Key: "name", KeyPos: o.Name, Value: name}}
	identity := facts{}
	identity.set("apiVersion", text(o.ID.APIVersion))
	identity.set("group", text(o.ID.Group()))
	identity.set("version", text(o.ID.Version()))
	identity.set("kind", text(o.ID.Kind))
	identity.set("name", name)
	if o.ID.Namespace != "" {
		identity.set("namespace", text(o.ID.Namespace))
		meta = append(meta, manifest.Field{Key: "namespace", Value: text(o.ID.Namespace)})
	}
	for _, m := range []struct {
		key     string
		entries map[string]string
	}{{"labels", o.Labels}, {"annotations", o.Annotations}} {
		if len(m.entries) > 0 {
			value := manifest.Of(m.entries)
			if m.key == "labels" {
				value.Pos = o.LabelsAt
			}
			identity.set(m.key, value)
			meta = append(meta, manifest.Field{Key: m.key, KeyPos: value.Pos, Value: value})
		}
	}
	pos := o.Origin.Position
	if pos.IsZero() {
		pos = o.Name
	}
	fields = &manifest.Node{Kind: manifest.Map, Pos: pos, Fields: []manifest.Field{
		{Key: "apiVersion", Value: text(o.ID.APIVersion)},
		{Key: "kind", Value: text(o.ID.Kind)},
		{Key: "metadata", Value: &manifest.Node{Kind: manifest.Map, Fields: meta}},
	}}
	return fields, identity.node()
}

// platform tells whether a namespace belongs to Kubernetes or to the provider of
// the cluster.
func platform(name string) bool {
	switch name {
	case "kube-system", "kube-public", "kube-node-lease", "openshift", "ibm-system", "ibm-cert-store", "ibm-cloud-cert",
		"ibm-observe", "ibm-operators", "ibm-services-system", "calico-system", "tigera-operator", "calico-apiserver":
		return true
	}
	return strings.HasPrefix(name, "openshift-") || strings.HasPrefix(name, "gke-managed-")
}
