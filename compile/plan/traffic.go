package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/secgen/secgen/compile/inventory"
	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/netpol"
)

// Mode says whether traffic policies act or only observe.
type Mode string

// Dialect is the language of traffic policies.
type Dialect string

// The modes and the dialects.
const (
	Enforce Mode = "enforce"
	Staged  Mode = "staged"

	Calico     Dialect = "calico"
	Kubernetes Dialect = "kubernetes"
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
	// DNS are the servers that every pod may ask.
	DNS []Side
	// Rules are what each workload may do, by its key.
	Rules []WorkloadRules
}

// WorkloadRules are the allows of the pods of one workload.
type WorkloadRules struct {
	Workload        *inventory.Workload
	Selector        map[string]string
	Ingress, Egress []Flow
}

// SideKind says what stands on one side of a flow.
type SideKind uint8

// The kinds of sides.
const (
	Pods SideKind = iota
	Addresses
	Anywhere
	APIServer
)

// Side is one end of a flow.
type Side struct {
	Kind SideKind
	// Namespace and Labels select pods; no labels means all of the namespace.
	Namespace string
	Labels    map[string]string
	// Workload is whose pods they are, where they are rendered.
	Workload *inventory.Workload
	// CIDRs are for Addresses.
	CIDRs []string
}

// Port is a range of ports of a protocol.
type Port struct {
	Protocol    string
	First, Last uint16
}

func (p Port) String() string {
	if p.First == p.Last {
		return fmt.Sprintf("%s %d", p.Protocol, p.First)
	}
	return fmt.Sprintf("%s %d-%d", p.Protocol, p.First, p.Last)
}

// Flow is traffic that the repository or the policy declares. No ports means all.
type Flow struct {
	From, To Side
	Ports    []Port
	Reasons  []Reason
	// Loose says that no port was named, so that one that is allowed will do where
	// the repository's own policies deny others.
	Loose bool
}

// Reason is what declares a flow, and where; Field is nil where the policy does.
type Reason struct {
	Why   string
	Field *inventory.Field
}

func (r Reason) String() string {
	if r.Field == nil {
		return r.Why
	}
	return r.Why + " (" + r.Field.String() + ")"
}

// because makes the reasons of a flow that one field declares.
func because(why string, at inventory.Field) []Reason { return []Reason{{why, &at}} }

// implied tells whether another reason says the same of a field below or equal.
func (r Reason) implied(by Reason) bool {
	if r.Field == nil || by.Field == nil {
		return r == by
	}
	path, below := r.Field.Path, by.Field.Path
	return r.Why == by.Why && r.Field.Resource == by.Field.Resource && len(path) <= len(below) && slices.Equal(path, below[:len(path)])
}

// join adds the reasons of the same flow declared elsewhere.
func (f *Flow) join(reasons []Reason) {
	for _, r := range reasons {
		f.Reasons = slices.DeleteFunc(slices.Clone(f.Reasons), func(old Reason) bool { return old.implied(r) })
		if !slices.ContainsFunc(f.Reasons, r.implied) {
			f.Reasons = append(f.Reasons, r)
		}
	}
	slices.SortFunc(f.Reasons, func(a, b Reason) int { return cmp.Compare(a.String(), b.String()) })
}

func (s Side) String() string {
	switch s.Kind {
	case Addresses:
		return strings.Join(s.CIDRs, ", ")
	case Anywhere:
		return "anywhere"
	case APIServer:
		return "the API server"
	}
	if s.Workload != nil {
		return s.Workload.Resource.ID.String()
	}
	if len(s.Labels) == 0 {
		return "all pods of " + s.Namespace
	}
	return "pods of " + s.Namespace + " with " + labelText(s.Labels)
}

