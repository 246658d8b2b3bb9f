package netpol

import "slices"

// evaluator answers for many pairs of endpoints and remembers what it found. It
// is for one goroutine.
type evaluator struct {
	c       *Cluster
	plans   map[*Endpoint]*[2]*plan
	shared  map[string]*plan
	results map[string]*side
	// open is the side of an endpoint on which nothing is enforced.
	open *side
	// memo has, for each plan, the results by the verdicts of its rules.
	memo map[*plan]map[string]*side
	// joined has the combination of two sides.
	joined map[[2]*side]*side
	// forwarding has the plans of host endpoints for forwarded traffic.
	forwarding [2][]*plan
	conns      map[ruleAt]Conns
	// took is told what each rule decides between two endpoints; may be nil.
	took   func(r *rule, own, peer *Endpoint, hit Conns)
	buffer []byte
}

// ruleAt is a rule with the named ports of a destination.
type ruleAt struct {
	*rule
	profile int
}

func newEvaluator(c *Cluster) *evaluator {
	v := &evaluator{
		c: c, plans: map[*Endpoint]*[2]*plan{}, shared: map[string]*plan{}, results: map[string]*side{},
		memo: map[*plan]map[string]*side{}, joined: map[[2]*side]*side{},
		conns: map[ruleAt]Conns{},
	}
	v.open = v.intern(everything())
	return v
}

func (v *evaluator) plan(e *Endpoint, d Direction) *plan {
	both := v.plans[e]
	if both == nil {
		both = &[2]*plan{}
		v.plans[e] = both
	}
	if both[d] == nil {
		both[d] = v.share(v.c.planFor(e, d, false))
	}
	return both[d]
}

func (v *evaluator) share(pl *plan) *plan {
	if old, ok := v.shared[pl.key]; ok {
		return old
	}
	v.shared[pl.key] = pl
	v.memo[pl] = map[string]*side{}
	return pl
}

// side is what the policies of own make of its connections with peer.
func (v *evaluator) side(pl *plan, own, peer *Endpoint) *side {
	family := v.c.familyOf(own, peer)
	dst := peer
	if pl.direction == Ingress {
		dst = own
	}
	key := v.buffer[:0]
	for i := range pl.steps {
		for j := range pl.steps[i].policies {
			for _, r := range pl.steps[i].policies[j].rules {
				key = append(key, byte(r.matches(own, peer, family)))
			}
		}
	}
	if pl.byPort {
		key = append(key, byte(dst.portProfile), byte(dst.portProfile>>8), byte(dst.portProfile>>16))
	}
	v.buffer = key
	memo := v.memo[pl]
	if s, ok := memo[string(key)]; ok {
		return s
	}
	w := walker{
		match: func(r *rule) tri { return r.matches(own, peer, family) },
		conns: func(r *rule) Conns { return v.connsTo(r, dst) },
	}
	if v.took != nil {
		w.took = func(r *rule, hit Conns) { v.took(r, own, peer, hit) }
	}
	s := v.intern(w.run(pl))
	memo[string(key)] = s
	return s
}

func (v *evaluator) connsTo(r *rule, dst *Endpoint) Conns {
	at := ruleAt{rule: r}
	if r.byPort() {
		at.profile = dst.portProfile
	}
	if c, ok := v.conns[at]; ok {
		return c
	}
	c := r.connsTo(dst)
	v.conns[at] = c
	return c
}

func (v *evaluator) intern(s side) *side {
	key := s.allow.key() + "|" + s.deny.key()
	if old, ok := v.results[key]; ok {
		return old
	}
	v.results[key] = &s
	return &s
}

func (v *evaluator) join(s, t *side) *side {
	if j, ok := v.joined[[2]*side{s, t}]; ok {
		return j
	}
	j := v.intern(s.join(*t))
	v.joined[[2]*side{s, t}] = j
	return j
}

// pair is what all policies make of the connections from one endpoint to
// another.
func (v *evaluator) pair(from, to *Endpoint) *side {
	ingress := v.side(v.plan(to, Ingress), to, from)
	if from.Kind == OwnNode && to.labelled() {
		// Felix does not police traffic from a host to its own workloads
		// (felix/rules/static.go).
		ingress = v.open
	}
	out := v.join(v.side(v.plan(from, Egress), from, to), ingress)
	if to.Kind == External && from.Kind != Host {
		out = v.join(out, v.forward(to, from, Egress))
	}
	if from.Kind == External && to.Kind != Host {
		out = v.join(out, v.forward(from, to, Ingress))
	}
	return out
}

// forward is what the host endpoints make of traffic between a pod and the
// outside, whose far ends their rules see. Which of the host endpoints it crosses
// is not known: where they disagree, neither is the verdict.
func (v *evaluator) forward(outside, inside *Endpoint, d Direction) *side {
	var all *side
	for _, pl := range v.forwardPlans(d) {
		s := v.side(pl, inside, outside)
		if all == nil || all == s {
			all = s
			continue
		}
		all = v.intern(all.either(*s))
	}
	if all == nil || !inside.labelled() {
		return v.open
	}
	return all
}

// forwardPlans are the distinct plans of host endpoints for forwarded traffic.
func (v *evaluator) forwardPlans(d Direction) []*plan {
	if v.forwarding[d] == nil {
		v.forwarding[d] = []*plan{}
		for _, h := range v.c.endpoints {
			if h.Kind != Host {
				continue
			}
			pl := v.share(v.c.planFor(h, d, true))
			if !slices.Contains(v.forwarding[d], pl) {
				v.forwarding[d] = append(v.forwarding[d], pl)
			}
		}
	}
	return v.forwarding[d]
}

// familyOf is the family of the traffic between two endpoints.
func (c *Cluster) familyOf(a, b *Endpoint) int {
	for _, e := range []*Endpoint{a, b} {
		if e.Kind == External {
			return familyOf(e.Addrs.First())
		}
	}
	return c.opt.Family
}
