package plan

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/secgen/secgen/compile/inventory"
	"github.com/secgen/secgen/manifest"
)

// Role is what groups may do in a namespace.
type Role struct {
	// Name is view, operate or debug.
	Name   string
	Rules  []AccessRule
	Groups []string
}

// AccessRule is one rule of a Role.
type AccessRule struct {
	APIGroups, Resources, Verbs []string
	Why                         string
	// Names restrict it to objects of those names; none means all.
	Names []string
}

// rolesByName are what owners may do beside the changes that they make in Git:
// look, keep things running, and look inside a pod. No role reads Secrets, and
// none may write what Git holds.
func rolesByName() map[string][]AccessRule {
	read := []string{"get", "list", "watch"}
	view := []AccessRule{
		{[]string{""}, []string{"configmaps", "endpoints", "events", "limitranges", "persistentvolumeclaims", "pods", "pods/log", "pods/status",
			"replicationcontrollers", "resourcequotas", "serviceaccounts", "services"}, read, "see what runs; Secrets are left out", nil},
		{[]string{"apps"}, []string{"daemonsets", "deployments", "replicasets", "statefulsets"}, read, "", nil},
		{[]string{"autoscaling"}, []string{"horizontalpodautoscalers"}, read, "", nil},
		{[]string{"batch"}, []string{"cronjobs", "jobs"}, read, "", nil},
		{[]string{"networking.k8s.io"}, []string{"ingresses", "networkpolicies"}, read, "", nil},
		{[]string{"policy"}, []string{"poddisruptionbudgets"}, read, "", nil},
	}
	operate := append(slices.Clone(view),
		AccessRule{[]string{""}, []string{"pods"}, []string{"delete"}, "restart a pod", nil},
		AccessRule{[]string{""}, []string{"pods/eviction"}, []string{"create"}, "", nil},
		AccessRule{[]string{"apps"}, []string{"deployments/scale", "statefulsets/scale"}, []string{"get", "patch", "update"}, "scale until the next sync", nil},
		AccessRule{[]string{"batch"}, []string{"jobs"}, []string{"delete"}, "have the next sync run a job again; who makes jobs himself has every Secret and account of the namespace", nil})
	debug := append(slices.Clone(operate),
		AccessRule{[]string{""}, []string{"pods/exec", "pods/portforward"}, []string{"create"}, "look inside a pod: whoever may do this has what the pod has", nil})
	return map[string][]AccessRule{"view": view, "operate": operate, "debug": debug}
}

// access plans the roles of the namespace's owners.
func (p *planner) access(n *Namespace) error {
	if len(n.Policy.Owners) == 0 {
		if len(n.Of("rbac.authorization.k8s.io", "RoleBinding")) > 0 {
			p.note(n.Name, Access, "has bindings of the repository, and the policy names no owners")
			return nil
		}
		if n.Policy.Owners != nil {
			p.note(n.Name, Access, "is not made: the policy says that nobody owns the namespace")
			return nil
		}
		if p.Policy == nil {
			p.note(n.Name, Access, "is not made: the policy would name the groups that own the namespace")
			return nil
		}
		p.ask(Question{
			Namespace: n.Name, Guardrail: Access, Text: "which group owns the namespace (owners: [] says that none does)",
			Answer:   fmt.Sprintf("policy: namespaces: %q: owners: [{group: \"...\", role: \"operate\"}]", n.Name),
			Position: namespacePosition(n),
		})
		return nil
	}
	rules := rolesByName()
	for _, name := range []string{"view", "operate", "debug"} {
		role := Role{Name: name, Rules: rules[name]}
		for _, o := range n.Policy.Owners {
			if o.Role == name {
				role.Groups = append(role.Groups, o.Group)
			}
		}
		if len(role.Groups) > 0 {
			n.Roles = append(n.Roles, role)
		}
	}
	for _, o := range n.Policy.Owners {
		if rules[o.Role] == nil {
			return fmt.Errorf("%s: group %q has role %q; want view, operate or debug", p.Policy.Where("namespaces", n.Name, "owners"), o.Group, o.Role)
		}
		if o.Group == "" || strings.HasPrefix(o.Group, "system:") {
			return fmt.Errorf("%s: group %q; want a group of people, since system: groups hold everybody or the cluster itself", p.Policy.Where("namespaces", n.Name, "owners"), o.Group)
		}
	}
	return nil
}

