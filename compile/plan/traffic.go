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
	// Rules are what each workload may do, by its key, and what pods may do that
	// nobody renders and a flow names.
	Rules []PodRules
}

// PodRules are the allows of the pods of one workload, or of those with some
// labels: then Workload is nil, and no labels are all pods of the namespace.
type PodRules struct {
	Workload        *inventory.Workload
	Selector        map[string]string
	Ingress, Egress []Flow
}

// Who names the pods.
func (r PodRules) Who() string {
	switch {
	case r.Workload != nil:
		return r.Workload.Key()
	case len(r.Selector) == 0:
		return "all pods"
	}
	return "pods with " + labelText(r.Selector)
}

// traffic plans the isolation of all namespaces. Flows are derived for the whole
// environment first, since each concerns two sides.
func (p *planner) traffic() error {
	t := newTracing(p)
	t.derive()
	if err := t.declared(); err != nil {
		return err
	}
	existing, _ := netpol.New(p.Inventory.Resources, netpol.Options{Workloads: p.Inventory.Table})
	t.permitted(existing)
	t.unnamed()
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
	// doubts are signs, by namespace, that not all traffic is declared.
	doubts map[string][]doubt
	// spoken are Services that a manifest names.
	spoken map[*manifest.Resource]bool
	// selected are the workloads behind each Service that was asked about.
	selected map[*manifest.Resource][]*inventory.Workload
	// powerless are workloads, by namespace, with the token of an account that no
	// rendered binding gives rights.
	powerless map[string][]string
}

