package plan

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/labels"

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
			for _, x := range part.traffic {
				if err := t.declare(n, part.name, x); err != nil {
					return fmt.Errorf("secgen.cue: policy.namespaces.%s.%s: %w", n.Name, part.name, err)
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
	for _, text := range x.Peer.CIDRs {
		if p, err := netip.ParsePrefix(text); err != nil || p != p.Masked() {
			return fmt.Errorf("CIDR %q; want an address and a length without bits beyond it, such as 10.0.0.0/8", text)
		}
	}
	if x.Peer.Namespace == "" && len(x.Peer.CIDRs) == 0 {
		return fmt.Errorf("%q has a peer without namespace and without cidrs; want one of them", x.Why)
	}
	why := "by policy"
	if x.Why != "" {
		why += ": " + x.Why
	}
	found := false
	for _, w := range n.Workloads {
		if t.selectors[w] == nil || !matches(x.Labels, w.Labels()) {
			continue
		}
		found = true
		for _, peer := range t.peersOf([]schema.Peer{x.Peer}) {
			f := Flow{From: peer, To: t.pods(w), Ports: ports, Reasons: []Reason{{Why: why}}}
			if direction == "egress" {
				f.From, f.To = f.To, f.From
			}
			t.add(f)
		}
	}
	if !found {
		return fmt.Errorf("labels %s select no rendered workload of the namespace", labelText(x.Labels))
	}
	return nil
}

// readPorts reads "443" and "8000-8080".
func readPorts(x schema.Traffic) ([]Port, error) {
	protocol := strings.ToUpper(x.Protocol)
	if protocol == "" {
		protocol = "TCP"
	}
	if !slices.Contains([]string{"TCP", "UDP", "SCTP"}, protocol) {
		return nil, fmt.Errorf("protocol %q; want TCP, UDP or SCTP", x.Protocol)
	}
	var out []Port
	for _, text := range x.Ports {
		low, high, isRange := strings.Cut(text, "-")
		if !isRange {
			high = low
		}
		first, err1 := strconv.ParseUint(low, 10, 16)
		last, err2 := strconv.ParseUint(high, 10, 16)
		if err1 != nil || err2 != nil || first == 0 || last < first {
			return nil, fmt.Errorf("port %q; want a number from 1 to 65535 or a range such as 8000-8080", text)
		}
		out = append(out, Port{protocol, uint16(first), uint16(last)})
	}
	return out, nil
}

func contains(list []string, s string) bool { return slices.Contains(list, s) }

func objectLabels(r *manifest.Resource) labels.Set {
	return labels.Set(r.Object.Get("metadata", "labels").StringMap())
}
