package emit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/secgen/secgen/compile/plan"
	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/workload/admission"
)

// quota prints a ResourceQuota.
func quota(n *plan.Namespace, q *plan.ResourceQuota) Object {
	o := Object{Guardrail: plan.Quota, Namespace: n.Name, Comments: map[string][]string{}}
	var hard []any
	for _, a := range q.Hard {
		hard = append(hard, a.Resource, a.Value.String())
		o.Comments[manifest.Path("spec", "hard", a.Resource).String()] = a.Lines()
	}
	name, spec := "secgen", []any{"hard", fields(hard...)}
	if q.Priority != "" {
		name = dashed("secgen-priority", q.Priority)
		o.Head = []string{"What pods of the priority class " + q.Priority + " may use, which go before others: no more than those of the repository."}
		spec = append(spec, "scopeSelector", fields("matchExpressions", []*manifest.Node{
			fields("scopeName", "PriorityClass", "operator", "In", "values", []string{q.Priority})}))
	}
	o.Node = object("v1", "ResourceQuota", n.Name, name, "spec", fields(spec...))
	return o
}

// limitRange prints a LimitRange.
func limitRange(n *plan.Namespace) Object {
	o := Object{Guardrail: plan.LimitRange, Namespace: n.Name, Comments: map[string][]string{}}
	var items []*manifest.Node
	for i, item := range n.Limits.Items {
		pairs := []any{"type", item.Type}
		for _, part := range []struct {
			key string
			q   admission.Quantities
		}{{"max", item.Max}, {"min", item.Min}, {"default", item.Default}, {"defaultRequest", item.DefaultRequest}} {
			if len(part.q) == 0 {
				continue
			}
			var amounts []any
			for _, name := range part.q.Names() {
				q := part.q[name]
				amounts = append(amounts, name, q.String())
				if why := item.Why[part.key+"."+name]; why != "" {
					o.Comments[manifest.Path("spec", "limits").At(i).Field(part.key, name).String()] = []string{why}
				}
			}
			pairs = append(pairs, part.key, fields(amounts...))
		}
		items = append(items, fields(pairs...))
	}
	o.Node = object("v1", "LimitRange", n.Name, "secgen", "spec", fields("limits", items))
	return o
}

// role prints a Role and its RoleBinding.
func role(namespace string, r plan.Role) []Object {
	name := "secgen-" + r.Name
	out := Object{Guardrail: plan.Access, Namespace: namespace, Comments: map[string][]string{}}
	var subjects []*manifest.Node
	rules := accessRules(&out, r.Rules)
	out.Node = object("rbac.authorization.k8s.io/v1", "Role", namespace, name, "rules", rules)
	groups := slices.Compact(slices.Sorted(slices.Values(r.Groups)))
	for _, group := range groups {
		subjects = append(subjects, fields("kind", "Group", "apiGroup", "rbac.authorization.k8s.io", "name", group))
	}
	binding := Object{Guardrail: plan.Access, Namespace: namespace, Head: []string{"owners by policy: " + strings.Join(groups, ", ")}}
	binding.Node = object("rbac.authorization.k8s.io/v1", "RoleBinding", namespace, name,
		"subjects", subjects,
		"roleRef", fields("apiGroup", "rbac.authorization.k8s.io", "kind", "Role", "name", name))
	return []Object{out, binding}
}

// accessRules prints the rules of a Role, with the reason above each.
func accessRules(o *Object, rules []plan.AccessRule) []*manifest.Node {
	var out []*manifest.Node
	for i, rule := range rules {
		pairs := []any{"apiGroups", rule.APIGroups, "resources", rule.Resources}
		if len(rule.Names) > 0 {
			pairs = append(pairs, "resourceNames", rule.Names)
		}
		out = append(out, fields(append(pairs, "verbs", rule.Verbs)...))
		if rule.Why != "" {
			o.Comments[manifest.Path("rules").At(i).String()] = []string{rule.Why}
		}
	}
	return out
}

// account prints the default ServiceAccount.
func account(n *plan.Namespace) Object {
	o := Object{
		Guardrail: plan.ServiceAccount, Namespace: n.Name, Comments: map[string][]string{},
		Head: []string{"Pods that talk to the API server have an account of their own; all others get no token."},
	}
	var pairs []any
	var list []*manifest.Node
	for i, secret := range n.ServiceAccount.PullSecrets {
		list = append(list, fields("name", secret.Name))
		o.Comments[manifest.Path("imagePullSecrets").At(i).String()] = []string{secret.Why}
	}
	if len(list) > 0 {
		pairs = append(pairs, "imagePullSecrets", list)
	}
	o.Node = object("v1", "ServiceAccount", n.Name, "default", append(pairs, "automountServiceAccountToken", false)...)
	return o
}

// labels prints the Namespace where the repository has none, and else a patch of
// the repository's.
func (t *tree) labels(dir string, n *plan.Namespace) {
	set := map[string]string{}
	var why []string
	if s := n.PodSecurity; s != nil {
		levels := map[string]string{"audit": s.Observed, "warn": s.Observed}
		if s.Enforce {
			levels["enforce"] = s.Level
			if s.Version != "" {
				levels["enforce-version"] = s.Version
			}
		}
		for mode, level := range levels {
			if label := plan.PodSecurityLabel(mode); !slices.Contains(s.Skip, label) {
				set[label] = level
			}
		}
		why = append(why, fmt.Sprintf("Pod Security %s: %s", s.Level, strings.Join(s.Why, "; ")))
	}
	o := Object{Guardrail: plan.PodSecurity, Namespace: n.Name, Head: why}
	if n.Object == nil {
		o.Head = append(o.Head, "Kept when it leaves Git: whoever removes it removes all that is in the namespace.")
		o.Node = labelled("v1", "Namespace", "", n.Name, set, map[string]string{
			"argocd.argoproj.io/sync-options":   "Prune=false,Delete=false",
			"kustomize.toolkit.fluxcd.io/prune": "disabled",
		})
		t.add(dir+"/namespace.yaml", o)
		return
	}
	if len(set) == 0 {
		return
	}
	o.Node = fields("apiVersion", "v1", "kind", "Namespace", "metadata", fields(
		"name", written(n.Object).Name, "labels", set, "annotations", map[string]string{plan.PatchedBy: "pod-security"}))
	t.patch(n.Root, "namespace-"+n.Name+".yaml", written(n.Object), o)
}
