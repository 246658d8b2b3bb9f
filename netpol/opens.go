package netpol

// Scope is whom a rule that opens everything is about.
type Scope uint8

// The scopes.
const (
	// AllPeers: everything, in the cluster and outside.
	AllPeers Scope = iota
	// AllPods: every pod of every namespace.
	AllPods
	// AllIPv4 and AllIPv6: every address of a family, pods included.
	AllIPv4
	AllIPv6
)

func (s Scope) String() string {
	return [...]string{
		"everything", "every pod of every namespace", "every IPv4 address", "every IPv6 address",
	}[s]
}

// Opening is a rule that allows all of its scope on all ports, so that what the
// rest of the policy says of that scope decides nothing.
type Opening struct {
	Rule  Rule
	Scope Scope
	// Conns are the connections that it allows: all, or at least all of TCP.
	Conns Conns
	// Overrules are the other rules of the policy and direction that no longer
	// restrict anything, such as a list of ports beside it.
	Overrules []Rule
	// WholeNamespace says that the policy is for every pod of its namespace, or
	// of the cluster.
	WholeNamespace bool
}

// Opens returns the rules that allow everything to everyone of a scope, by policy
// and place.
func (c *Cluster) Opens() []Opening {
	var out []Opening
	for _, p := range c.Policies() {
		for _, rules := range p.rules {
			for _, r := range rules {
				if o, ok := c.opening(p, r); ok {
					out = append(out, o)
				}
			}
		}
	}
	return out
}

func (c *Cluster) opening(p *Policy, r *rule) (Opening, bool) {
	if r.action != actionAllow || !p.applies[r.direction] || !r.certain() || !r.own().any() {
		return Opening{}, false
	}
	conns := r.connsTo(&Endpoint{})
	if !protoConns(ProtoTCP).Minus(conns).Empty() {
		return Opening{}, false
	}
	scope, ok := c.scope(r)
	if !ok {
		return Opening{}, false
	}
	o := Opening{Rule: r.ref(), Scope: scope, Conns: conns, WholeNamespace: p.subject.match.match(&c.world.anyPod(p.namespace).all) == yes}
	for _, other := range p.rules[r.direction] {
		if other != r && other.action == actionAllow && c.overrules(scope, other) && other.connsTo(&Endpoint{}).Minus(conns).Empty() {
			o.Overrules = append(o.Overrules, other.ref())
		}
	}
	return o, true
}

// scope tells whom a rule is about, if that is everybody of a kind.
func (c *Cluster) scope(r *rule) (Scope, bool) {
	e := r.peer()
	if e.notSel != nil || e.service != nil || e.unknownService || e.notNets != nil {
		return 0, false
	}
	switch {
	case e.any():
		return familyScope(r.family, AllPeers), true
	case e.nets != nil && e.sel == nil:
		for _, family := range []int{4, 6} {
			if e.nets.covers(everyAddr(family)) == yes {
				return familyScope(family, AllPeers), true
			}
		}
	case e.nets == nil && e.sel(&anyPodAnywhere().all) == yes:
		return AllPods, true
	}
	return 0, false
}

func familyScope(family int, both Scope) Scope {
	switch family {
	case 4:
		return AllIPv4
	case 6:
		return AllIPv6
	}
	return both
}

// anyPodAnywhere stands for whatever pod the cluster may hold.
func anyPodAnywhere() *Endpoint {
	return &Endpoint{Kind: Stranger, all: labels{
		fixed: map[string]string{labelOrchestrator: "k8s"}, wild: true, anywhere: true, namespace: &inherited{},
	}}
}

// overrules tells whether a rule is, in part at least, about the scope.
func (c *Cluster) overrules(scope Scope, r *rule) bool {
	if scope == AllPods {
		return r.peer().nets == nil
	}
	return true
}
