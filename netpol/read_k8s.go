package netpol

import (
	"fmt"
	"net/netip"
	"regexp"

	"github.com/secgen/secgen/manifest"
)

var (
	numberPort = regexp.MustCompile(`^(\d+)(?::(\d+))?$`)
	namePort   = regexp.MustCompile(`^[a-zA-Z0-9_.-]{1,128}$`)
)

// kubernetesOrder is where Calico puts Kubernetes' policies in its tier "default"
// (libcalico-go/lib/backend/k8s/conversion, K8sNetworkPolicyToCalico).
const kubernetesOrder = 1000

// readKubernetes reads a NetworkPolicy of networking.k8s.io, or the spec of a
// Calico StagedKubernetesNetworkPolicy, which has the same form.
func (rd *reader) readKubernetes() {
	p, spec := rd.p, rd.r.Object.Get("spec")
	p.kind, p.Order, p.namespace = kubernetesPolicy, kubernetesOrder, rd.w.namespaceOf(rd.r)
	p.key = p.namespace + "/knp.default." + rd.r.ID.Name
	if !spec.IsNull() && spec.Kind != manifest.Map {
		rd.refuse(manifest.Path("spec"), CodeField, "is a %s; want a map", spec.Kind)
	}
	p.subject = subject{home: p.namespace, hasHome: true, match: allOf(
		isPodOf(p.namespace), rd.selectorK8s(spec.Get("podSelector"), manifest.Path("spec", "podSelector"), ""))}
	p.applies = rd.kubernetesTypes(spec)
	for d, key := range []string{"ingress", "egress"} {
		path := manifest.Path("spec", key)
		for i, n := range rd.list(spec.Get(key), path) {
			rd.kubernetesRule(Direction(d), n, path.At(i))
		}
	}
}

// subject selects the endpoints that a policy is for.
type subject struct {
	home    string
	hasHome bool
	match   matcher
}

func isPodOf(namespace string) matcher {
	return func(l *labels) tri {
		return and(l.get(labelOrchestrator).equals("k8s"), l.get(labelNamespace).equals(namespace))
	}
}

func isPod(l *labels) tri { return l.get(labelOrchestrator).equals("k8s") }

// kubernetesTypes is policyTypes as the API server defaults it: Ingress, and
// Egress if there are egress rules.
func (rd *reader) kubernetesTypes(spec *manifest.Node) (applies [2]bool) {
	path := manifest.Path("spec", "policyTypes")
	types := rd.list(spec.Get("policyTypes"), path)
	if len(types) == 0 {
		return [2]bool{true, len(spec.Get("egress").Elems()) > 0}
	}
	for i, n := range types {
		switch n.Str() {
		case "Ingress":
			applies[Ingress] = true
		case "Egress":
			applies[Egress] = true
		default:
			rd.refuse(path.At(i), CodeTypes, "is %q; want Ingress or Egress", n.Text)
		}
	}
	return applies
}

// selectorK8s reads a label selector; nil and empty match all.
func (rd *reader) selectorK8s(n *manifest.Node, path manifest.FieldPath, prefix string) matcher {
	if n.IsNull() {
		return nil
	}
	m, at, err := labelSelector(n, prefix)
	if err != nil {
		rd.refuse(path.Join(at), CodeSelector, "%v", err)
		return perhaps
	}
	return m
}

func (rd *reader) kubernetesRule(d Direction, n *manifest.Node, path manifest.FieldPath) {
	if !n.IsNull() && n.Kind != manifest.Map {
		rd.refuse(path, CodeField, "is a %s; want a map", n.Kind)
		return
	}
	base := rule{policy: rd.p, direction: d, path: path, conns: AllConns()}
	for i, port := range rd.list(n.Get("ports"), path.Field("ports")) {
		rd.kubernetesPort(&base, port, path.Field("ports").At(i))
	}
	side := "from"
	if d == Egress {
		side = "to"
	}
	peers := rd.list(n.Get(side), path.Field(side))
	if len(peers) == 0 {
		rd.addRule(&base)
		return
	}
	for i, peer := range peers {
		r := base
		r.path = path.Field(side).At(i)
		rd.kubernetesPeer(&r, peer)
		rd.addRule(&r)
	}
}

func (rd *reader) addRule(r *rule) {
	rules := &rd.p.rules[r.direction]
	r.index = len(*rules)
	*rules = append(*rules, r)
}

