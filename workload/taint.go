package workload

import (
	"slices"
	"strconv"

	"github.com/secgen/secgen/manifest"
)

// Taint keeps pods off a node that do not tolerate it.
type Taint struct{ Key, Value, Effect string }

// Tolerates tells whether a toleration of the pod matches the taint, as
// k8s.io/component-helpers/scheduling/corev1 has it.
func (p Pod) Tolerates(t Taint) bool {
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
		return key == t.Key && t.Number()
	}
	return key == t.Key && value == t.Value
}

// Number tells whether tolerations may compare the taint's value, which clusters
// of 1.35 and later can do. Whatever they compare it with counts as a match.
func (t Taint) Number() bool {
	_, err := strconv.ParseInt(t.Value, 10, 64)
	return err == nil
}
