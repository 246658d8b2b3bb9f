package plan

import (
	"slices"

	"github.com/secgen/secgen/compile/inventory"
	"github.com/secgen/secgen/manifest"
)

// unnamed doubts that all traffic is declared where a Service has pods and no
// manifest says who calls it: its name may be compiled into a program.
func (t *tracing) unnamed() {
	for _, n := range t.plan.Namespaces {
		for _, s := range n.Of("", "Service") {
			behind := t.behind(s)
			if t.spoken[s] || len(behind) == 0 || !slices.ContainsFunc(behind, func(w *inventory.Workload) bool { return !onNode(w) }) ||
				t.forPeers(n, s, behind) || t.reached(s, behind) {
				continue
			}
			t.doubt(n.Name, doubt{kind: unnamed, item: "Service/" + s.ID.Name, at: field(s, "spec", "selector")})
		}
	}
}

// reached tells whether a flow from elsewhere reaches a port of a Service.
func (t *tracing) reached(s *manifest.Resource, behind []*inventory.Workload) bool {
	backends, _ := t.backends(s, anyPort)
	return slices.ContainsFunc(t.flows, func(f Flow) bool {
		return slices.ContainsFunc(behind, func(w *inventory.Workload) bool {
			if !f.To.has(w) || f.From.Workload == w {
				return false
			}
			return len(f.Ports) == 0 || len(backends) == 0 || slices.ContainsFunc(backends, func(b backend) bool {
				return b.w == w && slices.ContainsFunc(f.Ports, b.port.meets)
			})
		})
	})
}

// meets tells whether two ranges of ports have one in common.
func (p Port) meets(q Port) bool {
	return p.Protocol == q.Protocol && p.First <= q.Last && q.First <= p.Last
}

// forPeers tells whether a headless Service is there for the replicas of a
// StatefulSet to know each other by: there are several, or clients have another
// Service.
func (t *tracing) forPeers(n *Namespace, s *manifest.Resource, behind []*inventory.Workload) bool {
	if s.Object.Get("spec", "clusterIP").Str() != "None" {
		return false
	}
	for _, w := range behind {
		if w.Resource.ID.Kind != "StatefulSet" || w.Resource.Object.Get("spec", "serviceName").Str() != s.ID.Name {
			continue
		}
		if w.Peak.Unknown != "" || w.Peak.Pods > 1 || slices.ContainsFunc(n.Of("", "Service"), func(other *manifest.Resource) bool {
			return other != s && slices.Contains(t.behind(other), w)
		}) {
			return true
		}
	}
	return false
}
