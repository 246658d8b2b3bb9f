package prove

import (
	"github.com/secgen/secgen/compile/plan"
	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/workload"
)

// nodeGroups applies the patches to the workloads that belong to a group and asks
// whether they then tolerate and seek its nodes, whether the printed policy keeps
// all others off, and whether the nodes get label and taint.
func (p *proof) nodeGroups() {
	for _, g := range p.plan.NodeGroups {
		for _, m := range g.Members {
			pod := patched(g, m)
			for _, t := range g.Taints() {
				if !plan.Tolerates(pod, t) {
					p.fail("", plan.NodeGroups, positions(m.Resource, "metadata", "name"), "%s belongs to node group %s and does not tolerate its taint of effect %s", m.Resource.ID, g.Name, t.Effect)
				}
			}
			if pod.Spec.Get("nodeSelector", g.Key).Str() != g.Value {
				p.fail("", plan.NodeGroups, positions(m.Resource, "metadata", "name"), "%s belongs to node group %s and does not select its nodes", m.Resource.ID, g.Name)
			}
		}
		p.keptOff(g)
		p.nodes(g)
	}
}

// patched is the pod with the patch applied.
func patched(g *plan.NodeGroup, m plan.Member) workload.Pod {
	pod := m.Pod
	if m.Select {
		selector := pod.Spec.Get("nodeSelector")
		pod.Spec = pod.Spec.With("nodeSelector", selector.With(g.Key, manifest.Of(g.Value)))
	}
	if m.Tolerations != nil {
		pod.Spec = pod.Spec.With("tolerations", manifest.Of(m.Tolerations))
	}
	return pod
}
