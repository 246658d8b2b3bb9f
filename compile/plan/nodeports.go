package plan

import (
	"fmt"
	"slices"

	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/schema"
)

// NodePortGuard closes the node ports of every worker before Calico's DNAT, but
// for those that the policy keeps open.
type NodePortGuard struct {
	// Selector of the workers' host endpoints, in Calico's language.
	Selector string
	Open     []OpenNodePort
}

// OpenNodePort is an exception.
type OpenNodePort struct {
	Port Port
	// CIDRs may come in; none means everybody.
	CIDRs []string
	Why   string
}

// NodePortRange is what Kubernetes gives out, unless the API server is told
// otherwise.
func NodePortRange() (first, last uint16) { return 30000, 32767 }

// nodePorts plans the guard that the policy asks for. A declared Service that it
// would cut off is a question.
func (p *planner) nodePorts() error {
	if p.Policy == nil || p.Policy.Cluster.NodePorts == nil || !p.needsCalico(NodePorts) {
		return nil
	}
	want := p.Policy.Cluster.NodePorts
	g := &NodePortGuard{Selector: workers(p.Policy.Cluster.Provider, want.Hosts)}
	for _, o := range want.Open {
		first, last, err := schema.PortRange(o.Ports)
		if err != nil {
			return fmt.Errorf("%s: %w", p.Policy.Where("cluster", "nodePorts", "open"), err)
		}
		protocols := []string{o.Protocol}
		if o.Protocol == "" {
			protocols = []string{"TCP", "UDP"}
		}
		sides := addresses(o.Sources)
		if len(sides) == 0 {
			sides = []Side{{Kind: Anywhere}}
		}
		for _, protocol := range protocols {
			for _, s := range sides {
				g.Open = append(g.Open, OpenNodePort{Port{protocol, first, last}, s.CIDRs, o.Why})
			}
		}
	}
	if p.cutOff(g) {
		return nil
	}
	p.plan.NodePorts = g
	return nil
}

// workers selects the host endpoints of the nodes: those that the policy labels,
// those that IBM makes, or those that Calico makes of nodes by itself.
func workers(provider string, labels map[string]string) string {
	switch {
	case len(labels) > 0:
		return CalicoSelector(labels)
	case provider == "iks-classic":
		return "ibm.role in { 'worker_public', 'master_public' }"
	}
	return "has(kubernetes.io/hostname)"
}

// cutOff asks about the declared Services whose node ports the guard would close.
// A load balancer reaches its Service through node ports, except on classic IKS.
func (p *planner) cutOff(g *NodePortGuard) bool {
	cut := false
	for _, r := range p.Inventory.Of("", "Service") {
		spec := r.Object.Get("spec")
		kind := spec.Get("type").Str()
		if kind != "NodePort" && (kind != "LoadBalancer" || p.Policy.Cluster.Provider == "iks-classic") {
			continue
		}
		if allocate, said := spec.Get("allocateLoadBalancerNodePorts").Bool(); kind == "LoadBalancer" && said && !allocate {
			continue
		}
		for i, port := range spec.Get("ports").Elems() {
			first, last := NodePortRange()
			what := "a node port that the API server picks"
			if n, ok := port.Get("nodePort").Int(); ok && n > 0 && n <= 65535 {
				first, last, what = uint16(n), uint16(n), fmt.Sprintf("node port %d", n)
			}
			protocol := protocolOf(port)
			if g.opens(Port{protocol, first, last}) {
				continue
			}
			cut = true
			pos, _ := r.Locate(manifest.Path("spec", "ports").At(i))
			p.ask(Question{Guardrail: NodePorts, Position: pos,
				Text:   fmt.Sprintf("from where %s, of type %s, is reached on %s", r.ID, kind, what),
				Answer: fmt.Sprintf("policy: cluster: nodePorts: open: [{ports: %q, sources: [\"...\"]}]", rangeText(first, last))})
		}
	}
	return cut
}

// opens tells whether an exception covers the port, from wherever.
func (g *NodePortGuard) opens(p Port) bool {
	return slices.ContainsFunc(g.Open, func(o OpenNodePort) bool {
		return o.Port.Protocol == p.Protocol && o.Port.First <= p.First && p.Last <= o.Port.Last
	})
}

func rangeText(first, last uint16) string {
	if first == last {
		return fmt.Sprint(first)
	}
	return fmt.Sprintf("%d-%d", first, last)
}

// CalicoSelector prints labels in Calico's selector language. Keys and values are
// those of Kubernetes labels, which hold neither quotes nor backslashes.
func CalicoSelector(labels map[string]string) string {
	if len(labels) == 0 {
		return "all()"
	}
	text := ""
	for _, key := range sortedKeys(labels) {
		if text != "" {
			text += " && "
		}
		text += fmt.Sprintf("%s == '%s'", key, labels[key])
	}
	return text
}
