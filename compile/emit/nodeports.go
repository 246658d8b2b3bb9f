package emit

import (
	"github.com/secgen/secgen/compile/plan"
	"github.com/secgen/secgen/manifest"
)

// Orders of the guard of node ports: the exceptions come first.
const (
	orderOpenPorts   = 1100
	orderClosedPorts = 1110
)

// nodePorts prints the guard of node ports: what stays open, and the deny.
func nodePorts(g *plan.NodePortGuard) []Object {
	var out []Object
	if len(g.Open) > 0 {
		o := Object{Guardrail: plan.NodePorts, Head: []string{"Node ports that stay open, by policy."}, Comments: map[string][]string{}}
		var rules []*manifest.Node
		for i, open := range g.Open {
			rule := []any{"action", "Allow", "protocol", open.Port.Protocol}
			if len(open.CIDRs) > 0 {
				rule = append(rule, "source", fields("nets", open.CIDRs))
			}
			rules = append(rules, fields(append(rule, "destination", fields("ports", []*manifest.Node{calicoPort(open.Port)}))...))
			if open.Why != "" {
				o.Comments[manifest.Path("spec", "ingress").At(i).String()] = []string{open.Why}
			}
		}
		o.Node = beforeDNAT("secgen-open-node-ports", g.Selector, orderOpenPorts, nil, rules)
		out = append(out, o)
	}
	first, last := plan.NodePortRange()
	var rules []*manifest.Node
	for _, protocol := range []string{"TCP", "UDP"} {
		port := calicoPort(plan.Port{Protocol: protocol, First: first, Last: last})
		rules = append(rules, fields("action", "Deny", "protocol", protocol, "destination", fields("ports", []*manifest.Node{port})))
	}
	return append(out, Object{Guardrail: plan.NodePorts, Head: []string{"All other node ports are closed on every worker, before their address is translated."},
		Node: beforeDNAT(lastName+"closed-node-ports", g.Selector, orderClosedPorts, denyLast, rules)})
}

// beforeDNAT prints a policy that Calico applies before it translates addresses.
func beforeDNAT(name, selector string, order int, annotations map[string]string, rules []*manifest.Node) *manifest.Node {
	return labelled("projectcalico.org/v3", "GlobalNetworkPolicy", "", name, map[string]string{"projectcalico.org/tier": "default"}, annotations,
		"spec", fields("tier", "default", "order", order, "selector", selector, "types", []string{"Ingress"},
			"applyOnForward", true, "preDNAT", true, "ingress", rules))
}
