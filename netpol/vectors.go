package netpol

import (
	"fmt"
	"slices"
)

// buildEndpoints adds the classes of outside addresses, numbers all endpoints,
// and computes what each side of each rule matches.
func (c *Cluster) buildEndpoints() {
	c.endpoints = slices.Clone(c.world.endpoints)
	sets := append(c.addressSets(), c.opt.cuts...)
	v6 := c.opt.Family == 6
	for _, s := range sets {
		v6 = v6 || !s.Family(6).Empty()
	}
	pods := AddrsOf(c.opt.PodCIDRs...)
	for _, class := range addressClasses(sets) {
		if !pods.Intersect(class).Empty() {
			continue
		}
		e := &Endpoint{Kind: External, Addrs: class, profile: profileNone, idle: !v6 && !class.First().Is4()}
		c.external = append(c.external, e)
		c.endpoints = append(c.endpoints, e)
	}
	profiles := map[string]int{}
	for i, e := range c.endpoints {
		e.index, e.v4, e.v6 = i, e.Addrs.Family(4), e.Addrs.Family(6)
		key := fmt.Sprint(e.Ports)
		if _, ok := profiles[key]; !ok {
			profiles[key] = len(profiles)
		}
		e.portProfile = profiles[key]
	}
	c.buildVectors()
}

// addressSets are all sets of addresses that policies tell apart.
func (c *Cluster) addressSets() []Addrs {
	var sets []Addrs
	for _, p := range c.policies {
		for _, rules := range p.rules {
			for _, r := range rules {
				for _, e := range []*entity{&r.src, &r.dst} {
					for _, a := range []*Addrs{e.nets, e.notNets} {
						if a != nil {
							sets = append(sets, *a)
						}
					}
				}
			}
		}
	}
	for _, s := range c.world.sets {
		sets = append(sets, s.addrs)
	}
	for _, p := range append(slices.Clone(c.opt.Boundaries), c.opt.APIServers...) {
		sets = append(sets, AddrsOf(p))
	}
	return append(sets, AddrsOf(c.opt.PodCIDRs...))
}

// buildVectors computes the verdict of each entity for each endpoint once, shared
// by all entities with the same key.
func (c *Cluster) buildVectors() {
	byHome := map[string][]*Endpoint{}
	for _, e := range c.endpoints {
		if e.labelled() && e.Kind != Host {
			byHome[e.Namespace] = append(byHome[e.Namespace], e)
		}
	}
	vectors := map[string][]tri{}
	for _, p := range c.policies {
		for _, rules := range p.rules {
			for _, r := range rules {
				for _, e := range []*entity{&r.src, &r.dst} {
					c.vector(e, r.family, byHome, vectors)
				}
			}
		}
	}
}

func (c *Cluster) vector(e *entity, family int, byHome map[string][]*Endpoint, vectors map[string][]tri) {
	if e.any() {
		return
	}
	if family == 0 {
		family = c.opt.Family
	}
	key := fmt.Sprint(family, "|", e.key)
	if v, ok := vectors[key]; ok {
		e.vector = v
		return
	}
	e.prepare(c.world)
	e.vector = make([]tri, len(c.endpoints))
	candidates := c.endpoints
	if e.hasHome {
		candidates = byHome[e.home]
	}
	for _, x := range candidates {
		e.vector[x.index] = e.matches(x, family)
	}
	vectors[key] = e.vector
}
