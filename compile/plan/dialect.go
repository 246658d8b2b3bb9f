package plan

import (
	"cmp"
	"fmt"
	"strings"
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
	case i.Dialect == Kubernetes && i.Final:
		p.ask(Question{Namespace: n.Name, Guardrail: Traffic,
			Text:   "how to deny what the policies of the region allow to all pods, since policies of Kubernetes can deny nothing that another allows",
			Remedy: "leave out --dialect kubernetes, as the region's policies are Calico's too"})
		return false
	case i.Dialect == Kubernetes || p.Options.Dialect == Calico:
		return true
	case !calico.served:
		p.ask(Question{Guardrail: Traffic, Text: servedText + " (--dialect kubernetes does without)", Answer: servedAnswer})
		return false
	case i.Mode == Staged && calico.old:
		p.ask(Question{Namespace: n.Name, Guardrail: Traffic, Text: "that the repository declares all traffic of the namespace, and Calico has policies that only observe from 3.30 on",
			Answer: fmt.Sprintf("policy: namespaces: %q: mode: \"enforce\"", n.Name)})
		return false
	}
	return true
}

const (
	servedText   = "that the cluster takes projectcalico.org/v3"
	servedAnswer = "policy: cluster: calico: {api: true, version: \"3.30\"}"
)

// needsCalico asks for a guardrail that only Calico's kinds can express whether the
// cluster takes them, and tells whether it is known.
func (p *planner) needsCalico(g Guardrail) bool {
	if p.Options.Dialect == Calico || p.calico().served {
		return true
	}
	p.ask(Question{Guardrail: g, Text: servedText + ", which policies of Kubernetes cannot stand in for here", Answer: servedAnswer})
	return false
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
