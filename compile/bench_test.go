package compile_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/secgen/secgen/compile"
	"github.com/secgen/secgen/compile/compiletest"
	"github.com/secgen/secgen/compile/inventory"
	"github.com/secgen/secgen/schema"
)

// town renders namespaces of services that call each other in a ring.
func town(namespaces, services int) string {
	var b strings.Builder
	for n := range namespaces {
		for s := range services {
			fmt.Fprintf(&b, `---
apiVersion: apps/v1
kind: Deployment
metadata: {name: s%[2]d, namespace: town-%[1]d}
spec:
  replicas: 3
  selector: {matchLabels: {app: s%[2]d}}
  template:
    metadata: {labels: {app: s%[2]d}}
    spec:
      automountServiceAccountToken: false
      containers:
        - name: c
          image: registry.example.com/s:1
          env: [{name: NEXT, value: "http://s%[3]d:8080"}, {name: FAR, value: "http://s0.town-%[4]d.svc:8080"}]
          ports: [{name: http, containerPort: 8080}]
          resources: {requests: {cpu: 100m, memory: 128Mi}, limits: {memory: 256Mi}}
---
apiVersion: v1
kind: Service
metadata: {name: s%[2]d, namespace: town-%[1]d}
spec: {selector: {app: s%[2]d}, ports: [{port: 8080, targetPort: http}]}
`, n, s, (s+1)%services, (n+1)%namespaces)
		}
	}
	return b.String()
}

func BenchmarkRun(b *testing.B) {
	api := true
	policy := &schema.Policy{Cluster: schema.ClusterPolicy{Calico: schema.CalicoPolicy{API: &api}}}
	for _, size := range []struct{ namespaces, services int }{{5, 20}, {20, 25}} {
		resources := compiletest.Resources(b, "town.yaml", town(size.namespaces, size.services))
		b.Run(fmt.Sprintf("%d workloads", size.namespaces*size.services), func(b *testing.B) {
			for b.Loop() {
				r, err := compile.Run(compile.Input{Roots: []inventory.Root{{Path: "town", Resources: resources}}, Policy: policy})
				if err != nil || len(r.Unproven) > 0 {
					b.Fatalf("%v, %v", err, r.Unproven)
				}
			}
		})
	}
}
