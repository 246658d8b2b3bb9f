package emit

import (
	"strings"

	"github.com/secgen/secgen/compile/plan"
	"github.com/secgen/secgen/manifest"
)

// project prints the bounds of what Argo CD deploys for a namespace: nothing
// outside of it, and none of its guardrails.
func project(n *plan.Namespace) Object {
	kinds := func(list []string) []*manifest.Node {
		out := []*manifest.Node{}
		for _, item := range list {
			group, kind, _ := strings.Cut(item, "/")
			out = append(out, fields("group", group, "kind", kind))
		}
		return out
	}
	return Object{
		Guardrail: plan.Projects, Namespace: n.Name,
		Head: []string{"What Argo CD may deploy for namespace " + n.Name + ": what the repository renders there, and no guardrail that it does not."},
		Node: object("argoproj.io/v1alpha1", "AppProject", n.Project.Namespace, n.Name, "spec", fields(
			"sourceRepos", n.Project.Repositories,
			"destinations", []*manifest.Node{fields("server", n.Project.Server, "namespace", n.Name)},
			"clusterResourceWhitelist", kinds(n.Project.ClusterKinds),
			"namespaceResourceBlacklist", kinds(n.Project.Guards))),
	}
}

// tenant adds what Flux gets for a namespace: an account, what that may do there,
// and a Kustomization a root that runs as it.
func (t *tree) tenant(dir string, n *plan.Namespace) {
	file, account := dir+"/flux-tenant.yaml", n.Tenant.Account
	t.add(file, Object{
		Guardrail: plan.Tenants, Namespace: n.Name,
		Head: []string{"Flux deploys namespace " + n.Name + " as this account, which may change what the repository renders there, and none of the guardrails."},
		Node: object("v1", "ServiceAccount", n.Tenant.Home, account, "automountServiceAccountToken", false),
	})
	role := Object{Guardrail: plan.Tenants, Namespace: n.Name, Comments: map[string][]string{}}
	role.Node = object("rbac.authorization.k8s.io/v1", "Role", n.Name, account, "rules", accessRules(&role, n.Tenant.Rules))
	t.add(file, role)
	t.add(file, Object{
		Guardrail: plan.Tenants, Namespace: n.Name,
		Node: labelled("rbac.authorization.k8s.io/v1", "RoleBinding", n.Name, account, map[string]string{"toolkit.fluxcd.io/tenant": n.Name}, nil,
			"subjects", []*manifest.Node{fields("kind", "ServiceAccount", "name", account, "namespace", n.Tenant.Home)},
			"roleRef", fields("apiGroup", "rbac.authorization.k8s.io", "kind", "Role", "name", account)),
	})
	for _, k := range n.Tenant.Kustomizations {
		if k.Object != nil {
			t.patch(k.Root, "kustomization-"+dashed(k.Object.ID.Namespace, k.Object.ID.Name)+".yaml", written(k.Object), Object{
				Guardrail: plan.Tenants, Namespace: n.Name,
				Head: []string{"Flux deploys namespace " + n.Name + " with rights of that namespace, and nowhere else."},
				Node: patchOf(k.Object, "tenant", fields("spec", fields("serviceAccountName", account, "targetNamespace", n.Name))),
			})
			continue
		}
		source := []any{"kind", k.SourceKind, "name", k.SourceName}
		if k.SourceNamespace != "" && k.SourceNamespace != n.Name {
			source = append(source, "namespace", k.SourceNamespace)
		}
		t.add(file, Object{
			Guardrail: plan.Tenants, Namespace: n.Name,
			Node: object("kustomize.toolkit.fluxcd.io/v1", "Kustomization", n.Tenant.Home, k.Name, "spec", fields(
				"interval", k.Interval, "path", k.Path, "prune", true, "serviceAccountName", account,
				"sourceRef", fields(source...), "targetNamespace", n.Name)),
		})
	}
}
