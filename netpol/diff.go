package netpol

// Change is how the connections between two endpoints differ.
type Change struct {
	// From and To are endpoints of the cluster after the change.
	From, To *Endpoint
	// Opened were denied and are allowed, Closed were allowed and are denied,
	// Unsure are or were not known, and differ.
	Opened, Closed, Unsure Conns
	// Before and After say what decides about the first port that differs.
	Port          Port
	Before, After Verdict
}

// Diff says what changes between two sets of resources, for the endpoints that
// both have, in the order of Endpoints.
func Diff(before, after *Cluster) []Change {
	cuts := append(before.addressSets(), after.addressSets()...)
	before, after = before.cut(cuts), after.cut(cuts)
	old := before.twins(after)
	v := newEvaluator(before)
	var out []Change
	after.eachPair(func(f Flow) {
		from, to := old[f.From], old[f.To]
		if from == nil || to == nil {
			return
		}
		s := v.pair(from, to)
		if c := compare(s.certain(), s.unknown(), f); c != nil {
			c.Before, c.After = before.Connection(from, to, c.Port), after.Connection(f.From, f.To, c.Port)
			out = append(out, *c)
		}
	})
	return out
}

// twins finds, for each endpoint of another cluster, the one here that is the same.
// Of several with one identity the n-th is the twin of the n-th.
func (c *Cluster) twins(other *Cluster) map[*Endpoint]*Endpoint {
	known := map[string][]*Endpoint{}
	for _, e := range c.endpoints {
		known[e.identity()] = append(known[e.identity()], e)
	}
	out := map[*Endpoint]*Endpoint{}
	for _, e := range other.endpoints {
		id := e.identity()
		if list := known[id]; len(list) > 0 {
			out[e], known[id] = list[0], list[1:]
		}
	}
	return out
}

// compare returns the change from what was allowed and unknown to a flow, or nil.
func compare(allowed, unknown Conns, f Flow) *Change {
	if allowed.Equal(f.Allowed) && unknown.Equal(f.Unknown) {
		return nil
	}
	could, can := allowed.Union(unknown), f.Allowed.Union(f.Unknown)
	c := &Change{From: f.From, To: f.To, Opened: f.Allowed.Minus(could), Closed: allowed.Minus(can)}
	c.Unsure = unknown.Minus(f.Unknown).Union(f.Unknown.Minus(unknown))
	c.Port, _ = c.Opened.Union(c.Closed).First()
	if c.Opened.Empty() && c.Closed.Empty() {
		c.Port, _ = c.Unsure.First()
	}
	return c
}

// cut is the same cluster with classes of addresses split further.
func (c *Cluster) cut(cuts []Addrs) *Cluster {
	opt := c.opt
	opt.cuts = append(append([]Addrs{}, opt.cuts...), cuts...)
	out, _ := New(c.resources, opt)
	return out
}
