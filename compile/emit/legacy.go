package emit

import (
	"slices"
	"strings"

	"github.com/secgen/secgen/compile/plan"
	"github.com/secgen/secgen/manifest"
)

// legacy writes a document of calicoctl v1 as projectcalico.org/v3 has it: actions
// and protocols in capitals, lists of nets, the types said, and policies before
// DNAT applied to what is forwarded.
func legacy(r *manifest.Resource) Object {
	o := Object{Guardrail: plan.Legacy, Head: []string{r.ID.String() + " of calicoctl v1, as projectcalico.org/v3 has it"}}
	if r.ID.Kind == "hostEndpoint" {
		spec := fields("node", r.Object.Get("metadata", "node").Str())
		for _, key := range []string{"interfaceName", "expectedIPs", "profiles", "ports"} {
			if n := r.Object.Get("spec", key); !n.IsNull() {
				spec = spec.With(key, n)
			}
		}
		o.Node = labelled("projectcalico.org/v3", "HostEndpoint", "", r.ID.Name, r.Object.Get("metadata", "labels").StringMap(), nil, "spec", spec)
		return o
	}
	from := r.Object.Get("spec")
	spec := []any{"tier", "default"}
	if order := from.Get("order"); !order.IsNull() {
		spec = append(spec, "order", order)
	}
	selector := from.Get("selector").Str()
	if selector == "" {
		selector = "all()"
	}
	spec = append(spec, "selector", todaySelector(selector), "types", legacyTypes(from))
	pre, _ := from.Get("preDNAT").Bool()
	untracked, _ := from.Get("doNotTrack").Bool()
	if pre || untracked {
		spec = append(spec, "applyOnForward", true)
	}
	if pre {
		spec = append(spec, "preDNAT", true)
	}
	if untracked {
		spec = append(spec, "doNotTrack", true)
	}
	for _, key := range []string{"ingress", "egress"} {
		var rules []*manifest.Node
		for _, rule := range from.Get(key).Elems() {
			rules = append(rules, legacyRule(rule))
		}
		if len(rules) > 0 {
			spec = append(spec, key, rules)
		}
	}
	o.Node = labelled("projectcalico.org/v3", "GlobalNetworkPolicy", "", strings.ToLower(r.ID.Name), map[string]string{"projectcalico.org/tier": "default"}, nil, "spec", fields(spec...))
	return o
}

// legacyTypes are what v1 left to its rules: a policy without any denies what
// comes in.
func legacyTypes(spec *manifest.Node) []string {
	var out []string
	if len(spec.Get("ingress").Elems()) > 0 {
		out = append(out, "Ingress")
	}
	if len(spec.Get("egress").Elems()) > 0 {
		out = append(out, "Egress")
	}
	if len(out) == 0 {
		out = append(out, "Ingress")
	}
	return out
}

// todaySelector renames the label under which v1 had a pod's namespace.
func todaySelector(text string) string {
	return strings.ReplaceAll(text, "calico/k8s_ns", "projectcalico.org/namespace")
}

func legacyRule(rule *manifest.Node) *manifest.Node {
	actions := map[string]string{"allow": "Allow", "deny": "Deny", "log": "Log", "pass": "Pass", "next-tier": "Pass"}
	action := rule.Get("action").Str()
	if today := actions[strings.ToLower(action)]; today != "" {
		action = today
	}
	out := fields("action", action)
	for _, key := range []string{"protocol", "notProtocol", "icmp", "notICMP", "ipVersion", "source", "destination"} {
		value := rule.Get(key)
		if key == "notICMP" && value == nil {
			value = rule.Get("!icmp")
		}
		switch key {
		case "protocol", "notProtocol":
			value = todayProtocol(value)
		case "source", "destination":
			value = legacyEntity(value)
		}
		if !value.IsNull() && (value.Kind != manifest.Map || len(value.Fields) > 0) {
			out = out.With(key, value)
		}
	}
	return out
}

func todayProtocol(n *manifest.Node) *manifest.Node {
	known := []string{"TCP", "UDP", "ICMP", "SCTP"}
	switch upper := strings.ToUpper(n.Str()); {
	case slices.Contains(known, upper):
		return manifest.Of(upper)
	case upper == "ICMPV6":
		return manifest.Of("ICMPv6")
	case upper == "UDPLITE":
		return manifest.Of("UDPLite")
	}
	return n
}

func legacyEntity(entity *manifest.Node) *manifest.Node {
	out := fields()
	if entity == nil || entity.Kind != manifest.Map {
		return out
	}
	for _, f := range entity.Fields {
		key := f.Key
		if rest, negated := strings.CutPrefix(key, "!"); negated && rest != "" {
			key = "not" + strings.ToUpper(rest[:1]) + rest[1:]
		}
		switch {
		case f.Value.IsNull():
		case key == "net" || key == "notNet":
			out = out.With(key+"s", manifest.Of([]*manifest.Node{f.Value}))
		case key == "selector" || key == "notSelector":
			out = out.With(key, manifest.Of(todaySelector(f.Value.Str())))
		default:
			out = out.With(key, f.Value)
		}
	}
	return out
}
