package plan

import (
	"testing"

	"github.com/secgen/secgen/compile/compiletest"
	"github.com/secgen/secgen/workload"
)

func TestTolerates(t *testing.T) {
	taint := Taint{"dedicated", "edge", "NoSchedule"}
	for toleration, want := range map[string]bool{
		"{key: dedicated, operator: Equal, value: edge, effect: NoSchedule}": true,
		"{key: dedicated, value: edge}":                                      true,
		"{key: dedicated, value: other}":                                     false,
		"{key: dedicated}":                                                   false,
		"{key: dedicated, operator: Exists}":                                 true,
		"{operator: Exists}":                                                 true,
		"{operator: Exists, effect: NoExecute}":                              false,
		"{operator: Exists, effect: NoSchedule}":                             true,
		"{key: other, operator: Exists}":                                     false,
		"{key: dedicated, value: edge, effect: NoExecute}":                   false,
	} {
		pod := workload.Pod{Spec: compiletest.Resources(t, "p", "tolerations: ["+toleration+"]")[0].Object}
		if got := Tolerates(pod, taint); got != want {
			t.Errorf("%s: %v", toleration, got)
		}
	}
}
