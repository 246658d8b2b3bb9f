package kube

import (
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/secgen/secgen/manifest"
)

// Whatever an object holds, Check returns problems at paths that exist.
func FuzzCheck(f *testing.F) {
	for _, seed := range []string{
		"apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [null, 1, {name: A, ports: [{containerPort: x}]}]}",
		"apiVersion: v1\nkind: Service\nmetadata: []\nspec: {ports: {}, selector: [1], loadBalancerSourceRanges: [x, 1]}",
		"apiVersion: v1\nkind: Secret\nmetadata: {name: a, labels: {'': 1}}\ndata: {a: [1], b: '*'}",
		"apiVersion: apps/v1\nkind: Deployment\nspec: {selector: {matchExpressions: [{key: '', values: x}]}}",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, source string) {
		var y yaml.Node
		if len(source) > 4096 || yaml.Unmarshal([]byte(source), &y) != nil {
			t.Skip()
		}
		object, err := manifest.FromYAML(&y, nil)
		if err != nil {
			t.Skip()
		}
		for _, p := range Check(object) {
			if len(p.Path) == 0 && p.Fault != WrongType || object.Lookup(p.Path) == nil || p.Want == "" {
				t.Errorf("%s at %s: found %s, want %s", p.Fault, p.Path, p.Found, p.Want)
			}
		}
	})
}
