package plan

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/secgen/secgen/schema"
)

// NetworkSet is a network of the policy that traffic names.
type NetworkSet struct {
	Name, Why string
	CIDRs     []string
	// Namespaces are those that name it.
	Namespaces []string
}

// NetworkSets are the networks that the traffic of the plan selects by name, as
// policies of Calico do; those of Kubernetes have their addresses.
func (p *Plan) NetworkSets() []NetworkSet {
	users := map[string][]string{}
	for _, n := range p.Namespaces {
		for name := range n.Traffic.networks() {
			users[name] = append(users[name], n.Name)
		}
	}
	var out []NetworkSet
	for _, name := range sortedKeys(users) {
		network := p.Networks[name]
		out = append(out, NetworkSet{Name: name, Why: network.Why, CIDRs: ordered(network.CIDRs), Namespaces: users[name]})
	}
	return out
}

// networks are the names of those that Calico's policies of a namespace select.
func (i *Isolation) networks() map[string]bool {
	out := map[string]bool{}
	if i == nil || i.Dialect != Calico {
		return out
	}
	take := func(flows []Flow, other func(Flow) Side) {
		for _, f := range flows {
			if s := other(f); s.Network != "" {
				out[s.Network] = true
			}
		}
	}
	from, to := func(f Flow) Side { return f.From }, func(f Flow) Side { return f.To }
	if i.Egress {
		take(i.DNS, to)
	}
	for _, r := range i.Rules {
		take(r.Ingress, from)
		take(r.Egress, to)
	}
	return out
}

// addressesOf makes sides of a peer that is addresses.
func (p *planner) addressesOf(peer schema.Peer) []Side {
	if peer.Network != "" {
		return []Side{{Kind: Addresses, Network: peer.Network, CIDRs: ordered(p.Policy.Cluster.Networks[peer.Network].CIDRs)}}
	}
	out := addresses(peer.CIDRs)
	for i := range out {
		for _, cidr := range out[i].CIDRs {
			out[i].Except = append(out[i].Except, Within(peer.Except, cidr)...)
		}
		out[i].Except = ordered(out[i].Except)
	}
	return out
}

func ordered(cidrs []string) []string { return slices.Compact(slices.Sorted(slices.Values(cidrs))) }

// Within are those of the CIDRs that are parts of another one, in order.
func Within(cidrs []string, whole string) []string {
	return slices.DeleteFunc(ordered(cidrs), func(part string) bool { return !inside(part, whole) })
}

// inside tells whether a CIDR is another one or a part of it.
func inside(part, whole string) bool {
	p, err1 := netip.ParsePrefix(part)
	w, err2 := netip.ParsePrefix(whole)
	return err1 == nil && err2 == nil && w.Bits() <= p.Bits() && w.Contains(p.Addr())
}

// peerPlace is a peer of the policy and where it stands.
type peerPlace struct {
	schema.Peer
	at string
	// namespace whose traffic it is; "" for peers of the cluster and of the defaults.
	namespace string
	// names says that only DNS is asked there, ingress that requests come from there.
	names, ingress bool
}

// policyPeers are all peers of the policy.
func (p *planner) policyPeers() []peerPlace {
	var out []peerPlace
	for _, part := range []struct {
		key   string
		peers []schema.Peer
	}{{"dns", p.Policy.Cluster.DNS}, {"ingress", p.Policy.Cluster.Ingress}, {"prometheus", p.Policy.Cluster.Prometheus}, {"apiServer", p.Policy.Cluster.APIServer}} {
		for _, peer := range part.peers {
			out = append(out, peerPlace{Peer: peer, at: p.Policy.Where("cluster", part.key), names: part.key == "dns", ingress: part.key != "dns"})
		}
	}
	traffic := func(namespace, whose string, keys []string, n schema.NamespacePolicy) {
		for _, part := range []struct {
			key  string
			list []schema.Traffic
		}{{"ingress", n.Ingress}, {"egress", n.Egress}} {
			for _, x := range part.list {
				at := p.Policy.Where(append(slices.Clone(keys), part.key)...)
				if !x.Position.IsZero() {
					at = x.Position.String() + ": " + part.key + " of " + whose
				}
				names := len(x.Ports) > 0 && !slices.ContainsFunc(x.Ports, func(port string) bool { return port != "53" })
				out = append(out, peerPlace{Peer: x.Peer, at: at, namespace: namespace, names: names, ingress: part.key == "ingress"})
			}
		}
	}
	traffic("", "the defaults", []string{"defaults"}, p.Policy.Defaults)
	for _, name := range sortedKeys(p.Policy.Namespaces) {
		traffic(name, "namespace "+name, []string{"namespaces", name}, p.Policy.Namespaces[name])
	}
	return out
}

