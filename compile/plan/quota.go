package plan

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/secgen/secgen/compile/inventory"
	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/schema"
	"github.com/secgen/secgen/workload/admission"
)

// ResourceQuota is what a namespace may use, by resource.
type ResourceQuota struct {
	Hard []Amount
	// Priority is the priority class whose pods it counts, "" for all.
	Priority string
}

// headroomByDefault is for what the owner's next change adds.
const headroomByDefault = 1.2

// quotaMaker sums up a namespace, or some of its workloads.
type quotaMaker struct {
	n         *Namespace
	workloads []*inventory.Workload
	amounts   map[string]*Amount
	headroom  float64
}

// quota plans the ResourceQuota of a namespace: what its workloads need at the
// peak of a roll-out, with headroom. What the repository's own quotas bound is
// left to them.
func (p *planner) quota(n *Namespace) error {
	m := &quotaMaker{n: n, workloads: n.Workloads, amounts: map[string]*Amount{}, headroom: cmp.Or(n.Policy.Headroom, headroomByDefault)}
	if p.countable(n) && p.unrendered(n, Quota) && p.sidecars(n, Quota) {
		unreadable, err := m.compute()
		if err != nil {
			return err
		}
		for _, w := range unreadable {
			p.unreadable(n, w)
		}
		if len(unreadable) == 0 {
			if err := p.priorities(n, m.headroom); err != nil {
				return err
			}
		}
	}
	m.objects()
	counted := m.claims()
	if !counted {
		p.note(n.Name, Quota, "leaves volume claims that the policy does not bound unbound, since they cannot be counted")
	}
	if err := m.storage(counted); err != nil {
		return err
	}
	p.services(n, m)
	for _, name := range slices.Sorted(maps.Keys(n.Policy.Counts)) {
		m.amounts[name] = &Amount{Resource: name, Value: *resource.NewQuantity(n.Policy.Counts[name], resource.DecimalSI), Note: ByPolicy}
	}
	q := &ResourceQuota{}
	named := boundAlready(n)
	theirs := map[string][]string{}
	for _, name := range slices.Sorted(maps.Keys(m.amounts)) {
		if by := named[name]; by != "" {
			theirs[by] = append(theirs[by], name)
			continue
		}
		q.Hard = append(q.Hard, *m.amounts[name])
	}
	for _, by := range sortedKeys(theirs) {
		p.note(n.Name, Quota, "leaves %s to %s of the repository", strings.Join(theirs[by], ", "), by)
	}
	if len(q.Hard) > 0 {
		n.Quota = q
	}
	return nil
}

// countable asks for what cannot be counted, and tells whether all can.
func (p *planner) countable(n *Namespace) bool {
	known := true
	for _, w := range n.Workloads {
		if w.Peak.Unknown == "" {
			continue
		}
		known = false
		answer := "policy: cluster: nodes: 3"
		path := manifest.Path("kind")
		if w.Peak.Ask == inventory.AskPods {
			answer = fmt.Sprintf("policy: namespaces: %q: workloads: %q: pods: 3", n.Name, w.Key())
			path = manifest.Path("spec")
		}
		p.ask(Question{Namespace: n.Name, Guardrail: Quota, Text: w.Peak.Unknown, Answer: answer, Position: inventory.Field{Resource: w.Resource, Path: path}.Position()})
	}
	return known
}

func (p *planner) unreadable(n *Namespace, w *inventory.Workload) {
	p.ask(Question{
		Namespace: n.Name, Guardrail: Quota, Text: "what " + w.Resource.ID.String() + " requests: a quantity is invalid, or a variable that is filled in later",
		Answer:   fmt.Sprintf("policy: namespaces: %q: workloads: %q: requests: {cpu: \"1\", memory: \"1Gi\"}", n.Name, w.Key()),
		Position: inventory.Field{Resource: w.Resource, Path: w.Pod.Path.Field("spec", "containers")}.Position(),
	})
}

// compute adds what the pods use, and returns the workloads whose demand cannot
// be read.
func (m *quotaMaker) compute() (unreadable []*inventory.Workload, err error) {
	pods := make([]admission.Quantities, len(m.workloads))
	for i, w := range m.workloads {
		usage, complete := admission.Usage(admission.Apply(w.Pod, m.n.limits()))
		told, err := m.told(w.Key())
		if err != nil {
			return nil, err
		}
		if !complete && len(told) == 0 {
			unreadable = append(unreadable, w)
		}
		maps.Copy(usage, told)
		pods[i] = usage
	}
	if len(unreadable) > 0 {
		return unreadable, nil
	}
	for _, name := range m.bounded(pods) {
		for i, w := range m.workloads {
			each := pods[i][name]
			if w.Peak.Pods == 0 || each.IsZero() {
				continue
			}
			m.term(name, Term{Who: w.Key(), Count: w.Peak.Pods, Each: each, Why: w.Peak.Why, From: w.Peak.From})
		}
	}
	if u := m.n.Policy.Unrendered; u != nil {
		requests, err := policyQuantities(m.n, "unrendered.requests", u.Requests)
		if err != nil {
			return nil, err
		}
		limits, err := policyQuantities(m.n, "unrendered.limits", u.Limits)
		if err != nil {
			return nil, err
		}
		m.add("requests.", requests, *u)
		m.add("limits.", limits, *u)
	}
	for _, a := range m.amounts {
		a.Headroom = m.headroom
		a.Value = a.scaled()
	}
	return nil, nil
}

