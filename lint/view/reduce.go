package view

import (
	"strings"

	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/schema"
)

// OfNetwork tells whether a kind of view is made of Digest.Network.
func OfNetwork(kind schema.View) bool {
	switch kind {
	case schema.ViewNetworkPolicy, schema.ViewNetworkFlaw, schema.ViewEndpoint, schema.ViewReference:
		return true
	}
	return false
}

// reduced returns what rules on the network need of a resource, with its
// positions: policies, and what refers to Services, nearly whole, of workloads
// what policies see of their pods. It is nil where they need nothing of it.
func (e Env) reduced(r *manifest.Resource) *manifest.Resource {
	object := r.Object
	switch keep := keptOf(r.ID); {
	case keep == nil && e.Workloads.Knows(r.ID):
		object = e.reducedWorkload(r)
	case keep == nil:
		return nil
	case len(keep) > 0:
		object = headOf(object)
		for _, path := range keep {
			put(object, r.Object, manifest.Path(path...), nil)
		}
	}
	out := *r
	out.Object = object
	return &out
}

// keptOf lists the paths to keep of a kind; an empty list keeps all, nil is for
// kinds that are not needed.
func keptOf(id manifest.ID) [][]string {
	whole, group := [][]string{}, id.Group()
	switch group {
	case "projectcalico.org", "crd.projectcalico.org":
		if strings.HasSuffix(id.Kind, "NetworkPolicy") || strings.HasSuffix(id.Kind, "NetworkSet") || id.Kind == "Tier" || id.Kind == "HostEndpoint" {
			return whole
		}
	case "networking.k8s.io", "extensions":
		if id.Kind == "NetworkPolicy" || id.Kind == "Ingress" {
			return whole
		}
	case "gateway.networking.k8s.io":
		if strings.HasSuffix(id.Kind, "Route") {
			return whole
		}
	case "policy.networking.k8s.io", "cilium.io", "crd.antrea.io":
		if strings.HasSuffix(id.Kind, "NetworkPolicy") {
			return [][]string{{"spec", "tier"}}
		}
	case "policy":
		if id.Kind == "PodDisruptionBudget" {
			return [][]string{{"spec", "selector"}}
		}
	case "admissionregistration.k8s.io":
		if strings.HasSuffix(id.Kind, "WebhookConfiguration") {
			return [][]string{{"webhooks"}}
		}
	case "":
		return keptOfCore(id)
	}
	return nil
}

func keptOfCore(id manifest.ID) [][]string {
	switch id.Kind {
	case "Namespace", "ServiceAccount":
		return [][]string{{"metadata", "labels"}}
	case "Service":
		return [][]string{{"spec", "type"}, {"spec", "selector"}, {"spec", "ports"}, {"spec", "externalTrafficPolicy"}}
	case "policy", "profile", "hostEndpoint", "workloadEndpoint", "tier", "ipPool": // Calico's version 1
		return [][]string{}
	}
	return nil
}

// reducedWorkload keeps of each pod template what policies see: labels, service
// account, network of the host, and ports.
func (e Env) reducedWorkload(r *manifest.Resource) *manifest.Node {
	object := headOf(r.Object)
	for _, pod := range e.Workloads.Pods(r) {
		put(object, r.Object, pod.Path.Field("spec"), &manifest.Node{Kind: manifest.Map, Pos: pod.Spec.Pos})
		for _, path := range [][]string{{"metadata", "labels"}, {"spec", "serviceAccountName"}, {"spec", "serviceAccount"}, {"spec", "hostNetwork"}} {
			put(object, r.Object, pod.Path.Field(path...), nil)
		}
		for _, list := range []string{"containers", "initContainers"} {
			if containers := pod.Spec.Get(list); containers != nil {
				put(object, r.Object, pod.Path.Field("spec", list), reducedContainers(containers))
			}
		}
	}
	return object
}

func reducedContainers(list *manifest.Node) *manifest.Node {
	out := &manifest.Node{Kind: list.Kind, Pos: list.Pos}
	for _, c := range list.Elems() {
		small := &manifest.Node{Kind: manifest.Map, Pos: c.Pos}
		for _, key := range []string{"name", "restartPolicy", "ports"} {
			put(small, c, manifest.Path(key), nil)
		}
		out.Items = append(out.Items, small)
	}
	return out
}

// headOf is the identity of an object as a new map.
func headOf(object *manifest.Node) *manifest.Node {
	head := &manifest.Node{Kind: manifest.Map, Pos: object.Pos}
	for _, path := range [][]string{{"apiVersion"}, {"kind"}, {"metadata", "name"}, {"metadata", "namespace"}} {
		put(head, object, manifest.Path(path...), nil)
	}
	return head
}

// put copies what stands at a path of one tree to the same place of another, which
// it changes; where value is not nil, that stands there instead. Nothing happens
// where the path leads nowhere.
func put(to, from *manifest.Node, path manifest.FieldPath, value *manifest.Node) {
	found := from.Lookup(path)
	if found == nil {
		return
	}
	if value == nil {
		value = found
	}
	for i, step := range path {
		var key manifest.Position
		if f := from.Field(step.Key); f != nil && !step.IsIndex {
			key = f.KeyPos
		}
		from = from.Lookup(path[i : i+1])
		child := value
		if i < len(path)-1 {
			child = to.Lookup(path[i : i+1])
			if child.IsNull() {
				child = &manifest.Node{Kind: from.Kind, Pos: from.Pos}
			}
		}
		place(to, step, key, child)
		to = child
	}
}

// place sets one entry of a map or item of a list; items that are missing before
// it become null.
func place(to *manifest.Node, step manifest.Step, key manifest.Position, child *manifest.Node) {
	if step.IsIndex {
		for len(to.Items) <= step.Index {
			to.Items = append(to.Items, &manifest.Node{})
		}
		to.Items[step.Index] = child
		return
	}
	if f := to.Field(step.Key); f != nil {
		f.Value = child
		return
	}
	to.Fields = append(to.Fields, manifest.Field{Key: step.Key, KeyPos: key, Value: child})
}