// networks takes in the networks of the policy, and holds the peers against what
// the policy says of the cluster's own addresses.
func (p *planner) networks() error {
	if p.Policy == nil {
		return nil
	}
	c := p.Policy.Cluster
	p.plan.Networks, p.plan.PodNetwork = c.Networks, c.PodNetwork
	used := map[string]bool{}
	for _, peer := range p.policyPeers() {
		if peer.Network != "" {
			if _, ok := c.Networks[peer.Network]; !ok {
				return fmt.Errorf("%s: there is no network %q%s", peer.at, peer.Network, p.whichNetwork(peer.Network))
			}
			used[peer.Network] = true
			for _, cidr := range c.Networks[peer.Network].CIDRs {
				p.noteOwn(peer, cidr+" of network "+peer.Network+" ("+peer.at+")", cidr)
			}
			continue
		}
		for _, cidr := range peer.CIDRs {
			// NodeLocal DNS answers at the address of the Service itself.
			if c.ServiceNetwork != "" && inside(cidr, c.ServiceNetwork) && !peer.names {
				return fmt.Errorf("%s: %s is in the service network %s, whose addresses no policy sees: they become those of pods before; want the pods behind the Service, by namespace and labels",
					peer.at, cidr, c.ServiceNetwork)
			}
			p.noteOwn(peer, cidr+" ("+peer.at+")", cidr)
		}
	}
	for _, name := range sortedKeys(c.Networks) {
		at := p.Policy.Where("cluster", "networks", name)
		if !used[name] {
			p.note("", Traffic, "has no use for the network at %s: no ingress and no egress names it", at)
			continue
		}
		for _, cidr := range c.Networks[name].CIDRs {
			if c.ServiceNetwork != "" && inside(cidr, c.ServiceNetwork) {
				return fmt.Errorf("%s: %s is in the service network %s, whose addresses no policy sees: they become those of pods before", at, cidr, c.ServiceNetwork)
			}
		}
	}
	return nil
}

func (p *planner) whichNetwork(name string) string {
	known := sortedKeys(p.Policy.Cluster.Networks)
	if best := schema.Like(name, known); best != "" {
		return fmt.Sprintf("; did you mean %q?", best)
	}
	if len(known) == 0 {
		return fmt.Sprintf("; declare it with `policy: cluster: networks: %q: cidrs: [\"...\"]`", name)
	}
	return "; policy.cluster.networks has " + strings.Join(known, ", ")
}

// noteOwn says which of the cluster's own addresses a declared range has.
func (p *planner) noteOwn(peer peerPlace, what, cidr string) {
	c := p.Policy.Cluster
	left := func(own string) bool {
		return own == "" || own == cidr || !inside(own, cidr) || slices.ContainsFunc(peer.Except, func(e string) bool { return inside(own, e) })
	}
	switch {
	case c.PodNetwork != "" && inside(cidr, c.PodNetwork):
		p.note(peer.namespace, Traffic, "has addresses of pods, which change with every pod: %s is in the pod network %s; name the pods by namespace and labels", what, c.PodNetwork)
		return
	case left(c.PodNetwork):
	case peer.ingress:
		p.note(peer.namespace, Traffic, "lets in pods by %s, which has the pod network %s: nodes take its addresses too where they pass requests on, so that it is not left out (except does)", what, c.PodNetwork)
	default:
		p.note(peer.namespace, Traffic, "reaches no pods by %s: the pod network %s is left out; pods are named by namespace and labels, those behind the cluster's own load balancers too", what, c.PodNetwork)
	}
	for _, own := range c.NodeNetworks {
		if !left(own) {
			p.note(peer.namespace, Traffic, "takes in the nodes of %s by %s, as other machines may have addresses there", own, what)
		}
	}
}

// withoutPods leaves the pods out of addresses to reach: a range is what is outside,
// and pods are named as such. Of a range that pods come from they cannot be told:
// a request that a node passes on through Calico's tunnels comes from the pod network.
func (t *tracing) withoutPods(n *Namespace, side Side, at string) []Side {
	if side.Kind != Addresses {
		return []Side{side}
	}
	pods := t.Policy.Cluster.PodNetwork
	if families := addresses(side.CIDRs); side.Network != "" && pods != "" && len(families) > 1 &&
		slices.ContainsFunc(side.CIDRs, func(cidr string) bool { return pods != cidr && inside(pods, cidr) }) {
		// Felix leaves out a rule with notNets for the family that they have none of
		// (felix/rules/policy.go), so that a set of both families would lose one.
		return slices.Concat(t.withoutPods(n, families[0], at), t.withoutPods(n, families[1], at))
	}
	for _, cidr := range side.CIDRs {
		switch {
		case pods == "" && cidr == "0.0.0.0/0" && len(side.Except) == 0:
			t.refused[n.Name] = true
			t.ask(Question{Namespace: n.Name, Guardrail: Traffic, Answer: "policy: cluster: podNetwork: \"...\"",
				Text: "which addresses pods have, that are to be left out of " + cidr + " (" + at + ")"})
		case pods != "" && pods != cidr && inside(pods, cidr):
			side.Except = ordered(append(slices.Clone(side.Except), pods))
		}
	}
	return []Side{side}
}

// onNodes are the addresses of pods in the network of their node, as those are
// reached that go there. What comes from there is another matter: through Calico's
// tunnels it has an address of the pod network.
func (t *tracing) onNodes(f Flow) []Flow {
	var out []Flow
	if t.Policy == nil {
		return nil
	}
	for _, side := range addresses(t.Policy.Cluster.NodeNetworks) {
		g := f
		g.To, g.Reasons = side, slices.Clone(f.Reasons)
		for i := range g.Reasons {
			g.Reasons[i].Why = fmt.Sprintf("%s is in the network of its node: %s", f.To, cmp.Or(f.Reasons[i].Why, "declared"))
		}
		out = append(out, g)
	}
	return out
}
