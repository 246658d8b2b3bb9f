package prove

import (
	"net/netip"
	"slices"

	"github.com/secgen/secgen/compile/plan"
	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/netpol"
)

// hosts asks what comes in at and goes out of a node's public interface, for
// addresses inside and outside of those that manage it: pings, VRRP, the agent's
// ports with their neighbours, and ports that nobody opens.
func (p *proof) hosts() {
	h := p.plan.Hosts
	if h == nil {
		return
	}
	var policies []*manifest.Resource
	for _, e := range p.emitted {
		if e.guardrail == plan.HostPolicies && e.ID.Kind == "GlobalNetworkPolicy" {
			policies = append(policies, e.Resource)
		}
	}
	var management []netip.Prefix
	for _, text := range h.Management {
		if prefix, err := netip.ParsePrefix(text); err == nil {
			management = append(management, prefix)
		}
	}
	c, _ := netpol.New(policies, netpol.Options{Boundaries: management,
		Hosts: []netpol.HostEndpoint{{Name: "node", Labels: h.Labels, Interface: "public"}}})
	endpoints := c.Endpoints()
	node := endpoints[slices.IndexFunc(endpoints, func(e *netpol.Endpoint) bool { return e.Kind == netpol.Host })]
	for _, outside := range endpoints {
		if outside.Kind != netpol.External {
			continue
		}
		managed := covers(plan.Side{Kind: plan.Addresses, CIDRs: h.Management}, outside)
		for _, port := range hostPortsToAsk(h) {
			v := c.Connection(outside, node, port)
			if v.Ingress.Kind == netpol.CauseFailsafe {
				continue
			}
			if want := managed || hostOpens(h, port); want != (v.Outcome == netpol.Allowed) {
				p.fail("", plan.HostPolicies, nil, "%s to a node on %s is %s: %s", outside, port, v.Outcome, v.Ingress.Why)
				return
			}
			if v := c.Connection(node, outside, port); v.Outcome != netpol.Allowed {
				p.fail("", plan.HostPolicies, nil, "a node to %s on %s is %s: %s", outside, port, v.Outcome, v.Egress.Why)
				return
			}
		}
	}
}

// vrrp is the number of the protocol by which load balancers move addresses.
const vrrp = 112

func hostOpens(h *plan.Hosts, port netpol.Port) bool {
	return port.Protocol == netpol.ProtoICMP || port.Protocol == vrrp ||
		slices.ContainsFunc(h.AgentPorts, func(p plan.Port) bool { return onPort(p, port) })
}

func hostPortsToAsk(h *plan.Hosts) []netpol.Port {
	out := []netpol.Port{netpol.ICMP(8, 0), {Protocol: vrrp}, {Protocol: 47}}
	numbers := []uint16{1, 22, 80, 443, 10250, 30000, 65535}
	for _, p := range h.AgentPorts {
		numbers = append(numbers, p.First-1, p.First, p.Last+1)
	}
	for _, n := range numbers {
		out = append(out, netpol.TCP(n), netpol.UDP(n))
	}
	return out
}