// kubernetesPort adds one entry of ports. Without a port it is all ports of the
// protocol, without a protocol TCP.
func (rd *reader) kubernetesPort(r *rule, n *manifest.Node, path manifest.FieldPath) {
	out := namedPorts{proto: ProtoTCP}
	if text := n.Get("protocol"); !text.IsNull() {
		proto, ok := protocolNumber(text)
		if !ok || text.Kind != manifest.String || protoName(proto) != text.Text || !(Port{Protocol: proto}).hasPorts() {
			if !rd.unresolved(path.Field("protocol"), text.Text) {
				rd.refuse(path.Field("protocol"), CodeProtocol, "is %q; want TCP, UDP or SCTP", text.Text)
			}
			r.vague = append(r.vague, "its protocol is unknown")
			out.proto = 0
		} else {
			out.proto = proto
		}
	}
	port, end := n.Get("port"), n.Get("endPort")
	switch {
	case port.IsNull():
		out.set = allRanges
		if !end.IsNull() {
			rd.refuse(path.Field("endPort"), CodePort, "is set without port")
		}
	case port.Kind == manifest.String && numberPort.MatchString(port.Text):
		rd.refuse(path.Field("port"), CodePort, "is the string %q; want a number or the name of a port", port.Text)
		out.set = allRanges
	default:
		if rd.port(port, path.Field("port"), &out) {
			out.set = allRanges
			r.vague = append(r.vague, "its port is unknown")
		}
		rd.endPort(&out, port, end, path.Field("endPort"))
	}
	if out.proto == 0 {
		r.ports = append(r.ports, namedPorts{proto: ProtoTCP, set: allRanges}, namedPorts{proto: ProtoUDP, set: allRanges}, namedPorts{proto: ProtoSCTP, set: allRanges})
		return
	}
	r.ports = append(r.ports, out)
}

func (rd *reader) endPort(out *namedPorts, port, end *manifest.Node, path manifest.FieldPath) {
	if end.IsNull() {
		return
	}
	first, isNumber := port.Int()
	last, ok := end.Int()
	switch {
	case !isNumber:
		rd.refuse(path, CodePort, "needs a port that is a number")
	case !ok || last < first || last > 65535:
		rd.refuse(path, CodePort, "is %s; want a number from %d to 65535", end.Text, first)
	default:
		out.set = out.set.union(oneRange(uint16(first), uint16(last)))
	}
}

func (rd *reader) kubernetesPeer(r *rule, n *manifest.Node) {
	block, pods, namespaces := n.Get("ipBlock"), n.Get("podSelector"), n.Get("namespaceSelector")
	e := r.peer()
	if !block.IsNull() {
		if !pods.IsNull() || !namespaces.IsNull() {
			rd.refuse(r.path, CodeField, "has ipBlock together with a selector; they exclude each other")
		}
		rd.ipBlock(r, e, block)
		return
	}
	if pods.IsNull() && namespaces.IsNull() {
		rd.refuse(r.path, CodeField, "names no peer; want podSelector, namespaceSelector or ipBlock")
		r.vague = append(r.vague, "it names no peer")
		return
	}
	podMatch := rd.selectorK8s(pods, r.path.Field("podSelector"), "")
	if namespaces.IsNull() {
		e.sel, e.home, e.hasHome = allOf(isPodOf(rd.p.namespace), podMatch), rd.p.namespace, true
		e.key = fmt.Sprintf("k8s|%q|%s", rd.p.namespace, canonical(pods))
		return
	}
	e.sel = allOf(isPod, rd.selectorK8s(namespaces, r.path.Field("namespaceSelector"), namespacePrefix), podMatch)
	e.key = "k8s-any|" + canonical(namespaces) + "|" + canonical(pods)
}

// ipBlock reads a CIDR with exceptions, which must lie within it.
func (rd *reader) ipBlock(r *rule, e *entity, n *manifest.Node) {
	path := r.path.Field("ipBlock", "cidr")
	cidr, ok := rd.cidr(n.Get("cidr"), path)
	if !ok {
		r.vague = append(r.vague, "its CIDR is unknown")
		return
	}
	r.family = familyOf(cidr.Addr())
	nets := AddrsOf(cidr)
	e.nets = &nets
	var except []netip.Prefix
	for i, x := range rd.list(n.Get("except"), r.path.Field("ipBlock", "except")) {
		at := r.path.Field("ipBlock", "except").At(i)
		p, ok := rd.cidr(x, at)
		if !ok {
			r.vague = append(r.vague, "its exception is unknown")
			continue
		}
		if p.Bits() <= cidr.Bits() || !cidr.Contains(p.Addr()) {
			rd.refuse(at, CodeCIDR, "is %s, which is not strictly within %s", p, cidr)
		}
		except = append(except, p)
	}
	if len(except) > 0 {
		not := AddrsOf(except...)
		e.notNets = &not
	}
	e.key = "ip|" + canonical(n)
}

func familyOf(a netip.Addr) int {
	if a.Unmap().Is4() {
		return 4
	}
	return 6
}

// cidr reads a CIDR of a Kubernetes policy, where a bare address is refused.
func (rd *reader) cidr(n *manifest.Node, path manifest.FieldPath) (netip.Prefix, bool) {
	if n != nil && n.Kind == manifest.String && rd.unresolved(path, n.Text) {
		return netip.Prefix{}, false
	}
	p, err := netip.ParsePrefix(n.Str())
	if err != nil {
		text := "missing"
		if n != nil {
			text = fmt.Sprintf("%q", n.Text)
		}
		rd.refuse(path, CodeCIDR, "is %s; want a CIDR such as 10.0.0.0/8", text)
		return netip.Prefix{}, false
	}
	return p, true
}
