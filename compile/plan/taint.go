package plan

import (
	"slices"

	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/workload"
)

// Taint keeps pods off a node that do not tolerate it.
type Taint struct{ Key, Value, Effect string }

// Tolerates tells whether a toleration of the pod matches the taint, as
// k8s.io/component-helpers/scheduling/corev1 has it.
func Tolerates(p workload.Pod, t Taint) bool {
	return slices.ContainsFunc(p.Spec.Get("tolerations").Elems(), t.matches)
}

func (t Taint) matches(toleration *manifest.Node) bool {
	key, value, effect := toleration.Get("key").Str(), toleration.Get("value").Str(), toleration.Get("effect").Str()
	if effect != "" && effect != t.Effect {
		return false
	}
	if toleration.Get("operator").Str() == "Exists" {
		return key == "" || key == t.Key
	}
	return key == t.Key && value == t.Value
}
