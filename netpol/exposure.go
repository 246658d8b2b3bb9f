package netpol

import "net/netip"

// WhoReaches returns what pods and host endpoints may open to addresses of a
// prefix, with a flow for each class of its addresses that is treated alike. The
// endpoints belong to a cluster of their own, cut at the prefix.
func (c *Cluster) WhoReaches(prefix netip.Prefix) []Flow {
	return c.exposure(prefix, Egress)
}

// ReachableFrom returns what addresses of a prefix may open to pods and host
// endpoints, if they get there: services and routes are not looked at.
func (c *Cluster) ReachableFrom(prefix netip.Prefix) []Flow {
	return c.exposure(prefix, Ingress)
}

func (c *Cluster) exposure(prefix netip.Prefix, d Direction) []Flow {
	within := AddrsOf(prefix)
	c = c.cut([]Addrs{within})
	v := newEvaluator(c)
	var out []Flow
	for _, inside := range c.endpoints {
		if inside.idle || !inside.labelled() {
			continue
		}
		for _, outside := range c.external {
			if within.covers(outside.Addrs) != yes {
				continue
			}
			from, to := inside, outside
			if d == Ingress {
				from, to = outside, inside
			}
			s := v.pair(from, to)
			if f := (Flow{From: from, To: to, Allowed: s.certain(), Unknown: s.unknown()}); f.Open() {
				out = append(out, f)
			}
		}
	}
	return out
}
