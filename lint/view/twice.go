package view

import (
	"encoding/binary"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"

	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/schema"
)

// sumField holds, in the head of an object, a sum of all that it says.
const sumField = "sum"

// headsOf are the identities of a root's objects, each with a sum of its content.
func headsOf(resources []*manifest.Resource) Trees {
	var out Trees
	for _, r := range resources {
		if r.ID.Name == "" || manifest.Unresolved(r.ID.Name) || manifest.Unresolved(r.ID.Namespace) {
			continue
		}
		head := *r
		head.Object = headOf(r.Object)
		head.Object.Fields = append(head.Object.Fields, manifest.Field{Key: sumField, Value: text(strconv.FormatUint(sum(r.Object), 36))})
		out = append(out, &head)
	}
	return out
}

// sum is equal for trees that say the same, in whatever order.
func sum(n *manifest.Node) uint64 {
	if n.IsNull() {
		return 0
	}
	h := fnv.New64a()
	word := func(v uint64) { h.Write(binary.LittleEndian.AppendUint64(nil, v)) }
	h.Write([]byte{byte(n.Kind)})
	h.Write([]byte(n.Text))
	for _, item := range n.Items {
		word(sum(item))
	}
	var fields uint64
	for _, f := range n.Fields {
		if value := sum(f.Value); value != 0 {
			key := fnv.New64a()
			key.Write([]byte(f.Key))
			key.Write(binary.LittleEndian.AppendUint64(nil, value))
			fields += key.Sum64()
		}
	}
	word(fields)
	return h.Sum64()
}

// twiceViews returns a view of each object that surely lands in the cluster a
// second time: rendered by another root of one environment, or written twice in
// one file of plain manifests. Overlays that no environment joins are alternatives.
func (c cluster) twiceViews() []View {
	type occurrence struct {
		*manifest.Resource
		root string
	}
	known := map[string][]occurrence{}
	var keys []string
	for _, d := range c.digests {
		for _, r := range d.Heads {
			key := strings.Join([]string{r.ID.Group(), r.ID.Kind, r.ID.Namespace, r.ID.Name}, "/")
			if c.name == "" {
				key += "/" + d.Root + "/" + r.Origin.Position.File
			} else if r.ID.Namespace == "" && !ofNoNamespace(r.ID) {
				continue // somewhere that nobody knows
			}
			if known[key] == nil {
				keys = append(keys, key)
			}
			known[key] = append(known[key], occurrence{r, d.Root})
		}
	}
	slices.Sort(keys)
	var views []View
	for _, key := range keys {
		all := known[key]
		for _, o := range all[1:] {
			first := all[0]
			place := first.Origin.Position
			also := facts{}
			also.set("root", text(first.root))
			also.set("at", text(place.File+":"+strconv.Itoa(place.Line)))
			also.set("differs", boolean(first.Object.Get(sumField).Text != o.Object.Get(sumField).Text))
			facts := facts{}
			facts.set("object", objectFacts(o.Resource))
			facts.set("environment", text(c.name))
			facts.set("also", from(o.Object.Get("metadata", "name"), also.node()))
			views = append(views, View{
				Kind: schema.ViewEnvironment, Resource: o.Resource, Label: o.ID.Kind + " " + strconv.Quote(o.ID.Name),
				Node: headOf(o.Object).With("facts", facts.node()), Roots: []string{o.root},
			})
		}
	}
	return views
}

// clusterKinds are kinds of objects that are in no namespace, by API group.
var clusterKinds = map[string][]string{
	"":                             {"Namespace", "Node", "PersistentVolume"},
	"admissionregistration.k8s.io": {"MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding", "MutatingWebhookConfiguration", "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding", "ValidatingWebhookConfiguration"},
	"apiextensions.k8s.io":         {"CustomResourceDefinition"},
	"apiregistration.k8s.io":       {"APIService"},
	"cert-manager.io":              {"ClusterIssuer"},
	"kyverno.io":                   {"ClusterPolicy"},
	"networking.k8s.io":            {"IngressClass"},
	"node.k8s.io":                  {"RuntimeClass"},
	"projectcalico.org":            {"GlobalNetworkPolicy", "GlobalNetworkSet", "HostEndpoint", "IPPool", "StagedGlobalNetworkPolicy", "Tier"},
	"rbac.authorization.k8s.io":    {"ClusterRole", "ClusterRoleBinding"},
	"scheduling.k8s.io":            {"PriorityClass"},
	"storage.k8s.io":               {"CSIDriver", "StorageClass"},
}

// ofNoNamespace tells whether an object is known to be in no namespace.
func ofNoNamespace(id manifest.ID) bool { return slices.Contains(clusterKinds[id.Group()], id.Kind) }
