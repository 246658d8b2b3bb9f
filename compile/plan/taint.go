package plan

import (
	"fmt"
	"strings"

	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/workload"
)

// Taint keeps pods off a node that do not tolerate it.
type Taint workload.Taint

// Tolerates tells whether a toleration of the pod matches the taint.
func Tolerates(p workload.Pod, t Taint) bool { return p.Tolerates(workload.Taint(t)) }

// Matches tells whether a toleration is for the taint.
func (t Taint) Matches(toleration *manifest.Node) bool {
	return workload.Taint(t).Matches(toleration)
}

// ToleratesExpression is, in CEL, that no toleration of the object's pod matches a
// taint of the group: an empty key with Exists matches every taint, and an empty
// effect every effect.
func (g *NodeGroup) ToleratesExpression() string {
	quoted := make([]string, len(g.Effects))
	for i, e := range g.Effects {
		quoted[i] = "'" + e + "'"
	}
	value := fmt.Sprintf("(has(t.value) ? t.value : '') == '%s'", g.Value)
	if (workload.Taint{Value: g.Value}).Number() {
		value = "(has(t.operator) && t.operator in ['Lt', 'Gt'] || " + value + ")"
	}
	return fmt.Sprintf("!has(object.spec.tolerations) || !object.spec.tolerations.exists(t,\n"+
		"  (!has(t.effect) || t.effect == '' || t.effect in [%s]) &&\n"+
		"  (has(t.operator) && t.operator == 'Exists'\n"+
		"    ? !has(t.key) || t.key == '' || t.key == '%s'\n"+
		"    : has(t.key) && t.key == '%s' && %s))",
		strings.Join(quoted, ", "), g.Key, g.Key, value)
}

// AddExpression is, in CEL, the JSON patch that gives a node the taint, unless it
// has one of that key and effect.
func (t Taint) AddExpression() string {
	taint := fmt.Sprintf("Object.spec.taints{key: '%s', value: '%s', effect: '%s'}", t.Key, t.Value, t.Effect)
	return fmt.Sprintf("!has(object.spec.taints)\n"+
		"  ? [JSONPatch{op: 'add', path: '/spec/taints', value: [%s]}]\n"+
		"  : object.spec.taints.exists(t, t.key == '%s' && t.effect == '%s')\n"+
		"    ? []\n"+
		"    : [JSONPatch{op: 'add', path: '/spec/taints/-', value: %s}]", taint, t.Key, t.Effect, taint)
}

// LabelExpression is, in CEL, that a node carries the label of the group.
func (g *NodeGroup) LabelExpression() string {
	return fmt.Sprintf("has(object.metadata.labels) && '%s' in object.metadata.labels && object.metadata.labels['%s'] == '%s'", g.Key, g.Key, g.Value)
}
