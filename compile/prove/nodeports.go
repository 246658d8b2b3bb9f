package prove

import (
	"net/netip"
	"slices"

	"github.com/secgen/secgen/compile/plan"
	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/netpol"
)

// nodePorts asks, at the edges of the range and of each exception, and for an
// address inside and one outside of each source, whether the printed policies
// close and open what they should.
func (p *proof) nodePorts() {
	g := p.plan.NodePorts
	if g == nil {
		return
	}
	var policies []*manifest.Resource
	var boundaries []netip.Prefix
	for _, e := range p.emitted {
		if e.guardrail == plan.NodePorts {
			// On a stand-in for a worker, whatever labels the selector wants.
			policies = append(policies, &manifest.Resource{ID: e.ID, Origin: e.Origin,
				Object: e.Object.With("spec", e.Object.Get("spec").With("selector", manifest.Of("worker == 'stand-in'")))})
		}
	}
	for _, o := range g.Open {
		for _, text := range o.CIDRs {
			if prefix, err := netip.ParsePrefix(text); err == nil {
				boundaries = append(boundaries, prefix)
			}
		}
	}
	c, problems := netpol.New(policies, netpol.Options{Boundaries: boundaries,
		Hosts: []netpol.HostEndpoint{{Name: "worker", Labels: map[string]string{"worker": "stand-in"}, Interface: "*"}}})
	for _, problem := range problems {
		if problem.Refused {
			p.fail("", plan.NodePorts, nil, "%s: %s %s", problem.Resource.ID, problem.Path, problem.Message)
		}
	}
	endpoints := c.Endpoints()
	host := endpoints[slices.IndexFunc(endpoints, func(e *netpol.Endpoint) bool { return e.Kind == netpol.Host })]
	for _, from := range endpoints {
		if from.Kind != netpol.External {
			continue
		}
		for _, port := range nodePortsToAsk(g) {
			step := c.Connection(from, host, port).Ingress
			decided := step.Kind == netpol.CauseRule
			open := opensTo(g, from, port)
			closed := inNodePortRange(port) && !open
			if closed != (decided && step.Outcome == netpol.Denied) || open != (decided && step.Outcome == netpol.Allowed) {
				p.fail("", plan.NodePorts, nil, "%s to a worker on %s is %s: %s", from, port, step.Outcome, step.Why)
				return
			}
		}
	}
}

func inNodePortRange(p netpol.Port) bool {
	first, last := plan.NodePortRange()
	return (p.Protocol == netpol.ProtoTCP || p.Protocol == netpol.ProtoUDP) && p.Number >= first && p.Number <= last
}

func opensTo(g *plan.NodePortGuard, from *netpol.Endpoint, port netpol.Port) bool {
	return slices.ContainsFunc(g.Open, func(o plan.OpenNodePort) bool {
		return onPort(o.Port, port) && (len(o.CIDRs) == 0 || covers(plan.Side{Kind: plan.Addresses, CIDRs: o.CIDRs}, from))
	})
}

// nodePortsToAsk are the edges of the range and of the exceptions, and the ports
// beside them.
func nodePortsToAsk(g *plan.NodePortGuard) []netpol.Port {
	first, last := plan.NodePortRange()
	numbers := []uint16{first - 1, first, last, last + 1}
	for _, o := range g.Open {
		numbers = append(numbers, max(o.Port.First, 2)-1, o.Port.First, o.Port.Last, min(o.Port.Last, 65534)+1)
	}
	var out []netpol.Port
	for _, n := range numbers {
		out = append(out, netpol.TCP(n), netpol.UDP(n), netpol.SCTP(n))
	}
	return out
}
