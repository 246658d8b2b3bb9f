package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/secgen/secgen/compile/inventory"
	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/netpol"
)

// Isolation is the traffic guardrail of a namespace: what it denies and what it
// allows.
type Isolation struct {
	Mode    Mode
	Dialect Dialect
	// Ingress and Egress say which directions are denied unless allowed. The other
	// one is isolated by the repository's own policies already.
	Ingress, Egress bool
	// Final says that the deny ends the matter: policies behind it, such as a
	// provider's for all pods, would allow more.
	Final bool
	// DNS is what every pod may ask of name servers.
	DNS []Flow
	// Rules are what each workload may do, by its key.
	Rules []WorkloadRules
}

// WorkloadRules are the allows of the pods of one workload.
type WorkloadRules struct {
	Workload        *inventory.Workload
	Selector        map[string]string
	Ingress, Egress []Flow
}

// traffic plans the isolation of all namespaces. Flows are derived for the whole
// environment first, since each concerns two sides.
func (p *planner) traffic() error {
	t := &tracing{planner: p, selectors: p.selectors(), refused: map[string]bool{}}
	t.derive()
	if err := t.declared(); err != nil {
		return err
	}
	existing, _ := netpol.New(p.Inventory.Resources, netpol.Options{Workloads: p.Inventory.Table})
	for _, n := range p.plan.Namespaces {
		p.mesh(n, t.flows)
		n.Left = t.left(n, existing)
		p.isolate(n, t, existing)
	}
	return nil
}

// tracing collects the flows of an environment.
type tracing struct {
	*planner
	selectors map[*inventory.Workload]map[string]string
	flows     []Flow
	// refused are the namespaces with an open question about their traffic.
	refused map[string]bool
}

// derive reads the flows off the manifests.
func (t *tracing) derive() {
	for _, ns := range t.Inventory.Namespaces {
		t.entryPoints(ns)
		t.scrapes(ns)
		for _, w := range ns.Workloads {
			t.mentions(ns, w)
			t.apiServer(w)
			t.peers(ns, w)
			t.meshControl(ns, w)
		}
	}
	t.webhooks()
}

// add takes in a flow, once.
func (t *tracing) add(f Flow) { t.flows = append(t.flows, f) }

// unclear asks about the traffic of a namespace that is to be guarded.
func (t *tracing) unclear(namespace, text, answer string, field inventory.Field) {
	guarded := slices.ContainsFunc(t.plan.Namespaces, func(n *Namespace) bool { return n.Name == namespace })
	if !guarded {
		return
	}
	t.refused[namespace] = true
	t.ask(Question{Namespace: namespace, Guardrail: Traffic, Text: text, Answer: answer, Position: field.Position()})
}

// isolate plans the isolation of one namespace from its flows.
func (p *planner) isolate(n *Namespace, t *tracing, existing *netpol.Cluster) {
	guard := existing.NamespaceIsolation(n.Name)
	i := &Isolation{Mode: p.mode(n), DNS: t.dns(n.Name), Final: p.plan.Region.forPods()}
	for _, g := range []netpol.Guard{guard.Ingress, guard.Egress} {
		if g.Isolated == netpol.Maybe && n.Policy.Mode == "" {
			p.ask(Question{Namespace: n.Name, Guardrail: Traffic, Position: field(g.Perhaps[0].Resource, "kind").Position(),
				Text:   "whether " + policyNames(g.Perhaps) + " isolates the namespace, which secgen cannot tell",
				Answer: fmt.Sprintf("policy: namespaces: %q: mode: \"staged\"", n.Name)})
			return
		}
	}
	i.Ingress = guard.Ingress.Isolated != netpol.Yes
	i.Egress = guard.Egress.Isolated != netpol.Yes
	if !i.Ingress && !i.Egress {
		n.Isolated = true
		p.note(n.Name, Traffic, "is isolated by the repository's own policies, %s", policyNames(guard.Ingress.Policies, guard.Egress.Policies))
		return
	}
	if !p.unrendered(n, Traffic) || !p.dialect(n, i) {
		return
	}
	for _, w := range n.Workloads {
		if onNode(w) {
			p.note(n.Name, Traffic, "does not hold for %s, which is in the network of its node", w.Resource.ID)
			continue
		}
		if t.selectors[w] == nil {
			t.refused[n.Name] = true
			p.ask(Question{Namespace: n.Name, Guardrail: Traffic, Position: inventory.Field{Resource: w.Resource, Path: w.Pod.Path}.Position(),
				Text:   "how to tell the pods of " + w.Resource.ID.String() + " apart, which have no labels that can be known",
				Remedy: "give the pods a label of their own"})
			continue
		}
		r := WorkloadRules{Workload: w, Selector: t.selectors[w]}
		ingress, egress := i.Ingress, i.Egress
		for _, e := range existing.Pods(w.Resource) {
			own := existing.Isolation(e)
			ingress = ingress && own.Ingress.Isolated != netpol.Yes
			egress = egress && own.Egress.Isolated != netpol.Yes
		}
		for _, f := range t.flows {
			if ingress && f.To.Workload == w && t.selectable(n, f, f.From, "ingress") {
				r.Ingress = append(r.Ingress, f)
			}
			if egress && f.From.Workload == w && t.selectable(n, f, f.To, "egress") {
				r.Egress = append(r.Egress, f)
			}
		}
		r.Ingress, r.Egress = tidy(r.Ingress, func(f Flow) Side { return f.From }), tidy(r.Egress, func(f Flow) Side { return f.To })
		if len(r.Ingress)+len(r.Egress) > 0 {
			i.Rules = append(i.Rules, r)
		}
	}
	if !t.refused[n.Name] {
		n.Traffic = i
	}
}

// selectable tells whether a selector can find the other side of a flow. Pods in
// the network of their node have its address, which only the policy can say.
func (t *tracing) selectable(n *Namespace, f Flow, other Side, direction string) bool {
	if other.Workload == nil || !onNode(other.Workload) {
		return true
	}
	if key := other.Workload.Key(); !t.answered(n.Name, key) {
		at := inventory.Field{Resource: other.Workload.Resource, Path: other.Workload.Pod.Path.Field("spec", "hostNetwork")}
		t.unclear(n.Name, fmt.Sprintf("at which addresses %s is, which is in the network of its node and has a flow (%s)", other, f.Reasons[0]),
			fmt.Sprintf("policy: namespaces: %q: %s: [{why: \"...\", hosts: [%q], peer: {cidrs: [\"...\"]}, ports: [\"...\"]}]", n.Name, direction, key), at)
	}
	return false
}

// onNode tells whether the pods of a workload are in the network of their node.
func onNode(w *inventory.Workload) bool {
	host, _ := w.Pod.Spec.Get("hostNetwork").Bool()
	return host
}

func policyNames(lists ...[]*netpol.Policy) string {
	var names []string
	for _, list := range lists {
		for _, p := range list {
			names = append(names, p.String())
		}
	}
	slices.Sort(names)
	return strings.Join(slices.Compact(names), ", ")
}

// field is a field of an object by its keys.
func field(r *manifest.Resource, keys ...string) inventory.Field {
	return inventory.Field{Resource: r, Path: manifest.Path(keys...)}
}
