package main

import (
	"strings"
	"testing"
)

// TestSchemasArePrinted: schemas of custom resources, which lint and compile leave
// out while they build, are in what render prints.
func TestSchemasArePrinted(t *testing.T) {
	const definition = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: shops.example.com}
spec:
  group: example.com
  names: {kind: Shop, plural: shops}
  scope: Namespaced
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        description: what a shop is
`
	top := repository(t, files{
		"k/kustomization.yaml": "resources: [crd.yaml]\n", "k/crd.yaml": definition,
		"plain/crd.yaml": strings.ReplaceAll(definition, "shop", "stall"),
	})
	o := secgen(t, top, "render")
	for _, text := range []string{"what a shop is", "what a stall is"} {
		if o.status != exitOK || !strings.Contains(o.stdout, text) {
			t.Errorf("exit status %d, and %q is missing in\n%s%s", o.status, text, o.stdout, o.stderr)
		}
	}
	for _, command := range [][]string{{"compile", "--explain"}, {"graph"}} {
		if o := secgen(t, top, command...); o.status == exitFailure {
			t.Errorf("%s: %s", command, o.stderr)
		}
	}
}