// told is what the policy says that a pod of the workload uses.
func (m *quotaMaker) told(key string) (admission.Quantities, error) {
	out := admission.Quantities{}
	w := m.n.Policy.Workloads[key]
	for _, part := range []struct {
		name string
		m    map[string]string
	}{{"requests", w.Requests}, {"limits", w.Limits}} {
		q, err := policyQuantities(m.n, "workloads."+key+"."+part.name, part.m)
		if err != nil {
			return nil, err
		}
		for name, amount := range q {
			out[part.name+"."+name] = amount
		}
	}
	return out, nil
}

// add puts in what the policy says of pods that nobody renders.
func (m *quotaMaker) add(prefix string, q admission.Quantities, u schema.Unrendered) {
	if u.Pods > 0 && prefix == "requests." {
		m.term("pods", Term{Who: "not rendered", Count: u.Pods, Each: *resource.NewQuantity(1, resource.DecimalSI), Why: "by policy"})
	}
	for _, name := range q.Names() {
		m.term(prefix+name, Term{Who: "not rendered", Count: 1, Each: q[name], Why: "by policy"})
	}
}

// bounded are the resources to bound: pods, requests that every pod makes, and
// limits that every container sets.
func (m *quotaMaker) bounded(pods []admission.Quantities) []string {
	seen := map[string]bool{}
	for _, usage := range pods {
		for name := range usage {
			if strings.HasPrefix(name, "requests.") || admission.LimitCounts(name) {
				seen[name] = true
			}
		}
	}
	out := []string{"pods"}
	for _, name := range slices.Sorted(maps.Keys(seen)) {
		complete := true
		for _, w := range m.workloads {
			complete = complete && len(admission.Missing(admission.Apply(w.Pod, m.n.limits()), []string{name})) == 0
		}
		if complete {
			out = append(out, name)
		}
	}
	return out
}

func (m *quotaMaker) term(name string, t Term) {
	if m.amounts[name] == nil {
		m.amounts[name] = &Amount{Resource: name}
	}
	m.amounts[name].Terms = append(m.amounts[name].Terms, t)
}

// claims adds volume claims and their storage, by class too, unless one of them
// cannot be counted.
func (m *quotaMaker) claims() (counted bool) {
	amounts := map[string]*Amount{}
	for _, c := range Claims(m.n.Namespace) {
		usage, ok := admission.Claim(c.Spec)
		if !ok || c.Count < 0 {
			return false
		}
		for _, name := range usage.Names() {
			if strings.HasPrefix(name, "count/") || strings.HasSuffix(name, admission.ClassClaims) || c.Count == 0 {
				continue
			}
			if amounts[name] == nil {
				amounts[name] = &Amount{Resource: name, Headroom: m.headroom}
			}
			amounts[name].Terms = append(amounts[name].Terms, Term{Who: c.Who, Count: c.Count, Each: usage[name], Why: c.Why, From: c.From})
		}
	}
	for name, a := range amounts {
		a.Value = a.scaled()
		m.amounts[name] = a
	}
	return true
}

// storage puts the policy's bounds in place of what the claims ask for. Where it
// bounds classes and not their sum, the sum has room for them.
func (m *quotaMaker) storage(counted bool) error {
	bounds, err := policyQuantities(m.n, "storage", m.n.Policy.Storage)
	if err != nil {
		return err
	}
	const all = "requests.storage"
	sum, said := bounds[""]
	var parts []string
	for _, class := range bounds.Names() {
		if class == "" {
			continue
		}
		name, bound := class+admission.ClassStorage, bounds[class]
		m.amounts[name] = &Amount{Resource: name, Value: bound, Note: ByPolicy}
		parts = append(parts, class+" "+bound.String())
		if !said {
			sum.Add(bound)
		}
	}
	switch {
	case said:
		m.amounts[all] = &Amount{Resource: all, Value: sum, Note: ByPolicy}
	case len(parts) > 0 && !counted:
		delete(m.amounts, all)
	case len(parts) > 0 && m.amounts[all] != nil:
		rest := Amount{Resource: all, Headroom: m.headroom}
		for _, c := range Claims(m.n.Namespace) {
			usage, _ := admission.Claim(c.Spec)
			if !slices.ContainsFunc(usage.Names(), func(name string) bool {
				class, ok := strings.CutSuffix(name, admission.ClassStorage)
				_, bound := bounds[class]
				return ok && bound
			}) {
				rest.Terms = append(rest.Terms, Term{Count: c.Count, Each: usage[all]})
			}
		}
		if others := rest.scaled(); !others.IsZero() {
			sum.Add(others)
			parts = append(parts, "other claims "+others.String()+" with headroom")
		}
		m.amounts[all] = &Amount{Resource: all, Value: sum, Note: ByPolicy + ": " + strings.Join(parts, " + ")}
	}
	return nil
}

// limits are those that hold in the namespace.
func (n *Namespace) limits() []admission.Limit {
	if n.Limits == nil {
		return nil
	}
	return n.Limits.Applied
}

// boundAlready is the resources that the repository's own quotas name, and by
// which. A quota with scopes binds some pods only and does not count.
func boundAlready(n *Namespace) map[string]string {
	out := map[string]string{}
	for _, r := range n.Of("", "ResourceQuota") {
		spec := r.Object.Get("spec")
		if spec.Has("scopes") || spec.Has("scopeSelector") {
			continue
		}
		hard := spec.Get("hard")
		if hard == nil || hard.Kind != manifest.Map {
			continue
		}
		for _, f := range hard.Fields {
			name := f.Key
			if slices.Contains([]string{"cpu", "memory", "ephemeral-storage"}, name) {
				name = "requests." + name
			}
			out[name] = r.ID.String()
		}
	}
	return out
}
