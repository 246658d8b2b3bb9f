package plan

import (
	"slices"
	"strconv"
	"strings"

	"github.com/secgen/secgen/compile/inventory"
	"github.com/secgen/secgen/manifest"
)

// unnamed doubts that all traffic is declared where a Service has pods and no
// manifest says who calls it: its name may be compiled into a program. Of a Service
// that somebody calls, the ports that nobody is known to use are noted.
func (t *tracing) unnamed() {
	for _, n := range t.plan.Namespaces {
		for _, s := range n.Of("", "Service") {
			behind := t.behind(s)
			if !slices.ContainsFunc(behind, func(w *inventory.Workload) bool { return !onNode(w) }) || t.forPeers(n, s, behind) {
				continue
			}
			item, at := "Service/"+s.ID.Name, field(s, "spec", "selector")
			idle, used := t.idlePorts(s)
			switch {
			case !used && !t.spoken[s]:
				t.doubt(n.Name, doubt{kind: unnamed, item: item, at: at})
			case used && len(idle) > 0:
				t.doubt(n.Name, doubt{kind: unused, item: item, by: item + " (" + strings.Join(idle, ", ") + ")", at: at})
			}
		}
	}
}

// idlePorts are the ports of a Service that no flow from elsewhere reaches; used
// tells whether one reaches any.
func (t *tracing) idlePorts(s *manifest.Resource) (idle []string, used bool) {
	for _, sp := range servicePorts(s) {
		backends, unknown := t.backends(s, func(p servicePort) bool { return p == sp })
		if unknown != "" {
			continue
		}
		if slices.ContainsFunc(backends, t.reached) {
			used = true
		} else {
			idle = append(idle, strconv.FormatInt(sp.number, 10))
		}
	}
	return idle, used
}

// reached tells whether a flow from elsewhere reaches a port of a workload.
func (t *tracing) reached(b backend) bool {
	return slices.ContainsFunc(t.flows, func(f Flow) bool {
		return f.To.has(b.w) && f.From.Workload != b.w && (len(f.Ports) == 0 || slices.ContainsFunc(f.Ports, b.port.meets))
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
