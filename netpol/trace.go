package netpol

import (
	"fmt"
	"slices"
)

// tracer walks a plan for one connection, as a packet would, and keeps what may
// decide. It is written apart from walker, which does the same for sets, and a
// test holds them against each other.
type tracer struct {
	c              *Cluster
	pl             *plan
	own, peer, dst *Endpoint
	// subject is the endpoint whose policies these are: own, or the host endpoint
	// that forwards.
	subject *Endpoint
	family  int
	port    Port

	allow, deny bool
	first       *Step
	reasons     []string
}

func (t *tracer) trace() Step {
	if t.pl.failsafe.Has(t.port) {
		t.decide(actionAllow, Step{Kind: CauseFailsafe, Why: fmt.Sprintf("%s is one of Felix's failsafe ports", t.port)})
		return t.finish()
	}
	applied := false
	for i := range t.pl.steps {
		s := &t.pl.steps[i]
		applied = applied || s.ends
		if !t.tier(s) {
			return t.finish()
		}
	}
	t.profile(applied)
	return t.finish()
}

// tier tells whether the connection may go on to the next tier.
func (t *tracer) tier(s *planTier) (onward bool) {
	if s.foreign != nil {
		t.reason(fmt.Sprintf("%s is not understood", s.foreign))
		t.decide(actionUnknown, Step{Kind: CauseForeign, Rule: Rule{Policy: s.foreign}, Why: fmt.Sprintf("%s may decide it", s.foreign)})
		return true
	}
	applies := no
	for i := range s.policies {
		p := &s.policies[i]
		applies = or(applies, p.applies)
		for _, r := range p.rules {
			decided, passed := t.rule(r, p.applies)
			if onward = onward || passed; decided {
				return onward
			}
		}
	}
	if !s.ends || s.pass {
		return true
	}
	if applies == maybe {
		t.reasonPolicies(s)
		onward = true
	}
	last := s.policies[len(s.policies)-1]
	t.decide(actionDeny, Step{Kind: CauseTierEnd, Rule: Rule{Policy: last.Policy, Direction: t.pl.direction}, Why: whyDenied(s, t.subject, t.pl.direction)})
	return onward
}

// rule tells whether the rule decides for sure, and whether it may pass the
// connection on to the next tier.
func (t *tracer) rule(r *rule, applies tri) (decided, passed bool) {
	match := and(r.matches(t.own, t.peer, t.family), applies)
	if r.action == actionLog || match == no || !r.connsTo(t.dst).Has(t.port) {
		return false, false
	}
	certain := r.certain()
	if len(r.clients) > 0 && len(r.vague) == 0 && r.action != actionUnknown {
		switch t.client(r) {
		case no:
			return false, false
		case yes:
			certain = true
		}
	}
	certain = certain && match == yes
	if !certain {
		t.reasonRule(r, match)
	}
	t.decide(r.action, Step{Kind: CauseRule, Rule: r.ref(), Why: fmt.Sprintf("%s %s it", r.ref(), verb(r.action))})
	return certain, r.action == actionPass || r.action == actionUnknown
}

// client says whether the port of the source is what the rule asks for.
func (t *tracer) client(r *rule) tri {
	if t.port.Source == 0 {
		return maybe
	}
	result := yes
	for _, f := range r.clients {
		src := t.peer
		if t.pl.direction == Egress {
			src = t.own
		}
		set := resolvePorts([]namedPorts{f.ports}, src)
		hit := truth(set.Has(Port{Protocol: t.port.Protocol, Number: t.port.Source}))
		if f.not {
			hit = hit.not()
		}
		result = and(result, hit)
	}
	return result
}

func (t *tracer) decide(a action, s Step) {
	switch a {
	case actionAllow:
		t.allow = true
	case actionDeny:
		t.deny = true
	case actionUnknown:
		t.allow, t.deny = true, true
	case actionPass:
		return
	}
	if t.first == nil {
		t.first = &s
	}
}

func (t *tracer) profile(applied bool) {
	switch {
	case t.pl.last == profileUnknown:
		t.reason(fmt.Sprintf("host endpoints or profiles that are not known may govern %s", t.subject))
		t.decide(actionUnknown, Step{Kind: CauseProfile, Why: "what comes after the last tier is not known"})
	case t.pl.last == profileDeny:
		t.decide(actionDeny, Step{Kind: CauseProfile, Why: fmt.Sprintf("no policy allows it, and %s has no profile", t.subject)})
	case t.pl.last == profileNone:
		t.decide(actionAllow, Step{Kind: CauseNotEnforced, Why: fmt.Sprintf("policies are not enforced on %s", t.subject)})
	case applied:
		t.decide(actionAllow, Step{Kind: CauseProfile, Why: "every tier passes it on, and profiles allow what no tier decides"})
	default:
		t.decide(actionAllow, Step{Kind: CauseNoPolicy, Why: t.c.whyOpen(t.subject, t.pl.direction)})
	}
}

func (t *tracer) finish() Step {
	s := Step{Why: "nothing decides"}
	if t.first != nil {
		s = *t.first
	}
	s.Endpoint, s.Direction, s.Policies = t.subject, t.pl.direction, t.pl.policies()
	switch {
	case t.allow && !t.deny:
		s.Outcome = Allowed
	case t.deny && !t.allow:
		s.Outcome = Denied
	default:
		s.Reasons = t.reasons
	}
	return s
}

func (pl *plan) policies() []*Policy {
	var out []*Policy
	for _, s := range pl.steps {
		for _, p := range s.policies {
			out = append(out, p.Policy)
		}
		if s.foreign != nil {
			out = append(out, s.foreign)
		}
	}
	return out
}

func verb(a action) string {
	switch a {
	case actionAllow:
		return "allows"
	case actionDeny:
		return "denies"
	case actionPass:
		return "passes on"
	}
	return "has an unknown action and matches"
}

func (t *tracer) reason(text string) {
	if !slices.Contains(t.reasons, text) {
		t.reasons = append(t.reasons, text)
	}
}

func (t *tracer) reasonPolicies(s *planTier) {
	for _, p := range s.policies {
		if p.applies == maybe {
			t.reasonPolicy(p.Policy)
		}
	}
}

func (t *tracer) reasonPolicy(p *Policy) {
	for _, text := range p.broken {
		t.reason(text)
	}
	if len(p.broken) == 0 {
		t.reason(fmt.Sprintf("%s may or may not select %s", p, t.subject))
	}
}

func (t *tracer) reasonRule(r *rule, match tri) {
	for _, text := range r.vague {
		t.reason(fmt.Sprintf("%s: %s", r.ref(), text))
	}
	if len(r.clients) > 0 {
		t.reason(fmt.Sprintf("%s depends on the source port", r.ref()))
	}
	if len(r.policy.broken) > 0 {
		t.reasonPolicy(r.policy)
	} else if match == maybe {
		t.reason(fmt.Sprintf("%s may or may not match %s", r.ref(), t.peer))
	}
}
