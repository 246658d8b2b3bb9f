package plan

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/workload"
)

// Taint keeps pods off a node that do not tolerate it.
type Taint struct{ Key, Value, Effect string }

// Tolerates tells whether a toleration of the pod matches the taint, as
// k8s.io/component-helpers/scheduling/corev1 has it.
func Tolerates(p workload.Pod, t Taint) bool {
	return slices.ContainsFunc(p.Spec.Get("tolerations").Elems(), t.Matches)
}

// Matches tells whether a toleration is for the taint.
func (t Taint) Matches(toleration *manifest.Node) bool {
	key, value, effect := toleration.Get("key").Str(), toleration.Get("value").Str(), toleration.Get("effect").Str()
	if effect != "" && effect != t.Effect {
		return false
	}
	switch toleration.Get("operator").Str() {
	case "Exists":
		return key == "" || key == t.Key
	case "Lt", "Gt":
		return key == t.Key && t.number()
	}
	return key == t.Key && value == t.Value
}

// number tells whether tolerations may compare the taint's value, which clusters
// of 1.35 and later can do. Whatever they compare it with counts as a match.
func (t Taint) number() bool {
	_, err := strconv.ParseInt(t.Value, 10, 64)
	return err == nil
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
	if (Taint{Value: g.Value}).number() {
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
