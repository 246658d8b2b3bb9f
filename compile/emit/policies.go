package emit

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/secgen/secgen/compile/plan"
	"github.com/secgen/secgen/manifest"
)

// Orders of the policies in Calico's tier "default", where Kubernetes' own stand
// at 1000: after those, and before what a provider puts last.
const (
	orderAllow = 1100
	orderDeny  = 1200
)

// denyLast puts the deny behind the allows where Argo CD syncs them.
var denyLast = map[string]string{"argocd.argoproj.io/sync-wave": "1"}

// lastName starts the names of denies. Flux knows no waves, but applies objects of
// one kind and namespace in the order of their names.
const lastName = "secgen-zz-"

// isolation prints the policies of a namespace: DNS and each workload's allows
// first, then the deny.
func isolation(n *plan.Namespace) []Object {
	t := n.Traffic
	d := dialectOf(n)
	var out []Object
	add := func(head []string, node *manifest.Node, comments map[string][]string) {
		out = append(out, Object{Node: node, Guardrail: plan.Traffic, Namespace: n.Name, Head: head, Comments: comments})
	}
	if t.Egress {
		node, comments := d.policy("secgen-dns", nil, orderAllow, nil, nil, t.DNS, false)
		add([]string{"Every pod may ask for names."}, node, comments)
	}
	names := map[string]int{}
	for _, r := range t.Rules {
		name := policyName(r)
		if names[name]++; names[name] > 1 { // a further pod template, or the same kind of another group
			name = fmt.Sprintf("%s-%d", name, names[name])
		}
		node, comments := d.policy(name, r.Selector, orderAllow, nil, r.Ingress, r.Egress, false)
		add([]string{"What " + whose(r) + " may do."}, node, comments)
	}
	head := []string{"Whatever the policies above do not allow is denied."}
	if t.Mode == plan.Staged {
		head = append(head, "Staged: Calico reports what it would deny and denies nothing.")
	}
	node, _ := d.policy(lastName+"default-deny", nil, orderDeny, denyLast, nil, nil, true)
	add(head, node, nil)
	return out
}

// policyName is made of the workload's kind and name, or of the labels of pods
// that nobody renders.
func policyName(r plan.PodRules) string {
	if r.Workload != nil {
		id := r.Workload.Resource.ID
		return dashed("secgen", strings.ToLower(id.Kind), id.Name)
	}
	parts := []string{"secgen", "pods"}
	for _, key := range slices.Sorted(maps.Keys(r.Selector)) {
		parts = append(parts, key[strings.LastIndexByte(key, '/')+1:], r.Selector[key])
	}
	return dashed(parts...)
}

func whose(r plan.PodRules) string {
	if r.Workload != nil {
		return "the pods of " + r.Who()
	}
	return r.Who()
}

// dialect prints policies in one language.
type dialect interface {
	// policy prints a policy for the pods with labels, nil for all of the namespace.
	// A deny isolates and allows nothing.
	policy(name string, selector map[string]string, order int, annotations map[string]string, ingress, egress []plan.Flow, deny bool) (*manifest.Node, map[string][]string)
}

func dialectOf(n *plan.Namespace) dialect {
	if n.Traffic.Dialect == plan.Kubernetes {
		return kubernetes{n}
	}
	return calico{n}
}

// types are the directions of a policy: those of its flows, or for a deny those
// that the namespace isolates.
func types(n *plan.Namespace, ingress, egress []plan.Flow, deny bool) []string {
	var out []string
	if len(ingress) > 0 || deny && n.Traffic.Ingress {
		out = append(out, "Ingress")
	}
	if len(egress) > 0 || deny && n.Traffic.Egress {
		out = append(out, "Egress")
	}
	return out
}
