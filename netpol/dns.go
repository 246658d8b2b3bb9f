package netpol

import "net/netip"

// nodeLocalDNS is where NodeLocal DNSCache listens by default
// (kubernetes.io/docs/tasks/administer-cluster/nodelocaldns).
var nodeLocalDNS = netip.MustParseAddr("169.254.20.10")

// dns are the pods that answer names: kube-dns or CoreDNS in kube-system on 53,
// and OpenShift's on 5353.
func (w *world) dns() []*Endpoint {
	make := func(namespace string, port uint16, own map[string]string) *Endpoint {
		e := w.stranger(namespace)
		e.Kind, e.Labels, e.all.own, e.idle = DNS, own, own, true
		e.Ports = []EndpointPort{{"dns", ProtoUDP, port}, {"dns-tcp", ProtoTCP, port}}
		return e
	}
	return []*Endpoint{
		make("kube-system", 53, map[string]string{"k8s-app": "kube-dns"}),
		make("openshift-dns", 5353, map[string]string{"dns.operator.openshift.io/daemonset-dns": "default"}),
	}
}

// NameResolution says whether a pod's egress reaches a DNS server.
type NameResolution struct {
	// UDP and TCP are Denied only where no server, in the cluster or outside, can
	// be reached on a port of DNS.
	UDP, TCP Outcome
	// Policies isolate the pod for egress.
	Policies []*Policy
}

// BlocksDNS says whether the policies keep a pod from resolving names.
func (c *Cluster) BlocksDNS(e *Endpoint) NameResolution {
	v := newEvaluator(c)
	pl := v.plan(e, Egress)
	out := NameResolution{UDP: Denied, TCP: Denied}
	out.Policies = append(out.Policies, pl.policies()...)
	for _, to := range c.endpoints {
		server := to.Kind == DNS || to.Kind == External && to.Addrs.Has(nodeLocalDNS)
		if !server && to.Kind != External {
			continue
		}
		s := v.side(pl, e, to)
		ports := []uint16{53}
		if to.Kind == DNS {
			ports = []uint16{to.Ports[0].Number}
		}
		for _, n := range ports {
			out.UDP = reachable(out.UDP, s, UDP(n), server)
			out.TCP = reachable(out.TCP, s, TCP(n), server)
		}
	}
	return out
}

// reachable takes in what a side says of one port; an address outside that is no
// known server only makes the answer unknown.
func reachable(o Outcome, s *side, p Port, server bool) Outcome {
	switch {
	case o == Allowed || !s.allow.Has(p):
		return o
	case server && !s.deny.Has(p):
		return Allowed
	}
	return Unknown
}
