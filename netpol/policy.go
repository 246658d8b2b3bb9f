package netpol

import (
	"github.com/secgen/secgen/manifest"
)

// Direction of traffic as the endpoint sees it that a policy applies to.
type Direction uint8

// The directions.
const (
	Ingress Direction = iota
	Egress
)

func (d Direction) String() string { return [...]string{"ingress", "egress"}[d] }

// action of a rule.
type action uint8

const (
	actionAllow action = iota
	actionDeny
	actionPass
	actionLog
	// actionUnknown is one that could not be read: it may do anything.
	actionUnknown
)

func (a action) String() string {
	return [...]string{"Allow", "Deny", "Pass", "Log", "an unknown action"}[a]
}

// Policy is one policy as it is evaluated.
type Policy struct {
	// Resource is the object as written.
	Resource *manifest.Resource
	// Tier is the name of its tier; Kubernetes policies are in "default".
	Tier string
	// Order within the tier; +Inf where the policy names none.
	Order float64
	// Staged policies are not enforced.
	Staged bool

	// key breaks ties of order, as Felix composes it.
	key       string
	namespace string
	kind      policyKind
	// applies holds whether the policy is for a direction at all.
	applies [2]bool
	// subject selects the endpoints that the policy is for.
	subject subject
	rules   [2][]*rule

	preDNAT, doNotTrack, applyOnForward bool
	// broken says why the effect of the whole policy is unknown.
	broken []string
}

type policyKind uint8

const (
	kubernetesPolicy policyKind = iota
	calicoPolicy
	calicoGlobalPolicy
)

// String names the policy for people: Kind namespace/name.
func (p *Policy) String() string { return p.Resource.ID.String() }

// rule is one ordered rule of a policy. A Kubernetes rule has one for every peer,
// its protocols and ports folded into conns.
type rule struct {
	policy    *Policy
	direction Direction
	// path of the rule in the object: spec.egress[1].
	path   manifest.FieldPath
	action action
	// family restricts the rule to IPv4 or IPv6; 0 is both.
	family int
	// conns are the connections that the rule is about, without the ports of
	// source and destination entities.
	conns    Conns
	src, dst entity
	// ports of the destination by protocol; nil is any. notPorts are excluded.
	ports, notPorts []namedPorts
	// clients restrict the port of the source.
	clients []portFilter
	// vague says why the rule matches perhaps where it matches.
	vague []string
	index int
}

// namedPorts are ports of one protocol, some of them by name.
type namedPorts struct {
	proto uint8
	set   ranges
	names []string
}

// portFilter is a match on the port of the source.
type portFilter struct {
	ports namedPorts
	not   bool
}

// Rule names one rule of a policy.
type Rule struct {
	Policy *Policy
	// Direction and Path say where it stands: spec.egress[1].
	Direction Direction
	Path      manifest.FieldPath
}

// Position is where the rule stands in the source.
func (r Rule) Position() manifest.Position {
	if r.Policy == nil {
		return manifest.Position{}
	}
	pos, _ := r.Policy.Resource.Object.Locate(r.Path)
	if pos.IsZero() {
		return r.Policy.Resource.Origin.Position
	}
	return pos
}

// String is such as "NetworkPolicy shop/web spec.ingress[0]"; empty for the zero
// Rule.
func (r Rule) String() string {
	if r.Policy == nil {
		return ""
	}
	if len(r.Path) == 0 {
		return r.Policy.String()
	}
	return r.Policy.String() + " " + r.Path.String()
}

func (r *rule) ref() Rule { return Rule{Policy: r.policy, Direction: r.direction, Path: r.path} }

// peer is the far side of a rule, as the policy's endpoint sees it.
func (r *rule) peer() *entity {
	if r.direction == Ingress {
		return &r.src
	}
	return &r.dst
}

// own is the side of the rule that is the policy's endpoint itself.
func (r *rule) own() *entity {
	if r.direction == Ingress {
		return &r.dst
	}
	return &r.src
}
