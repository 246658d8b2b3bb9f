package workload

import "testing"

func TestOpaque(t *testing.T) {
	tests := []struct {
		name, text, namespace string
		opaque                bool
	}{
		{"a custom resource", "{apiVersion: kafka.strimzi.io/v1, kind: Kafka, metadata: {name: x, namespace: shop}}", "shop", true},
		{"one that the table knows", "{apiVersion: argoproj.io/v1alpha1, kind: Rollout, metadata: {name: x, namespace: shop}}", "", false},
		{"Kubernetes' own", "{apiVersion: v1, kind: ConfigMap, metadata: {name: x, namespace: shop}}", "", false},
		{"a group without pods", "{apiVersion: cert-manager.io/v1, kind: Certificate, metadata: {name: x, namespace: shop}}", "", false},
		{"a kind without pods", "{apiVersion: monitoring.coreos.com/v1, kind: ServiceMonitor, metadata: {name: x, namespace: shop}}", "", false},
		{"its neighbour with pods", "{apiVersion: monitoring.coreos.com/v1, kind: Prometheus, metadata: {name: x, namespace: shop}}", "shop", true},
		{"a release elsewhere", "{apiVersion: helm.toolkit.fluxcd.io/v2, kind: HelmRelease, metadata: {name: x, namespace: flux}, spec: {targetNamespace: shop}}", "shop", true},
		{"a release at home", "{apiVersion: helm.toolkit.fluxcd.io/v2, kind: HelmRelease, metadata: {name: x, namespace: flux}}", "flux", true},
		{"a release that a variable places", "{apiVersion: helm.toolkit.fluxcd.io/v2, kind: HelmRelease, metadata: {name: x}, spec: {targetNamespace: '${NS}'}}", "", true},
		{"an application", "{apiVersion: argoproj.io/v1alpha1, kind: Application, metadata: {name: x, namespace: argocd}, spec: {destination: {namespace: shop}}}", "shop", true},
		{"applications of a generator", "{apiVersion: argoproj.io/v1alpha1, kind: ApplicationSet, metadata: {name: x, namespace: argocd}}", "", true},
		{"an application without pods", "{apiVersion: app.k8s.io/v1beta1, kind: Application, metadata: {name: x, namespace: shop}}", "", false},
		{"Flux's view of this repository", "{apiVersion: kustomize.toolkit.fluxcd.io/v1, kind: Kustomization, metadata: {name: x, namespace: flux-system}, spec: {sourceRef: {name: flux-system}}}", "", false},
		{"Flux's view of another", "{apiVersion: kustomize.toolkit.fluxcd.io/v1, kind: Kustomization, metadata: {name: x, namespace: flux-system}, spec: {sourceRef: {name: apps}, targetNamespace: shop}}", "shop", true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			namespace, opaque := table(t).Opaque(object(t, test.text))
			if namespace != test.namespace || opaque != test.opaque {
				t.Errorf("got %q, %t; want %q, %t", namespace, opaque, test.namespace, test.opaque)
			}
		})
	}
}
