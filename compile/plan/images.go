package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/secgen/secgen/compile/inventory"
	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/schema"
	"github.com/secgen/secgen/workload"
)

// ImageRule is what an admission controller lets a namespace pull.
type ImageRule struct {
	// Repositories are names that may end in *, registry first.
	Repositories []string
}

// images plans the image policy of a namespace, where the policy names registries
// and the cluster has a controller that enforces them.
func (p *planner) images(n *Namespace) {
	if p.Policy == nil || len(n.Policy.Registries) == 0 {
		return
	}
	if !p.Policy.Cluster.Portieris {
		p.note(n.Name, Images, "is not made for the policy's registries: secgen writes it for Portieris, and policy.cluster.portieris does not say that the cluster has it")
		return
	}
	if own := n.Of(portieris, "ImagePolicy"); len(own) > 0 {
		p.note(n.Name, Images, "are bounded by %s of the repository", own[0].ID)
		return
	}
	if why := n.unseen(); why != "" {
		p.note(n.Name, Images, "from other registries than the policy's are refused to all pods, and %s", why)
	}
	n.Images = imageRule(n.Policy.Registries)
}

// portieris is the API group of image policies.
const portieris = "portieris.cloud.ibm.com"

// clusterImages plans the image policy of the namespaces that have none: Portieris
// asks a namespace's own policies first, and the cluster's where it has none.
func (p *planner) clusterImages() {
	if p.Policy == nil || len(p.Policy.Cluster.Registries) == 0 {
		return
	}
	c := p.Policy.Cluster
	if !c.Portieris {
		p.note("", Images, "of the cluster are not bounded by the policy's registries: secgen writes that for Portieris, and policy.cluster.portieris does not say that the cluster has it")
		return
	}
	if own := p.Inventory.Of(portieris, "ClusterImagePolicy"); len(own) > 0 {
		p.note("", Images, "of the cluster are bounded by %s of the repository", own[0].ID)
		return
	}
	rule := imageRule(c.Registries)
	if strings.HasPrefix(c.Provider, "iks-") && !rule.Allows(workload.Image{Registry: "icr.io", Repository: "armada-master/agent"}) {
		p.ask(Question{Guardrail: Images, Text: "that namespaces without an image policy may pull from icr.io, where the provider's own pods come from",
			Answer: "policy: cluster: registries: [" + quotedList(append(slices.Clone(c.Registries), "icr.io")) + "]"})
		return
	}
	p.plan.Images = rule
}

// quotedList writes strings as CUE has them.
func quotedList(list []string) string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = fmt.Sprintf("%q", s)
	}
	return strings.Join(out, ", ")
}

func imageRule(registries []string) *ImageRule {
	r := &ImageRule{}
	for _, name := range registries {
		if !strings.HasSuffix(name, "*") {
			name = strings.TrimSuffix(name, "/") + "/*"
		}
		r.Repositories = append(r.Repositories, name)
	}
	slices.Sort(r.Repositories)
	r.Repositories = slices.Compact(r.Repositories)
	return r
}

// Allows tells whether an image may be pulled, by its full name. A * stands for one
// character or more.
func (r *ImageRule) Allows(image workload.Image) bool {
	return slices.ContainsFunc(r.Repositories, func(pattern string) bool { return matchesName(pattern, image.Name()) })
}

// matchesName holds a name against a pattern, part by part between the *.
func matchesName(pattern, name string) bool {
	first, rest, wild := strings.Cut(pattern, "*")
	if !wild {
		return pattern == name
	}
	if !strings.HasPrefix(name, first) {
		return false
	}
	for i := len(first) + 1; i <= len(name); i++ {
		if matchesName(rest, name[i:]) {
			return true
		}
	}
	return false
}

// MeshRule demands mutual TLS of everything that talks to a namespace.
type MeshRule struct{ Why string }

// meshOf tells by what an Istio mesh takes in the namespace, "" where none does;
// sidecars says that it adds a container to each pod.
func meshOf(n *inventory.Namespace, policy schema.NamespacePolicy) (why string, sidecars bool) {
	switch policy.Mesh {
	case "sidecar":
		return "the mesh of the policy", true
	case "ambient":
		return "the ambient mesh of the policy", false
	case "none":
		return "", false
	}
	if n == nil || n.Object == nil {
		return "", false
	}
	labels := n.Object.Object.Get("metadata", "labels")
	switch {
	case labels.Get("istio-injection").Str() == "enabled":
		return "the label istio-injection of the Namespace", true
	case labels.Get("istio.io/rev").Str() != "":
		return "the label istio.io/rev of the Namespace", true
	case labels.Get("istio.io/dataplane-mode").Str() == "ambient":
		return "the label istio.io/dataplane-mode of the Namespace", false
	}
	return "", false
}

// mesh plans mutual TLS for a namespace of the mesh. Whoever is not in the mesh
// cannot reach it then, so that such a flow is a question.
func (p *planner) mesh(n *Namespace, flows []Flow) {
	why, _ := meshOf(n.Namespace, n.Policy)
	if why == "" {
		return
	}
	if own := n.Of("security.istio.io", "PeerAuthentication"); len(own) > 0 {
		p.note(n.Name, Mesh, "is said by %s of the repository", own[0].ID)
		return
	}
	for _, f := range flows {
		if f.To.Kind != Pods || f.To.Namespace != n.Name {
			continue
		}
		if from, _ := meshOf(p.Inventory.Namespace(f.From.Namespace), p.Policy.For(f.From.Namespace)); f.From.Kind == Pods && from != "" {
			continue
		}
		q := Question{Namespace: n.Name, Guardrail: Mesh, Text: fmt.Sprintf("how %s speaks mutual TLS to %s, which it reaches from outside of the mesh", f.From, f.To),
			Remedy: "take the caller into the mesh, or write a PeerAuthentication for the namespace"}
		if field := f.Reasons[0].Field; field != nil {
			q.Position = field.Position()
		}
		p.ask(q)
		return
	}
	n.Mesh = &MeshRule{Why: why}
}

// meshPosition is where the mesh is declared; zero where the policy does.
func meshPosition(n *Namespace) manifest.Position {
	if n.Object == nil || n.Policy.Mesh != "" {
		return manifest.Position{}
	}
	return inventory.Field{Resource: n.Object, Path: manifest.Path("metadata", "labels")}.Position()
}

// sidecars asks what a mesh adds to each pod, which counts in quotas.
func (p *planner) sidecars(n *Namespace, g Guardrail) bool {
	why, added := meshOf(n.Namespace, n.Policy)
	if !added || n.Policy.Unrendered != nil {
		return true
	}
	p.ask(Question{Namespace: n.Name, Guardrail: g, Position: meshPosition(n),
		Text:   "what the sidecars need in sum that " + why + " adds to each pod",
		Answer: fmt.Sprintf("policy: namespaces: %q: unrendered: requests: {cpu: \"1\", memory: \"1Gi\"}", n.Name)})
	return false
}
