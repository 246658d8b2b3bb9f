package plan

import (
	"maps"
	"slices"

	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/secgen/secgen/compile/inventory"
	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/workload/admission"
)

// PriorityOf is the priority class of a workload's pods: their own, or the default
// of the cluster where the repository renders it; "" is none that is known.
func PriorityOf(inv *inventory.Inventory, w *inventory.Workload) string {
	if class := w.Pod.Spec.Get("priorityClassName").Str(); class != "" {
		return class
	}
	for _, r := range inv.Of("scheduling.k8s.io", "PriorityClass") {
		if isDefault, _ := r.Object.Get("globalDefault").Bool(); isDefault {
			return r.ID.Name
		}
	}
	return ""
}

// priorities plans a quota for each priority class that the namespace's workloads
// use. Pods of a class that go before others are worth a bound of their own:
// whoever may make pods could otherwise spend all of the namespace's on them.
func (p *planner) priorities(n *Namespace, headroom float64) error {
	byClass := map[string][]*inventory.Workload{}
	used := map[string]bool{}
	for _, w := range n.Workloads {
		class := PriorityOf(p.Inventory, w)
		byClass[class] = append(byClass[class], w)
		used[w.Pod.Spec.Get("priorityClassName").Str()] = true
	}
	for _, class := range slices.Sorted(maps.Keys(used)) {
		if class == "" || manifest.Unresolved(class) {
			continue
		}
		switch why := n.unseen(); {
		case why != "":
			p.note(n.Name, Quota, "does not bound priority class %s: %s", class, why)
			continue
		case n.Policy.Unrendered != nil:
			p.note(n.Name, Quota, "does not bound priority class %s: the pods that the policy adds may be of that class", class)
			continue
		case len(byClass[""]) > 0 && !p.rendersPriority(class):
			p.note(n.Name, Quota, "does not bound priority class %s: no root renders it, so that it may be the cluster's default, which pods without a class get, such as those of %s", class, byClass[""][0].Key())
			continue
		}
		if own := scopedQuota(n); own != nil {
			p.note(n.Name, Quota, "leaves priority class %s to %s of the repository", class, own.ID)
			continue
		}
		m := &quotaMaker{n: n, workloads: byClass[class], amounts: map[string]*Amount{}, headroom: headroom}
		if _, err := m.compute(); err != nil {
			return err
		}
		q := &ResourceQuota{Priority: class}
		for _, name := range slices.Sorted(maps.Keys(m.amounts)) {
			if admission.ByPriority(name) {
				q.Hard = append(q.Hard, *m.amounts[name])
			}
		}
		if len(q.Hard) > 0 {
			n.Priorities = append(n.Priorities, q)
		}
	}
	return nil
}

// rendersPriority tells whether the repository says all of a priority class. Those
// of Kubernetes itself are never a default.
func (p *planner) rendersPriority(class string) bool {
	return class == "system-cluster-critical" || class == "system-node-critical" ||
		slices.ContainsFunc(p.Inventory.Of("scheduling.k8s.io", "PriorityClass"), func(r *manifest.Resource) bool { return r.ID.Name == class })
}

// scopedQuota is a quota of the repository that counts pods by priority class, or
// nil.
func scopedQuota(n *Namespace) *manifest.Resource {
	for _, r := range n.Of("", "ResourceQuota") {
		for _, e := range r.Object.Get("spec", "scopeSelector", "matchExpressions").Elems() {
			if e.Get("scopeName").Str() == "PriorityClass" {
				return r
			}
		}
	}
	return nil
}

// CountName is the quota's name for how many objects there are of a kind of which
// nobody but the repository makes any, or "".
func CountName(id manifest.ID) string {
	return map[string]string{
		"apps/DaemonSet": "count/daemonsets.apps", "apps/Deployment": "count/deployments.apps", "apps/StatefulSet": "count/statefulsets.apps",
		"batch/CronJob": "count/cronjobs.batch",
	}[id.Group()+"/"+id.Kind]
}

// objects bounds how many workloads there are of each kind that the namespace has,
// unless somebody else may make some.
func (m *quotaMaker) objects() {
	if m.n.unseen() != "" || m.n.Policy.Unrendered != nil {
		return
	}
	counts := map[string]int64{}
	for _, r := range m.n.Objects {
		if name := CountName(r.ID); name != "" {
			counts[name]++
		}
	}
	for name, count := range counts {
		value := readable(name, *resource.NewQuantity(count, resource.DecimalSI), m.headroom)
		m.amounts[name] = &Amount{Resource: name, Value: value, Note: countNote(count, m.headroom)}
	}
}
