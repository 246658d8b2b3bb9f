package prove

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/secgen/secgen/compile/plan"
	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/netpol"
)

// question is what is asked about the traffic of the planned namespaces.
type question struct {
	*proof
	cluster *netpol.Cluster
	flows   []plan.Flow
	// guarded are the namespaces with an isolation, by name.
	guarded map[string]*plan.Namespace
	// repository evaluates the repository's own policies alone.
	repository *netpol.Cluster
	// ports are asked about everywhere.
	ports []netpol.Port
}

// traffic asks whether the printed policies mean what the plan says.
func (p *proof) traffic() {
	q := &question{proof: p, guarded: map[string]*plan.Namespace{}}
	for _, n := range p.plan.Namespaces {
		if n.Traffic != nil {
			q.guarded[n.Name] = n
			q.take(n)
		}
		q.flows = append(q.flows, n.Left...)
	}
	if len(q.flows)+len(q.guarded) == 0 {
		return
	}
	resources := append(slices.Clone(p.inv.Resources), q.standIns()...)
	q.repository, _ = netpol.New(resources, q.options())
	for _, e := range p.emitted {
		if e.guardrail != plan.Traffic && e.ID.Group() == "projectcalico.org" {
			resources = append(resources, e.Resource) // of the region, migrated ones, ...
		}
	}
	without := slices.Clone(resources)
	for _, e := range p.emitted {
		if e.guardrail == plan.Traffic {
			resources = append(resources, enforced(e.Resource))
		}
	}
	q.cluster, _ = netpol.New(resources, q.options())
	q.ports = q.askedPorts()
	q.declared()
	if len(q.guarded) == 0 {
		return
	}
	q.undeclared()
	if len(q.repository.Policies()) > 0 {
		before, _ := netpol.New(without, q.options())
		q.closed(before)
	}
}

// options are what is known of the cluster.
func (q *question) options() netpol.Options {
	o := netpol.Options{Boundaries: q.boundaries(), Workloads: q.inv.Table}
	if pods, err := netip.ParsePrefix(q.plan.PodNetwork); err == nil {
		o.PodCIDRs = []netip.Prefix{pods}
	}
	return o
}

// enforced is a staged policy as if it acted.
func enforced(r *manifest.Resource) *manifest.Resource {
	kind, staged := strings.CutPrefix(r.ID.Kind, "Staged")
	if !staged {
		return r
	}
	moved := *r
	moved.ID.Kind = kind
	spec := r.Object.Get("spec")
	plain := &manifest.Node{Kind: manifest.Map, Pos: spec.Pos}
	for _, f := range spec.Fields {
		if f.Key != "stagedAction" {
			plain.Fields = append(plain.Fields, f)
		}
	}
	moved.Object = r.Object.With("kind", manifest.Of(kind)).With("spec", plain)
	return &moved
}

// take collects the flows of a namespace, DNS of each of its pods included.
func (q *question) take(n *plan.Namespace) {
	for _, r := range n.Traffic.Rules {
		q.flows = append(append(q.flows, r.Ingress...), r.Egress...)
	}
	if n.Traffic.Egress {
		q.flows = append(q.flows, n.Traffic.DNS...)
	}
}

// standIns are pods and namespaces for sides that nobody renders, so that they
// can be asked about: for pods with labels one that has them, for all pods of a
// namespace its stranger, which comes with the namespace.
func (q *question) standIns() []*manifest.Resource {
	var out []*manifest.Resource
	seen := map[string]bool{}
	for _, f := range q.flows {
		for _, s := range []plan.Side{f.From, f.To} {
			if s.Kind != plan.Pods || s.Workload != nil {
				continue
			}
			if key := s.String(); len(s.Labels) > 0 && !seen[key] {
				seen[key] = true
				out = append(out, made(map[string]any{"apiVersion": "v1", "kind": "Pod",
					"metadata": map[string]any{"name": fmt.Sprintf("stand-in-%d", len(out)), "namespace": s.Namespace, "labels": s.Labels},
					"spec":     map[string]any{"containers": []any{}}}))
			}
			key := "namespace " + s.Namespace
			if ns := q.inv.Namespace(s.Namespace); (ns == nil || ns.Object == nil) && !seen[key] {
				seen[key] = true
				out = append(out, made(map[string]any{"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": s.Namespace}}))
			}
		}
	}
	return out
}

func made(object map[string]any) *manifest.Resource {
	n := manifest.Of(object)
	return &manifest.Resource{ID: manifest.IDOf(n), Object: n}
}

// boundaries are the CIDRs of all flows.
func (q *question) boundaries() []netip.Prefix {
	var out []netip.Prefix
	for _, f := range q.flows {
		for _, s := range []plan.Side{f.From, f.To} {
			for _, text := range slices.Concat(s.CIDRs, s.Except) {
				if p, err := netip.ParsePrefix(text); err == nil {
					out = append(out, p)
				}
			}
		}
	}
	return out
}

// declared asks for each flow whether it is allowed, at both of its ends and on
// each of its ports.
func (q *question) declared() {
	for _, f := range q.flows {
		if f.To.Kind == plan.APIServer {
			continue // an address that no manifest tells; the rule names it by its Service
		}
		sources, destinations := q.endpoints(f.From), q.endpoints(f.To)
		for _, side := range []struct {
			plan.Side
			found []*netpol.Endpoint
		}{{f.From, sources}, {f.To, destinations}} {
			if len(side.found) == 0 && side.Kind == plan.Pods {
				q.fail(side.Namespace, plan.Traffic, nil, "nobody can be asked about for %s, and so not whether its flow is allowed: %s", side.Side, f.Reasons[0])
			}
		}
		for _, from := range sources {
			for _, to := range destinations {
				q.flow(f, from, to)
			}
		}
	}
}

