package view

import (
	"slices"
	"strconv"
	"strings"

	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/schema"
)

// sumField holds, in the head of an object, a sum of all that it says.
const sumField = "sum"

// headsOf are the identities of a root's objects, each with a sum of its content:
// of all objects where other roots may render them too, and otherwise of those
// that stand twice in one file.
func headsOf(resources []*manifest.Resource, all bool) Trees {
	type place struct{ kind, namespace, name, file string }
	at := func(r *manifest.Resource) place {
		return place{r.ID.Group() + "/" + r.ID.Kind, r.ID.Namespace, r.ID.Name, r.Origin.Position.File}
	}
	count := map[place]int{}
	for _, r := range resources {
		count[at(r)]++
	}
	var out Trees
	for _, r := range resources {
		if r.ID.Name == "" || manifest.Unresolved(r.ID.Name) || manifest.Unresolved(r.ID.Namespace) || !all && count[at(r)] == 1 {
			continue
		}
		head := *r
		head.Object = headOf(r.Object)
		head.Object.Fields = append(head.Object.Fields, manifest.Field{Key: sumField, Value: text(strconv.FormatUint(sum(r.Object), 36))})
		out = append(out, &head)
	}
	return out
}

// sum is equal for trees that say the same, in whatever order their fields stand.
// It is made of every object of a repository with environments, so it is FNV-1a
// without the allocations of package hash.
func sum(n *manifest.Node) uint64 {
	if n.IsNull() {
		return 0
	}
	h := hash(fnvOffset).number(uint64(n.Kind)).text(n.Text)
	for _, item := range n.Items {
		h = h.number(sum(item))
	}
	var fields uint64
	for i := range n.Fields {
		if value := sum(n.Fields[i].Value); value != 0 {
			fields += uint64(hash(fnvOffset).text(n.Fields[i].Key).number(value))
		}
	}
	return uint64(h.number(fields))
}

type hash uint64

const fnvOffset, fnvPrime = 14695981039346656037, 1099511628211

func (h hash) text(s string) hash {
	for i := range len(s) {
		h = (h ^ hash(s[i])) * fnvPrime
	}
	return h
}

func (h hash) number(n uint64) hash {
	for range 8 {
		h = (h ^ hash(n&0xff)) * fnvPrime
		n >>= 8
	}
	return h
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
