package emit

import (
	"github.com/secgen/secgen/compile/plan"
	"github.com/secgen/secgen/manifest"
)

// hosts prints host endpoints, and the policies of nodes' public interfaces under
// names of secgen's own: a provider's names are the provider's.
func hosts(h *plan.Hosts) []Object {
	var out []Object
	for _, e := range h.Endpoints {
		out = append(out, Object{Guardrail: plan.HostPolicies, Node: labelled("projectcalico.org/v3", "HostEndpoint", "", e.Name, h.Labels, denyLast,
			"spec", fields("node", e.Node, "interfaceName", e.Interface, "expectedIPs", e.Addresses))})
	}
	allow := func(rest ...any) *manifest.Node { return fields(append([]any{"action", "Allow"}, rest...)...) }
	add := func(name, why string, order int, direction string, forward bool, rules ...*manifest.Node) {
		spec := []any{"tier", "default", "order", order, "selector", plan.CalicoSelector(h.Labels), "types", []string{direction}}
		if forward {
			spec = append(spec, "applyOnForward", true)
		}
		key := map[string]string{"Ingress": "ingress", "Egress": "egress"}[direction]
		out = append(out, Object{Guardrail: plan.HostPolicies, Head: []string{why},
			Node: labelled("projectcalico.org/v3", "GlobalNetworkPolicy", "", "secgen-hosts-"+name, map[string]string{"projectcalico.org/tier": "default"}, nil,
				"spec", fields(append(spec, key, rules)...))})
	}
	add("icmp", "Nodes answer pings.", 1500, "Ingress", false, allow("protocol", "ICMP"))
	add("vrrp", "Load balancers move their addresses between nodes.", 1500, "Ingress", false, allow("protocol", 112))
	add("to-pods", "What was sent to a service and translated goes on to its pods, where their own policies decide.", 1500, "Ingress", true,
		allow("destination", fields("selector", "projectcalico.org/orchestrator == 'k8s'")))
	if len(h.AgentPorts) > 0 {
		var rules []*manifest.Node
		for _, p := range h.AgentPorts {
			rules = append(rules, allow("protocol", p.Protocol, "destination", fields("ports", []*manifest.Node{calicoPort(p)})))
		}
		add("agents", "The agent that manages the nodes.", 1500, "Ingress", false, rules...)
	}
	if len(h.Management) > 0 {
		add("management", "The systems that manage the nodes.", 1800, "Ingress", false, allow("source", fields("nets", h.Management)))
	}
	add("out", "Nodes may send whatever they want.", 1900, "Egress", false, allow())
	return out
}
