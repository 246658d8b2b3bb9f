package plan

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"

	"github.com/secgen/secgen/compile/inventory"
	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/workload"
)

// backend is the pods of a workload on one port, behind a Service.
type backend struct {
	w    *inventory.Workload
	port Port
}

// service finds a Service; nil where it is not rendered.
func (t *tracing) service(namespace, name string) *manifest.Resource {
	ns := t.Inventory.Namespace(namespace)
	if ns == nil {
		return nil
	}
	for _, r := range ns.Of("", "Service") {
		if r.ID.Name == name {
			return r
		}
	}
	return nil
}

// behind is the workloads that a Service selects.
func (t *tracing) behind(service *manifest.Resource) []*inventory.Workload {
	out, known := t.selected[service]
	if !known {
		out = t.selectedBy(service)
		t.selected[service] = out
	}
	return out
}

func (t *tracing) selectedBy(service *manifest.Resource) []*inventory.Workload {
	selector, err := workload.PlainSelector(service.Object.Get("spec", "selector"))
	ns := t.Inventory.Namespace(service.ID.Namespace)
	if err != nil || ns == nil {
		return nil
	}
	var out []*inventory.Workload
	for _, w := range ns.Workloads {
		if selector.Matches(labelSet(w)) {
			out = append(out, w)
		}
	}
	return out
}

// servicePort is one port of a Service.
type servicePort struct {
	name, protocol string
	number         int64
	target         *manifest.Node
}

func servicePorts(service *manifest.Resource) []servicePort {
	var out []servicePort
	for _, p := range service.Object.Get("spec", "ports").Elems() {
		number, _ := p.Get("port").Int()
		target := p.Get("targetPort")
		if target.IsNull() || target.Text == "0" {
			target = p.Get("port")
		}
		protocol := p.Get("protocol").Str()
		if protocol == "" {
			protocol = "TCP"
		}
		out = append(out, servicePort{p.Get("name").Str(), protocol, number, target})
	}
	return out
}

// called tells whether a reference, by name or number, means the port.
func (p servicePort) called(ref *manifest.Node) bool {
	if n, ok := ref.Int(); ok {
		return n == p.number
	}
	return ref.Str() != "" && ref.Str() == p.name
}

// backends resolves the ports of a Service that want accepts to ports of the pods
// behind it. unknown says what cannot be resolved, "" where all can.
func (t *tracing) backends(service *manifest.Resource, want func(servicePort) bool) (out []backend, unknown string) {
	workloads := t.behind(service)
	if len(workloads) == 0 {
		return nil, fmt.Sprintf("which pods are behind %s, whose selector finds none that is rendered", service.ID)
	}
	found := false
	for _, sp := range servicePorts(service) {
		if !want(sp) {
			continue
		}
		found = true
		for _, w := range workloads {
			number, ok := podPort(w, sp)
			if !ok {
				return nil, fmt.Sprintf("which port of %s the port %q of %s means", w.Resource.ID, sp.target.Text, service.ID)
			}
			out = append(out, backend{w, Port{sp.protocol, number, number}})
		}
	}
	if !found {
		return nil, fmt.Sprintf("which port of %s is meant", service.ID)
	}
	return out, ""
}

// podPort resolves a target port, which may be a name, to a number of the pods.
func podPort(w *inventory.Workload, sp servicePort) (uint16, bool) {
	if n, ok := sp.target.Int(); ok {
		return uint16(n), n > 0 && n <= 65535
	}
	for _, c := range w.Pod.Containers() {
		if c.Kind != workload.Main && c.Kind != workload.Sidecar {
			continue
		}
		for _, p := range c.Node.Get("ports").Elems() {
			n, ok := p.Get("containerPort").Int()
			if p.Get("name").Str() == sp.target.Str() && ok && n > 0 && n <= 65535 {
				return uint16(n), true
			}
		}
	}
	n, err := strconv.ParseUint(sp.target.Str(), 10, 16)
	return uint16(n), err == nil && n > 0
}

func anyPort(servicePort) bool { return true }

// to adds flows from one side to backends, a flow a workload.
func (t *tracing) to(from Side, backends []backend, why string, at inventory.Field) {
	t.flowsTo(from, backends, false, why, at)
}

func (t *tracing) flowsTo(from Side, backends []backend, loose bool, why string, at inventory.Field) {
	var workloads []*inventory.Workload
	ports := map[*inventory.Workload][]Port{}
	for _, b := range backends {
		if ports[b.w] == nil {
			workloads = append(workloads, b.w)
		}
		if !slices.Contains(ports[b.w], b.port) {
			ports[b.w] = append(ports[b.w], b.port)
		}
	}
	for _, w := range workloads {
		t.add(Flow{From: from, To: t.pods(w), Ports: ports[w], Reasons: because(why, at), Loose: loose})
	}
}

// pods is the side of a rendered workload.
func (t *tracing) pods(w *inventory.Workload) Side {
	return Side{Kind: Pods, Namespace: w.Resource.ID.Namespace, Labels: t.selectors[w], Workload: w}
}

// fixed adds the flows to a Service without selector whose addresses the
// repository lists, as Endpoints or EndpointSlices. It tells whether it does.
func (t *tracing) fixed(w *inventory.Workload, service *manifest.Resource, why string, x text) bool {
	if service.Object.Get("spec").Has("selector") {
		return false
	}
	ns := t.Inventory.Namespace(service.ID.Namespace)
	var groups [][2][]*manifest.Node // addresses and ports
	for _, r := range ns.Of("", "Endpoints") {
		for _, s := range r.Object.Get("subsets").Elems() {
			if r.ID.Name == service.ID.Name {
				groups = append(groups, [2][]*manifest.Node{s.Get("addresses").Elems(), s.Get("ports").Elems()})
			}
		}
	}
	for _, r := range ns.Of("discovery.k8s.io", "EndpointSlice") {
		if objectLabels(r)["kubernetes.io/service-name"] == service.ID.Name {
			var addresses []*manifest.Node
			for _, e := range r.Object.Get("endpoints").Elems() {
				addresses = append(addresses, e.Get("addresses").Elems()...)
			}
			groups = append(groups, [2][]*manifest.Node{addresses, r.Object.Get("ports").Elems()})
		}
	}
	found := false
	for _, g := range groups {
		var cidrs []string
		for _, a := range g[0] {
			text := a.Str()
			if text == "" {
				text = a.Get("ip").Str()
			}
			if addr, err := netip.ParseAddr(text); err == nil {
				cidrs = append(cidrs, netip.PrefixFrom(addr, addr.BitLen()).String())
			}
		}
		var ports []Port
		for _, p := range g[1] {
			if n, ok := p.Get("port").Int(); ok && n > 0 && n <= 65535 {
				ports = append(ports, Port{protocolOf(p), uint16(n), uint16(n)})
			}
		}
		for _, side := range addresses(cidrs) {
			found = true
			t.add(Flow{From: t.pods(w), To: side, Ports: ports, Reasons: because(why, x.at)})
		}
	}
	return found
}
