package plan

import (
	"reflect"
	"testing"

	"github.com/secgen/secgen/compile/compiletest"
	"github.com/secgen/secgen/compile/inventory"
	"github.com/secgen/secgen/schema"
)

func TestPullSecrets(t *testing.T) {
	objects := compiletest.Resources(t, "r.yaml", `apiVersion: v1
kind: Secret
metadata: {name: registry}
type: kubernetes.io/dockerconfigjson
---
apiVersion: v1
kind: Secret
metadata: {name: rotating-5b8c9d7f6g}
type: kubernetes.io/dockerconfigjson
---
apiVersion: bitnami.com/v1alpha1
kind: SealedSecret
metadata: {name: sealed}
spec: {template: {type: kubernetes.io/dockercfg}}
---
apiVersion: v1
kind: Secret
metadata: {name: other}
type: Opaque
`)
	objects[1].Origin.ID.Name = "rotating" // as kustomize's generator had it
	n := &Namespace{Namespace: &inventory.Namespace{Name: "shop", Objects: objects}}
	want := []PullSecret{{"registry", "Secret/registry of type kubernetes.io/dockerconfigjson"}, {"sealed", "SealedSecret/sealed of type kubernetes.io/dockercfg"}}
	if got := pullSecrets(n); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v", got)
	}
	n.Policy = schema.NamespacePolicy{PullSecrets: []string{}}
	if got := pullSecrets(n); len(got) > 0 {
		t.Errorf("the policy says that there are none: %v", got)
	}
}
