package plan

import (
	"fmt"
	"slices"

	"github.com/secgen/secgen/schema"
)

// names tells of names in the policy that nothing in the repository has: they may
// be meant for what is yet to come, and they may be mistyped.
func (p *planner) names() {
	if p.Policy == nil {
		return
	}
	var rendered []string
	for _, ns := range p.Inventory.Namespaces {
		rendered = append(rendered, ns.Name)
	}
	for _, n := range p.plan.Namespaces {
		if !slices.Contains(rendered, n.Name) {
			p.note(n.Name, "", "is made, since %s names it and no root renders anything there%s", p.Policy.Where("namespaces", n.Name), meant(n.Name, rendered))
		}
		var workloads []string
		for _, w := range n.Workloads {
			workloads = append(workloads, w.Key())
		}
		for _, key := range sortedKeys(p.Policy.Namespaces[n.Name].Workloads) {
			if !slices.Contains(workloads, key) {
				p.note(n.Name, "", "has no %s, which %s names%s", key, p.Policy.Where("namespaces", n.Name, "workloads", key), meant(key, workloads))
			}
		}
		for _, list := range [][]schema.Traffic{n.Policy.Ingress, n.Policy.Egress} {
			for _, x := range list {
				name := x.Peer.Namespace
				if guess := meant(name, rendered); name != "" && guess != "" && !slices.Contains(rendered, name) && p.plan.namespace(name) == nil {
					p.note(n.Name, Traffic, "%sis for the namespace %q, in which no root renders anything%s", positionOf(x), name, guess)
				}
			}
		}
	}
}

func positionOf(x schema.Traffic) string {
	if x.Position.IsZero() {
		return ""
	}
	return "at " + x.Position.String() + " "
}

// meant proposes the name that was probably meant, "" where none is near.
func meant(name string, known []string) string {
	if best := schema.Like(name, known); best != "" {
		return fmt.Sprintf("; did you mean %q?", best)
	}
	return ""
}

// namespace finds a planned namespace; nil where none is planned.
func (p *Plan) namespace(name string) *Namespace {
	i := slices.IndexFunc(p.Namespaces, func(n *Namespace) bool { return n.Name == name })
	if i < 0 {
		return nil
	}
	return p.Namespaces[i]
}
