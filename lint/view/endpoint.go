package view

import (
	"strconv"

	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/netpol"
	"github.com/secgen/secgen/schema"
)

// endpointViews returns the views of pods whose namespace is known, and of host
// endpoints, among all policies of the environment.
func (c cluster) endpointViews() []View {
	if c.network == nil {
		return nil
	}
	counts := c.network.census()
	var views []View
	for _, e := range c.network.all.Endpoints() {
		switch {
		case e.Kind == netpol.Pod && !e.HostNetwork && e.Namespace != "" && !manifest.Unresolved(e.Namespace):
		case e.Kind == netpol.Host && c.network.root[e.Resource] != "":
		default:
			continue
		}
		views = append(views, c.endpointView(e, counts))
	}
	return views
}

func (c cluster) endpointView(e *netpol.Endpoint, counts census) View {
	n, r := c.network, e.Resource
	isolation := n.all.Isolation(e)
	unknown := c.policyMayReach(e.Namespace, n.root[r])
	facts := facts{}
	facts.set("object", objectFacts(r))
	facts.set("environment", text(c.name))
	facts.set("kind", text(map[netpol.Kind]string{netpol.Pod: "pod", netpol.Host: "host"}[e.Kind]))
	facts.set("namespace", optional(e.Namespace))
	facts.set("platform", boolean(platform(e.Namespace)))
	facts.set("ingress", counts.isolationFacts(netpol.Ingress, e.Namespace, isolation.Ingress, unknown))
	facts.set("egress", counts.isolationFacts(netpol.Egress, e.Namespace, isolation.Egress, unknown))
	if e.Kind == netpol.Host {
		facts.set("profile", boolean(len(r.Object.Get("spec", "profiles").Elems()) > 0))
	}
	if isolation.Egress.Isolated == netpol.Yes && e.Kind == netpol.Pod && !unknown {
		facts.set("resolves", n.resolves(e))
	}
	node := &manifest.Node{Kind: manifest.Map}
	place := r.Object.Lookup(e.Path)
	if meta := place.Field("metadata"); meta != nil {
		node.Fields = append(node.Fields, *meta)
		node.Pos = place.Pos
	}
	label := r.ID.Kind + " " + strconv.Quote(r.ID.Name)
	return View{Kind: schema.ViewEndpoint, Resource: r, Path: e.Path, Label: label, Node: node.With("facts", facts.node()), Roots: []string{n.root[r]}}
}

// census counts the pods of each namespace and direction, and those of them that
// are isolated.
type census map[netpol.Direction]map[string]struct{ pods, isolated int }

func (n *network) census() census {
	out := census{netpol.Ingress: {}, netpol.Egress: {}}
	for _, e := range n.all.Endpoints() {
		if e.Kind != netpol.Pod || e.HostNetwork {
			continue
		}
		isolation := n.all.Isolation(e)
		for d, guard := range map[netpol.Direction]netpol.Guard{netpol.Ingress: isolation.Ingress, netpol.Egress: isolation.Egress} {
			count := out[d][e.Namespace]
			count.pods++
			if guard.Isolated == netpol.Yes {
				count.isolated++
			}
			out[d][e.Namespace] = count
		}
	}
	return out
}

// isolationFacts says what is known of one direction; unknown says that there may
// be policies which are not evaluated.
func (c census) isolationFacts(d netpol.Direction, namespace string, g netpol.Guard, unknown bool) *manifest.Node {
	facts := facts{}
	count := c[d][namespace]
	if g.Isolated == netpol.Yes || g.Isolated == netpol.No && !unknown {
		facts.set("isolated", boolean(g.Isolated == netpol.Yes))
	}
	facts.set("exception", boolean(g.Isolated == netpol.No && !unknown && 2*count.isolated > count.pods))
	names := []string{}
	for _, p := range g.Policies {
		names = append(names, p.String())
	}
	facts.set("policies", manifest.Of(names))
	if g.Isolated == netpol.Yes {
		count.isolated--
	}
	facts.set("neighbours", manifest.Of(count.isolated))
	return facts.node()
}

// resolves tells whether a pod may ask a DNS server; nil where that is not known.
func (n *network) resolves(e *netpol.Endpoint) *manifest.Node {
	names := n.all.BlocksDNS(e)
	switch {
	case names.UDP == netpol.Allowed || names.TCP == netpol.Allowed:
		return isTrue
	case names.UDP == netpol.Denied && names.TCP == netpol.Denied:
		return isFalse
	}
	return nil
}
