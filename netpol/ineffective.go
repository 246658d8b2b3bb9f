package netpol

import "slices"

// Idle says why a policy or rule decides nothing.
type Idle uint8

// The reasons.
const (
	// SelectsNothing: the policy is for no endpoint of the resources.
	SelectsNothing Idle = iota
	// MatchesNothing: the rule matches no peer and port that its endpoints have.
	MatchesNothing
	// Shadowed: everything that the rule matches was decided before.
	Shadowed
	// NotInTypes: the policy's types leave the rule's direction out.
	NotInTypes
)

func (i Idle) String() string {
	return [...]string{"selects nothing", "matches nothing", "is decided before", "is not in the policy's types"}[i]
}

// Ineffective is a policy or rule that decides nothing. SelectsNothing and
// MatchesNothing only say so of the resources: the cluster may hold more.
type Ineffective struct {
	// Rule has no path where the whole policy is meant.
	Rule Rule
	Why  Idle
	// By is the rule that decides before, for Shadowed.
	By Rule
	// Candidates counts the pods (for a policy that only host endpoints can have,
	// those) that a SelectsNothing or MatchesNothing could have found and did not:
	// those of its namespace, or all for one that is for all namespaces. Where it is
	// 0 the resources say nothing about the matter.
	Candidates int
}

// Ineffective returns the policies and rules that decide nothing, by policy and
// place.
func (c *Cluster) Ineffective() []Ineffective {
	use := c.usage()
	var out []Ineffective
	for _, p := range c.Policies() {
		if !use.selected[p] {
			if len(p.broken) == 0 {
				out = append(out, Ineffective{Rule: Rule{Policy: p}, Why: SelectsNothing, Candidates: c.candidates(p, p.subject.home, p.subject.hasHome)})
			}
			continue
		}
		for d, rules := range p.rules {
			for _, r := range rules {
				if i, ok := c.idle(p, Direction(d), r, use); ok {
					out = append(out, i)
				}
			}
		}
	}
	return out
}

func (c *Cluster) idle(p *Policy, d Direction, r *rule, use *usage) (Ineffective, bool) {
	out := Ineffective{Rule: r.ref()}
	switch {
	case !p.applies[d]:
		out.Why = NotInTypes
		return out, true
	case r.action == actionLog || !use.evaluated[r.policy][d]:
		return out, false
	case p.kind == kubernetesPolicy:
		return c.redundant(r, use)
	case use.hit[r]:
		return out, false
	case use.matched[r] == nil:
		out.Why, out.Candidates = MatchesNothing, c.candidates(nil, r.peer().home, r.peer().hasHome)
		return out, true
	}
	out.Why, out.By = Shadowed, c.shadowedBy(r, use.matched[r])
	return out, true
}

// candidates counts what a policy or the peer of a rule could have found.
func (c *Cluster) candidates(p *Policy, home string, hasHome bool) int {
	n := 0
	for _, e := range c.endpoints {
		want := e.Kind == Pod && !e.HostNetwork && (!hasHome || e.Namespace == home)
		if p != nil && (p.preDNAT || p.doNotTrack) {
			want = e.Kind == Host
		}
		if want {
			n++
		}
	}
	return n
}

// usage is what the rules did over all pairs of endpoints.
type usage struct {
	selected  map[*Policy]bool
	evaluated map[*Policy]*[2]bool
	// matched has the first pair that a rule matched.
	matched map[*rule]*[2]*Endpoint
	hit     map[*rule]bool
}

func (c *Cluster) usage() *usage {
	use := &usage{
		selected: map[*Policy]bool{}, evaluated: map[*Policy]*[2]bool{},
		matched: map[*rule]*[2]*Endpoint{}, hit: map[*rule]bool{},
	}
	v := newEvaluator(c)
	v.took = func(r *rule, own, peer *Endpoint, hit Conns) {
		if use.matched[r] == nil {
			use.matched[r] = &[2]*Endpoint{own, peer}
		}
		use.hit[r] = use.hit[r] || !hit.Empty()
	}
	for _, p := range c.Policies() {
		use.evaluated[p] = &[2]bool{}
	}
	for _, e := range c.endpoints {
		if !e.labelled() {
			continue
		}
		for _, p := range c.Policies() {
			use.selected[p] = use.selected[p] || p.appliesTo(e) != no
		}
		for _, d := range []Direction{Ingress, Egress} {
			v.useAll(e, d, use)
		}
	}
	return use
}

// useAll walks an endpoint's plans against all peers.
func (v *evaluator) useAll(e *Endpoint, d Direction, use *usage) {
	plans := []*plan{v.plan(e, d)}
	if e.Kind == Host {
		plans = append(plans, v.forwardPlans(d)...)
	}
	for _, pl := range plans {
		for _, p := range pl.policies() {
			if seen := use.evaluated[p]; seen != nil {
				seen[d] = true
			}
		}
		for _, peer := range v.c.endpoints {
			v.side(pl, e, peer)
		}
	}
}

// shadowedBy finds the rule that decides what r would, for an example.
func (c *Cluster) shadowedBy(r *rule, pair *[2]*Endpoint) Rule {
	dst := pair[1]
	if r.direction == Ingress {
		dst = pair[0]
	}
	port, ok := r.connsTo(dst).First()
	if !ok {
		return Rule{}
	}
	return c.step(c.planFor(pair[0], r.direction, false), pair[0], pair[0], pair[1], port).Rule
}

// redundant finds a Kubernetes rule that another rule of its policy covers, or
// that matches nothing. Those of other policies do not count: they are other
// people's.
func (c *Cluster) redundant(r *rule, use *usage) (Ineffective, bool) {
	out := Ineffective{Rule: r.ref(), Why: MatchesNothing}
	if use.matched[r] == nil {
		out.Candidates = c.candidates(nil, r.peer().home, r.peer().hasHome)
		return out, true
	}
	for _, q := range r.policy.rules[r.direction] {
		if q != r && c.covers(q, r) && !(c.covers(r, q) && q.index > r.index) {
			out.Why, out.By = Shadowed, q.ref()
			return out, true
		}
	}
	return out, false
}

// covers tells whether q allows whatever r does.
func (c *Cluster) covers(q, r *rule) bool {
	if len(q.vague) > 0 || q.family != 0 && q.family != r.family || !samePorts(q, r) {
		return false
	}
	if q.peer().any() {
		return true
	}
	if r.peer().any() {
		return false
	}
	if q.peer().sel != nil && r.peer().sel != nil {
		any := anyPodAnywhere()
		if r.peer().hasHome {
			any = c.world.anyPod(r.peer().home)
		}
		if q.peer().sel(&any.all) == yes {
			return true
		}
	}
	for i, answer := range r.peer().vector {
		if answer != no && q.peer().vector[i] != yes {
			return false
		}
	}
	// What is not among the endpoints must be covered as well.
	return q.peer().key == r.peer().key || r.peer().sel == nil
}

// samePorts tells whether the ports of q hold those of r whatever the
// destination.
func samePorts(q, r *rule) bool {
	none := &Endpoint{}
	if !r.connsTo(none).Minus(q.connsTo(none)).Empty() {
		return false
	}
	for _, p := range r.ports {
		for _, name := range p.names {
			if protoConns(p.proto).Minus(q.connsTo(none)).Empty() {
				continue
			}
			same := slices.ContainsFunc(q.ports, func(s namedPorts) bool { return s.proto == p.proto && slices.Contains(s.names, name) })
			if !same {
				return false
			}
		}
	}
	return true
}
