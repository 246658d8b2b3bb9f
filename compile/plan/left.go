package plan

import "github.com/secgen/secgen/netpol"

// left are the flows of a namespace at ends that the repository's own policies
// isolate, and compile does not: the proof asks whether those policies allow them.
// Ends in the network of their node are left out, whose addresses nobody renders.
func (t *tracing) left(n *Namespace, existing *netpol.Cluster) []Flow {
	var out []Flow
	for _, w := range n.Workloads {
		var ingress, egress bool
		for _, e := range existing.Pods(w.Resource) {
			guard := existing.Isolation(e)
			ingress = ingress || guard.Ingress.Isolated == netpol.Yes
			egress = egress || guard.Egress.Isolated == netpol.Yes
		}
		for _, f := range t.flows {
			into, from := f.To.has(w), f.From.has(w)
			if hostSide(f.From) || hostSide(f.To) {
				continue
			}
			if into && ingress || from && egress {
				out = append(out, f)
			}
		}
	}
	return out
}

func hostSide(s Side) bool { return s.Workload != nil && onNode(s.Workload) }
