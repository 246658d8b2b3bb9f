package plan

import (
	"cmp"
	"maps"
	"path"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/secgen/secgen/compile/inventory"
	"github.com/secgen/secgen/manifest"
)

// Project bounds what Argo CD may deploy for a namespace.
type Project struct {
	Namespace string
	// Server is the URL of the cluster's API server.
	Server       string
	Repositories []string
	// ClusterKinds are the kinds outside of namespaces that the namespace's roots
	// render, as group/kind. Guards are those of its own guardrails' kinds that the
	// repository renders none of, so that nothing else may make them.
	ClusterKinds, Guards []string
	// Roots are those that an Application of the project can deploy: they render
	// nothing in other namespaces.
	Roots map[string]bool
}

// rootsOf are the roots of a namespace that render nothing into another one. What
// others render is the platform's, and no project of a tenant allows it.
func (p *planner) rootsOf(n *Namespace) map[string]bool {
	roots := map[string]bool{}
	if n.Root != "" {
		roots[n.Root] = true
	}
	for _, r := range n.Objects {
		roots[p.Inventory.RootOf(r)] = true
	}
	for _, root := range slices.Sorted(maps.Keys(roots)) {
		if other := p.neighbour(root, n.Name); other != nil {
			delete(roots, root)
			p.note(n.Name, Projects, "does not fit an Application of %s, which renders %s too: only the platform can deploy that root", root, other.ID)
		}
	}
	return roots
}

// neighbour is what a root renders into another namespace, or nil.
func (p *planner) neighbour(root, namespace string) *manifest.Resource {
	for _, r := range p.Inventory.Resources {
		other := r.ID.Namespace
		if r.ID.Kind == "Namespace" && r.ID.Group() == "" {
			other = r.ID.Name
		}
		if p.Inventory.RootOf(r) == root && other != "" && other != namespace {
			return r
		}
	}
	return nil
}

// guards are the kinds that bound a namespace.
func guards() []string {
	return []string{"/LimitRange", "/ResourceQuota", "networking.k8s.io/NetworkPolicy", "portieris.cloud.ibm.com/ImagePolicy",
		"projectcalico.org/NetworkPolicy", "projectcalico.org/StagedNetworkPolicy", "rbac.authorization.k8s.io/Role",
		"rbac.authorization.k8s.io/RoleBinding", "security.istio.io/PeerAuthentication"}
}

// IsGuard tells whether objects of a kind bound a namespace.
func IsGuard(id manifest.ID) bool { return slices.Contains(guards(), id.Group()+"/"+id.Kind) }

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
	project := &Project{Namespace: a.Namespace, Server: cmp.Or(a.Server, "https://kubernetes.default.svc"), Repositories: a.Repositories, Guards: guards()}
	project.Roots = p.rootsOf(n)
	for _, r := range p.Inventory.Resources {
		if !project.Roots[p.Inventory.RootOf(r)] {
			continue
		}
		kind := r.ID.Group() + "/" + r.ID.Kind
		if inventory.ClusterWide(r.ID) {
			project.ClusterKinds = append(project.ClusterKinds, kind)
		}
		project.Guards = slices.DeleteFunc(project.Guards, func(guard string) bool { return guard == kind })
	}
	slices.Sort(project.ClusterKinds)
	project.ClusterKinds = slices.Compact(project.ClusterKinds)
	n.Project = project
}

// Tenant is what Flux may do in a namespace: as an account that may change what the
// repository renders there, and nothing else.
type Tenant struct {
	// Account is its name, Home its namespace: that of the Kustomizations.
	Account, Home  string
	Rules          []AccessRule
	Kustomizations []TenantKustomization
}

// TenantKustomization is a Kustomization of Flux for one root.
type TenantKustomization struct {
	// Path is that of the root, Name of one to make.
	Name, Path string
	// Object is the repository's own, to be completed, and Root what renders it; nil
	// where one is to be made.
	Object *manifest.Resource
	Root   string
	// Source and Interval are for one to make.
	SourceKind, SourceName, SourceNamespace, Interval string
}

// tenant plans what Flux gets for a namespace, where the policy says from where it
// deploys.
func (p *planner) tenant(n *Namespace) {
	if p.Policy == nil || p.Policy.Cluster.Flux == nil || len(n.Objects) == 0 {
		return
	}
	roots := map[string]bool{}
	for _, r := range n.Objects {
		roots[p.Inventory.RootOf(r)] = true
	}
	t := &Tenant{Account: "tenant-" + n.Name, Home: n.Name}
	names := map[manifest.ID][]string{}
	for _, root := range slices.Sorted(maps.Keys(roots)) {
		if !p.oneTenant(n, root) {
			continue
		}
		k, home, ok := p.kustomizationOf(n, root)
		if !ok {
			continue
		}
		if len(t.Kustomizations) > 0 && home != t.Home {
			p.note(n.Name, Tenants, "leaves %s alone, whose Kustomization is in namespace %s and others in %s", root, home, t.Home)
			continue
		}
		t.Home = home
		t.Kustomizations = append(t.Kustomizations, k)
		for _, r := range n.Objects {
			if p.Inventory.RootOf(r) == root {
				kind := manifest.ID{APIVersion: r.ID.APIVersion, Kind: r.ID.Kind}
				names[kind] = append(names[kind], r.ID.Name)
			}
		}
	}
	if len(t.Kustomizations) == 0 {
		return
	}
	t.Rules = p.deploys(names)
	n.Tenant = t
}

