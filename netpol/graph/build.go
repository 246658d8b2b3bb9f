package graph

import (
	"slices"

	"github.com/secgen/secgen/netpol"
)

// end is a node in the making: the group it stands for, or a whole.
type end struct {
	kind      Kind
	namespace string
	group     int
	// label of addresses outside.
	label string
	// target tells a whole, or addresses, to which edges lead from one where they begin.
	target bool
}

type link struct {
	from, to end
	label    string
	unsure   bool
}

// unit is a group of endpoints with what policies make of it.
type unit struct {
	end             end
	members         []*netpol.Endpoint
	ingress, egress netpol.Answer
	// lets and leads say that policies isolate the unit and allow everything all the
	// same: into it, and out of it.
	lets, leads bool
	// host says that the pods are in the host's network.
	host bool
}

type builder struct {
	cluster *netpol.Cluster
	units   []unit
	flows   map[[2]int]netpol.GroupFlow
	links   []link
	self    map[int]string
}

func newBuilder(c *netpol.Cluster) *builder {
	groups, flows := c.Summary()
	b := &builder{cluster: c, flows: map[[2]int]netpol.GroupFlow{}, self: map[int]string{}}
	for _, f := range flows {
		b.flows[[2]int{f.From, f.To}] = f
	}
	for i, g := range groups {
		for _, part := range byNamespace(g.Members) {
			first := part[0]
			u := unit{members: part, end: end{group: i, namespace: first.Namespace}}
			switch {
			case first.Kind == netpol.Node || first.Kind == netpol.OwnNode || first.Kind == netpol.DNS:
				continue
			case first.Kind == netpol.Pod:
				u.end.kind = Pods
			case first.Kind == netpol.Stranger:
				u.end.kind = Others
			case first.Kind == netpol.Host:
				u.end.kind = Host
			default:
				u.end.kind, u.end.label = Outside, first.Addrs.String()
			}
			u.host = first.HostNetwork
			isolation := c.Isolation(first)
			u.ingress, u.egress = isolation.Ingress.Isolated, isolation.Egress.Isolated
			b.units = append(b.units, u)
		}
	}
	for i := range b.units {
		u := &b.units[i]
		u.lets = u.ingress == netpol.Yes && b.everything(u, func(o end) [2]int { return [2]int{o.group, u.end.group} })
		u.leads = u.egress == netpol.Yes && b.everything(u, func(o end) [2]int { return [2]int{u.end.group, o.group} })
	}
	return b
}

// everything tells whether all connections between a unit and the outside are
// allowed. pair is the places of the two groups in the direction that is meant.
func (b *builder) everything(u *unit, pair func(end) [2]int) bool {
	some := false
	for _, other := range b.units {
		if other.end.kind == Outside {
			some = true
			if f := b.flows[pair(other.end)]; !f.Allowed.All() {
				return false
			}
		}
	}
	return some
}

// closed tells whether policies restrict what comes into, or leads out of, a unit.
func (u *unit) closed() (in, out bool) {
	return u.ingress == netpol.Yes && !u.lets, u.egress == netpol.Yes && !u.leads
}

// byNamespace parts a group, whose members may be of several namespaces.
func byNamespace(members []*netpol.Endpoint) [][]*netpol.Endpoint {
	var out [][]*netpol.Endpoint
	for _, e := range members {
		i := slices.IndexFunc(out, func(part []*netpol.Endpoint) bool {
			return part[0].Namespace == e.Namespace && part[0].HostNetwork == e.HostNetwork
		})
		if i < 0 {
			out = append(out, nil)
			i = len(out) - 1
		}
		out[i] = append(out[i], e)
	}
	return out
}

// connect finds what policies allow: connections of which one end is isolated.
func (b *builder) connect() {
	for i, from := range b.units {
		for j, to := range b.units {
			f, open := b.flows[[2]int{from.end.group, to.end.group}]
			_, leaves := from.closed()
			arrives, _ := to.closed()
			if !open || from.host || to.host || !leaves && !arrives {
				continue
			}
			label, unsure := labelOf(f)
			if i == j {
				if from.end.kind == Pods {
					b.self[i] = label
				}
				continue
			}
			b.links = append(b.links, link{from: from.end, to: to.end, label: label, unsure: unsure})
		}
	}
	b.outside()
}

// labelOf puts connections into words.
func labelOf(f netpol.GroupFlow) (label string, unsure bool) {
	word := func(c netpol.Conns) string {
		if c.All() {
			return "everything"
		}
		return c.String()
	}
	switch {
	case f.Unknown.Empty():
		return word(f.Allowed), false
	case f.Allowed.Empty():
		return "perhaps " + word(f.Unknown), true
	}
	return word(f.Allowed) + "; perhaps " + word(f.Unknown), true
}

// outside joins the classes of addresses that an end treats alike. The label of
// all of them is shorter than that of any.
func (b *builder) outside() {
	all := map[netpol.Kind]int{}
	addrs := map[string]netpol.Addrs{}
	for _, u := range b.units {
		if u.end.kind == Outside {
			all[netpol.External]++
			addrs[u.end.label] = u.members[0].Addrs
			for _, e := range u.members[1:] {
				addrs[u.end.label] = addrs[u.end.label].Union(e.Addrs)
			}
		}
	}
	joined, count, order := map[link]netpol.Addrs{}, map[link]int{}, []link{}
	var rest []link
	for _, l := range b.links {
		k := l
		var class string
		switch {
		case l.from.kind == Outside:
			class, k.from = l.from.label, end{kind: Outside}
		case l.to.kind == Outside:
			class, k.to = l.to.label, end{kind: Outside}
		default:
			rest = append(rest, l)
			continue
		}
		if _, seen := joined[k]; !seen {
			order = append(order, k)
		}
		joined[k], count[k] = joined[k].Union(addrs[class]), count[k]+1
	}
	for _, k := range order {
		text := joined[k].String()
		if count[k] == all[netpol.External] {
			text = "every address"
		}
		for _, e := range []*end{&k.from, &k.to} {
			if e.kind == Outside {
				e.label = text
			}
		}
		rest = append(rest, k)
	}
	b.links = rest
}
