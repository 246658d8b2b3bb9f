package view

import (
	"testing"

	"github.com/secgen/secgen/schema"
)

const (
	service = "{apiVersion: v1, kind: Service, metadata: {name: web, namespace: shop}, spec: {selector: {app: web, tier: front}}}\n"
	near    = "{apiVersion: apps/v1, kind: Deployment, metadata: {name: api, namespace: shop}, spec: {template: {metadata: {labels: {app: web}}, spec: {}}}}\n"
)

func TestSelectsPods(t *testing.T) {
	pods := func(kind, namespace, labels string) string {
		return "{apiVersion: apps/v1, kind: " + kind + ", metadata: {name: web, namespace: " + namespace + "}, spec: {template: {metadata: {labels: " + labels + "}, spec: {}}}}\n"
	}
	tests := []struct {
		name, service string
		roots         []string
		want          string
	}{
		{"selects", service, []string{pods("Deployment", "shop", "{app: web, tier: front, more: x}")}, "true"},
		{"selects a pod of another root", service, []string{near, pods("StatefulSet", "shop", "{app: web, tier: front}")}, "true"},
		{"selects nothing", service, []string{near}, "false"},
		{"a pod of another namespace", service, []string{near, pods("Deployment", "other", "{app: web, tier: front}")}, "false"},
		{"a pod of an unknown namespace", service, []string{near, pods("Deployment", `""`, "{app: web, tier: front}")}, "true"},
		{"no pods in the namespace", service, []string{pods("Deployment", "other", "{app: web}")}, "absent"},
		{"a custom resource in the namespace", service, []string{near, "{apiVersion: kafka.strimzi.io/v1, kind: Kafka, metadata: {name: k, namespace: shop}}"}, "absent"},
		{"a custom resource elsewhere", service, []string{near, "{apiVersion: kafka.strimzi.io/v1, kind: Kafka, metadata: {name: k, namespace: other}}"}, "false"},
		{"a custom resource without pods", service, []string{near, "{apiVersion: cert-manager.io/v1, kind: Certificate, metadata: {name: k, namespace: shop}}"}, "false"},
		{"a Helm release into the namespace", service, []string{near, "{apiVersion: helm.toolkit.fluxcd.io/v2, kind: HelmRelease, metadata: {name: k, namespace: flux}, spec: {targetNamespace: shop}}"}, "absent"},
		{"an Application into another namespace", service, []string{near, "{apiVersion: argoproj.io/v1alpha1, kind: Application, metadata: {name: k, namespace: argocd}, spec: {destination: {namespace: other}}}"}, "false"},
		{"Flux applies another repository anywhere", service, []string{near, "{apiVersion: kustomize.toolkit.fluxcd.io/v1, kind: Kustomization, metadata: {name: k, namespace: flux-system}, spec: {sourceRef: {name: apps}}}"}, "absent"},
		{"Flux applies this repository", service, []string{near, "{apiVersion: kustomize.toolkit.fluxcd.io/v1, kind: Kustomization, metadata: {name: k, namespace: flux-system}, spec: {sourceRef: {name: flux-system}}}"}, "false"},
		{"a template whose controller adds labels", service, []string{near, "{apiVersion: argoproj.io/v1alpha1, kind: Rollout, metadata: {name: r, namespace: shop}, spec: {template: {metadata: {labels: {app: web}}, spec: {}}}}"}, "absent"},
		{"a template with a variable", service, []string{near, pods("Deployment", "shop", "{app: '${APP}'}")}, "absent"},
		{"platform namespace", "{apiVersion: v1, kind: Service, metadata: {name: dns, namespace: kube-system}, spec: {selector: {k8s-app: dns}}}", []string{pods("Deployment", "kube-system", "{a: b}")}, "absent"},
		{"one pod of a StatefulSet", "{apiVersion: v1, kind: Service, metadata: {name: web-0, namespace: shop}, spec: {selector: {app: web, statefulset.kubernetes.io/pod-name: web-0}}}", []string{pods("StatefulSet", "shop", "{app: web}")}, "true"},
		{"no selector", "{apiVersion: v1, kind: Service, metadata: {name: web, namespace: shop}, spec: {}}", []string{near}, "not judged"},
		{"ExternalName", "{apiVersion: v1, kind: Service, metadata: {name: web, namespace: shop}, spec: {type: ExternalName, selector: {a: b}}}", []string{near}, "not judged"},
		{"a selector with a variable", "{apiVersion: v1, kind: Service, metadata: {name: web, namespace: shop}, spec: {selector: {app: '${APP}'}}}", []string{near}, "not judged"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			digests := []Digest{digest(t, "service", tt.service)}
			for i, text := range tt.roots {
				digests = append(digests, digest(t, string(rune('a'+i)), text))
			}
			got := "not judged"
			if views := whole(t, schema.ViewEnvironment, digests, nil); len(views) == 1 {
				got = fact(t, views[0], "selectsPods")
			}
			if got != tt.want {
				t.Errorf("selectsPods is %s, want %s", got, tt.want)
			}
		})
	}
}

func TestSelectsPodsOfUnreadRoot(t *testing.T) {
	digests := []Digest{digest(t, "a", service), digest(t, "b", near), UnreadDigest("c")}
	if got := fact(t, whole(t, schema.ViewEnvironment, digests, nil)[0], "selectsPods"); got != "absent" {
		t.Errorf("selectsPods is %s beside an unread root, want absent", got)
	}
	environments := []Environment{{Name: "prod", Roots: []string{"a", "b"}}}
	v := whole(t, schema.ViewEnvironment, digests, environments)[0]
	if got := fact(t, v, "selectsPods"); got != "false" {
		t.Errorf("selectsPods is %s where the unread root is in another environment, want false", got)
	}
	if got := fact(t, v, "nearest"); got != `"Deployment api"` {
		t.Errorf("nearest is %s, want Deployment api", got)
	}
	if v.Node.Get("facts", "selectsPods").Pos.Line != 1 {
		t.Errorf("selectsPods is at %s, want line 1", v.Node.Get("facts", "selectsPods").Pos)
	}
}