// oneTenant tells whether a root renders nothing that a tenant of the namespace may
// not change. A root that does is the platform's to deploy.
func (p *planner) oneTenant(n *Namespace, root string) bool {
	if ext := path.Ext(root); ext == ".yaml" || ext == ".yml" || ext == ".json" {
		p.note(n.Name, Tenants, "is not made for %s, which is a file: Flux deploys folders", root)
		return false
	}
	for _, r := range p.Inventory.Resources {
		if p.Inventory.RootOf(r) != root {
			continue
		}
		what := ""
		switch {
		case inventory.ClusterWide(r.ID):
			what = "which is in no namespace"
		case r.ID.Namespace != n.Name:
			what = "which is in another namespace"
		case r.ID.Group() == "rbac.authorization.k8s.io":
			what = "which gives rights that the tenant does not have"
		default:
			continue
		}
		p.note(n.Name, Tenants, "is not made for %s, which renders %s, %s: only the platform can deploy that root", root, r.ID, what)
		return false
	}
	return true
}

// kustomizationOf is the Kustomization of a root: the repository's own, or one to
// make.
func (p *planner) kustomizationOf(n *Namespace, root string) (k TenantKustomization, home string, ok bool) {
	f := p.Policy.Cluster.Flux
	for _, r := range p.Inventory.Of("kustomize.toolkit.fluxcd.io", "Kustomization") {
		if path.Clean("/"+r.Object.Get("spec", "path").Str()) != path.Clean("/"+root) {
			continue
		}
		patched := r.Object.Get("metadata", "annotations").Has(PatchedBy)
		if by := r.Object.Get("spec", "serviceAccountName").Str(); by != "" && !patched {
			p.note(n.Name, Tenants, "is %s of the repository, as account %s", r.ID, by)
			return k, "", false
		}
		if r.Object.Has("spec") && r.Object.Get("spec").Has("kubeConfig") {
			p.note(n.Name, Tenants, "is not made for %s of the repository, which deploys to another cluster", r.ID)
			return k, "", false
		}
		if r.ID.Namespace == "" {
			p.note(n.Name, Tenants, "is not made for %s of the repository, which names no namespace", r.ID)
			return k, "", false
		}
		return TenantKustomization{Path: "./" + root, Object: r, Root: p.Inventory.RootOf(r)}, r.ID.Namespace, true
	}
	return TenantKustomization{Name: kustomizationName(root), Path: "./" + root, SourceKind: f.Source.Kind, SourceName: f.Source.Name,
		SourceNamespace: f.Source.Namespace, Interval: f.Interval}, n.Name, true
}

// kustomizationName makes a name of a root's path: overlays-prod.
func kustomizationName(root string) string {
	name := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}, strings.ToLower(root))
	return strings.Trim(name[:min(len(name), 63)], "-")
}

// deploys are the rights to keep objects of some kinds, by name, as Git has them.
// Of the kinds that guard a namespace only the tenant's own objects are his to
// change.
func (p *planner) deploys(names map[manifest.ID][]string) []AccessRule {
	free := map[string][]string{}
	var bound []AccessRule
	for id, own := range names {
		resource := ResourceOf(p.Inventory, id)
		if !IsGuard(id) {
			free[id.Group()] = append(free[id.Group()], resource)
			continue
		}
		slices.Sort(own)
		bound = append(bound,
			AccessRule{APIGroups: []string{id.Group()}, Resources: []string{resource}, Verbs: []string{"get", "list", "watch", "create"}},
			AccessRule{APIGroups: []string{id.Group()}, Resources: []string{resource}, Verbs: []string{"update", "patch", "delete"}, Names: own,
				Why: "its own, and none of the guardrails"})
	}
	var out []AccessRule
	for _, group := range slices.Sorted(maps.Keys(free)) {
		slices.Sort(free[group])
		out = append(out, AccessRule{APIGroups: []string{group}, Resources: slices.Compact(free[group]),
			Verbs: []string{"get", "list", "watch", "create", "update", "patch", "delete"}})
	}
	slices.SortStableFunc(bound, func(a, b AccessRule) int {
		return cmp.Or(cmp.Compare(a.APIGroups[0], b.APIGroups[0]), cmp.Compare(a.Resources[0], b.Resources[0]), cmp.Compare(len(a.Names), len(b.Names)))
	})
	out = append(out, bound...)
	return append(out,
		AccessRule{APIGroups: []string{""}, Resources: []string{"pods"}, Verbs: []string{"get", "list", "watch"}, Why: "to wait until it is ready"},
		AccessRule{APIGroups: []string{"apps"}, Resources: []string{"replicasets"}, Verbs: []string{"get", "list", "watch"}})
}

// ResourceOf is the resource of a kind: as its definition in the repository says,
// and else as Kubernetes forms plurals.
func ResourceOf(inv *inventory.Inventory, id manifest.ID) string {
	for _, r := range inv.Of("apiextensions.k8s.io", "CustomResourceDefinition") {
		spec := r.Object.Get("spec")
		if spec.Get("group").Str() == id.Group() && spec.Get("names", "kind").Str() == id.Kind {
			return spec.Get("names", "plural").Str()
		}
	}
	plural, _ := meta.UnsafeGuessKindToResource(schema.GroupVersionKind{Group: id.Group(), Kind: id.Kind})
	return plural.Resource
}
