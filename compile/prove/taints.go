package prove

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/secgen/secgen/compile/plan"
	"github.com/secgen/secgen/compile/prove/cel"
	"github.com/secgen/secgen/manifest"
)

// tolerations are those that tell a group's taints from others: each way to write
// operator, key, value and effect.
func tolerations(g *plan.NodeGroup) []*manifest.Node {
	const absent = "(absent)"
	var out []*manifest.Node
	for _, operator := range []string{absent, "", "Equal", "Exists", "Lt", "Gt"} {
		for _, key := range []string{absent, "", g.Key, g.Key + "-other"} {
			for _, value := range []string{absent, "", "5", g.Value, g.Value + "-other"} {
				if _, err := strconv.ParseInt(value, 10, 64); err != nil && (operator == "Lt" || operator == "Gt") {
					continue // the API server takes Lt and Gt with whole numbers only
				}
				for _, effect := range []string{absent, "", "NoSchedule", "PreferNoSchedule", "NoExecute"} {
					n := &manifest.Node{Kind: manifest.Map}
					for _, f := range [][2]string{{"key", key}, {"operator", operator}, {"value", value}, {"effect", effect}} {
						if f[1] != absent {
							n.Fields = append(n.Fields, manifest.Field{Key: f[0], Value: manifest.Of(f[1])})
						}
					}
					out = append(out, n)
				}
			}
		}
	}
	return out
}

// keptOff asks the printed admission policy of a group about every rendered
// workload, which must be admitted, and about pods with one toleration each: those
// that match a taint of the group must be refused outside of its namespaces,
// whether they come with it or get it later, and all others admitted.
func (p *proof) keptOff(g *plan.NodeGroup) {
	policy, err := p.admissionPolicy("secgen-node-group-" + g.Name)
	if err != nil {
		p.fail("", plan.NodeGroups, nil, "node group %s: %v", g.Name, err)
		return
	}
	ask := func(namespace string, old, spec *manifest.Node) (bool, bool) {
		ok, err := policy.admits(namespace, old, spec)
		if err != nil {
			p.fail("", plan.NodeGroups, nil, "%s cannot be judged: %v", policy.ID, err)
		}
		return ok, err == nil
	}
	for _, ns := range p.inv.Namespaces {
		for _, w := range ns.Workloads {
			spec := w.Pod.Spec
			if i := slices.IndexFunc(g.Members, func(m plan.Member) bool { return m.Workload == w }); i >= 0 {
				spec = patched(g, g.Members[i]).Spec
			}
			ok, known := ask(ns.Name, nil, spec)
			if !known {
				return
			}
			if !ok {
				p.fail("", plan.NodeGroups, positions(w.Resource, "metadata", "name"), "%s would be refused: it tolerates the taint of node group %s and its namespace is not among those that may", w.Resource.ID, g.Name)
			}
		}
	}
	empty := &manifest.Node{Kind: manifest.Map}
	for _, t := range tolerations(g) {
		spec := empty.With("tolerations", manifest.Of([]*manifest.Node{t}))
		tolerated := slices.ContainsFunc(g.Taints(), func(taint plan.Taint) bool { return taint.Matches(t) })
		for _, old := range []*manifest.Node{nil, empty} {
			ok, known := ask("a-stranger", old, spec)
			if !known {
				return
			}
			if ok == tolerated {
				p.fail("", plan.NodeGroups, nil, "%s decides wrongly on a pod with the toleration %v: admitted %v, and its match with the taint of node group %s is %v", policy.ID, t.Value(), ok, g.Name, tolerated)
				return
			}
		}
	}
}

// podPolicy is a printed ValidatingAdmissionPolicy on pods.
type podPolicy struct {
	*emitted
	exempt                  []string
	conditions, validations []*cel.Program
}

// admissionPolicy reads a printed policy and its binding. An error says what the
// proof does not understand, or that nothing enforces it.
func (p *proof) admissionPolicy(name string) (*podPolicy, error) {
	policy, binding := p.printed("ValidatingAdmissionPolicy", name), p.printed("ValidatingAdmissionPolicyBinding", name)
	if policy == nil || binding == nil {
		return nil, fmt.Errorf("the admission policy %s or its binding is not printed", name)
	}
	if to := binding.Object.Get("spec"); to.Get("policyName").Str() != name || !slices.Contains(to.Get("validationActions").Strings(), "Deny") || to.Has("matchResources") {
		return nil, fmt.Errorf("%s does not enforce %s everywhere", binding.ID, name)
	}
	spec := policy.Object.Get("spec")
	match := spec.Get("matchConstraints")
	var refuses []string
	for _, rule := range match.Get("resourceRules").Elems() {
		if slices.Contains(rule.Get("apiGroups").Strings(), "") && slices.Contains(rule.Get("resources").Strings(), "pods") {
			refuses = append(refuses, rule.Get("operations").Strings()...)
		}
	}
	if !slices.Contains(refuses, "CREATE") || !slices.Contains(refuses, "UPDATE") || spec.Get("failurePolicy").Str() != "Fail" || match.Has("objectSelector") {
		return nil, fmt.Errorf("%s does not see every new pod and every change", policy.ID)
	}
	v := &podPolicy{emitted: policy}
	for _, e := range match.Get("namespaceSelector", "matchExpressions").Elems() {
		if e.Get("key").Str() != "kubernetes.io/metadata.name" || e.Get("operator").Str() != "NotIn" {
			return nil, fmt.Errorf("%s selects namespaces by %s %s", policy.ID, e.Get("key").Str(), e.Get("operator").Str())
		}
		v.exempt = append(v.exempt, e.Get("values").Strings()...)
	}
	var err error
	if v.conditions, err = programs(spec.Get("matchConditions"), "expression"); err != nil {
		return nil, fmt.Errorf("%s: %w", policy.ID, err)
	}
	if v.validations, err = programs(spec.Get("validations"), "expression"); err != nil {
		return nil, fmt.Errorf("%s: %w", policy.ID, err)
	}
	return v, nil
}

