package admission_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/secgen/secgen/workload/admission"
)

// As pkg/apis/core/validation, ValidateLimitRange, has it.
func TestMistakes(t *testing.T) {
	for item, want := range map[string]string{
		"{type: Container, min: {cpu: 1}, defaultRequest: {cpu: 2}, default: {cpu: 3}, max: {cpu: 4}}": "",
		"{type: Container, min: {cpu: 2}, max: {cpu: 1}}":                                              "min.cpu",
		"{type: Container, defaultRequest: {cpu: 2}, default: {cpu: 1}}":                               "defaultRequest.cpu",
		"{type: Container, default: {cpu: 2, memory: 1Gi}, max: {cpu: 1, memory: 2Gi}}":                "defaultRequest.cpu default.cpu",
		"{type: Pod, max: {cpu: 1}}":                                                                   "",
	} {
		var got []string
		for _, m := range limits(t, item)[0].Mistakes() {
			got = append(got, m.Field+"."+m.Resource)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %v, want %s", item, got, want)
		}
	}
}

// What Changes names is what Apply fills in.
func TestChangesAreWhatIsApplied(t *testing.T) {
	items := limits(t, "{type: Container, default: {cpu: 1, memory: 1Gi}, defaultRequest: {cpu: 100m}}")
	p := pod(t, "containers: [{name: a, resources: {requests: {memory: 64Mi}}}, {name: b, resources: {limits: {cpu: 2, memory: 2Gi}}}]")
	var got []string
	for _, c := range items[0].Changes(p) {
		got = append(got, c.Container.Name()+": "+strings.Join(c.Sets, " + "))
	}
	if want := "[a: requests.cpu 100m + limits.cpu 1 + limits.memory 1Gi]"; fmt.Sprint(got) != want {
		t.Errorf("got %v, want %s", got, want)
	}
	if again := items[0].Changes(admission.Apply(p, items)); len(again) > 0 {
		t.Errorf("after the defaults are filled in there is more to fill in: %v", again)
	}
}
