package emit

import (
	"fmt"
	"strings"

	"github.com/secgen/secgen/compile/plan"
	"github.com/secgen/secgen/manifest"
)

// machinery adds what gives the nodes of a group label and taint: never a Node,
// since whoever applies one owns all of its taints.
func (t *tree) machinery(g *plan.NodeGroup) {
	for _, p := range g.Machinery.Patches {
		t.patch(p.Root, patchName(p.Resource.ID, g), written(p.Resource), Object{
			Guardrail: plan.NodeGroups, Node: patchOf(p.Resource, "nodes", nodePatch(g, p)),
			Head: []string{fmt.Sprintf("%s/%s makes the nodes of group %s.", p.Resource.ID.Kind, p.Resource.ID.Name, g.Name)},
		})
	}
	if n := g.Machinery.NodePool; n != nil {
		t.add("cluster/node-groups.yaml", nodePool(g, n))
	}
	if api := g.Machinery.AdmissionAPI; api != "" {
		for _, o := range mutation(g, api) {
			t.add("cluster/node-groups.yaml", o)
		}
	}
	if o, ok := byHand(g); ok {
		t.add(Bootstrap+"node-group-"+g.Name+".yaml", o)
	}
}

// nodePatch is a strategic merge patch without its head. Lists of custom resources
// are replaced as a whole, so that it holds all of them.
func nodePatch(g *plan.NodeGroup, p plan.NodePatch) *manifest.Node {
	out := fields()
	if p.Label {
		set(out, p.Place.Labels, p.Place.WithLabel(p.Resource.Object, g.Key, g.Value))
	}
	if p.Taints != nil {
		set(out, p.Place.Taints, manifest.Of(p.Taints))
	}
	return out
}

// set puts a value at a path of keys.
func set(n *manifest.Node, path manifest.FieldPath, value *manifest.Node) {
	for _, step := range path[:len(path)-1] {
		f := n.Field(step.Key)
		if f == nil {
			n.Fields = append(n.Fields, manifest.Field{Key: step.Key, Value: fields()})
			f = &n.Fields[len(n.Fields)-1]
		}
		n = f.Value
	}
	n.Fields = append(n.Fields, manifest.Field{Key: path[len(path)-1].Key, Value: value})
}

// nodePool prints Karpenter's NodePool of a group.
func nodePool(g *plan.NodeGroup, n *plan.NodePool) Object {
	var taints []*manifest.Node
	for _, t := range g.Taints() {
		taints = append(taints, t.Node(""))
	}
	requirements := []*manifest.Node{}
	for _, r := range n.Requirements {
		pairs := []any{"key", r.Key, "operator", r.Operator}
		if len(r.Values) > 0 {
			pairs = append(pairs, "values", r.Values)
		}
		requirements = append(requirements, fields(pairs...))
	}
	spec := []any{"template", fields(
		"metadata", fields("labels", map[string]string{g.Key: g.Value}),
		"spec", fields("taints", taints, "requirements", requirements,
			"nodeClassRef", fields("group", n.Class.Group, "kind", n.Class.Kind, "name", n.Class.Name)))}
	if len(n.Limits) > 0 {
		spec = append(spec, "limits", n.Limits)
	}
	return Object{
		Guardrail: plan.NodeGroups,
		Head:      []string{fmt.Sprintf("Karpenter makes the nodes of group %s, with label and taint, when pods ask for them.", g.Name)},
		Node:      object("karpenter.sh/v1", "NodePool", "", n.Name, "spec", fields(spec...)),
	}
}

// mutation prints the admission policy that taints nodes which carry the group's
// label. It adds what is missing and owns nothing, unlike an applied Node.
func mutation(g *plan.NodeGroup, api string) []Object {
	name := "secgen-node-group-" + g.Name
	var mutations []*manifest.Node
	for _, t := range g.Taints() {
		mutations = append(mutations, fields("patchType", "JSONPatch", "jsonPatch", fields("expression", t.AddExpression())))
	}
	policy := Object{
		Guardrail: plan.NodeGroups,
		Head: []string{
			fmt.Sprintf("Nodes that carry the label %s=%s get the taint of node group %s, and get it back.", g.Key, g.Value, g.Name),
			"Take the label away first to take a node out of the group.",
		},
		Node: object("admissionregistration.k8s.io/"+api, "MutatingAdmissionPolicy", "", name, "spec", fields(
			"matchConstraints", fields("resourceRules", []*manifest.Node{
				fields("apiGroups", []string{""}, "apiVersions", []string{"v1"}, "operations", []string{"CREATE", "UPDATE"}, "resources", []string{"nodes"})}),
			"mutations", mutations,
			"failurePolicy", "Fail",
			"matchConditions", []*manifest.Node{fields("name", "node-of-the-group", "expression", g.LabelExpression())},
			"reinvocationPolicy", "IfNeeded")),
	}
	binding := Object{
		Guardrail: plan.NodeGroups,
		Node:      labelled("admissionregistration.k8s.io/"+api, "MutatingAdmissionPolicyBinding", "", name, nil, denyLast, "spec", fields("policyName", name)),
	}
	return []Object{policy, binding}
}

// byHand prints how nodes get label and taint where no controller of the cluster
// gives them.
func byHand(g *plan.NodeGroup) (Object, bool) {
	o := Object{Guardrail: plan.NodeGroups}
	switch g.TaintBy {
	case plan.ByKubelet:
		var list []*manifest.Node
		for _, t := range g.Taints() {
			list = append(list, t.Node(""))
		}
		o.Head = []string{
			"Part of the KubeletConfiguration of the nodes of group " + g.Name + ": taints are set when a node registers.",
			"The label is a flag of the kubelet: --node-labels=" + g.Key + "=" + g.Value,
		}
		o.Node = fields("apiVersion", "kubelet.config.k8s.io/v1beta1", "kind", "KubeletConfiguration", "registerWithTaints", list)
	case plan.ByWorkerPoolOfIKS:
		var taints []string
		command := "  ibmcloud ks worker-pool taint set --cluster CLUSTER --worker-pool POOL"
		for _, t := range g.Taints() {
			text := fmt.Sprintf("%s=%s:%s", t.Key, t.Value, t.Effect)
			taints = append(taints, text)
			command += " --taint " + text
		}
		o.Head = []string{
			"What to run once for the worker pool of node group " + g.Name + "; workers that are added later have label and taint too.",
			"Each command replaces what an earlier one of its kind has set for the pool, so both name all: look first, and",
			"add the pool's other taints and labels to the commands, or they are lost.",
			"  ibmcloud ks worker-pool get --cluster CLUSTER --worker-pool POOL",
			"  ibmcloud ks worker-pool label set --cluster CLUSTER --worker-pool POOL --label " + g.Key + "=" + g.Value,
			command,
		}
		if strings.Contains(command, "NoExecute") {
			o.Head = append(o.Head, "The taint evicts pods that do not tolerate it: sync the components of the workloads first.")
		}
		o.Node = fields("nodeGroup", g.Name, "label", g.Key+"="+g.Value, "taints", taints)
	default:
		return Object{}, false
	}
	return o, true
}
