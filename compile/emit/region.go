package emit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/secgen/secgen/compile/dataset"
	"github.com/secgen/secgen/compile/plan"
	"github.com/secgen/secgen/manifest"
)

// networkSetLabel tells the network sets of a data set apart in selectors.
const networkSetLabel = "secgen.dev/network-set"

// networkLabel tells the sets apart that are networks of the policy.
const networkLabel = "secgen.dev/network"

// network prints the set of a network of the policy.
func network(s plan.NetworkSet) Object {
	head := []string{"Network " + s.Name + " of secgen.cue, for " + strings.Join(s.Namespaces, ", ") + "."}
	if s.Why != "" {
		head = append(head, s.Why)
	}
	return Object{Guardrail: plan.Traffic, Head: head,
		Node: labelled("projectcalico.org/v3", "GlobalNetworkSet", "", "secgen-network-"+s.Name, map[string]string{networkLabel: s.Name}, nil,
			"spec", fields("nets", s.CIDRs))}
}

// region prints the network sets of a region and the policies over them.
func region(r *plan.Region) (sets, policies []Object) {
	origin := fmt.Sprintf("data set %s, region %s", r.Data.Name, r.Name)
	for _, name := range sortedKeys(r.Nets) {
		sets = append(sets, Object{
			Guardrail: plan.RegionIsolation, Head: []string{r.Data.Sets[name], origin},
			Node: labelled("projectcalico.org/v3", "GlobalNetworkSet", "", "secgen-"+name, map[string]string{networkSetLabel: name}, nil,
				"spec", fields("nets", r.Nets[name])),
		})
	}
	for _, p := range r.Policies {
		kind := "GlobalNetworkPolicy"
		if p.Namespace != "" {
			kind = "NetworkPolicy"
		}
		spec := []any{"tier", "default", "order", p.Order, "selector", p.Selector, "types", p.Types}
		for _, part := range []struct {
			key   string
			rules []dataset.Rule
		}{{"ingress", p.Ingress}, {"egress", p.Egress}} {
			var list []*manifest.Node
			for _, rule := range part.rules {
				list = append(list, regionRule(r, part.key, rule, p.Namespace != ""))
			}
			if len(list) > 0 {
				spec = append(spec, part.key, list)
			}
		}
		name, wave := "secgen-"+p.Name, waveOf(p)
		if wave != nil {
			name = lastName + p.Name
		}
		policies = append(policies, Object{
			Guardrail: plan.RegionIsolation, Head: []string{p.Why, origin},
			Node: labelled("projectcalico.org/v3", kind, p.Namespace, name, map[string]string{"projectcalico.org/tier": "default"}, wave, "spec", fields(spec...)),
		})
	}
	return sets, policies
}

// waveOf puts a policy that denies behind those that allow.
func waveOf(p dataset.Policy) map[string]string {
	if slices.ContainsFunc(slices.Concat(p.Ingress, p.Egress), func(r dataset.Rule) bool { return r.Action == "Deny" }) {
		return denyLast
	}
	return nil
}

// regionRule prints a rule of a data set.
func regionRule(r *plan.Region, direction string, rule dataset.Rule, namespaced bool) *manifest.Node {
	action := rule.Action
	if action == "" {
		action = "Allow"
	}
	out := []any{"action", action}
	if rule.Protocol != nil {
		out = append(out, "protocol", rule.Protocol)
	}
	var other []any
	switch {
	case rule.Set != "":
		if namespaced {
			other = append(other, "namespaceSelector", "global()")
		}
		other = append(other, "selector", fmt.Sprintf("%s == '%s'", networkSetLabel, rule.Set))
	case rule.Pods:
		other = append(other, "nets", []string{r.PodNetwork})
	case len(rule.Nets) > 0:
		other = append(other, "nets", rule.Nets)
	case len(rule.NotNets) > 0:
		other = append(other, "notNets", rule.NotNets)
	}
	if rule.NamespaceSelector != "" {
		other = append(other, "namespaceSelector", rule.NamespaceSelector)
	}
	if rule.Selector != "" {
		other = append(other, "selector", rule.Selector)
	}
	source, destination := other, []any(nil)
	if direction == "egress" {
		source, destination = nil, other
		if rule.From != "" {
			source = []any{"selector", rule.From}
		}
	}
	if len(rule.Ports) > 0 {
		destination = append(destination, "ports", rule.Ports)
	}
	if len(source) > 0 {
		out = append(out, "source", fields(source...))
	}
	if len(destination) > 0 {
		out = append(out, "destination", fields(destination...))
	}
	return fields(out...)
}

func sortedKeys[V any](m map[string]V) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
