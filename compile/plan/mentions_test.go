package plan

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/secgen/secgen/compile/compiletest"
	"github.com/secgen/secgen/compile/inventory"
	"github.com/secgen/secgen/workload"
)

const services = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: me, namespace: shop}
spec:
  template:
    metadata: {labels: {app: me}}
    spec:
      containers:
        - name: c
          %s
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: redis, namespace: shop}
spec: {template: {metadata: {labels: {app: redis}}, spec: {containers: [{name: c, ports: [{name: r, containerPort: 6379}]}]}}}
---
apiVersion: v1
kind: Service
metadata: {name: redis, namespace: shop}
spec: {selector: {app: redis}, ports: [{name: redis, port: 6379, targetPort: r}, {name: web, port: 80, targetPort: 8080}]}
---
apiVersion: v1
kind: Service
metadata: {name: headless, namespace: shop}
spec: {clusterIP: None, selector: {app: redis}, ports: [{port: 6379}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: orders, namespace: sales}
spec: {template: {metadata: {labels: {app: orders}}, spec: {containers: [{name: c}]}}}
---
apiVersion: v1
kind: Service
metadata: {name: orders, namespace: sales}
spec: {selector: {app: orders}, ports: [{port: 8080, targetPort: 9000}]}
---
apiVersion: v1
kind: Service
metadata: {name: billing, namespace: shop}
spec: {type: ExternalName, externalName: db.example.org}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: conf, namespace: shop}
data:
  nginx.conf: |
    # see https://nginx.org/en/docs/
    upstream cache { server redis:6379; }
    proxy_pass http://orders.sales.svc.cluster.local:8080/;
    listen 80; server_name web redis info;
  url: http://redis/
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: i, namespace: shop}
spec: {rules: [{host: shop.example.com}]}
`

// What is written in a container's fields, and the flows and questions that come
// of it.
func TestMentions(t *testing.T) {
	const redis, orders = "Deployment shop/redis TCP 6379", "Deployment sales/orders TCP 9000"
	for text, want := range map[string]string{
		`env: [{name: A, value: "redis:6379"}]`:                                  redis,
		`env: [{name: A, value: "redis"}]`:                                       redis + "; Deployment shop/redis TCP 8080",
		`env: [{name: A, value: "redis://redis"}]`:                               redis,
		`env: [{name: A, value: "redis://:secret@redis:6379/0"}]`:                redis,
		`env: [{name: A, value: "http://redis/path"}]`:                           "Deployment shop/redis TCP 8080",
		`env: [{name: A, value: "redis.shop"}]`:                                  redis + "; Deployment shop/redis TCP 8080",
		`env: [{name: A, value: "http://orders.sales.svc:8080"}]`:                orders,
		`env: [{name: A, value: "orders.sales.svc.cluster.local:8080"}]`:         orders,
		`env: [{name: A, value: "jdbc:postgresql://orders.sales:8080/db"}]`:      orders,
		`env: [{name: A, value: "orders:8080"}]`:                                 "", // it is in another namespace
		`env: [{name: A, value: "redis,other"}]`:                                 "",
		`env: [{name: A, value: "a:1,redis:6379"}]`:                              redis,
		`env: [{name: A, value: "headless:7000"}]`:                               "Deployment shop/redis TCP 7000",
		`env: [{name: A, value: "redis-0.headless:6379"}]`:                       redis,
		`env: [{name: A, value: "we use redis here"}]`:                           "",
		`env: [{name: A, value: "/opt/redis:6379/x"}]`:                           "",
		`env: [{name: A, value: "my-redis:6379"}]`:                               "",
		`env: [{name: A, value: "redis:latest"}]`:                                "",
		`env: [{name: A, value: "${HOST}:6379"}]`:                                "",
		`env: [{name: A, value: "${ENV}-redis:6379"}]`:                           "",
		`env: [{name: A, value: "redis-${ENV}:6379"}]`:                           "",
		`env: [{name: A, value: "redis:6379?user=${USER}"}]`:                     redis,
		`command: [sh, -c, "echo ${X}; nc -z redis 6379"]`:                       redis,
		`args: [--host=redis]`:                                                   redis + "; Deployment shop/redis TCP 8080",
		`args: [--name, redis]`:                                                  redis + "; Deployment shop/redis TCP 8080",
		`args: [--name=redis]`:                                                   "",
		`env: [{name: H, value: redis}, {name: A, value: "$(H):6379"}]`:          redis + "; Deployment shop/redis TCP 8080",
		`env: [{name: A, value: "10.0.0.7:5432"}]`:                               "10.0.0.7/32 TCP 5432",
		`env: [{name: A, value: "http://10.0.0.7/"}]`:                            "10.0.0.7/32 TCP 80",
		`env: [{name: A, value: "127.0.0.1:5432"}]`:                              "",
		`env: [{name: A, value: "0.0.0.0:80"}]`:                                  "",
		`env: [{name: A, value: "1.2.3.4"}]`:                                     "",
		`env: [{name: A, value: "https://api.example.org/v1"}]`:                  "?api.example.org:443",
		`env: [{name: A, value: "smtp.example.org:587"}]`:                        "?smtp.example.org:587",
		`env: [{name: A, value: "https://shop.example.com/"}]`:                   "", // the repository's own Ingress
		`env: [{name: A, value: "api.example.org"}]`:                             "",
		`env: [{name: A, value: "docker.io/library/redis:7"}]`:                   "",
		`env: [{name: A, value: "app.kubernetes.io/name"}]`:                      "",
		`env: [{name: A, value: "billing:5432"}]`:                                "?db.example.org:5432",
		`env: [{name: A, value: "other.sales.svc:80"}]`:                          "?other.sales.svc",
		`args: [--cache=redis:6379]`:                                             redis,
		`args: [--cache, "redis:6379", --v, "2"]`:                                redis,
		`command: [nc, -z, redis, "6379"]`:                                       redis + "; Deployment shop/redis TCP 8080",
		`command: [sh, -c, "until nc -z redis 6379; do sleep 1; done"]`:          redis,
		`envFrom: [{configMapRef: {name: conf}}]`:                                orders + "; " + redis + "; Deployment shop/redis TCP 8080",
		`env: [{name: A, valueFrom: {configMapKeyRef: {name: conf, key: url}}}]`: "Deployment shop/redis TCP 8080",
		`image: redis:6379`:                                                      "",
	} {
		got := mentioned(t, text)
		if strings.Join(got, "; ") != want {
			t.Errorf("%s\n got %q\nwant %q", text, strings.Join(got, "; "), want)
		}
	}
}

func mentioned(t *testing.T, container string) []string {
	t.Helper()
	table, err := workload.NewTable(workload.BuiltIn())
	if err != nil {
		t.Fatal(err)
	}
	inv, err := inventory.New([]inventory.Root{{Path: "r", Resources: compiletest.Resources(t, "r.yaml", fmt.Sprintf(services, container))}}, inventory.Facts{}, table)
	if err != nil {
		t.Fatal(err)
	}
	p := &planner{Input: Input{Inventory: inv}, plan: &Plan{}}
	for _, ns := range inv.Namespaces {
		p.plan.Namespaces = append(p.plan.Namespaces, &Namespace{Namespace: ns})
	}
	tr := newTracing(p)
	ns := inv.Namespace("shop")
	tr.mentions(ns, ns.Workloads[slices.IndexFunc(ns.Workloads, func(w *inventory.Workload) bool { return w.Resource.ID.Name == "me" })])
	var out []string
	for _, f := range tr.flows {
		for _, port := range f.Ports {
			out = append(out, f.To.String()+" "+port.String())
		}
	}
	for _, q := range p.plan.Questions {
		for _, word := range strings.FieldsFunc(q.Text, func(r rune) bool { return r == ' ' || r == ',' }) {
			if strings.Contains(word, ".") {
				out = append(out, "?"+word)
				break
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func FuzzEndpointsIn(f *testing.F) {
	for _, seed := range []string{"redis:6379", "http://a@b:80/c", "a b 99", "::1", "\xff:1", "x://", "jdbc:postgresql://h/p"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, m := range endpointsIn(s) {
			if m.host == "" || m.port < 0 || m.port > 99999 || strings.ContainsAny(m.host, " /@:\n") {
				t.Errorf("%q has the host %+v", s, m)
			}
		}
	})
}