// traffic plans the isolation of all namespaces. Flows are derived for the whole
// environment first, since each concerns two sides.
func (p *planner) traffic() error {
	t := &tracing{planner: p, selectors: p.selectors(), refused: map[string]bool{}}
	t.derive()
	if err := t.declared(); err != nil {
		return err
	}
	existing, _ := netpol.New(p.Inventory.Resources, netpol.Options{})
	for _, n := range p.plan.Namespaces {
		p.mesh(n, t.flows)
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
	i := &Isolation{Mode: p.mode(n), DNS: t.dns(), Final: p.Policy != nil && p.Policy.Cluster.Isolation != nil}
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
		p.note(n.Name, Traffic, "is isolated by the repository's own policies, %s", policyNames(guard.Ingress.Policies, guard.Egress.Policies))
		return
	}
	if !p.unrendered(n, Traffic) || !p.dialect(n, i) {
		return
	}
	for _, w := range n.Workloads {
		if host, _ := w.Pod.Spec.Get("hostNetwork").Bool(); host {
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
			if ingress && f.To.Workload == w {
				r.Ingress = append(r.Ingress, f)
			}
			if egress && f.From.Workload == w {
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

// tidy orders flows by their other side and joins those that differ in their
// reasons alone.
func tidy(flows []Flow, other func(Flow) Side) []Flow {
	key := func(f Flow) string { return fmt.Sprint(other(f).Kind, other(f), f.Ports) }
	slices.SortStableFunc(flows, func(a, b Flow) int { return cmp.Compare(key(a), key(b)) })
	var out []Flow
	for _, f := range flows {
		if len(out) > 0 && key(out[len(out)-1]) == key(f) {
			out[len(out)-1].join(f.Reasons)
			out[len(out)-1].Loose = out[len(out)-1].Loose && f.Loose
			continue
		}
		out = append(out, f)
	}
	return out
}

// mode is what the command line, the namespace or the presence of a policy says.
func (p *planner) mode(n *Namespace) Mode {
	if m := cmp.Or(p.Options.Mode, Mode(n.Policy.Mode)); m != "" {
		return m
	}
	if p.Policy == nil {
		return Staged
	}
	return Enforce
}

// dialect decides the language, and asks where the cluster may not know it: one
// unknown kind fails a whole sync.
func (p *planner) dialect(n *Namespace, i *Isolation) bool {
	i.Dialect = cmp.Or(p.Options.Dialect, Calico)
	calico := p.calico()
	switch {
	case i.Dialect == Kubernetes && i.Mode == Staged:
		p.ask(Question{Namespace: n.Name, Guardrail: Traffic, Text: "that the repository declares all traffic of the namespace, and Kubernetes has no policies that only observe",
			Answer: fmt.Sprintf("policy: namespaces: %q: mode: \"enforce\"", n.Name)})
		return false
	case i.Dialect == Kubernetes || p.Options.Dialect == Calico:
		return true
	case !calico.served:
		p.ask(Question{Guardrail: Traffic, Text: "that the cluster takes projectcalico.org/v3 (--dialect kubernetes does without)",
			Answer: "policy: cluster: calico: {api: true, version: \"3.30\"}"})
		return false
	case i.Mode == Staged && calico.old:
		p.ask(Question{Namespace: n.Name, Guardrail: Traffic, Text: "that the repository declares all traffic of the namespace, and Calico has policies that only observe from 3.30 on",
			Answer: fmt.Sprintf("policy: namespaces: %q: mode: \"enforce\"", n.Name)})
		return false
	}
	return true
}

// calicoFacts is what policy and repository tell of the cluster's Calico.
type calicoFacts struct{ served, old bool }

func (p *planner) calico() calicoFacts {
	var f calicoFacts
	for _, r := range p.Inventory.Resources {
		f.served = f.served || r.ID.APIVersion == "projectcalico.org/v3"
	}
	if p.Policy == nil {
		return f
	}
	c := p.Policy.Cluster.Calico
	if c.API != nil {
		f.served = *c.API
	}
	var major, minor int
	if n, _ := fmt.Sscanf(strings.TrimPrefix(c.Version, "v"), "%d.%d", &major, &minor); n == 2 {
		f.old = major < 3 || major == 3 && minor < 30
	}
	return f
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

func labelText(labels map[string]string) string {
	var parts []string
	for _, key := range sortedKeys(labels) {
		parts = append(parts, key+"="+labels[key])
	}
	return strings.Join(parts, ",")
}

// field is a field of an object by its keys.
func field(r *manifest.Resource, keys ...string) inventory.Field {
	return inventory.Field{Resource: r, Path: manifest.Path(keys...)}
}
