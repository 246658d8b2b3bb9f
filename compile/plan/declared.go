package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/secgen/secgen/compile/inventory"
	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/schema"
)

// declared adds the traffic that the policy declares, at both ends.
func (t *tracing) declared() error {
	for _, n := range t.plan.Namespaces {
		for _, part := range []struct {
			name    string
			traffic []schema.Traffic
		}{{"ingress", n.Policy.Ingress}, {"egress", n.Policy.Egress}} {
			if len(n.Workloads)+len(n.Opaque) == 0 && len(part.traffic) > 0 {
				t.note(n.Name, Traffic, "has nothing of the policy's %s yet: %s", part.name, noWorkload)
				continue
			}
			for _, x := range part.traffic {
				if err := t.declare(n, part.name, x); err != nil {
					at := t.Policy.Where("namespaces", n.Name, part.name)
					if !x.Position.IsZero() {
						at = x.Position.String() + ": " + part.name + " of namespace " + n.Name
					}
					return fmt.Errorf("%s: %w", at, err)
				}
			}
		}
	}
	return nil
}

func (t *tracing) declare(n *Namespace, direction string, x schema.Traffic) error {
	ports, err := readPorts(x)
	if err != nil {
		return err
	}
	why := "by policy"
	if x.Why != "" {
		why += ": " + x.Why
	}
	found := len(n.Opaque) > 0 || slices.ContainsFunc(n.Workloads, func(w *inventory.Workload) bool { return matches(x.Labels, w.Labels()) })
	own := slices.DeleteFunc(t.podsOf(n.Name, x.Labels), func(s Side) bool { return s.Workload != nil && onNode(s.Workload) })
	for _, here := range own {
		for _, peer := range t.peersOf([]schema.Peer{x.Peer}) {
			reasons := []Reason{{Why: why}}
			if direction == "ingress" {
				t.add(Flow{From: peer, To: here, Ports: ports, Reasons: reasons})
				continue
			}
			for _, there := range t.withoutPods(n, peer, cmp.Or(x.Why, "egress")) {
				t.add(Flow{From: here, To: there, Ports: ports, Reasons: reasons})
			}
		}
	}
	if !found {
		return fmt.Errorf("labels %s select no rendered workload of the namespace, which has %s", labelText(x.Labels), labelsIn(n))
	}
	return nil
}

// labelsIn names the namespace's workloads with their labels, for whoever
// mistyped one.
func labelsIn(n *Namespace) string {
	var out []string
	for _, w := range n.Workloads {
		out = append(out, fmt.Sprintf("%s with %s", w.Key(), cmp.Or(labelText(w.Labels()), "no labels")))
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

// readPorts reads the ports of declared traffic; TCP where it names no protocol.
func readPorts(x schema.Traffic) ([]Port, error) {
	protocol := cmp.Or(x.Protocol, "TCP")
	var out []Port
	for _, text := range x.Ports {
		first, last, err := schema.PortRange(text)
		if err != nil {
			return nil, err
		}
		out = append(out, Port{protocol, first, last})
	}
	return out, nil
}

func contains(list []string, s string) bool { return slices.Contains(list, s) }

func objectLabels(r *manifest.Resource) map[string]string {
	return r.Object.Get("metadata", "labels").StringMap()
}

func setOf(m map[string]string) labels.Set { return labels.Set(m) }
