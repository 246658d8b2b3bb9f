package netpol_test

import (
	"fmt"
	"net/netip"

	"go.yaml.in/yaml/v3"

	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/netpol"
)

func resource(text string) *manifest.Resource {
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
		panic(err)
	}
	object, err := manifest.FromYAML(&doc, nil)
	if err != nil {
		panic(err)
	}
	return &manifest.Resource{ID: manifest.IDOf(object), Object: object}
}

func Example() {
	db := resource("{apiVersion: v1, kind: Pod, metadata: {name: db, namespace: shop, labels: {app: db}}, spec: {containers: []}}")
	web := resource("{apiVersion: v1, kind: Pod, metadata: {name: web, namespace: shop, labels: {app: web}}, spec: {containers: []}}")
	policy := resource(`
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db, namespace: shop}
spec:
  podSelector: {matchLabels: {app: db}}
  ingress:
  - from: [{podSelector: {matchLabels: {app: web}}}]
    ports: [{port: 5432}]
`)
	c, problems := netpol.New([]*manifest.Resource{db, web, policy}, netpol.Options{})
	fmt.Println(len(problems), "problems")

	from, to := c.Pods(web)[0], c.Pods(db)[0]
	fmt.Println(c.Connection(from, to, netpol.TCP(5432)))
	fmt.Println(c.Connection(from, to, netpol.TCP(22)))
	fmt.Println(c.Connection(c.Address(netip.MustParseAddr("203.0.113.1")), from, netpol.TCP(80)))
	fmt.Println(c.Flow(from, to).Allowed)
	fmt.Println(c.Isolation(to).Ingress.Isolated, c.Isolation(to).Egress.Isolated)
	// Output:
	// 0 problems
	// allowed: NetworkPolicy shop/db spec.ingress[0].from[0] allows it
	// denied: NetworkPolicy shop/db applies to Pod shop/db for ingress and no rule allows it
	// allowed: no policy applies to Pod shop/web for ingress (NetworkPolicy shop/db selects other pods), so everything is allowed
	// TCP 5432
	// yes no
}