// Account is the default ServiceAccount without a token.
type Account struct {
	PullSecrets []PullSecret
}

// PullSecret is a Secret with registry credentials, and why it is the account's.
type PullSecret struct{ Name, Why string }

// generated is the hash that kustomize appends to what it generates.
var generated = regexp.MustCompile(`-[a-z0-9]{10}$`)

// pullSecrets are those that the policy names, or else those that the repository
// renders in the namespace, be it for an operator to fill in.
func pullSecrets(n *Namespace) []PullSecret {
	var out []PullSecret
	for _, name := range n.Policy.PullSecrets {
		out = append(out, PullSecret{name, "by policy"})
	}
	if n.Policy.PullSecrets != nil {
		return out
	}
	for _, r := range n.Objects {
		name, at := r.ID.Name, r.Object
		switch r.ID.Group() + "/" + r.ID.Kind {
		case "/Secret":
			if generated.MatchString(name) && !generated.MatchString(r.Origin.ID.Name) {
				continue // the next change of its content gives it another name
			}
		case "bitnami.com/SealedSecret":
			at = r.Object.Get("spec", "template")
		case "external-secrets.io/ExternalSecret":
			name, at = cmp.Or(r.Object.Get("spec", "target", "name").Str(), name), r.Object.Get("spec", "target", "template")
		default:
			continue
		}
		if t := at.Get("type").Str(); t == "kubernetes.io/dockerconfigjson" || t == "kubernetes.io/dockercfg" {
			out = append(out, PullSecret{name, r.ID.Kind + "/" + r.ID.Name + " of type " + t})
		}
	}
	slices.SortFunc(out, func(a, b PullSecret) int { return cmp.Compare(a.Name, b.Name) })
	return slices.CompactFunc(out, func(a, b PullSecret) bool { return a.Name == b.Name })
}

// account plans the default ServiceAccount: whoever needs the API server has an
// account of its own.
func (p *planner) account(n *Namespace) {
	for _, r := range n.Of("", "ServiceAccount") {
		if r.ID.Name == "default" {
			p.note(n.Name, ServiceAccount, "is in the repository")
			return
		}
	}
	for _, w := range n.Workloads {
		mounted, said := w.Pod.Spec.Get("automountServiceAccountToken").Bool()
		if w.Pod.ServiceAccount() != "default" || said && !mounted {
			continue
		}
		if binding := p.bindingOf(n.Name, "default"); binding != nil {
			p.ask(Question{
				Namespace: n.Name, Guardrail: ServiceAccount,
				Text:     fmt.Sprintf("which account %s should have in place of default, to which %s gives rights", w.Resource.ID, binding.ID),
				Remedy:   "give the workload a ServiceAccount of its own in spec.serviceAccountName, and bind that one",
				Position: inventory.Field{Resource: w.Resource, Path: w.Pod.Path.Field("spec")}.Position(),
			})
			return
		}
	}
	n.ServiceAccount = &Account{PullSecrets: pullSecrets(n)}
}

// bindingOf is a RoleBinding or ClusterRoleBinding that gives rights to an
// account, or nil.
func (p *planner) bindingOf(namespace, account string) *manifest.Resource {
	for _, kind := range []string{"RoleBinding", "ClusterRoleBinding"} {
		for _, r := range p.Inventory.Of("rbac.authorization.k8s.io", kind) {
			for _, s := range r.Object.Get("subjects").Elems() {
				home := s.Get("namespace").Str()
				if home == "" {
					home = r.ID.Namespace
				}
				if s.Get("kind").Str() == "ServiceAccount" && s.Get("name").Str() == account && home == namespace {
					return r
				}
			}
		}
	}
	return nil
}

func namespacePosition(n *Namespace) manifest.Position {
	if n.Object == nil {
		return manifest.Position{}
	}
	return inventory.Field{Resource: n.Object, Path: manifest.Path("metadata", "name")}.Position()
}