// printed finds a printed object by kind and name; nil where there is none.
func (p *proof) printed(kind, name string) *emitted {
	for _, e := range p.emitted {
		if e.ID.Kind == kind && e.ID.Name == name {
			return e
		}
	}
	return nil
}

// programs parses the expressions of a list.
func programs(list *manifest.Node, keys ...string) ([]*cel.Program, error) {
	var out []*cel.Program
	for i, item := range list.Elems() {
		program, err := cel.Parse(item.Get(keys...).Str())
		if err != nil {
			return nil, fmt.Errorf("expression %d: %w", i+1, err)
		}
		out = append(out, program)
	}
	return out, nil
}

// admits answers as the API server would for a new pod, or for a change where
// there is an old one.
func (v *podPolicy) admits(namespace string, old, spec *manifest.Node) (bool, error) {
	if slices.Contains(v.exempt, namespace) {
		return true, nil
	}
	vars := map[string]any{"object": map[string]any{"spec": spec.Value()}, "oldObject": nil}
	if old != nil {
		vars["oldObject"] = map[string]any{"spec": old.Value()}
	}
	for _, c := range v.conditions {
		if ok, err := c.Bool(vars); err != nil || !ok {
			return true, err
		}
	}
	for _, c := range v.validations {
		if ok, err := c.Bool(vars); err != nil || !ok {
			return false, err
		}
	}
	return true, nil
}

// nodes asks whether the nodes that the machinery makes carry label and taints.
func (p *proof) nodes(g *plan.NodeGroup) {
	m := g.Machinery
	for _, patch := range m.Patches {
		object := patch.Resource.Object
		if patch.Label {
			object = merged(object, patch.Place.Labels, patch.Place.WithLabel(object, g.Key, g.Value))
		}
		if patch.Taints != nil {
			object = merged(object, patch.Place.Taints, manifest.Of(patch.Taints))
		}
		p.nodesOf(g, patch.Resource.ID, patch.Place.LabelsOf(object), patch.Place.TaintsOf(object), positions(patch.Resource, "metadata", "name"))
	}
	if m.NodePool != nil {
		if e := p.printed("NodePool", m.NodePool.Name); e == nil {
			p.fail("", plan.NodeGroups, nil, "the NodePool of node group %s is not printed", g.Name)
		} else {
			template := e.Object.Get("spec", "template")
			at := plan.NodePlace{Labels: manifest.Path("metadata", "labels"), Taints: manifest.Path("spec", "taints")}
			p.nodesOf(g, e.ID, at.LabelsOf(template), at.TaintsOf(template), nil)
		}
	}
	if m.AdmissionAPI != "" {
		p.mutated(g)
	}
}

func (p *proof) nodesOf(g *plan.NodeGroup, id manifest.ID, labels map[string]string, taints []plan.Taint, at []manifest.Position) {
	if labels[g.Key] != g.Value {
		p.fail("", plan.NodeGroups, at, "%s makes nodes of group %s without the label %s=%s", id, g.Name, g.Key, g.Value)
	}
	for _, t := range g.Taints() {
		if !slices.Contains(taints, t) {
			p.fail("", plan.NodeGroups, at, "%s makes nodes of group %s without the taint %s=%s:%s", id, g.Name, t.Key, t.Value, t.Effect)
		}
	}
	for _, t := range taints {
		for _, m := range g.Members {
			if pod := patched(g, m); t.Effect != "PreferNoSchedule" && !plan.Tolerates(pod, t) {
				p.fail("", plan.NodeGroups, append(positions(m.Resource, "metadata", "name"), at...), "%s belongs to node group %s and does not tolerate the taint %s=%s:%s of its nodes", m.Resource.ID, g.Name, t.Key, t.Value, t.Effect)
			}
		}
	}
}

