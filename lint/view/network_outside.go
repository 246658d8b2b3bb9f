package view

import (
	"net/netip"
	"slices"

	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/netpol"
	"github.com/secgen/secgen/schema"
)

// metadataService is where the clouds answer pods with credentials of the node.
var metadataService = netip.MustParseAddr("169.254.169.254")

// metadata finds the rules by which isolated pods reach the cloud's metadata
// service. Pods that no policy isolates reach it too, which views of endpoints say.
func (f *flaws) metadata() {
	n := f.cluster.network
	target := n.all.Address(metadataService)
	if target == nil {
		return
	}
	type opening struct {
		rule netpol.Rule
		pods []string
	}
	var found []*opening
	for _, e := range n.all.Endpoints() {
		if e.Kind != netpol.Pod || e.HostNetwork || n.all.Isolation(e).Egress.Isolated != netpol.Yes {
			continue
		}
		v := n.all.Connection(e, target, netpol.Port{Protocol: netpol.ProtoTCP, Number: 80})
		if v.Outcome != netpol.Allowed || v.Egress.Kind != netpol.CauseRule {
			continue
		}
		rule := v.Egress.Rule
		i := slices.IndexFunc(found, func(o *opening) bool {
			return o.rule.Policy == rule.Policy && o.rule.Path.String() == rule.Path.String()
		})
		if i < 0 {
			i = len(found)
			found = append(found, &opening{rule: rule})
		}
		found[i].pods = append(found[i].pods, e.Resource.ID.Kind+" "+e.Resource.ID.Name)
	}
	for _, o := range found {
		slices.Sort(o.pods)
		what := facts{}
		what.set("pods", manifest.Of(slices.Compact(o.pods)))
		f.add(o.rule.Policy.Resource, o.rule.Path, "metadataService", what)
	}
}

// privateNets are networks of an organisation, of which each has its own.
var privateNets = []netip.Prefix{
	netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("172.16.0.0/12"), netip.MustParsePrefix("192.168.0.0/16"),
	netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("fc00::/7"),
}

func within(nets []netip.Prefix, p netip.Prefix) bool {
	return slices.ContainsFunc(nets, func(n netip.Prefix) bool { return n.Bits() <= p.Bits() && n.Contains(p.Addr()) })
}

// private finds the private networks that the egress rules of a policy name, and
// whether secgen.cue declares them. Policies for hosts reach what the provider says.
func (f *flaws) private(r *manifest.Resource) {
	if f.cluster.policy == nil || forHosts(r) {
		return
	}
	declared := declaredNets(f.cluster.policy, r)
	note := func(n *manifest.Node, at manifest.FieldPath) {
		p, err := netip.ParsePrefix(n.Str())
		if err != nil || !within(privateNets, p) {
			return
		}
		what := facts{}
		what.set("network", text(n.Text))
		what.set("declared", boolean(within(declared, p)))
		f.add(r, at, "private", what)
	}
	egress := manifest.Path("spec", "egress")
	for i, rule := range r.Object.Lookup(egress).Elems() {
		for j, peer := range rule.Get("to").Elems() {
			note(peer.Get("ipBlock", "cidr"), egress.At(i).Field("to").At(j).Field("ipBlock", "cidr"))
		}
		if rule.Get("action").Str() != "Allow" {
			continue
		}
		for j, net := range rule.Get("destination", "nets").Elems() {
			note(net, egress.At(i).Field("destination", "nets").At(j))
		}
	}
}

// declaredNets are the networks that secgen.cue says pods under a policy may
// reach: those of its namespace, for a policy of all namespaces those of any, and
// those of the cluster.
func declaredNets(p *schema.Policy, r *manifest.Resource) []netip.Prefix {
	var texts []string
	peers := slices.Concat(p.Cluster.DNS, p.Cluster.Ingress, p.Cluster.Prometheus, p.Cluster.APIServer)
	namespaces := []schema.NamespacePolicy{p.For(r.ID.Namespace)}
	if isGlobal(r.ID) || r.ID.Namespace == "" {
		for name := range p.Namespaces {
			namespaces = append(namespaces, p.For(name))
		}
	}
	for _, n := range namespaces {
		for _, t := range n.Egress {
			peers = append(peers, t.Peer)
		}
	}
	for _, peer := range peers {
		texts = append(append(texts, peer.CIDRs...), p.Cluster.Networks[peer.Network].CIDRs...)
	}
	if p.Cluster.Hosts != nil {
		texts = append(texts, p.Cluster.Hosts.Management...)
	}
	texts = append(append(texts, p.Cluster.PodNetwork), p.Cluster.NodeNetworks...)
	var out []netip.Prefix
	for _, t := range texts {
		if prefix, err := netip.ParsePrefix(t); err == nil {
			out = append(out, prefix)
		}
	}
	return out
}
