package emit

import (
	"github.com/secgen/secgen/compile/plan"
	"github.com/secgen/secgen/manifest"
)

// kubernetes prints networking.k8s.io/v1 policies. They have no order, and an
// API server's address must be given as one.
type kubernetes struct{ n *plan.Namespace }

func (k kubernetes) policy(name string, selector map[string]string, _ int, annotations map[string]string, ingress, egress []plan.Flow, deny bool) (*manifest.Node, map[string][]string) {
	comments := map[string][]string{}
	spec := []any{"podSelector", podSelector(selector), "policyTypes", types(k.n, ingress, egress, deny)}
	for _, part := range []struct {
		key   string
		flows []plan.Flow
	}{{"ingress", ingress}, {"egress", egress}} {
		var rules []*manifest.Node
		for i, f := range part.flows {
			comments[manifest.Path("spec", part.key).At(i).String()] = because(part.key, f)
			rules = append(rules, k.rule(part.key, f))
		}
		if len(rules) > 0 {
			spec = append(spec, part.key, rules)
		}
	}
	return labelled("networking.k8s.io/v1", "NetworkPolicy", k.n.Name, name, nil, annotations, "spec", fields(spec...)), comments
}

func (k kubernetes) rule(direction string, f plan.Flow) *manifest.Node {
	other, key := f.From, "from"
	if direction == "egress" {
		other, key = f.To, "to"
	}
	var rule []any
	if peers := k.peers(other); len(peers) > 0 {
		rule = append(rule, key, peers)
	}
	var ports []*manifest.Node
	for _, p := range f.Ports {
		port := []any{"protocol", p.Protocol, "port", int(p.First)}
		if p.First != p.Last {
			port = append(port, "endPort", int(p.Last))
		}
		ports = append(ports, fields(port...))
	}
	if len(ports) > 0 {
		rule = append(rule, "ports", ports)
	}
	return fields(rule...)
}

func (k kubernetes) peers(s plan.Side) []*manifest.Node {
	var out []*manifest.Node
	switch s.Kind {
	case plan.Addresses:
		for _, cidr := range s.CIDRs {
			block := []any{"cidr", cidr}
			if except := plan.Within(s.Except, cidr); len(except) > 0 {
				block = append(block, "except", except)
			}
			out = append(out, fields("ipBlock", fields(block...)))
		}
	case plan.Pods:
		peer := []any{"podSelector", podSelector(s.Labels)}
		if s.Namespace != k.n.Name {
			peer = append([]any{"namespaceSelector", podSelector(map[string]string{"kubernetes.io/metadata.name": s.Namespace})}, peer...)
		}
		out = append(out, fields(peer...))
	case plan.Anywhere, plan.APIServer: // anywhere is no peers; the API server comes as addresses
	}
	return out
}

func podSelector(labels map[string]string) *manifest.Node {
	if len(labels) == 0 {
		return fields()
	}
	return fields("matchLabels", labels)
}
