package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/secgen/secgen/compile/inventory"
	"github.com/secgen/secgen/manifest"
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
	r := &ImageRule{}
	for _, name := range n.Policy.Registries {
		if !strings.HasSuffix(name, "*") {
			name = strings.TrimSuffix(name, "/") + "/*"
		}
		r.Repositories = append(r.Repositories, name)
	}
	slices.Sort(r.Repositories)
	r.Repositories = slices.Compact(r.Repositories)
	n.Images = r
}

// Allows tells whether an image may be pulled, by its full name.
func (r *ImageRule) Allows(image workload.Image) bool {
	return slices.ContainsFunc(r.Repositories, func(pattern string) bool {
		prefix, wild := strings.CutSuffix(pattern, "*")
		return image.Name() == pattern || wild && strings.HasPrefix(image.Name(), prefix)
	})
}

// MeshRule demands mutual TLS of everything that talks to a namespace.
type MeshRule struct{ Why string }

// meshOf tells by what an Istio mesh takes in the namespace, "" where none does;
// sidecars says that it adds a container to each pod.
func meshOf(n *inventory.Namespace) (why string, sidecars bool) {
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
	why, _ := meshOf(n.Namespace)
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
		if from, _ := meshOf(p.Inventory.Namespace(f.From.Namespace)); f.From.Kind == Pods && from != "" {
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

// sidecars asks what a mesh adds to each pod, which counts in quotas.
func (p *planner) sidecars(n *Namespace, g Guardrail) bool {
	why, added := meshOf(n.Namespace)
	if !added || n.Policy.Unrendered != nil {
		return true
	}
	p.ask(Question{Namespace: n.Name, Guardrail: g, Position: inventory.Field{Resource: n.Object, Path: manifest.Path("metadata", "labels")}.Position(),
		Text:   "what the sidecars need in sum that " + why + " adds to each pod",
		Answer: fmt.Sprintf("policy: namespaces: %q: unrendered: requests: {cpu: \"1\", memory: \"1Gi\"}", n.Name)})
	return false
}

// Project bounds what Argo CD may deploy for a namespace.
type Project struct {
	Namespace    string
	Repositories []string
	// ClusterKinds are the kinds outside of namespaces that the namespace's roots
	// render, as group/kind. Guards are those of its own guardrails' kinds that the
	// repository renders none of, so that nothing else may make them.
	ClusterKinds, Guards []string
}

// guards are the kinds that bound a namespace.
func guards() []string {
	return []string{"/LimitRange", "/ResourceQuota", "networking.k8s.io/NetworkPolicy", "projectcalico.org/NetworkPolicy",
		"projectcalico.org/StagedNetworkPolicy", "rbac.authorization.k8s.io/Role", "rbac.authorization.k8s.io/RoleBinding"}
}

// project plans the AppProject of a namespace, where the policy says where Argo CD
// runs and which repositories it may read.
func (p *planner) project(n *Namespace) {
	if p.Policy == nil || p.Policy.Cluster.ArgoCD == nil {
		return
	}
	for _, r := range p.Inventory.Of("argoproj.io", "AppProject") {
		if r.ID.Name == n.Name {
			p.note(n.Name, Projects, "is the repository's own %s", r.ID)
			return
		}
	}
	a := p.Policy.Cluster.ArgoCD
	project := &Project{Namespace: a.Namespace, Repositories: a.Repositories, Guards: guards()}
	roots := map[string]bool{n.Root: n.Root != ""}
	for _, r := range n.Objects {
		roots[p.Inventory.RootOf(r)] = true
		project.Guards = slices.DeleteFunc(project.Guards, func(kind string) bool { return kind == r.ID.Group()+"/"+r.ID.Kind })
	}
	for _, r := range p.Inventory.Resources {
		if roots[p.Inventory.RootOf(r)] && inventory.ClusterWide(r.ID) {
			project.ClusterKinds = append(project.ClusterKinds, r.ID.Group()+"/"+r.ID.Kind)
		}
	}
	slices.Sort(project.ClusterKinds)
	project.ClusterKinds = slices.Compact(project.ClusterKinds)
	n.Project = project
}
