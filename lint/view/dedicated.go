package view

import (
	"maps"
	"slices"

	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/schema"
	"github.com/secgen/secgen/workload"
)

// nodes says whether a workload keeps to the nodes that the policy has for its
// namespace; nil where the policy has none.
func (g *guardrails) nodes(t tenantPod) *manifest.Node {
	if g.policy == nil || g.namespace == "" || platform(g.namespace) {
		return nil
	}
	name := g.policy.For(g.namespace).Nodes
	group, ok := g.policy.Cluster.NodeGroup(name)
	if !ok {
		return nil
	}
	spec, lacks := t.pod.Spec, []string{}
	if label := group.Key + "=" + group.Value; !slices.Contains(t.pod.NodeLabels(), label) {
		lacks = append(lacks, "a node selector "+label)
	}
	for _, taint := range taintsOf(group) {
		if !t.pod.Tolerates(taint) {
			lacks = append(lacks, "a toleration of "+taint.Key+"="+taint.Value+":"+taint.Effect)
		}
	}
	f := facts{}
	f.set("group", text(name))
	if len(lacks) > 0 {
		f.set("lacks", from(first(spec.Get("nodeSelector"), spec.Get("tolerations"), spec), manifest.Of(lacks)))
	}
	return f.node()
}

// intrudes says on which nodes of others a workload may run; nil for none. What
// runs on every node by design, a DaemonSet that tolerates all taints, is no
// tenant, and what takes in traffic belongs on edge nodes.
func (g *guardrails) intrudes(t tenantPod) *manifest.Node {
	if g.policy == nil || g.namespace == "" || platform(g.namespace) {
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(g.policy.Cluster.NodeGroups)) {
		group, _ := g.policy.Cluster.NodeGroup(name)
		owners := ownersOf(g.policy, name)
		if g.policy.For(g.namespace).Nodes == name || slices.Contains(group.AlsoTolerated, g.namespace) ||
			group.Network && (t.pod.TakesTraffic() || t.pod.ServesNetwork()) || elsewhere(t.pod, group) {
			continue
		}
		if !slices.ContainsFunc(taintsOf(group), t.pod.Tolerates) || t.resource.ID.Kind == "DaemonSet" && toleratesAll(t.pod) {
			continue
		}
		f := facts{}
		f.set("group", text(name))
		f.set("taint", from(t.pod.Spec.Get("tolerations"), text(group.Key+"="+group.Value)))
		if group.Network {
			owners = append(owners, "what takes in traffic")
		}
		f.set("owners", manifest.Of(owners))
		return f.node()
	}
	return nil
}

// elsewhere tells whether the pod demands another value of the group's label, so
// that it never runs on the group's nodes.
func elsewhere(p workload.Pod, group schema.NodeGroupPolicy) bool {
	selected := p.Spec.Get("nodeSelector", group.Key)
	return !selected.IsNull() && selected.Str() != group.Value
}

func toleratesAll(p workload.Pod) bool {
	return slices.ContainsFunc(p.Spec.Get("tolerations").Elems(), func(t *manifest.Node) bool {
		return t.Get("operator").Str() == "Exists" && t.Get("key").Str() == ""
	})
}

func taintsOf(group schema.NodeGroupPolicy) []workload.Taint {
	var out []workload.Taint
	for _, effect := range group.Effects {
		out = append(out, workload.Taint{Key: group.Key, Value: group.Value, Effect: effect})
	}
	return out
}

// ownersOf are the namespaces that the policy puts on a group of nodes.
func ownersOf(p *schema.Policy, group string) []string {
	out := []string{}
	for name := range p.Namespaces {
		if p.For(name).Nodes == group {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}
