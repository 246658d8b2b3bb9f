package netpol

import (
	"fmt"
	"slices"
	"strings"
)

// stage says which of an endpoint's policies a packet meets together.
type stage uint8

const (
	// stageNormal: traffic to or from the endpoint itself.
	stageNormal stage = iota
	// stageForward: traffic forwarded through a host endpoint.
	stageForward
	// stagePreDNAT and stageUntracked come before both, on host endpoints.
	stagePreDNAT
	stageUntracked
)

// has tells whether a policy belongs to a stage of an endpoint
// (felix/calc/event_sequencer.go, tierInfoToProtoTierInfo). Policies that are
// preDNAT or doNotTrack do not apply to pods.
func (s stage) has(p *Policy) bool {
	switch s {
	case stageUntracked:
		return p.doNotTrack
	case stagePreDNAT:
		return p.preDNAT && !p.doNotTrack
	case stageForward:
		return p.applyOnForward && !p.preDNAT && !p.doNotTrack
	}
	return !p.preDNAT && !p.doNotTrack
}

// plan is what decides about an endpoint in one direction: the policies that
// apply to it, in the order in which they are walked. Endpoints with the same
// policies share a plan.
type plan struct {
	direction Direction
	steps     []planTier
	// last is what happens to connections that no tier decides.
	last profile
	// failsafe are the connections that a host endpoint always allows.
	failsafe Conns
	// byPort says that some rule depends on the destination's named ports.
	byPort bool
	// rules counts the rules of all steps.
	rules int
	key   string
}

// planTier is a tier as an endpoint meets it.
type planTier struct {
	name string
	pass bool
	// ends says that the tier's default action applies where no rule decides.
	ends     bool
	policies []planPolicy
	// foreign is a policy that may do anything; the tier has nothing else then.
	foreign *Policy
}

type planPolicy struct {
	*Policy
	applies tri
	rules   []*rule
}

// planFor finds the policies of an endpoint.
func (c *Cluster) planFor(e *Endpoint, d Direction, forward bool) *plan {
	pl := &plan{direction: d, last: e.profile}
	if !e.labelled() {
		return c.unenforced(pl, e)
	}
	pl.addForeign(c, e, false)
	stages := []stage{stageNormal}
	if e.Kind == Host {
		pl.failsafe = failsafe(d)
		stages = []stage{stageUntracked, stageNormal}
		if d == Ingress {
			stages = []stage{stageUntracked, stagePreDNAT, stageNormal}
		}
		if forward {
			stages[len(stages)-1] = stageForward
			pl.failsafe, pl.last = Conns{}, profileAllow
		}
	}
	for _, s := range stages {
		if s == stageUntracked && e.iface == "*" {
			// Felix ignores doNotTrack policies on such a host endpoint
			// (felix/dataplane/linux/endpoint_mgr.go, updateHostEndpoints).
			continue
		}
		found := pl.addStage(c, e, s)
		if s == stageForward && found {
			// After the forward policies nothing allows what they passed on.
			pl.last = profileUnknown
		}
	}
	pl.addForeign(c, e, true)
	pl.finish()
	return pl
}

// unenforced is the plan of an endpoint that no policy is enforced on. If the
// cluster has host endpoints, one of them may govern its node.
func (c *Cluster) unenforced(pl *plan, e *Endpoint) *plan {
	if e.Kind != External && slices.ContainsFunc(c.endpoints, func(x *Endpoint) bool { return x.Kind == Host }) {
		pl.last = profileUnknown
	}
	pl.finish()
	return pl
}

func (pl *plan) addForeign(c *Cluster, e *Endpoint, baseline bool) {
	for _, f := range c.foreign {
		if f.baseline == baseline && (f.policy.subject.match == nil || f.policy.subject.match(&e.all) != no) {
			pl.steps = append(pl.steps, planTier{name: f.policy.String(), foreign: f.policy})
		}
	}
}

