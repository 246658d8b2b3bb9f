package view

import (
	"testing"

	"github.com/secgen/secgen/schema"
)

const benchmarked = `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
  labels: {app: web}
spec:
  replicas: 3
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web, tier: front}
      annotations: {prometheus.io/scrape: "true"}
    spec:
      serviceAccountName: web
      securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
      initContainers:
        - name: migrate
          image: de.icr.io/shop/migrate:1.4.2
          resources: {limits: {cpu: 500m, memory: 256Mi}}
      containers:
        - name: web
          image: de.icr.io/shop/web:1.4.2@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
          ports: [{name: http, containerPort: 8080}]
          env: [{name: A, value: "1"}, {name: B, value: "2"}]
          securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
          resources: {limits: {cpu: 500m, memory: 256Mi}, requests: {cpu: 100m, memory: 128Mi}}
      volumes: [{name: tmp, emptyDir: {}}]
`

// BenchmarkOf makes the views of a Deployment with two containers.
func BenchmarkOf(b *testing.B) {
	r, e := resources(b, benchmarked)[0], env(b)
	b.ReportAllocs()
	for b.Loop() {
		if len(e.Of(r)) != 4 {
			b.Fatal("want the views object, pod and two containers")
		}
	}
}

// BenchmarkOfObject makes the views of an object without pods.
func BenchmarkOfObject(b *testing.B) {
	r, e := resources(b, "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {a: b}}")[0], env(b)
	b.ReportAllocs()
	for b.Loop() {
		if len(e.Of(r)) != 1 {
			b.Fatal("want one view")
		}
	}
}

// BenchmarkOfOnlyContainers is the same where only rules on containers run.
func BenchmarkOfOnlyContainers(b *testing.B) {
	r, e := resources(b, benchmarked)[0], env(b)
	e.Only = []schema.View{schema.ViewContainer}
	b.ReportAllocs()
	for b.Loop() {
		e.Of(r)
	}
}

// BenchmarkDigestOf extracts what namespace rules need.
func BenchmarkDigestOf(b *testing.B) {
	all, e := resources(b, benchmarked+"---\n"+shop+"---\n"+service), env(b)
	b.ReportAllocs()
	for b.Loop() {
		if len(e.DigestOf("a", all).Pods) != 1 {
			b.Fatal("want one pod template")
		}
	}
}
