package prove

import (
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/secgen/secgen/compile/inventory"
	"github.com/secgen/secgen/compile/plan"
	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/workload"
	"github.com/secgen/secgen/workload/admission"
)

// guard is a ResourceQuota or a LimitRange, printed or of the repository.
type guard struct {
	*manifest.Resource
	// blame is the guardrail to withhold, "" for one of the repository.
	blame plan.Guardrail
}

// admission admits every rendered pod into its namespace, as many as exist at the
// peak.
func (p *proof) admission() {
	for _, n := range p.plan.Namespaces {
		var quotas, ranges []guard
		for _, r := range n.Objects {
			switch {
			case r.ID.Group() == "" && r.ID.Kind == "ResourceQuota":
				quotas = append(quotas, guard{r, ""})
			case r.ID.Group() == "" && r.ID.Kind == "LimitRange":
				ranges = append(ranges, guard{r, ""})
			}
		}
		for _, e := range p.emitted {
			switch {
			case e.ID.Namespace != n.Name:
			case e.ID.Kind == "ResourceQuota":
				quotas = append(quotas, guard{e.Resource, plan.Quota})
			case e.ID.Kind == "LimitRange":
				ranges = append(ranges, guard{e.Resource, plan.LimitRange})
			}
		}
		limits := p.limits(n, ranges)
		for _, q := range quotas {
			p.quota(n, q, limits)
		}
	}
}

// limits admits each pod and claim by the limit ranges and returns the items of
// all.
func (p *proof) limits(n *plan.Namespace, ranges []guard) []admission.Limit {
	var all []admission.Limit
	items := make([][]admission.Limit, len(ranges))
	for i, r := range ranges {
		read, err := admission.ReadLimits(r.Resource)
		if err != nil {
			p.fail(n.Name, r.blame, positions(r.Resource, "spec", "limits"), "%v", err)
			continue
		}
		items[i] = read
		all = append(all, read...)
	}
	for i, r := range ranges {
		for _, item := range items[i] {
			for _, w := range n.Workloads {
				for _, why := range item.Refusals(admission.Apply(w.Pod, all)) {
					p.fail(n.Name, r.blame, append(positions(w.Resource, "metadata", "name"), positions(r.Resource, "spec", "limits")...),
						"%s refuses the pods of %s: %s", r.ID, w.Resource.ID, why)
				}
			}
			for _, c := range plan.Claims(n.Namespace) {
				size, ok := workload.Quantity(c.Spec.Get("resources", "requests", "storage"))
				if !ok {
					continue
				}
				for _, why := range item.ClaimRefusals(size) {
					p.fail(n.Name, r.blame, positions(r.Resource, "spec", "limits"), "%s refuses a claim of %s: %s", r.ID, c.Who, why)
				}
			}
		}
	}
	return all
}

// quota sums up what the namespace uses at the peak and holds it against a quota.
func (p *proof) quota(n *plan.Namespace, q guard, limits []admission.Limit) {
	spec := q.Object.Get("spec")
	scoped := spec.Has("scopes") || spec.Has("scopeSelector")
	hard, err := admission.ReadQuantities(spec.Get("hard"))
	if err != nil {
		p.fail(n.Name, q.blame, positions(q.Resource, "spec", "hard"), "%s: spec.hard: %v", q.ID, err)
		return
	}
	used := admission.Quantities{}
	counts := func(w *inventory.Workload) bool {
		in, known := admission.InScope(spec, p.withPriority(w, admission.Apply(w.Pod, limits)))
		if !known && q.blame != "" {
			p.fail(n.Name, q.blame, positions(q.Resource, "spec"), "%s: nobody knows whether it counts the pods of %s", q.ID, w.Resource.ID)
		}
		return in
	}
	for _, w := range n.Workloads {
		pod := admission.Apply(w.Pod, limits)
		if w.Peak.Pods == 0 && w.Peak.Unknown == "" || scoped && !counts(w) {
			continue
		}
		for _, why := range admission.Missing(pod, hard.Names()) {
			p.fail(n.Name, q.blame, append(positions(w.Resource, "metadata", "name"), positions(q.Resource, "spec", "hard")...),
				"%s refuses the pods of %s: %s", q.ID, w.Resource.ID, why)
		}
		usage, _ := admission.Usage(pod)
		used.Add(usage, w.Peak.Pods)
	}
	if !scoped {
		used.Add(objectsOf(n), 1)
	}
	for _, name := range hard.Names() {
		most, need := hard[name], used[name]
		if need.Cmp(most) > 0 {
			p.fail(n.Name, q.blame, append(positions(q.Resource, "spec", "hard", name), p.largest(n, name, limits)...),
				"%s allows %s of %s%s, and %s needs %s%s", q.ID, most.String(), name, saidBy(n, q, name), peakOf(spec), need.String(), p.sum(n, name, limits))
		}
	}
}