func (pl *plan) addStage(c *Cluster, e *Endpoint, s stage) bool {
	found := false
	for i := range c.tiers {
		t := &c.tiers[i]
		step := planTier{name: t.Name, pass: t.Pass, ends: s == stageNormal || s == stageForward}
		for _, p := range t.policies {
			if !p.applies[pl.direction] || !s.has(p) {
				continue
			}
			applies := p.appliesTo(e)
			if applies == no {
				continue
			}
			step.policies = append(step.policies, planPolicy{Policy: p, applies: applies, rules: p.rules[pl.direction]})
		}
		if len(step.policies) > 0 {
			found = true
			pl.steps = append(pl.steps, step)
		}
	}
	return found
}

// appliesTo says whether the policy is for an endpoint; perhaps where its effect
// is not known.
func (p *Policy) appliesTo(e *Endpoint) tri {
	if p.subject.hasHome && (e.Kind == Host || e.Namespace != p.subject.home) {
		return no
	}
	applies := p.subject.match.match(&e.all)
	if len(p.broken) > 0 {
		applies = and(applies, maybe)
	}
	return applies
}

// finish numbers the rules and makes the key by which equal plans are found.
func (pl *plan) finish() {
	var key strings.Builder
	fmt.Fprintf(&key, "%d|%d|%v", pl.direction, pl.last, pl.failsafe.Empty())
	for _, step := range pl.steps {
		fmt.Fprintf(&key, "|%s %v", step.name, step.ends)
		for _, p := range step.policies {
			fmt.Fprintf(&key, ",%p=%d", p.Policy, p.applies)
			pl.rules += len(p.rules)
			for _, r := range p.rules {
				pl.byPort = pl.byPort || r.byPort()
			}
		}
	}
	pl.key = key.String()
}

// byPort tells whether the connections of the rule depend on the destination.
func (r *rule) byPort() bool {
	for _, list := range [][]namedPorts{r.ports, r.notPorts} {
		for _, p := range list {
			if len(p.names) > 0 {
				return true
			}
		}
	}
	return false
}

// connsTo are the connections that the rule is about when they go to dst.
func (r *rule) connsTo(dst *Endpoint) Conns {
	out := r.conns
	if r.ports != nil {
		out = out.Intersect(resolvePorts(r.ports, dst))
	}
	if r.notPorts != nil {
		out = out.Minus(resolvePorts(r.notPorts, dst))
	}
	return out
}

// resolvePorts turns ports into connections, with the numbers that dst gives to
// their names.
func resolvePorts(list []namedPorts, dst *Endpoint) Conns {
	var out Conns
	for _, p := range list {
		out = out.Union(rangeConns(p.proto, p.set))
		for _, name := range p.names {
			for _, q := range dst.Ports {
				if q.Name == name && q.Protocol == p.proto {
					out = out.Union(rangeConns(p.proto, oneRange(q.Number, q.Number)))
				}
			}
		}
	}
	return out
}

// matches says whether the rule is about traffic between the policy's own
// endpoint and a peer. Ports and protocols are left to connsTo.
func (r *rule) matches(own, peer *Endpoint, family int) tri {
	if r.family != 0 && r.family != family {
		return no
	}
	return and(r.peer().at(peer.index), r.own().at(own.index))
}

// failsafe are the ports that Felix always allows on host endpoints, unless its
// configuration says otherwise (felix/config/config_params.go,
// FailsafeInboundHostPorts and FailsafeOutboundHostPorts).
func failsafe(d Direction) Conns {
	ports := map[Direction][2][]uint16{
		Ingress: {{22, 179, 2379, 2380, 5473, 6443, 6666, 6667}, {68}},
		Egress:  {{179, 2379, 2380, 5473, 6443, 6666, 6667}, {53, 67}},
	}[d]
	var out Conns
	for i, proto := range []uint8{ProtoTCP, ProtoUDP} {
		for _, n := range ports[i] {
			out = out.Union(rangeConns(proto, oneRange(n, n)))
		}
	}
	return out
}
