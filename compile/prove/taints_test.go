package prove_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/secgen/secgen/compile/emit"
	"github.com/secgen/secgen/compile/plan"
	"github.com/secgen/secgen/compile/prove"
)

// A plan that leaves a workload out, or lets in one too many, is not proven.
func TestTheProofSeesWhatIsBrokenInNodeGroups(t *testing.T) {
	for name, c := range map[string]struct {
		broken func(*plan.NodeGroup)
		want   string
	}{
		"no toleration":      {func(g *plan.NodeGroup) { g.Members[0].Tolerations = nil }, "does not tolerate"},
		"no node selector":   {func(g *plan.NodeGroup) { g.Members[0].Select = false }, "does not select"},
		"a stranger refused": {func(g *plan.NodeGroup) { g.Namespaces = []string{"bank"} }, "would be refused"},
	} {
		t.Run(name, func(t *testing.T) {
			inv, p, _ := printed(t, "edge")
			for _, g := range p.NodeGroups {
				if g.Name == "bank" {
					c.broken(g)
				}
			}
			files, err := emit.Files(p, nil)
			if err != nil {
				t.Fatal(err)
			}
			failures, err := prove.All(inv, p, files, nil)
			if err != nil || len(failures) == 0 || failures[0].Guardrail != plan.NodeGroups || !strings.Contains(failures[0].Text, c.want) {
				t.Errorf("got %v, %v", failures, err)
			}
		})
	}
}

// Each row breaks one printed object.
func TestTheProofSeesWhatIsBrokenOnNodes(t *testing.T) {
	inv, p, files := printed(t, "taints")
	if failures, err := prove.All(inv, p, files, nil); err != nil || len(failures) > 0 {
		t.Fatalf("what was printed is not proven: %v, %v", failures, err)
	}
	for name, c := range map[string]struct{ old, new, want string }{
		"a bare operator gets through":    {"!has(t.key) || t.key == '' || t.key == 'example.com/tenant'", "has(t.key) && t.key == 'example.com/tenant'", "secgen-node-group-made decides wrongly"},
		"any effect gets through":         {"(!has(t.effect) || t.effect == '' || t.effect in ['NoSchedule']) &&", "has(t.effect) && t.effect in ['NoSchedule'] &&", "decides wrongly"},
		"a further effect gets through":   {"t.effect in ['NoSchedule', 'NoExecute']", "t.effect in ['NoSchedule']", "secgen-node-group-joining decides wrongly"},
		"comparisons get through":         {"has(t.operator) && t.operator in ['Lt', 'Gt'] || ", "", "secgen-node-group-labelled decides wrongly"},
		"too much is refused":             {" && (has(t.value) ? t.value : '') == 'made'", "", "decides wrongly on a pod with the toleration map[key:example.com/tenant"},
		"changes get through":             {"oldObject == null || !has(oldObject.spec.tolerations) || !has(object.spec.tolerations) || object.spec.tolerations != oldObject.spec.tolerations", "oldObject == null", "decides wrongly"},
		"a condition nobody understands":  {"oldObject == null || ", "oldObject == null || object.spec.tolerations.size() == 0 || ", "function \"size\" is not known"},
		"changes are not seen":            {"operations: [CREATE, UPDATE]\n        resources: [pods]", "operations: [CREATE]\n        resources: [pods]", "does not see every new pod and every change"},
		"nothing is denied":               {"validationActions: [Deny]", "validationActions: [Audit]", "does not enforce"},
		"the policy fails open":           {"failurePolicy: Fail\n  matchConstraints:\n    namespaceSelector", "failurePolicy: Ignore\n  matchConstraints:\n    namespaceSelector", "does not see every"},
		"a NodePool without taint":        {"taints:\n        - key: example.com/tenant\n          value: made\n", "taints:\n        - key: example.com/tenant\n          value: other\n", "NodePool made makes nodes of group made without the taint example.com/tenant=made:NoSchedule"},
		"a NodePool without label":        {"labels:\n        example.com/tenant: made", "labels:\n        example.com/tenant: maid", "without the label example.com/tenant=made"},
		"nodes of others are tainted":     {"&& object.metadata.labels['dedicated'] == '7'", "", "gives a node with labels map[dedicated:7-other]"},
		"taints of others are lost":       {"path: '/spec/taints/-', value: Object.spec.taints{key: 'dedicated', value: '7', effect: 'NoSchedule'}", "path: '/spec/taints', value: [Object.spec.taints{key: 'dedicated', value: '7', effect: 'NoSchedule'}]", "the taints [{dedicated 7 NoSchedule} {dedicated 7 NoExecute}], want"},
		"a taint comes twice":             {"object.spec.taints.exists(t, t.key == 'dedicated' && t.effect == 'NoSchedule')", "object.spec.taints.exists(t, t.key == 'x')", "secgen-node-group-labelled gives"},
		"a node without labels is an end": {"has(object.metadata.labels) && ", "true && ", "cannot be judged: no such key: labels"},
	} {
		t.Run(name, func(t *testing.T) {
			broken := append([]emit.File(nil), files...)
			found := false
			for i, f := range broken {
				if f.Path == "cluster/node-groups.yaml" {
					found = bytes.Contains(f.Content, []byte(c.old))
					broken[i].Content = bytes.Replace(f.Content, []byte(c.old), []byte(c.new), 1)
				}
			}
			if !found {
				t.Fatalf("%q is not printed", c.old)
			}
			failures, err := prove.All(inv, p, broken, nil)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range failures {
				if f.Guardrail == plan.NodeGroups && strings.Contains(f.Text, c.want) {
					return
				}
			}
			t.Errorf("want a failure with %q, got %v", c.want, failures)
		})
	}
}

// What a patch leaves out of the repository's own machinery is seen too.
func TestTheProofSeesWhatPatchesLack(t *testing.T) {
	for name, c := range map[string]struct {
		broken func(*plan.NodePatch)
		want   string
	}{
		"no label":  {func(n *plan.NodePatch) { n.Label = false }, "without the label"},
		"no taints": {func(n *plan.NodePatch) { n.Taints = nil }, "without the taint"},
	} {
		t.Run(name, func(t *testing.T) {
			inv, p, files := printed(t, "taints")
			seen := 0
			for _, g := range p.NodeGroups {
				for i := range g.Machinery.Patches {
					c.broken(&g.Machinery.Patches[i])
					seen++
				}
			}
			failures, err := prove.All(inv, p, files, nil)
			found := 0
			for _, f := range failures {
				if strings.Contains(f.Text, c.want) {
					found++
				}
			}
			if err != nil || seen != 4 || found < seen {
				t.Errorf("%d patches, %d failures with %q: %v, %v", seen, found, c.want, failures, err)
			}
		})
	}
}
