package emit

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/secgen/secgen/compile/plan"
	"github.com/secgen/secgen/manifest"
)

// calico prints projectcalico.org/v3 policies.
type calico struct{ n *plan.Namespace }

func (c calico) policy(name string, selector map[string]string, order int, annotations map[string]string, ingress, egress []plan.Flow, deny bool) (*manifest.Node, map[string][]string) {
	comments := map[string][]string{}
	kind := "NetworkPolicy"
	directions := types(c.n, ingress, egress, deny)
	spec := []any{"tier", "default", "order", order, "selector", plan.CalicoSelector(selector), "types", directions}
	if c.n.Traffic.Mode == plan.Staged {
		kind = "StagedNetworkPolicy"
		spec = append([]any{"stagedAction", "Set"}, spec...)
	}
	for _, part := range []struct {
		key   string
		flows []plan.Flow
	}{{"ingress", ingress}, {"egress", egress}} {
		var rules []*manifest.Node
		for _, f := range part.flows {
			for _, r := range c.rules(part.key, f) {
				comments[manifest.Path("spec", part.key).At(len(rules)).String()] = because(part.key, f)
				rules = append(rules, r)
			}
		}
		if deny && c.n.Traffic.Final && slices.Contains(directions, strings.ToUpper(part.key[:1])+part.key[1:]) {
			rules = append(rules, fields("action", "Deny"))
		}
		if len(rules) > 0 {
			spec = append(spec, part.key, rules)
		}
	}
	labels := map[string]string{"projectcalico.org/tier": "default"}
	return labelled("projectcalico.org/v3", kind, c.n.Name, name, labels, annotations, "spec", fields(spec...)), comments
}

// because derives a rule: its other side, and what declares it, a line a reason.
func because(direction string, f plan.Flow) []string {
	lines := []string{"from " + f.From.String() + ":"}
	if direction == "egress" {
		lines[0] = "to " + f.To.String() + ":"
	}
	if len(f.Reasons) == 1 {
		lines[0] += " " + f.Reasons[0].String()
		return lines
	}
	for _, r := range f.Reasons {
		lines = append(lines, "  "+r.String())
	}
	return lines
}

// rules prints a flow: a rule a protocol, since ports need one.
func (c calico) rules(direction string, f plan.Flow) []*manifest.Node {
	other, key := f.From, "source"
	if direction == "egress" {
		other, key = f.To, "destination"
	}
	peer := c.entity(other)
	if len(f.Ports) == 0 {
		rule := []any{"action", "Allow"}
		if len(peer) > 0 {
			rule = append(rule, key, fields(peer...))
		}
		return []*manifest.Node{fields(rule...)}
	}
	byProtocol := map[string][]*manifest.Node{}
	for _, p := range f.Ports {
		byProtocol[p.Protocol] = append(byProtocol[p.Protocol], calicoPort(p))
	}
	var out []*manifest.Node
	for _, protocol := range slices.Sorted(maps.Keys(byProtocol)) {
		rule := []any{"action", "Allow", "protocol", protocol}
		ports := []any{"ports", byProtocol[protocol]}
		if direction == "egress" {
			rule = append(rule, "destination", fields(append(slices.Clone(peer), ports...)...))
		} else {
			if len(peer) > 0 {
				rule = append(rule, "source", fields(peer...))
			}
			rule = append(rule, "destination", fields(ports...))
		}
		out = append(out, fields(rule...))
	}
	return out
}

// entity prints one side of a rule.
func (c calico) entity(s plan.Side) []any {
	switch s.Kind {
	case plan.Addresses:
		out := []any{"nets", s.CIDRs}
		if s.Network != "" {
			out = []any{"namespaceSelector", "global()", "selector", fmt.Sprintf("%s == '%s'", networkLabel, s.Network)}
		}
		if len(s.Except) > 0 {
			out = append(out, "notNets", s.Except)
		}
		return out
	case plan.Anywhere:
		return nil
	case plan.APIServer:
		return []any{"services", fields("name", "kubernetes", "namespace", "default")}
	}
	var out []any
	if s.Namespace != c.n.Name {
		out = append(out, "namespaceSelector", fmt.Sprintf("projectcalico.org/name == '%s'", s.Namespace))
	}
	return append(out, "selector", plan.CalicoSelector(s.Labels))
}

// calicoPort prints a port or a range.
func calicoPort(p plan.Port) *manifest.Node {
	if p.First == p.Last {
		return manifest.Of(int(p.First))
	}
	return manifest.Of(fmt.Sprintf("%d:%d", p.First, p.Last))
}
