package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/secgen/secgen/compile/inventory"
	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/netpol"
)

// permitted adds the flows that the repository's own policies let through on
// purpose: where they isolate one end, by a rule that names the other by labels.
// What such a rule permits in general (all pods, all of the namespace) declares
// nothing.
func (t *tracing) permitted(existing *netpol.Cluster) {
	if len(existing.Policies()) == 0 {
		return
	}
	workloads := map[*netpol.Endpoint]*inventory.Workload{}
	guards := map[*netpol.Endpoint]netpol.Isolation{}
	for _, ns := range t.Inventory.Namespaces {
		for _, w := range ns.Workloads {
			if list := existing.Pods(w.Resource); len(list) == 1 && !onNode(w) && t.selectors[w] != nil {
				workloads[list[0]], guards[list[0]] = w, existing.Isolation(list[0])
			}
		}
	}
	listening := map[*netpol.Endpoint][]Port{}
	for _, c := range existing.Connections() {
		if workloads[c.From] == nil || workloads[c.To] == nil || c.From == c.To {
			continue
		}
		in, out := guards[c.To].Ingress, guards[c.From].Egress
		if in.Isolated != netpol.Yes && out.Isolated != netpol.Yes {
			continue
		}
		if listening[c.To] == nil {
			listening[c.To] = t.listening(workloads[c.To])
		}
		for _, port := range inRules(listening[c.To], slices.Concat(in.Policies, out.Policies)) {
			asked := netpol.Port{Protocol: protocolNumbers[port.Protocol], Number: port.First}
			if !c.Allowed.Has(asked) {
				continue
			}
			v := existing.Connection(c.From, c.To, asked)
			for _, step := range []netpol.Step{v.Ingress, v.Egress} {
				if step.Kind == netpol.CauseRule && names(step.Rule) {
					t.add(Flow{From: t.pods(workloads[c.From]), To: t.pods(workloads[c.To]), Ports: []Port{port}, Reasons: because(
						fmt.Sprintf("%s lets it through", step.Rule.Policy), inventory.Field{Resource: step.Rule.Policy.Resource, Path: step.Rule.Path})})
				}
			}
		}
	}
}

var protocolNumbers = map[string]uint8{"TCP": netpol.ProtoTCP, "UDP": netpol.ProtoUDP, "SCTP": netpol.ProtoSCTP}

// listening is the ports that a workload's containers and its Services name.
func (t *tracing) listening(w *inventory.Workload) []Port {
	out := []Port{}
	for _, b := range containerPorts(w) {
		out = append(out, b.port)
	}
	for _, s := range t.Inventory.Namespace(w.Resource.ID.Namespace).Of("", "Service") {
		if !slices.Contains(t.behind(s), w) {
			continue
		}
		backends, _ := t.backends(s, anyPort)
		for _, b := range backends {
			if b.w == w && !slices.Contains(out, b.port) {
				out = append(out, b.port)
			}
		}
	}
	return out
}

// inRules adds the ports that the rules of policies name by number.
func inRules(ports []Port, policies []*netpol.Policy) []Port {
	out := slices.Clone(ports)
	take := func(protocol string, number *manifest.Node) {
		n, ok := number.Int()
		p := Port{protocol, uint16(n), uint16(n)}
		if ok && n > 0 && n <= 65535 && !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	for _, p := range policies {
		spec := p.Resource.Object.Get("spec")
		for _, rule := range slices.Concat(spec.Get("ingress").Elems(), spec.Get("egress").Elems()) {
			for _, port := range rule.Get("ports").Elems() { // Kubernetes'
				take(protocolOf(port), port.Get("port"))
			}
			for _, port := range rule.Get("destination", "ports").Elems() { // Calico's
				take(strings.ToUpper(rule.Get("protocol").Str()), port)
			}
		}
	}
	return slices.DeleteFunc(out, func(p Port) bool { return protocolNumbers[p.Protocol] == 0 })
}

// names tells whether a rule finds its peer by labels of pods or of namespaces. The
// rule of a Kubernetes policy stands at its peer.
func names(rule netpol.Rule) bool {
	node := rule.Policy.Resource.Object.Lookup(rule.Path)
	entity := "source"
	if rule.Direction == netpol.Egress {
		entity = "destination"
	}
	for _, field := range []string{"selector", "namespaceSelector"} {
		if text := strings.TrimSpace(node.Get(entity, field).Str()); text != "" && text != "all()" && text != "global()" {
			return true
		}
	}
	return node.Get(entity, "serviceAccounts") != nil || demands(node.Get("podSelector")) || demands(node.Get("namespaceSelector"))
}

// demands tells whether a selector of Kubernetes asks for anything.
func demands(selector *manifest.Node) bool {
	labels := selector.Get("matchLabels")
	return labels != nil && len(labels.Fields) > 0 || len(selector.Get("matchExpressions").Elems()) > 0
}
