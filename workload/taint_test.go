package workload

import "testing"

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
		pod := Pod{Spec: parse(t, "tolerations: ["+toleration+"]")}
		if got := pod.Tolerates(taint); got != want {
			t.Errorf("%s: %v", toleration, got)
		}
	}
}