// saidBy tells where a printed number comes from that the policy says.
func saidBy(n *plan.Namespace, q guard, name string) string {
	if q.blame == "" || n.Quota == nil || q.ID.Name != "secgen" {
		return ""
	}
	i := slices.IndexFunc(n.Quota.Hard, func(a plan.Amount) bool { return a.Resource == name })
	if i < 0 || !strings.HasPrefix(n.Quota.Hard[i].Note, plan.ByPolicy) {
		return ""
	}
	return " " + plan.ByPolicy
}

// peakOf says which pods a quota counts.
func peakOf(spec *manifest.Node) string {
	if spec.Has("scopes") || spec.Has("scopeSelector") {
		return "a roll-out of all pods in its scope at their peak"
	}
	return "a roll-out of everything at its peak"
}

// withPriority is a workload's pod with the class that the API server gives it.
func (p *proof) withPriority(w *inventory.Workload, pod workload.Pod) workload.Pod {
	if class := plan.PriorityOf(p.inv, w); class != "" {
		pod.Spec = pod.Spec.With("priorityClassName", manifest.Of(class))
	}
	return pod
}

// objectsOf is what a quota counts beside pods: claims, Services and the objects of
// each kind.
func objectsOf(n *plan.Namespace) admission.Quantities {
	used := admission.Quantities{}
	for _, c := range plan.Claims(n.Namespace) {
		if usage, ok := admission.Claim(c.Spec); ok && c.Count > 0 {
			used.Add(usage, c.Count)
		}
	}
	for _, r := range n.Of("", "Service") {
		used.Add(admission.Service(r.Object.Get("spec")), 1)
	}
	one := *resource.NewQuantity(1, resource.DecimalSI)
	for _, r := range n.Objects {
		if name := plan.CountName(r.ID); name != "" {
			used.Add(admission.Quantities{name: one}, 1)
		}
	}
	return used
}

// sum writes out what workloads and claims need of a resource.
func (p *proof) sum(n *plan.Namespace, name string, limits []admission.Limit) string {
	var parts []string
	add := func(who string, count int64, each resource.Quantity, why string) {
		part := fmt.Sprintf("%s %d x %s", who, count, each.String())
		if why != "" {
			part += " (" + why + ")"
		}
		parts = append(parts, part)
	}
	p.eachUse(n, name, limits, func(w *inventory.Workload, each resource.Quantity) { add(w.Key(), w.Peak.Pods, each, w.Peak.Why) })
	eachClaim(n, name, func(c plan.ClaimUse, each resource.Quantity) { add(c.Who, c.Count, each, c.Why) })
	if len(parts) == 0 {
		return ""
	}
	return ": " + strings.Join(parts, " + ")
}

// largest is where the counts of the workloads stand that need the resource.
func (p *proof) largest(n *plan.Namespace, name string, limits []admission.Limit) []manifest.Position {
	var out []manifest.Position
	p.eachUse(n, name, limits, func(w *inventory.Workload, _ resource.Quantity) {
		for _, f := range w.Peak.From {
			out = append(out, f.Position())
		}
	})
	eachClaim(n, name, func(c plan.ClaimUse, _ resource.Quantity) { out = append(out, c.Spec.Pos) })
	return out
}

// eachClaim visits the volume claims that use a resource.
func eachClaim(n *plan.Namespace, name string, visit func(plan.ClaimUse, resource.Quantity)) {
	for _, c := range plan.Claims(n.Namespace) {
		if usage, ok := admission.Claim(c.Spec); ok && c.Count > 0 {
			if each := usage[name]; !each.IsZero() {
				visit(c, each)
			}
		}
	}
}

func (p *proof) eachUse(n *plan.Namespace, name string, limits []admission.Limit, visit func(*inventory.Workload, resource.Quantity)) {
	for _, w := range n.Workloads {
		usage, _ := admission.Usage(admission.Apply(w.Pod, limits))
		if each := usage[name]; !each.IsZero() && w.Peak.Pods > 0 {
			visit(w, each)
		}
	}
}

func positions(r *manifest.Resource, keys ...string) []manifest.Position {
	pos, _ := r.Locate(manifest.Path(keys...))
	return []manifest.Position{pos}
}
