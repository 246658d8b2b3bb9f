package emit

import (
	"fmt"
	"strings"

	"github.com/secgen/secgen/compile/plan"
	"github.com/secgen/secgen/manifest"
)

// nodeGroup adds what a group of nodes needs: patches of the workloads that belong
// there, an admission policy that keeps the others off, and how the nodes get
// their label and taint.
func (t *tree) nodeGroup(g *plan.NodeGroup) {
	for _, m := range g.Members {
		if node := memberPatch(g, m); node != nil {
			t.patch(m.Root, patchName(m.Resource.ID, g), written(m.Resource), Object{
				Guardrail: plan.NodeGroups, Node: node,
				Head: []string{fmt.Sprintf("%s belongs to node group %s: %s.", m.Key(), g.Name, m.Why)},
			})
		}
	}
	for _, o := range keepOff(g) {
		t.add("cluster/node-groups.yaml", o)
	}
	t.machinery(g)
}

func (t *tree) patch(root, name string, target manifest.ID, o Object) {
	if t.patches == nil {
		t.patches = map[string][]patch{}
	}
	t.patches[root] = append(t.patches[root], patch{name, target, o})
}

// written is an object's identity in its file, before kustomize changes names and
// namespaces: a component patches it at that moment.
func written(r *manifest.Resource) manifest.ID {
	if r.Origin.ID.Name == "" {
		return r.ID
	}
	return r.Origin.ID
}

// memberPatch is a strategic merge patch; nil where the workload has all. The
// list of tolerations has no merge key, so that the patch holds all of them.
func memberPatch(g *plan.NodeGroup, m plan.Member) *manifest.Node {
	var spec []any
	if m.Select {
		spec = append(spec, "nodeSelector", map[string]string{g.Key: g.Value})
	}
	if m.Tolerations != nil {
		spec = append(spec, "tolerations", m.Tolerations)
	}
	if len(spec) == 0 {
		return nil
	}
	inner := fields("spec", fields(spec...))
	for i := len(m.Pod.Path) - 1; i >= 0; i-- {
		inner = fields(m.Pod.Path[i].Key, inner)
	}
	return patchOf(m.Resource, "nodes", inner)
}

// patchOf heads a patch of an object; why is the mark that it leaves there.
func patchOf(r *manifest.Resource, why string, rest *manifest.Node) *manifest.Node {
	head := fields("apiVersion", r.ID.APIVersion, "kind", r.ID.Kind,
		"metadata", fields("name", written(r).Name, "annotations", map[string]string{plan.PatchedBy: why}))
	head.Fields = append(head.Fields, rest.Fields...)
	return head
}

func patchName(id manifest.ID, g *plan.NodeGroup) string {
	parts := []string{strings.ToLower(id.Kind), id.Namespace, id.Name}
	if id.Namespace == "" {
		parts = []string{parts[0], parts[2]}
	}
	return fmt.Sprintf("%s-%s.yaml", dashed(parts...), g.Name)
}

// keepOff prints the admission policy of a group.
func keepOff(g *plan.NodeGroup) []Object {
	name := "secgen-node-group-" + g.Name
	rule := fields("apiGroups", []string{""}, "apiVersions", []string{"v1"}, "operations", []string{"CREATE", "UPDATE"}, "resources", []string{"pods"})
	policy := Object{
		Guardrail: plan.NodeGroups,
		Head:      []string{fmt.Sprintf("Only pods of %s may tolerate the taint of node group %s.", strings.Join(g.Namespaces, ", "), g.Name)},
		Node: object("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy", "", name, "spec", fields(
			"failurePolicy", "Fail",
			"matchConstraints", fields(
				"namespaceSelector", fields("matchExpressions", []*manifest.Node{
					fields("key", "kubernetes.io/metadata.name", "operator", "NotIn", "values", g.Namespaces)}),
				"resourceRules", []*manifest.Node{rule}),
			// A pod that is there already may change in all else, its finalizers too.
			"matchConditions", []*manifest.Node{fields("name", "tolerations-change", "expression",
				"oldObject == null || !has(oldObject.spec.tolerations) || !has(object.spec.tolerations) || object.spec.tolerations != oldObject.spec.tolerations")},
			"validations", []*manifest.Node{fields(
				"expression", g.ToleratesExpression(),
				"message", fmt.Sprintf("node group %s is for others: no toleration may match its taint %s=%s", g.Name, g.Key, g.Value))})),
	}
	binding := Object{
		Guardrail: plan.NodeGroups,
		Node: labelled("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicyBinding", "", name, nil, denyLast, "spec", fields(
			"policyName", name, "validationActions", []string{"Deny"})),
	}
	return []Object{policy, binding}
}
