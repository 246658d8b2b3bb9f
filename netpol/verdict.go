package netpol

import (
	"fmt"
	"slices"
	"strings"

	"github.com/secgen/secgen/manifest"
)

// Outcome is what happens to a connection.
type Outcome uint8

// The outcomes. The zero value is Unknown, so that nothing is open by omission.
const (
	Unknown Outcome = iota
	Allowed
	Denied
)

func (o Outcome) String() string { return [...]string{"unknown", "allowed", "denied"}[o] }

// CauseKind says what decides on one side of a connection.
type CauseKind uint8

// The kinds of causes.
const (
	// CauseRule: a rule matched.
	CauseRule CauseKind = iota
	// CauseTierEnd: policies apply and none of their rules matched.
	CauseTierEnd
	// CauseNoPolicy: no policy applies in this direction.
	CauseNoPolicy
	// CauseProfile: every tier that applies passed the connection on.
	CauseProfile
	// CauseNotEnforced: policies are not enforced on this endpoint.
	CauseNotEnforced
	// CauseOwnNode: traffic from the pod's own node is not policed.
	CauseOwnNode
	// CauseFailsafe: one of Felix's failsafe ports.
	CauseFailsafe
	// CauseForeign: a policy of a kind that is not understood.
	CauseForeign
)

// Step is one side of a connection: what the policies of one endpoint say.
type Step struct {
	Endpoint  *Endpoint
	Direction Direction
	Outcome   Outcome
	Kind      CauseKind
	// Rule that decides, for CauseRule; for CauseTierEnd and CauseForeign its
	// Policy is one that applies.
	Rule Rule
	// Policies that apply in this direction, in the order in which they are
	// walked.
	Policies []*Policy
	// Why says it in a sentence.
	Why string
	// Reasons say why the outcome is not known.
	Reasons []string
}

// Position is where the deciding rule stands; zero where no rule decides.
func (s Step) Position() manifest.Position {
	if s.Kind != CauseRule && s.Kind != CauseTierEnd && s.Kind != CauseForeign {
		return manifest.Position{}
	}
	return s.Rule.Position()
}

// Verdict is what happens to a connection and why.
type Verdict struct {
	Outcome Outcome
	Egress  Step
	Ingress Step
	// Forward is what host endpoints on the way say, one for each that differs.
	Forward []Step
}

// Steps are all sides in the order in which the connection meets them.
func (v Verdict) Steps() []Step {
	return append([]Step{v.Egress}, append(slices.Clone(v.Forward), v.Ingress)...)
}

// Deciding is the side that decides: the first that denies, else the first that
// is not known. Of an allowed connection it is the last side on which a rule
// allows it, else the last on which policies are enforced.
func (v Verdict) Deciding() Step {
	steps := v.Steps()
	for _, want := range []Outcome{Denied, Unknown} {
		for _, s := range steps {
			if s.Outcome == want {
				return s
			}
		}
	}
	slices.Reverse(steps)
	for _, kinds := range [][]CauseKind{{CauseRule}, {CauseOwnNode, CauseFailsafe, CauseProfile, CauseNoPolicy}} {
		if i := slices.IndexFunc(steps, func(s Step) bool { return slices.Contains(kinds, s.Kind) }); i >= 0 {
			return steps[i]
		}
	}
	return v.Ingress
}

// Connection says whether one endpoint may open a connection to a port of
// another, and which rule decides. Both are endpoints of this cluster.
func (c *Cluster) Connection(from, to *Endpoint, port Port) Verdict {
	v := Verdict{
		Egress:  c.step(c.planFor(from, Egress, false), from, from, to, port),
		Ingress: c.step(c.planFor(to, Ingress, false), to, to, from, port),
	}
	if from.Kind == OwnNode && to.labelled() {
		v.Ingress = Step{Endpoint: to, Direction: Ingress, Outcome: Allowed, Kind: CauseOwnNode,
			Why: fmt.Sprintf("traffic from a node to its own pods is always allowed, so %s answers its probes", to)}
	}
	outside, inside, d := from, to, Ingress
	if to.Kind == External {
		outside, inside, d = to, from, Egress
	}
	if outside.Kind == External && inside.labelled() && inside.Kind != Host {
		v.Forward = c.forwardSteps(outside, inside, d, port)
	}
	v.Outcome = v.combine()
	return v
}

// combine is Denied if one side denies, Allowed if all allow. Of the host
// endpoints on the way only one is met.
func (v Verdict) combine() Outcome {
	forward := Allowed
	for i, s := range v.Forward {
		if i == 0 {
			forward = s.Outcome
		} else if s.Outcome != forward {
			forward = Unknown
		}
	}
	result := Allowed
	for _, o := range []Outcome{v.Egress.Outcome, forward, v.Ingress.Outcome} {
		if o == Denied {
			return Denied
		}
		if o == Unknown {
			result = Unknown
		}
	}
	return result
}

func (c *Cluster) forwardSteps(outside, inside *Endpoint, d Direction, port Port) []Step {
	var out []Step
	var keys []string
	for _, h := range c.endpoints {
		if h.Kind != Host {
			continue
		}
		pl := c.planFor(h, d, true)
		if slices.Contains(keys, pl.key) {
			continue
		}
		keys = append(keys, pl.key)
		out = append(out, c.step(pl, h, inside, outside, port))
	}
	return out
}

// step walks a plan of subject's for one port and notes what decides. own and
// peer are the ends of the connection that the plan's rules see.
func (c *Cluster) step(pl *plan, subject, own, peer *Endpoint, port Port) Step {
	dst := peer
	if pl.direction == Ingress {
		dst = own
	}
	t := tracer{c: c, pl: pl, subject: subject, own: own, peer: peer, dst: dst, family: c.familyOf(own, peer), port: port.resolve(dst)}
	return t.trace()
}

// resolve gives a named port the number that dst has for it.
func (p Port) resolve(dst *Endpoint) Port {
	if p.Number != 0 || p.Name == "" {
		return p
	}
	for _, q := range dst.Ports {
		if q.Name == p.Name && q.Protocol == p.Protocol {
			p.Number = q.Number
		}
	}
	return p
}

// String tells the verdict in a line: the outcome and why.
func (v Verdict) String() string {
	s := v.Deciding()
	text := v.Outcome.String() + ": " + s.Why
	if v.Outcome == Unknown && len(s.Reasons) > 0 {
		text += " (" + strings.Join(s.Reasons, "; ") + ")"
	}
	return text
}
