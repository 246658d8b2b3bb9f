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
	var pods []*netpol.Endpoint
	byResource := map[*manifest.Resource]*inventory.Workload{}
	for _, ns := range t.Inventory.Namespaces {
		for _, w := range ns.Workloads {
			if list := existing.Pods(w.Resource); len(list) == 1 && !onNode(w) && t.selectors[w] != nil {
				pods, byResource[w.Resource] = append(pods, list[0]), w
			}
		}
	}
	for _, e := range pods {
		guard := existing.Isolation(e)
		for _, side := range []struct {
			netpol.Guard
			direction netpol.Direction
		}{{guard.Ingress, netpol.Ingress}, {guard.Egress, netpol.Egress}} {
			if side.Isolated != netpol.Yes {
				continue
			}
			listening := map[*netpol.Endpoint][]Port{}
			for _, other := range pods {
				if other == e {
					continue
				}
				from, to := other, e
				if side.direction == netpol.Egress {
					from, to = e, other
				}
				if listening[to] == nil {
					listening[to] = t.listening(byResource[to.Resource], side.Policies)
				}
				t.permit(existing, byResource[from.Resource], byResource[to.Resource], from, to, side.direction, listening[to])
			}
		}
	}
}

// permit adds the flow of a pair, for the ports on which a rule names the peer.
func (t *tracing) permit(existing *netpol.Cluster, from, to *inventory.Workload, source, target *netpol.Endpoint, d netpol.Direction, ports []Port) {
	allowed := existing.Flow(source, target).Allowed
	for _, port := range ports {
		asked := netpol.Port{Protocol: protocolNumbers[port.Protocol], Number: port.First}
		if !allowed.Has(asked) {
			continue
		}
		v := existing.Connection(source, target, asked)
		step := v.Ingress
		if d == netpol.Egress {
			step = v.Egress
		}
		if v.Outcome != netpol.Allowed || step.Kind != netpol.CauseRule || !names(step.Rule) {
			continue
		}
		rule := step.Rule
		t.add(Flow{From: t.pods(from), To: t.pods(to), Ports: []Port{port},
			Reasons: because(fmt.Sprintf("%s lets it through", rule.Policy), inventory.Field{Resource: rule.Policy.Resource, Path: rule.Path})})
	}
}

var protocolNumbers = map[string]uint8{"TCP": netpol.ProtoTCP, "UDP": netpol.ProtoUDP, "SCTP": netpol.ProtoSCTP}

// listening is the ports that a workload's containers, its Services and the rules
// of the policies name.
func (t *tracing) listening(w *inventory.Workload, policies []*netpol.Policy) []Port {
	var out []Port
	take := func(p Port) {
		if !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	for _, b := range containerPorts(w) {
		take(b.port)
	}
	for _, s := range t.Inventory.Namespace(w.Resource.ID.Namespace).Of("", "Service") {
		backends, _ := t.backends(s, anyPort)
		for _, b := range backends {
			if b.w == w {
				take(b.port)
			}
		}
	}
	for _, p := range policies {
		spec := p.Resource.Object.Get("spec")
		for _, rule := range slices.Concat(spec.Get("ingress").Elems(), spec.Get("egress").Elems()) {
			for _, port := range rule.Get("ports").Elems() { // Kubernetes'
				if n, ok := port.Get("port").Int(); ok && n > 0 && n <= 65535 && !port.Has("endPort") {
					take(Port{protocolOf(port), uint16(n), uint16(n)})
				}
			}
			for _, port := range rule.Get("destination", "ports").Elems() { // Calico's
				if n, ok := port.Int(); ok && n > 0 && n <= 65535 && rule.Get("protocol").Str() != "" {
					take(Port{strings.ToUpper(rule.Get("protocol").Str()), uint16(n), uint16(n)})
				}
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
