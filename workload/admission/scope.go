package admission

import (
	"slices"

	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/workload"
)

// InScope tells whether a quota of that spec counts a pod whose defaults are filled
// in; known is false where a scope is not one of pods. All scopes must match
// (pkg/quota/v1/evaluator/core/pods.go).
func InScope(spec *manifest.Node, p workload.Pod) (in, known bool) {
	in = true
	for _, scope := range spec.Get("scopes").Strings() {
		matches, ok := inScope(scope, "Exists", nil, p)
		if !ok {
			return false, false
		}
		in = in && matches
	}
	for _, e := range spec.Get("scopeSelector", "matchExpressions").Elems() {
		matches, ok := inScope(e.Get("scopeName").Str(), e.Get("operator").Str(), e.Get("values").Strings(), p)
		if !ok {
			return false, false
		}
		in = in && matches
	}
	return in, true
}

func inScope(scope, operator string, values []string, p workload.Pod) (in, known bool) {
	switch scope {
	case "Terminating":
		return terminating(p), true
	case "NotTerminating":
		return !terminating(p), true
	case "BestEffort":
		return bestEffort(p), true
	case "NotBestEffort":
		return !bestEffort(p), true
	case "PriorityClass":
		class := p.Spec.Get("priorityClassName").Str()
		if manifest.Unresolved(class) {
			return false, false
		}
		switch operator {
		case "Exists":
			return class != "", true
		case "DoesNotExist":
			return class == "", true
		case "In":
			return class != "" && slices.Contains(values, class), true
		case "NotIn":
			return !slices.Contains(values, class), true
		}
	}
	return false, false
}

// terminating tells whether the pod has a deadline.
func terminating(p workload.Pod) bool {
	seconds, ok := p.Spec.Get("activeDeadlineSeconds").Int()
	return ok && seconds >= 0
}

// bestEffort tells whether the pod neither requests nor limits cpu and memory.
func bestEffort(p workload.Pod) bool {
	usage, _ := Usage(p)
	for _, name := range []string{"requests.cpu", "requests.memory", "limits.cpu", "limits.memory"} {
		if q := usage[name]; !q.IsZero() {
			return false
		}
	}
	return true
}

// ByPriority tells whether a quota that counts pods of a priority class may bound
// the resource (pkg/apis/core/helper, IsResourceQuotaScopeValidForResource).
// Extended resources it may bound too.
func ByPriority(name string) bool {
	return slices.Contains([]string{"pods", "cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory"}, name)
}
