package prove

import (
	"net/netip"
	"slices"

	"github.com/secgen/secgen/compile/plan"
	"github.com/secgen/secgen/netpol"
)

// covers tells whether an endpoint is on a side. Pods that the same labels find
// are on it too, whichever workload they are of: policies cannot tell them apart.
func covers(s plan.Side, e *netpol.Endpoint) bool {
	switch s.Kind {
	case plan.Anywhere:
		return true
	case plan.Pods:
		if e.Kind != netpol.Pod && e.Kind != netpol.Stranger || e.HostNetwork || e.Namespace != s.Namespace {
			return false
		}
		for key, value := range s.Labels {
			if e.Labels[key] != value {
				return false
			}
		}
		return true
	case plan.Addresses:
		if e.Kind != netpol.External {
			return false
		}
		has := func(text string) bool {
			p, err := netip.ParsePrefix(text)
			return err == nil && p.Contains(e.Addrs.First())
		}
		return slices.ContainsFunc(s.CIDRs, has) && !slices.ContainsFunc(s.Except, has)
	}
	return false
}

// within tells whether a range of addresses has all that an endpoint of the cluster
// may have. To reach pods takes more: ranges to go to leave them out.
func (q *question) within(s plan.Side, e *netpol.Endpoint, source bool) bool {
	if s.Kind != plan.Addresses {
		return false
	}
	all := netip.MustParsePrefix("0.0.0.0/0")
	switch {
	case e.Kind == netpol.Node || e.Kind == netpol.Pod && e.HostNetwork:
		return slices.Contains(s.CIDRs, all.String())
	case e.Kind != netpol.Pod && e.Kind != netpol.Stranger || !source:
		return false
	}
	if p, err := netip.ParsePrefix(q.plan.PodNetwork); err == nil {
		all = p
	}
	has := func(text string) bool {
		p, err := netip.ParsePrefix(text)
		return err == nil && p.Bits() <= all.Bits() && p.Contains(all.Addr())
	}
	return slices.ContainsFunc(s.CIDRs, has) && !slices.ContainsFunc(s.Except, has)
}

// endpoints are those on a side that can be asked about.
func (q *question) endpoints(s plan.Side) []*netpol.Endpoint {
	var out []*netpol.Endpoint
	for _, e := range q.cluster.Endpoints() {
		if e.Kind == netpol.OwnNode || e.Kind == netpol.Node || e.Kind == netpol.Host || s.Kind == plan.Anywhere && e.Kind != netpol.External {
			continue
		}
		if s.Workload != nil && e.Resource != s.Workload.Resource {
			continue
		}
		if covers(s, e) {
			out = append(out, e)
		}
	}
	return out
}

var protocols = map[string]uint8{"TCP": netpol.ProtoTCP, "UDP": netpol.ProtoUDP, "SCTP": netpol.ProtoSCTP}

func onPort(p plan.Port, port netpol.Port) bool {
	return protocols[p.Protocol] == port.Protocol && p.First <= port.Number && port.Number <= p.Last
}

// flowPorts are the first and the last port of each range of a flow; where a flow
// has all ports, one of each protocol.
func flowPorts(f plan.Flow) []netpol.Port {
	if len(f.Ports) == 0 {
		return []netpol.Port{netpol.TCP(1), netpol.UDP(65535), netpol.ICMP(8, 0)}
	}
	var out []netpol.Port
	for _, p := range f.Ports {
		for _, n := range []uint16{p.First, p.Last} {
			if port := (netpol.Port{Protocol: protocols[p.Protocol], Number: n}); !slices.Contains(out, port) {
				out = append(out, port)
			}
		}
	}
	return out
}

// askedPorts are those of all flows with their neighbours, all named ports, one
// that nobody names, and a ping.
func (q *question) askedPorts() []netpol.Port {
	numbers := map[uint16]bool{1: true, 22: true, 53: true, 65535: true}
	for _, f := range q.flows {
		for _, p := range f.Ports {
			numbers[p.First], numbers[p.Last] = true, true
			numbers[max(p.First-1, 1)], numbers[min(p.Last, 65534)+1] = true, true
		}
	}
	for _, e := range q.cluster.Endpoints() {
		for _, p := range e.Ports {
			numbers[p.Number] = true
		}
	}
	fresh := uint16(20000)
	for numbers[fresh] {
		fresh++
	}
	numbers[fresh] = true
	var out []netpol.Port
	for n := range numbers {
		out = append(out, netpol.TCP(n), netpol.UDP(n))
	}
	slices.SortFunc(out, func(a, b netpol.Port) int {
		return int(a.Protocol)<<16 + int(a.Number) - int(b.Protocol)<<16 - int(b.Number)
	})
	return append(out, netpol.ICMP(8, 0))
}
