package prove

import (
	"path"
	"slices"
	"strings"

	"github.com/secgen/secgen/compile/plan"
	"github.com/secgen/secgen/manifest"
)

// projects asks whether each printed AppProject lets Argo CD deploy what the
// repository renders in its namespace, and nothing elsewhere.
func (p *proof) projects() {
	for _, n := range p.plan.Namespaces {
		if n.Project == nil {
			continue
		}
		e := p.printedIn("AppProject", n.Project.Namespace, n.Name)
		if e == nil {
			p.fail(n.Name, plan.Projects, nil, "the AppProject of the namespace is not printed")
			continue
		}
		spec := e.Object.Get("spec")
		for _, d := range spec.Get("destinations").Elems() {
			if d.Get("namespace").Str() != n.Name || d.Get("server").Str() != n.Project.Server {
				p.fail(n.Name, plan.Projects, nil, "%s reaches %s %s too", e.ID, d.Get("server").Str(), d.Get("namespace").Str())
			}
		}
		if len(spec.Get("destinations").Elems()) == 0 || slices.Contains(spec.Get("sourceRepos").Strings(), "*") {
			p.fail(n.Name, plan.Projects, nil, "%s bounds neither where it deploys to nor where from", e.ID)
		}
		for _, r := range n.Objects {
			if n.Project.Roots[p.inv.RootOf(r)] && lists(spec.Get("namespaceResourceBlacklist"), r.ID) {
				p.fail(n.Name, plan.Projects, positions(r, "kind"), "%s forbids %s, which the repository renders", e.ID, r.ID)
			}
		}
		if n.Project.Roots[n.Root] && !lists(spec.Get("clusterResourceWhitelist"), n.Object.ID) {
			p.fail(n.Name, plan.Projects, positions(n.Object, "kind"), "%s does not allow %s, which the repository renders", e.ID, n.Object.ID)
		}
		for _, own := range p.emitted {
			if own.namespace == n.Name && own.ID.Namespace == n.Name && plan.IsGuard(own.ID) && !p.renders(n, own.ID) && !lists(spec.Get("namespaceResourceBlacklist"), own.ID) {
				p.fail(n.Name, plan.Projects, nil, "%s lets the tenant change %s", e.ID, own.ID)
			}
		}
	}
}

// lists tells whether a list of groups and kinds has that of an object.
func lists(list *manifest.Node, id manifest.ID) bool {
	return slices.ContainsFunc(list.Elems(), func(item *manifest.Node) bool {
		return item.Get("group").Str() == id.Group() && item.Get("kind").Str() == id.Kind
	})
}

// renders tells whether a root that the project can deploy has objects of that kind
// in the namespace.
func (p *proof) renders(n *plan.Namespace, id manifest.ID) bool {
	return slices.ContainsFunc(n.Of(id.Group(), id.Kind), func(r *manifest.Resource) bool { return n.Project.Roots[p.inv.RootOf(r)] })
}

// tenants asks whether the account that Flux deploys a namespace with may do there
// what its roots render, and may change no guardrail, and whether each
// Kustomization runs as it.
func (p *proof) tenants() {
	for _, n := range p.plan.Namespaces {
		if n.Tenant == nil {
			continue
		}
		t := n.Tenant
		role, binding := p.printedIn("Role", n.Name, t.Account), p.printedIn("RoleBinding", n.Name, t.Account)
		account := p.printedIn("ServiceAccount", t.Home, t.Account)
		if role == nil || binding == nil || account == nil {
			p.fail(n.Name, plan.Tenants, nil, "the account %s, its role or its binding is not printed", t.Account)
			continue
		}
		subject := binding.Object.Get("subjects").Elems()
		ref := binding.Object.Get("roleRef")
		if ref.Get("kind").Str() != "Role" || ref.Get("name").Str() != t.Account || len(subject) != 1 ||
			subject[0].Get("name").Str() != t.Account || subject[0].Get("namespace").Str() != t.Home {
			p.fail(n.Name, plan.Tenants, nil, "%s gives the tenant's role to somebody else, or another role", binding.ID)
		}
		for _, k := range t.Kustomizations {
			p.runsAs(n, k)
			for _, r := range n.Objects {
				if "./"+p.inv.RootOf(r) != k.Path {
					continue
				}
				for _, verb := range []string{"get", "create", "patch", "delete"} {
					if !p.may(role, verb, r.ID) {
						p.fail(n.Name, plan.Tenants, positions(r, "kind"), "%s does not let the tenant %s %s, which %s renders", role.ID, verb, r.ID, p.inv.RootOf(r))
					}
				}
			}
		}
		for _, e := range p.emitted {
			if e.ID.Namespace != n.Name || e.ID.Kind == "Kustomization" {
				continue
			}
			for _, verb := range []string{"update", "patch", "delete"} {
				if p.may(role, verb, e.ID) && plan.IsGuard(e.ID) {
					p.fail(n.Name, plan.Tenants, nil, "%s lets the tenant %s %s", role.ID, verb, e.ID)
				}
			}
		}
	}
}

// may tells whether a printed Role allows something. Wildcards allow everything.
func (p *proof) may(role *emitted, verb string, id manifest.ID) bool {
	has := func(list []string, item string) bool {
		return slices.Contains(list, item) || slices.Contains(list, "*")
	}
	for _, rule := range role.Object.Get("rules").Elems() {
		names := rule.Get("resourceNames").Strings()
		if has(rule.Get("apiGroups").Strings(), id.Group()) && has(rule.Get("resources").Strings(), plan.ResourceOf(p.inv, id)) &&
			has(rule.Get("verbs").Strings(), verb) && (len(names) == 0 || slices.Contains(names, id.Name)) {
			return true
		}
	}
	return false
}

// runsAs asks whether a Kustomization, printed or patched, deploys its root into the
// namespace as the tenant's account.
func (p *proof) runsAs(n *plan.Namespace, k plan.TenantKustomization) {
	var spec *manifest.Node
	id := manifest.ID{Kind: "Kustomization", Namespace: n.Tenant.Home, Name: k.Name}
	if k.Object != nil {
		id = k.Object.ID
		patch := manifest.Of(map[string]string{"serviceAccountName": n.Tenant.Account, "targetNamespace": n.Name})
		spec = merged(k.Object.Object, manifest.Path("spec"), patch).Get("spec")
	} else if e := p.printedIn(id.Kind, id.Namespace, id.Name); e != nil {
		id, spec = e.ID, e.Object.Get("spec")
	}
	if spec.Get("serviceAccountName").Str() != n.Tenant.Account || spec.Get("targetNamespace").Str() != n.Name || id.Namespace != n.Tenant.Home ||
		path.Clean("/"+spec.Get("path").Str()) != path.Clean("/"+strings.TrimPrefix(k.Path, "./")) {
		p.fail(n.Name, plan.Tenants, nil, "%s does not deploy %s as account %s", id, k.Path, n.Tenant.Account)
	}
}

// printedIn finds a printed object in a namespace; nil where there is none.
func (p *proof) printedIn(kind, namespace, name string) *emitted {
	for _, e := range p.emitted {
		if e.ID.Kind == kind && e.ID.Namespace == namespace && e.ID.Name == name {
			return e
		}
	}
	return nil
}
