package schema

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// policyProblem is something wrong with a policy that its types let pass. path is
// CUE's, below the policy.
type policyProblem struct{ path, message string }

// problems finds peers that are nobody and addresses and ports that are none.
func (p *Policy) problems() []policyProblem {
	var out []policyProblem
	peers := func(path string, list []Peer) {
		for i, peer := range list {
			out = append(out, peer.problems(fmt.Sprintf("%s[%d]", path, i))...)
		}
	}
	peers("cluster.dns", p.Cluster.DNS)
	peers("cluster.ingress", p.Cluster.Ingress)
	peers("cluster.prometheus", p.Cluster.Prometheus)
	peers("cluster.apiServer", p.Cluster.APIServer)
	if hosts := p.Cluster.Hosts; hosts != nil {
		out = append(out, cidrProblems("cluster.hosts.management", hosts.Management)...)
		if len(hosts.Labels) == 0 {
			out = append(out, policyProblem{"cluster.hosts.labels", "is empty and would select every node's every interface; want a label of the public ones"})
		}
	}
	if guard := p.Cluster.NodePorts; guard != nil {
		for i, o := range guard.Open {
			at := fmt.Sprintf("cluster.nodePorts.open[%d]", i)
			out = append(out, cidrProblems(at+".sources", o.Sources)...)
			if _, _, err := PortRange(o.Ports); err != nil {
				out = append(out, policyProblem{at + ".ports", err.Error()})
			}
		}
	}
	for path, cidr := range map[string]string{"cluster.podNetwork": p.Cluster.PodNetwork, "cluster.serviceNetwork": p.Cluster.ServiceNetwork} {
		if cidr == "" {
			continue
		}
		for _, problem := range cidrProblems(path, []string{cidr}) {
			out = append(out, policyProblem{path, problem.message})
		}
	}
	out = append(out, cidrProblems("cluster.nodeNetworks", p.Cluster.NodeNetworks)...)
	for _, name := range slices.Sorted(maps.Keys(p.Cluster.Networks)) {
		out = append(out, cidrProblems("cluster.networks."+quotedLabel(name)+".cidrs", p.Cluster.Networks[name].CIDRs)...)
	}
	out = append(out, p.Cluster.nodeGroupProblems()...)
	out = append(out, p.Defaults.problems("defaults")...)
	for _, name := range slices.Sorted(maps.Keys(p.Namespaces)) {
		out = append(out, p.Namespaces[name].problems("namespaces."+quotedLabel(name))...)
	}
	return out
}

func (n NamespacePolicy) problems(path string) []policyProblem {
	var out []policyProblem
	for _, part := range []struct {
		name    string
		traffic []Traffic
	}{{"ingress", n.Ingress}, {"egress", n.Egress}} {
		for i, t := range part.traffic {
			at := fmt.Sprintf("%s.%s[%d]", path, part.name, i)
			out = append(out, t.Peer.problems(at+".peer")...)
			for j, port := range t.Ports {
				if _, _, err := PortRange(port); err != nil {
					out = append(out, policyProblem{fmt.Sprintf("%s.ports[%d]", at, j), err.Error()})
				}
			}
		}
	}
	return out
}

func (p Peer) problems(path string) []policyProblem {
	var out []policyProblem
	wrong := func(at, message string) { out = append(out, policyProblem{at, message}) }
	pods := p.Namespace != "" || len(p.Labels) > 0
	switch {
	case p.Namespace == "" && len(p.CIDRs) == 0 && p.Network == "":
		wrong(path, "is a peer without namespace, without cidrs and without network; want one of them")
	case p.Network != "" && (pods || len(p.CIDRs) > 0):
		wrong(path, "is a peer with a network and with pods or cidrs; want two peers")
	case len(p.CIDRs) > 0 && pods:
		wrong(path, "is a peer with cidrs and with pods; want two peers")
	}
	out = append(out, cidrProblems(path+".cidrs", p.CIDRs)...)
	except := cidrProblems(path+".except", p.Except)
	if out = append(out, except...); len(except) > 0 {
		return out
	}
	for i, text := range p.Except {
		part := netip.MustParsePrefix(text)
		if !slices.ContainsFunc(p.CIDRs, func(whole string) bool {
			w, err := netip.ParsePrefix(whole)
			return err == nil && w.Bits() < part.Bits() && w.Contains(part.Addr())
		}) {
			wrong(fmt.Sprintf("%s.except[%d]", path, i), fmt.Sprintf("%q is no part of the peer's cidrs; want one, or leave it out", text))
		}
	}
	return out
}

func cidrProblems(path string, cidrs []string) []policyProblem {
	var out []policyProblem
	for i, text := range cidrs {
		prefix, err := netip.ParsePrefix(text)
		at := fmt.Sprintf("%s[%d]", path, i)
		if err != nil {
			out = append(out, policyProblem{at, fmt.Sprintf("%q is no CIDR; want one such as 10.0.0.0/8", text)})
		} else if prefix != prefix.Masked() {
			out = append(out, policyProblem{at, fmt.Sprintf("%q has bits beyond its length; want %s", text, prefix.Masked())})
		}
	}
	return out
}

// PortRange reads "443" and "8000-8080".
func PortRange(text string) (first, last uint16, err error) {
	low, high, isRange := strings.Cut(text, "-")
	if !isRange {
		high = low
	}
	a, err1 := strconv.ParseUint(low, 10, 16)
	b, err2 := strconv.ParseUint(high, 10, 16)
	if err1 != nil || err2 != nil || a == 0 || b < a {
		return 0, 0, fmt.Errorf("%q is no port; want a number from 1 to 65535 or a range such as 8000-8080", text)
	}
	return uint16(a), uint16(b), nil
}
