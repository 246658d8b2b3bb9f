package admission_test

import (
	"testing"

	"github.com/secgen/secgen/workload/admission"
)

func TestInScope(t *testing.T) {
	const plain, bound = "containers: [{name: c}]", "containers: [{name: c, resources: {limits: {memory: 1Gi}}}]"
	const high, deadline = "priorityClassName: high\n" + plain, "activeDeadlineSeconds: 60\n" + bound
	for scope, want := range map[string]map[string]bool{
		"scopes: [Terminating]":                 {plain: false, deadline: true},
		"scopes: [NotTerminating, BestEffort]":  {plain: true, bound: false, deadline: false},
		"scopes: [NotBestEffort]":               {plain: false, bound: true},
		"scopes: []":                            {plain: true},
		"scopeSelector: {matchExpressions: []}": {plain: true},
		"scopeSelector: {matchExpressions: [{scopeName: PriorityClass, operator: In, values: [high]}]}":                                                  {plain: false, high: true},
		"scopeSelector: {matchExpressions: [{scopeName: PriorityClass, operator: NotIn, values: [high]}]}":                                               {plain: true, high: false},
		"scopeSelector: {matchExpressions: [{scopeName: PriorityClass, operator: Exists}]}":                                                              {plain: false, high: true},
		"scopeSelector: {matchExpressions: [{scopeName: PriorityClass, operator: DoesNotExist}]}":                                                        {plain: true, high: false},
		"scopeSelector: {matchExpressions: [{scopeName: PriorityClass, operator: Exists}, {scopeName: PriorityClass, operator: NotIn, values: [high]}]}": {plain: false, high: false, "priorityClassName: low\n" + plain: true},
		"{scopes: [NotTerminating], scopeSelector: {matchExpressions: [{scopeName: PriorityClass, operator: In, values: [high]}]}}":                      {plain: false, high: true},
	} {
		spec := resources(t, "q.yaml", scope)[0].Object
		for p, in := range want {
			if got, known := admission.InScope(spec, pod(t, p)); got != in || !known {
				t.Errorf("%s counts\n%s: %v, %v; want %v", scope, p, got, known, in)
			}
		}
	}
	for scope, p := range map[string]string{
		"scopes: [CrossNamespacePodAffinity]":                                                       plain,
		"scopeSelector: {matchExpressions: [{scopeName: VolumeAttributesClass, operator: Exists}]}": plain,
		"scopeSelector: {matchExpressions: [{scopeName: PriorityClass, operator: Above}]}":          plain,
		"scopes: [PriorityClass]": "priorityClassName: ${CLASS}\n" + plain,
	} {
		if in, known := admission.InScope(resources(t, "q.yaml", scope)[0].Object, pod(t, p)); in || known {
			t.Errorf("%s: %v, %v", scope, in, known)
		}
	}
}