func newTracing(p *planner) *tracing {
	return &tracing{planner: p, selectors: p.selectors(), refused: map[string]bool{}, doubts: map[string][]doubt{},
		spoken: map[*manifest.Resource]bool{}, selected: map[*manifest.Resource][]*inventory.Workload{}, powerless: map[string][]string{}}
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
	t.nameServers()
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

// unclearTo asks for a flow of a namespace that no manifest tells in full, unless
// the policy answers for the item at its end, such as "Service/web".
func (t *tracing) unclearTo(namespace, direction, item, text, peer string, field inventory.Field) {
	if !t.answered(namespace, item) {
		t.unclear(namespace, text, fmt.Sprintf("policy: namespaces: %q: %s: [{why: \"...\", hosts: [%q], peer: {%s}, ports: [\"...\"]}]", namespace, direction, item, peer), field)
	}
}

// itemOf is how the policy of a namespace names a Service.
func itemOf(namespace, home, name string) string {
	if home == namespace {
		return "Service/" + name
	}
	return "Service/" + home + "/" + name
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
	if !p.unrendered(n, Traffic) {
		return
	}
	if !p.dialect(n, i) {
		t.refused[n.Name] = true // what else is not known is asked all the same
	}
	i.Rules = append(t.rules(n, i, existing), t.unrenderedRules(n, i)...)
	t.settle(n, i)
	if t.refused[n.Name] {
		return
	}
	n.Traffic = i
	if list := t.powerless[n.Name]; i.Egress && len(list) > 0 {
		p.note(n.Name, Traffic, "opens no way to the API server for %s: the token of an account is mounted that no rendered binding gives rights; a binding opens it, or egress in secgen.cue", listed(list))
	}
}

// settle has a namespace that is in doubt observed until the policy clears it, or
// left alone where policies can only act.
func (t *tracing) settle(n *Namespace, i *Isolation) {
	staged := i.Dialect == Calico && !t.calico().old
	until := ""
	if staged && !t.refused[n.Name] {
		until = "; until then its policies are staged"
	}
	if !t.doubted(n, i.Mode, until) {
		return
	}
	if staged {
		i.Mode = Staged
	} else {
		t.refused[n.Name] = true
	}
}

// rules are what the workloads of a namespace may do.
func (t *tracing) rules(n *Namespace, i *Isolation, existing *netpol.Cluster) []PodRules {
	var out []PodRules
	for _, w := range n.Workloads {
		if onNode(w) {
			t.note(n.Name, Traffic, "does not hold for %s, which is in the network of its node", w.Resource.ID)
			continue
		}
		if t.selectors[w] == nil {
			t.refused[n.Name] = true
			t.ask(Question{Namespace: n.Name, Guardrail: Traffic, Position: inventory.Field{Resource: w.Resource, Path: w.Pod.Path}.Position(),
				Text:   "how to tell the pods of " + w.Resource.ID.String() + " apart, which have no labels that can be known",
				Remedy: "give the pods a label of their own"})
			continue
		}
		r := PodRules{Workload: w, Selector: t.selectors[w]}
		ingress, egress := i.Ingress, i.Egress
		for _, e := range existing.Pods(w.Resource) {
			own := existing.Isolation(e)
			ingress = ingress && own.Ingress.Isolated != netpol.Yes
			egress = egress && own.Egress.Isolated != netpol.Yes
		}
		for _, f := range t.flows {
			if ingress && f.To.Workload == w {
				r.Ingress = append(r.Ingress, t.selectable(n, f, f.From, "ingress")...)
			}
			if egress && f.From.Workload == w {
				r.Egress = append(r.Egress, t.selectable(n, f, f.To, "egress")...)
			}
		}
		out = r.appendTo(out)
	}
	return out
}

// unrenderedRules are what pods of a namespace may do that nobody renders: those
// that a flow names by their labels.
func (t *tracing) unrenderedRules(n *Namespace, i *Isolation) []PodRules {
	byLabels := map[string]*PodRules{}
	at := func(s Side) *PodRules {
		if s.Kind != Pods || s.Workload != nil || s.Namespace != n.Name {
			return nil
		}
		key := labelText(s.Labels)
		if byLabels[key] == nil {
			byLabels[key] = &PodRules{Selector: s.Labels}
		}
		return byLabels[key]
	}
	for _, f := range t.flows {
		if r := at(f.To); r != nil && i.Ingress {
			r.Ingress = append(r.Ingress, t.selectable(n, f, f.From, "ingress")...)
		}
		if r := at(f.From); r != nil && i.Egress {
			r.Egress = append(r.Egress, t.selectable(n, f, f.To, "egress")...)
		}
	}
	var out []PodRules
	for _, key := range sortedKeys(byLabels) {
		out = byLabels[key].appendTo(out)
	}
	return out
}

// appendTo adds the rules in order, each flow once, unless there are none.
func (r PodRules) appendTo(list []PodRules) []PodRules {
	r.Ingress, r.Egress = tidy(r.Ingress, func(f Flow) Side { return f.From }), tidy(r.Egress, func(f Flow) Side { return f.To })
	if len(r.Ingress)+len(r.Egress) == 0 {
		return list
	}
	return append(list, r)
}

// selectable is a flow as policies can say it. Pods in the network of their node,
// which no selector finds, have its address, and only the policy knows that.
func (t *tracing) selectable(n *Namespace, f Flow, other Side, direction string) []Flow {
	if !hostSide(other) {
		return []Flow{f}
	}
	key := other.Workload.Key()
	if t.answered(n.Name, key) {
		return nil
	}
	if direction == "egress" {
		if known := t.onNodes(f); len(known) > 0 {
			return known
		}
	}
	answer := fmt.Sprintf("policy: namespaces: %q: %s: [{why: \"...\", hosts: [%q], peer: {cidrs: [\"...\"]}, ports: [\"...\"]}]", n.Name, direction, key)
	if direction == "egress" {
		answer = "policy: cluster: nodeNetworks: [\"...\"]"
	}
	at := inventory.Field{Resource: other.Workload.Resource, Path: other.Workload.Pod.Path.Field("spec", "hostNetwork")}
	t.unclear(n.Name, fmt.Sprintf("at which addresses %s is, which is in the network of its node and has a flow (%s)", other, f.Reasons[0]), answer, at)
	return nil
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

// listed joins a few names, and counts the rest.
func listed(names []string) string {
	names = slices.Compact(slices.Sorted(slices.Values(names)))
	if len(names) > 3 {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:3], ", "), len(names)-3)
	}
	return strings.Join(names, ", ")
}

// field is a field of an object by its keys.
func field(r *manifest.Resource, keys ...string) inventory.Field {
	return inventory.Field{Resource: r, Path: manifest.Path(keys...)}
}