// flow asks about each port of a flow. Of a loose one the repository's own
// policies may deny some.
func (q *question) flow(f plan.Flow, from, to *netpol.Endpoint) {
	type answer struct {
		port        netpol.Port
		now, before netpol.Verdict
	}
	var denied []answer
	ports := flowPorts(f)
	for _, port := range ports {
		if v := q.cluster.Connection(from, to, port); v.Outcome == netpol.Denied {
			denied = append(denied, answer{port, v, q.repository.Connection(q.there(from), q.there(to), port)})
		}
	}
	for _, a := range denied {
		if a.before.Outcome != netpol.Denied || !f.Loose || len(denied) == len(ports) {
			q.denied(f, from, to, a.port, a.now, a.before)
		}
	}
}

// denied blames the guardrail of the side that denies, or the repository.
func (q *question) denied(f plan.Flow, from, to *netpol.Endpoint, port netpol.Port, v, before netpol.Verdict) {
	blame, wayOut := plan.Traffic, ""
	if before.Outcome == netpol.Denied {
		blame, v = "", before
		wayOut = "; allow it in the repository's own policies, or take away what declares it"
	}
	step := v.Deciding()
	at := []manifest.Position{step.Position()}
	for _, r := range f.Reasons {
		if r.Field != nil {
			at = append(at, r.Field.Position())
		}
	}
	q.fail(step.Endpoint.Namespace, blame, at, "%s to %s on %s is declared (%s) and denied: %s%s", from, to, port, f.Reasons[0], step.Why, wayOut)
}

// there is the endpoint in the cluster without the printed policies.
func (q *question) there(e *netpol.Endpoint) *netpol.Endpoint {
	for _, other := range q.repository.Endpoints() {
		if other.Kind == e.Kind && other.Resource == e.Resource && other.Namespace == e.Namespace &&
			other.Path.String() == e.Path.String() && (e.Kind != netpol.External || other.Addrs.Has(e.Addrs.First())) {
			return other
		}
	}
	return e
}

// closed asks whether traffic was cut off that only the repository's own policies
// decide: between ends that the plan leaves to them.
func (q *question) closed(before *netpol.Cluster) {
	found := map[string]int{}
	for _, c := range netpol.Diff(before, q.cluster) {
		if c.Closed.Empty() || q.guards(c.To, netpol.Ingress) || q.guards(c.From, netpol.Egress) {
			continue
		}
		closed := c.Closed.Intersect(q.repository.Flow(q.there(c.From), q.there(c.To)).Allowed)
		if closed.Empty() {
			continue // only a policy that compile prints too had allowed it
		}
		namespace := c.To.Namespace
		if q.guarded[namespace] == nil {
			namespace = c.From.Namespace
		}
		if found[namespace]++; found[namespace] > shownFailures {
			continue
		}
		port, _ := closed.First()
		q.fail(namespace, plan.Traffic, []manifest.Position{q.repository.Connection(q.there(c.From), q.there(c.To), port).Deciding().Position()}, "%s to %s on %s was allowed by the repository's own policies and would be denied: %s",
			c.From, c.To, closed, q.cluster.Connection(c.From, c.To, port).Deciding().Why)
	}
}

// shownFailures is how many open connections of a namespace are named: one is
// enough to withhold the guardrail, and a few to see why.
const shownFailures = 5

// undeclared asks for each pair that is open whether it should be.
func (q *question) undeclared() {
	found := map[string]int{}
	for _, c := range q.cluster.Connections() {
		if c.From.Kind == netpol.OwnNode || c.To.Kind == netpol.OwnNode {
			continue // the kubelet and its pods always reach each other
		}
		in, out := q.guards(c.To, netpol.Ingress), q.guards(c.From, netpol.Egress)
		if !in && !out {
			continue
		}
		for _, port := range q.ports {
			if !c.Allowed.Has(port) || q.expected(c.From, c.To, port) {
				continue
			}
			namespace := c.To.Namespace
			if !in {
				namespace = c.From.Namespace
			}
			if found[namespace]++; found[namespace] > shownFailures {
				break
			}
			q.fail(namespace, plan.Traffic, nil, "%s to %s on %s is allowed and nothing declares it: %s", c.From, c.To, port,
				q.cluster.Connection(c.From, c.To, port).Deciding().Why)
			break
		}
	}
}

// guards tells whether the plan isolates an endpoint in a direction, and the
// repository's own policies do not.
func (q *question) guards(e *netpol.Endpoint, d netpol.Direction) bool {
	n := q.guarded[e.Namespace]
	if n == nil || e.HostNetwork || e.Kind != netpol.Pod && e.Kind != netpol.Stranger {
		return false
	}
	own := q.repository.NamespaceIsolation(e.Namespace)
	if e.Kind == netpol.Pod {
		if list := q.repository.Pods(e.Resource); len(list) > 0 {
			own = q.repository.Isolation(list[0])
		}
	}
	if d == netpol.Ingress {
		return n.Traffic.Ingress && own.Ingress.Isolated != netpol.Yes
	}
	return n.Traffic.Egress && own.Egress.Isolated != netpol.Yes
}

// expected tells whether a flow declares the connection.
func (q *question) expected(from, to *netpol.Endpoint, port netpol.Port) bool {
	return slices.ContainsFunc(q.flows, func(f plan.Flow) bool {
		return (covers(f.From, from) || q.within(f.From, from, true)) && (covers(f.To, to) || q.within(f.To, to, false)) && (len(f.Ports) == 0 || slices.ContainsFunc(f.Ports, func(p plan.Port) bool { return onPort(p, port) }))
	})
}
