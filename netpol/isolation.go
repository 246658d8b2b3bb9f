package netpol

// Guard says whether traffic in one direction is denied unless a rule allows it.
type Guard struct {
	Isolated Answer
	// Policies isolate for sure, Perhaps may.
	Policies, Perhaps []*Policy
}

// Isolation is the guards of both directions.
type Isolation struct{ Ingress, Egress Guard }

// Isolation says whether policies isolate an endpoint, and which.
func (c *Cluster) Isolation(e *Endpoint) Isolation {
	return Isolation{Ingress: c.guard(e, Ingress), Egress: c.guard(e, Egress)}
}

// NamespaceIsolation says which policies are for every pod that the namespace may
// hold, whatever its labels: its default deny. A policy that is for all of today's
// pods by their labels does not count.
func (c *Cluster) NamespaceIsolation(namespace string) Isolation {
	any := c.world.anyPod(namespace)
	isolation := c.Isolation(any)
	for _, g := range []*Guard{&isolation.Ingress, &isolation.Egress} {
		if g.Isolated == Maybe && !c.broken(g.Perhaps, any) {
			// A policy for some labels is perhaps for any pod, and so for not every
			// one.
			*g = Guard{}
		}
	}
	return isolation
}

// broken tells whether one of the policies would be for every pod of the
// namespace, were its effect known.
func (c *Cluster) broken(policies []*Policy, any *Endpoint) bool {
	for _, p := range policies {
		if len(p.broken) > 0 && p.subject.match.match(&any.all) == yes {
			return true
		}
	}
	return false
}

func (c *Cluster) guard(e *Endpoint, d Direction) Guard {
	var g Guard
	for _, step := range c.planFor(e, d, false).steps {
		if step.foreign != nil {
			g.add(step.foreign, maybe)
			continue
		}
		if !step.ends || step.pass {
			continue
		}
		for _, p := range step.policies {
			g.add(p.Policy, p.applies)
		}
	}
	return g
}

func (g *Guard) add(p *Policy, applies tri) {
	g.Isolated = or(g.Isolated, applies)
	if applies == yes {
		g.Policies = append(g.Policies, p)
	} else {
		g.Perhaps = append(g.Perhaps, p)
	}
}
