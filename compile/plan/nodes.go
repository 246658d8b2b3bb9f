package plan

import (
	"fmt"
	"slices"

	"github.com/secgen/secgen/compile/inventory"
	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/schema"
)

// NodeGroup is nodes that only some workloads may use: each carries a label and
// a taint of one key and value.
type NodeGroup struct {
	Name, Key, Value string
	Effects          []string
	// Namespaces may tolerate the taint; all others are kept off.
	Namespaces []string
	// Members are the workloads that belong there.
	Members []Member
	// TaintBy is how the nodes get label and taint, ByKarpenter and so on; "" where the
	// owner sees to it.
	TaintBy   string
	Machinery Machinery
}

// Member is a workload of a node group, with what it lacks.
type Member struct {
	*inventory.Workload
	Root string
	// Tolerations are all that the pods need, those that they have included; nil
	// where they have all.
	Tolerations []*manifest.Node
	// Select says that the pods lack the node selector.
	Select bool
	Why    string
}

// Taints of the group, one an effect.
func (g *NodeGroup) Taints() []Taint {
	var out []Taint
	for _, effect := range g.Effects {
		out = append(out, Taint{Key: g.Key, Value: g.Value, Effect: effect})
	}
	return out
}

// nodeGroups plans the groups that the policy names.
func (p *planner) nodeGroups() error {
	if p.Policy == nil {
		return nil
	}
	for _, name := range sortedKeys(p.Policy.Cluster.NodeGroups) {
		want, _ := p.Policy.Cluster.NodeGroup(name)
		g := &NodeGroup{Name: name, Key: want.Key, Value: want.Value, Effects: want.Effects, TaintBy: want.TaintBy}
		g.Namespaces = append(platformNamespaces(), want.AlsoTolerated...)
		if !p.members(g, want) {
			continue
		}
		slices.Sort(g.Namespaces)
		g.Namespaces = slices.Compact(g.Namespaces)
		if p.strangers(g) {
			p.machinery(g, want)
			p.plan.NodeGroups = append(p.plan.NodeGroups, g)
		}
	}
	for _, n := range p.plan.Namespaces {
		if name := n.Policy.Nodes; name != "" && !slices.Contains(sortedKeys(p.Policy.Cluster.NodeGroups), name) {
			return fmt.Errorf("%s: there is no node group %q under policy.cluster.nodeGroups%s", p.Policy.Where("namespaces", n.Name, "nodes"), name,
				meant(name, sortedKeys(p.Policy.Cluster.NodeGroups)))
		}
	}
	return nil
}

// platformNamespaces hold the agents of the platform, which run on every node.
func platformNamespaces() []string {
	return []string{"calico-apiserver", "calico-system", "ibm-observe", "ibm-operators", "ibm-system", "kube-node-lease", "kube-public", "kube-system", "tigera-operator"}
}

// members finds the workloads of a group: those of the namespaces that the policy
// puts there and, for edge nodes, what takes in traffic.
func (p *planner) members(g *NodeGroup, want schema.NodeGroupPolicy) bool {
	for _, n := range p.plan.Namespaces {
		if n.Policy.Nodes == g.Name {
			g.Namespaces = append(g.Namespaces, n.Name)
			for _, w := range n.Workloads {
				p.member(g, w, "the policy puts namespace "+n.Name+" there")
			}
			continue
		}
		for _, w := range n.Workloads {
			if want.Network && isController(w) {
				g.Namespaces = append(g.Namespaces, n.Name)
				p.member(g, w, "it takes in traffic from outside")
			}
		}
	}
	if want.Network && want.Count < 2 {
		p.ask(Question{Guardrail: NodeGroups, Text: fmt.Sprintf("that node group %q, through which all traffic comes in, has two nodes or more", g.Name),
			Answer: fmt.Sprintf("policy: cluster: nodeGroups: %q: count: 2", g.Name)})
		return false
	}
	return true
}

// member notes what a workload lacks to land on the group's nodes.
func (p *planner) member(g *NodeGroup, w *inventory.Workload, why string) {
	m := Member{Workload: w, Root: p.Inventory.RootOf(w.Resource), Why: why}
	patched := w.Resource.Object.Get("metadata", "annotations").Has(PatchedBy)
	lacking := false
	list := slices.Clone(w.Pod.Spec.Get("tolerations").Elems())
	for _, taint := range g.Taints() {
		if Tolerates(w.Pod, taint) {
			continue
		}
		lacking = true
		list = append(list, manifest.Of([]manifest.Field{
			{Key: "key", Value: manifest.Of(taint.Key)}, {Key: "operator", Value: manifest.Of("Equal")},
			{Key: "value", Value: manifest.Of(taint.Value)}, {Key: "effect", Value: manifest.Of(taint.Effect)}}))
	}
	if lacking || patched {
		m.Tolerations = list
	}
	selected := w.Pod.Spec.Get("nodeSelector", g.Key)
	m.Select = selected.IsNull() || patched
	if !selected.IsNull() && selected.Str() != g.Value {
		p.ask(Question{Guardrail: NodeGroups, Position: inventory.Field{Resource: w.Resource, Path: w.Pod.Path.Field("spec", "nodeSelector", g.Key)}.Position(),
			Text:   fmt.Sprintf("whether %s belongs to node group %q, since it selects nodes with %s=%s", w.Resource.ID, g.Name, g.Key, selected.Text),
			Answer: fmt.Sprintf("policy: cluster: nodeGroups: %q: value: %q", g.Name, selected.Text)})
		return
	}
	for _, step := range w.Pod.Path {
		if step.IsIndex {
			p.note(w.Resource.ID.Namespace, NodeGroups, "cannot patch %s, whose pods are in a list; give it the toleration and the node selector", w.Resource.ID)
			return
		}
	}
	g.Members = append(g.Members, m)
}

// strangers asks about workloads that would be kept off although they tolerate
// the taint today.
func (p *planner) strangers(g *NodeGroup) bool {
	known := true
	for _, ns := range p.Inventory.Namespaces {
		if slices.Contains(g.Namespaces, ns.Name) {
			continue
		}
		for _, w := range ns.Workloads {
			if !slices.ContainsFunc(g.Taints(), func(t Taint) bool { return Tolerates(w.Pod, t) }) {
				continue
			}
			known = false
			p.ask(Question{Guardrail: NodeGroups, Position: inventory.Field{Resource: w.Resource, Path: w.Pod.Path.Field("spec", "tolerations")}.Position(),
				Text:   fmt.Sprintf("whether %s may run on node group %q, whose taint it tolerates", w.Resource.ID, g.Name),
				Answer: fmt.Sprintf("policy: cluster: nodeGroups: %q: alsoTolerated: [%q]", g.Name, ns.Name)})
		}
	}
	return known
}