// merged puts a value at a path, over what a map there holds.
func merged(n *manifest.Node, path manifest.FieldPath, value *manifest.Node) *manifest.Node {
	if len(path) == 0 {
		if n == nil || n.Kind != manifest.Map || value.Kind != manifest.Map {
			return value
		}
		for _, f := range value.Fields {
			n = n.With(f.Key, f.Value)
		}
		return n
	}
	if n == nil || n.Kind != manifest.Map {
		n = &manifest.Node{Kind: manifest.Map}
	}
	return n.With(path[0].Key, merged(n.Get(path[0].Key), path[1:], value))
}

// mutated runs the printed mutations on nodes of the group and on others, with and
// without taints, and asks which taints come out.
func (p *proof) mutated(g *plan.NodeGroup) {
	name := "secgen-node-group-" + g.Name
	policy, binding := p.printed("MutatingAdmissionPolicy", name), p.printed("MutatingAdmissionPolicyBinding", name)
	if policy == nil || binding == nil || binding.Object.Get("spec", "policyName").Str() != name {
		p.fail("", plan.NodeGroups, nil, "the policy that taints the nodes of group %s, or its binding, is not printed", g.Name)
		return
	}
	spec := policy.Object.Get("spec")
	conditions, err := programs(spec.Get("matchConditions"), "expression")
	var mutations []*cel.Program
	if err == nil {
		mutations, err = programs(spec.Get("mutations"), "jsonPatch", "expression")
	}
	if err != nil {
		p.fail("", plan.NodeGroups, nil, "%s cannot be judged: %v", policy.ID, err)
		return
	}
	own := g.Taints()[0]
	for _, labels := range []map[string]string{nil, {}, {g.Key: g.Value + "-other"}, {g.Key: g.Value}} {
		for _, before := range [][]plan.Taint{nil, {}, {{Key: "node.kubernetes.io/not-ready", Effect: "NoSchedule"}}, {own}, {{Key: own.Key, Value: "old", Effect: own.Effect}}} {
			want := slices.Clone(before)
			if labels[g.Key] == g.Value {
				for _, t := range g.Taints() {
					if !slices.ContainsFunc(before, func(b plan.Taint) bool { return b.Key == t.Key && b.Effect == t.Effect }) {
						want = append(want, t)
					}
				}
			}
			got, err := mutate(conditions, mutations, labels, before)
			if err != nil {
				p.fail("", plan.NodeGroups, nil, "%s cannot be judged: %v", policy.ID, err)
				return
			}
			if !slices.Equal(got, want) {
				p.fail("", plan.NodeGroups, nil, "%s gives a node with labels %v and taints %v the taints %v, want %v", policy.ID, labels, before, got, want)
				return
			}
		}
	}
}

// mutate is a node's taints after the mutations. nil labels and taints stand for
// fields that are not there.
func mutate(conditions, mutations []*cel.Program, labels map[string]string, taints []plan.Taint) ([]plan.Taint, error) {
	metadata, spec := map[string]any{}, map[string]any{}
	if labels != nil {
		all := map[string]any{}
		for key, value := range labels {
			all[key] = value
		}
		metadata["labels"] = all
	}
	if taints != nil {
		list := []any{}
		for _, t := range taints {
			list = append(list, map[string]any{"key": t.Key, "value": t.Value, "effect": t.Effect})
		}
		spec["taints"] = list
	}
	vars := map[string]any{"object": map[string]any{"metadata": metadata, "spec": spec}}
	for _, c := range conditions {
		if ok, err := c.Bool(vars); err != nil || !ok {
			return taints, err
		}
	}
	for _, m := range mutations {
		v, err := m.Eval(vars)
		if err != nil {
			return nil, err
		}
		if err := apply(spec, v); err != nil {
			return nil, err
		}
	}
	list, _ := spec["taints"].([]any)
	out := slices.Clone(taints[:0:0])
	for _, item := range list {
		t, _ := item.(map[string]any)
		out = append(out, plan.Taint{Key: fmt.Sprint(t["key"]), Value: fmt.Sprint(t["value"]), Effect: fmt.Sprint(t["effect"])})
	}
	return out, nil
}

// apply does what JSON patches of taints do; any other is an error.
func apply(spec map[string]any, patches any) error {
	list, ok := patches.([]any)
	if !ok {
		return fmt.Errorf("%v is no list of patches", patches)
	}
	for _, item := range list {
		patch, _ := item.(map[string]any)
		old, has := spec["taints"].([]any)
		switch {
		case patch["op"] == "add" && patch["path"] == "/spec/taints":
			value, ok := patch["value"].([]any)
			if !ok {
				return fmt.Errorf("%v is no list of taints", patch["value"])
			}
			spec["taints"] = value
		case patch["op"] == "add" && patch["path"] == "/spec/taints/-" && has:
			spec["taints"] = append(slices.Clone(old), patch["value"])
		default:
			return fmt.Errorf("the patch %v of a node with taints %v does not apply", patch, strings.TrimSpace(fmt.Sprint(old)))
		}
	}
	return nil
}
