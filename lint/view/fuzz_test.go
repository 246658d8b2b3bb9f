package view

import (
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/schema"
)

// FuzzViews makes views of whatever parses as YAML: none may panic, and each path
// must lead to a part of the object.
func FuzzViews(f *testing.F) {
	for _, seed := range []string{
		deployment, benchmarked, shop, service, near,
		"{apiVersion: v1, kind: Pod, metadata: [], spec: {containers: [null, 1, {name: 2, image: [], securityContext: x, resources: {limits: [1]}}]}}",
		"{apiVersion: v1, kind: Pod, spec: text}",
		"{apiVersion: v1, kind: Secret, data: {a: 1, b: null}, stringData: [x]}",
		"{apiVersion: v1, kind: Service, spec: {selector: [a], loadBalancerSourceRanges: {}}}",
		"{apiVersion: networking.k8s.io/v1, kind: Ingress, spec: {rules: {}, tls: [null, {hosts: x}]}}",
		"{apiVersion: quota.openshift.io/v1, kind: ClusterResourceQuota, spec: {selector: {labels: {matchExpressions: [{key: 1}]}}}}",
		"{apiVersion: kyverno.io/v1, kind: ClusterPolicy, spec: {rules: [null, {generate: 1}]}}",
		"{apiVersion: jobset.x-k8s.io/v1, kind: JobSet, spec: {replicatedJobs: [null, {template: {spec: {template: {spec: {}}}}}]}}",
	} {
		f.Add(seed)
	}
	e := env(f)
	f.Fuzz(func(t *testing.T, text string) {
		var doc yaml.Node
		if len(text) > 10_000 || yaml.Unmarshal([]byte(text), &doc) != nil {
			return
		}
		object, err := manifest.FromYAML(&doc, nil)
		if err != nil || object.Kind != manifest.Map {
			return
		}
		r := &manifest.Resource{ID: manifest.IDOf(object), Object: object}
		for _, v := range e.Of(r) {
			if v.Resource.Object.Lookup(v.Path) == nil {
				t.Errorf("%s: the path %s leads nowhere", v.Kind, v.Path)
			}
			if v.Node.Get("facts", "object") == nil || v.Label == "" && v.Kind != schema.ViewPod {
				t.Errorf("%s at %s has no facts about its object, or no label", v.Kind, v.Path)
			}
		}
		digests := []Digest{e.DigestOf("a", []*manifest.Resource{r}), e.DigestOf("b", resources(t, shop+"---\n"+service+"---\n"+near))}
		if len(whole(t, schema.ViewNamespace, digests, nil)) == 0 || len(whole(t, schema.ViewEnvironment, digests, nil)) == 0 {
			t.Error("the namespace and the service of another root are gone")
		}
	})
}
