package graph

import (
	"slices"

	"github.com/secgen/secgen/netpol"
)

// graph numbers the ends. Pods that nothing connects stand in the graph too; others
// only where an edge needs them.
func (b *builder) graph() *Graph {
	used := map[end]bool{}
	for i := range b.links {
		l := &b.links[i]
		l.to.target = l.to.kind == Namespace || l.to.kind == AnyPod || l.to.kind == Outside
		used[l.from], used[l.to] = true, true
	}
	g := &Graph{}
	place := map[end]int{}
	add := func(e end, n Node) {
		if _, seen := place[e]; !seen {
			place[e] = len(g.Nodes)
			g.Nodes = append(g.Nodes, n)
		}
	}
	for i, u := range b.units {
		if u.end.kind == Pods || u.end.kind == Host || u.end.kind == Others && used[u.end] {
			add(u.end, b.node(i, u))
		}
	}
	for _, l := range b.links {
		for _, e := range []end{l.from, l.to} {
			switch e.kind {
			case Namespace:
				add(e, Node{Kind: Namespace, Namespace: e.namespace, Names: []string{"every pod"}, Covers: b.covered(e, place)})
			case AnyPod:
				add(e, Node{Kind: AnyPod, Names: []string{"any pod shown here"}, Covers: b.covered(e, place)})
			case Outside:
				add(e, Node{Kind: Outside, Names: []string{"outside: " + e.label}})
			}
		}
	}
	for _, l := range b.links {
		g.Edges = append(g.Edges, Edge{From: place[l.from], To: place[l.to], Label: l.label, Unsure: l.unsure})
	}
	return g
}

// covered lists the places of what a whole stands for.
func (b *builder) covered(e end, place map[end]int) []int {
	open := sourceOpen
	if e.target {
		open = targetOpen
	}
	var out []int
	for _, w := range b.wholes(open) {
		if w.end.kind != e.kind || w.end.namespace != e.namespace {
			continue
		}
		for _, u := range w.units {
			if i, ok := place[u]; ok {
				out = append(out, i)
			}
		}
	}
	return out
}

func namespaceName(name string) string {
	if name == "" {
		return "an unnamed namespace"
	}
	return "namespace " + name
}

// node describes a unit.
func (b *builder) node(i int, u unit) Node {
	n := Node{Kind: u.end.kind, Namespace: u.end.namespace}
	for _, e := range u.members {
		switch e.Kind {
		case netpol.Pod:
			n.Names = append(n.Names, e.Resource.ID.Kind+" "+e.Resource.ID.Name)
		case netpol.Host:
			n.Names = append(n.Names, "host "+e.Resource.ID.Name)
		default:
			n.Names = append(n.Names, "any other pod")
		}
	}
	slices.Sort(n.Names)
	n.Names = slices.Compact(n.Names)
	if u.end.kind == Others {
		return n
	}
	if u.host {
		n.Notes, n.Open = []string{"in the host's network: policies for pods do not apply"}, true
		return n
	}
	for _, side := range []struct {
		isolated               netpol.Answer
		allowed                bool
		open, allowing, unsure string
	}{
		{u.ingress, u.lets, "open: any pod or address may reach it", "policies let any pod or address reach it", "who may reach it is not known"},
		{u.egress, u.leads, "open: it may reach anything", "policies let it reach anything", "what it may reach is not known"},
	} {
		switch {
		case side.isolated == netpol.No:
			n.Notes, n.Open = append(n.Notes, side.open), true
		case side.isolated == netpol.Maybe:
			n.Notes = append(n.Notes, side.unsure)
		case side.allowed:
			n.Notes, n.Open = append(n.Notes, side.allowing), true
		}
	}
	if label := b.self[i]; label != "" {
		n.Notes = append(n.Notes, "among themselves: "+label)
	}
	if u.egress == netpol.Yes && !u.leads && u.end.kind == Pods {
		n.Notes = append(n.Notes, b.names(u.members[0]))
	}
	return n
}

// names says whether a pod may resolve names.
func (b *builder) names(e *netpol.Endpoint) string {
	switch dns := b.cluster.BlocksDNS(e); {
	case dns.UDP == netpol.Allowed || dns.TCP == netpol.Allowed:
		return "may ask the DNS"
	case dns.UDP == netpol.Denied && dns.TCP == netpol.Denied:
		return "may not ask the DNS"
	}
	return "whether it may ask the DNS is not known"
}
