package netpol

// Flow is what one endpoint may do to another.
type Flow struct {
	From, To *Endpoint
	// Allowed are the connections that are allowed for sure, Unknown those of
	// which it is not known. All others are denied.
	Allowed, Unknown Conns
}

// Open tells whether any connection is or may be allowed.
func (f Flow) Open() bool { return !f.Allowed.Empty() || !f.Unknown.Empty() }

// Flow says what one endpoint may do to another.
func (c *Cluster) Flow(from, to *Endpoint) Flow {
	s := newEvaluator(c).pair(from, to)
	return Flow{From: from, To: to, Allowed: s.certain(), Unknown: s.unknown()}
}

// Connections returns a flow for every pair of endpoints with an open connection,
// by source and then by destination, in the order of Endpoints. Pairs without a
// pod or host endpoint are left out, and so is the pair of a class of addresses
// with itself.
func (c *Cluster) Connections() []Flow {
	var out []Flow
	c.eachPair(func(f Flow) {
		if f.Open() {
			out = append(out, f)
		}
	})
	return out
}

// eachPair visits all pairs of endpoints of which at least one has policies, in
// order.
func (c *Cluster) eachPair(visit func(Flow)) {
	v := newEvaluator(c)
	endpoints := c.Endpoints()
	flows := map[*side]Flow{}
	for _, from := range endpoints {
		for _, to := range endpoints {
			if !related(from, to) {
				continue
			}
			s := v.pair(from, to)
			f, ok := flows[s]
			if !ok {
				f = Flow{Allowed: s.certain(), Unknown: s.unknown()}
				flows[s] = f
			}
			f.From, f.To = from, to
			visit(f)
		}
	}
}
