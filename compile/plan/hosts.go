package plan

import (
	"slices"
)

// Hosts guards the public interfaces of nodes whose provider does not: what the
// six default policies of IBM's managed clusters allow is allowed, and all else
// that comes in is denied.
type Hosts struct {
	// Labels are on the host endpoints of the public interfaces.
	Labels map[string]string
	// Endpoints are those to make, by name.
	Endpoints []HostEndpoint
	// Management may come in on any port, from everywhere in these CIDRs.
	Management []string
	// AgentPorts are those of an agent that manages the nodes.
	AgentPorts []Port
}

// HostEndpoint is one interface of a node.
type HostEndpoint struct {
	Name, Node, Interface string
	Addresses             []string
}

// hosts plans the guard that the policy asks for. On classic IKS the provider has
// it, under names of its own.
func (p *planner) hosts() {
	if p.Policy == nil || p.Policy.Cluster.Hosts == nil {
		return
	}
	if p.Policy.Cluster.Provider == "iks-classic" {
		p.note("", HostPolicies, "are left to the provider, which makes its own on classic clusters and makes them again at each update")
		return
	}
	if !p.needsCalico(HostPolicies) {
		return
	}
	want := p.Policy.Cluster.Hosts
	h := &Hosts{Labels: want.Labels}
	for _, node := range sortedKeys(want.Endpoints) {
		e := want.Endpoints[node]
		h.Endpoints = append(h.Endpoints, HostEndpoint{Name: "secgen-" + node + "-" + e.Interface, Node: node, Interface: e.Interface, Addresses: e.Addresses})
	}
	h.Management = slices.Compact(slices.Sorted(slices.Values(want.Management)))
	for _, port := range want.AgentPorts {
		for _, protocol := range []string{"TCP", "UDP"} {
			h.AgentPorts = append(h.AgentPorts, Port{protocol, uint16(port), uint16(port)})
		}
	}
	p.note("", HostPolicies, "leave Felix's failsafe ports open, SSH on 22 among them, until failsafeInboundHostPorts of the FelixConfiguration says otherwise")
	p.plan.Hosts = h
}
