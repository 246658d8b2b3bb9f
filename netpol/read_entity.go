package netpol

import (
	"net/netip"
	"strings"

	"github.com/secgen/secgen/manifest"
)

// entity reads a rule's source or destination. The selectors are combined as
// Calico's GetEntityRuleSelector does
// (libcalico-go/lib/backend/syncersv1/updateprocessors/rules.go).
func (rd *reader) entity(r *rule, n *manifest.Node, path manifest.FieldPath, source bool) {
	if n.IsNull() {
		return
	}
	if n.Kind != manifest.Map {
		rd.refuse(path, CodeField, "is a %s; want a map", n.Kind)
		r.vague = append(r.vague, "its "+path[len(path)-1].Key+" cannot be read")
		return
	}
	e := &r.dst
	if source {
		e = &r.src
	}
	rd.entitySelectors(e, n, path)
	rd.entityNets(r, e, n, path)
	rd.entityPorts(r, n, path, source)
	rd.entityService(r, e, n, path, source)
	if !e.any() {
		e.key = "calico|" + rd.p.namespace + "|" + kindKey(rd.p.kind) + "|" + canonical(n)
	}
}

func kindKey(k policyKind) string { return string('0' + rune(k)) }

func (rd *reader) entitySelectors(e *entity, n *manifest.Node, path manifest.FieldPath) {
	sel := rd.selector(n.Get("selector"), path.Field("selector"), "", nil, entitySelector)
	spaces := rd.selector(n.Get("namespaceSelector"), path.Field("namespaceSelector"), namespacePrefix, hasNamespace, entityNamespaces)
	not := rd.selector(n.Get("notSelector"), path.Field("notSelector"), "", nil, entitySelector)
	accounts := rd.accounts(n.Get("serviceAccounts"), path.Field("serviceAccounts"))
	e.notSel, e.namesSets = not, true
	e.sel = allOf(accounts, sel)
	local := rd.p.kind == calicoPolicy
	switch {
	case spaces != nil:
		e.sel = allOf(spaces, e.sel)
	case local && (e.sel != nil || not != nil):
		e.sel = allOf(inNamespace(rd.p.namespace), e.sel)
	}
	// Host endpoints and global sets are found by their labels only where nothing
	// asks for a namespace, which inNamespace and hasNamespace see to.
}

// accounts reads serviceAccounts: names or a selector over accounts' labels.
func (rd *reader) accounts(n *manifest.Node, path manifest.FieldPath) matcher {
	if n.IsNull() {
		return nil
	}
	sel := rd.selector(n.Get("selector"), path.Field("selector"), accountPrefix, nil, entitySelector)
	names := n.Get("names").Strings()
	for i, name := range names {
		if rd.unresolved(path.Field("names").At(i), name) {
			return perhaps
		}
	}
	if len(names) == 0 {
		return sel
	}
	return allOf(sel, in("", labelServiceAccount, names))
}

func (rd *reader) entityNets(r *rule, e *entity, n *manifest.Node, path manifest.FieldPath) {
	for _, key := range []string{"nets", "notNets"} {
		items := rd.list(n.Get(key), path.Field(key))
		if len(items) == 0 {
			continue
		}
		rd.limit(path.Field(key), key, len(items), 256, "nets; a GlobalNetworkSet or NetworkSet takes more")
		var list []netip.Prefix
		for i, item := range items {
			p, ok := rd.net(r, item, path.Field(key).At(i))
			if !ok {
				continue
			}
			if key == "notNets" && p.Bits() == 0 {
				rd.refuse(path.Field(key).At(i), CodeNotNets, "is %s, which excludes every address: the rule never matches", p)
			}
			list = append(list, p)
		}
		set := AddrsOf(list...)
		if key == "nets" {
			e.nets = &set
		} else {
			e.notNets = &set
		}
	}
}

func (rd *reader) net(r *rule, n *manifest.Node, path manifest.FieldPath) (netip.Prefix, bool) {
	text := n.Str()
	if rd.unresolved(path, text) {
		r.vague = append(r.vague, "a net of it is not resolved")
		return netip.Prefix{}, false
	}
	p, err := parseNet(text)
	if err != nil {
		found := "missing"
		if n != nil {
			found = "\"" + n.Text + "\""
		}
		rd.refuse(path, CodeCIDR, "is %s; want a CIDR such as 10.0.0.0/8", found)
		r.vague = append(r.vague, "a net of it cannot be read")
		return netip.Prefix{}, false
	}
	if !strings.Contains(text, "/") {
		rd.refuse(path, CodeCIDR, "is the address %s; the nets of a rule are CIDRs, so write %s", text, p)
	}
	if p.Masked() != p {
		rd.refuse(path, CodeCIDR, "is %s, whose address has bits beyond the mask; want %s", p, p.Masked())
	}
	return p, true
}

// entityPorts reads ports and notPorts, which belong to the rule's protocol.
func (rd *reader) entityPorts(r *rule, n *manifest.Node, path manifest.FieldPath, source bool) {
	for _, key := range []string{"ports", "notPorts"} {
		items := rd.list(n.Get(key), path.Field(key))
		if len(items) == 0 {
			continue
		}
		rd.limit(path.Field(key), key, len(items), 50, "ports")
		proto, ok := portsProtocol(r)
		if !ok {
			rd.refuse(path.Field(key), CodePortProtocol, "needs the rule's protocol to be TCP, UDP or SCTP")
			r.vague = append(r.vague, "it has ports without a protocol")
			continue
		}
		ports := namedPorts{proto: proto}
		for i, item := range items {
			if rd.port(item, path.Field(key).At(i), &ports) {
				r.vague = append(r.vague, "a port of it is unknown")
			}
		}
		switch {
		case source:
			r.clients = append(r.clients, portFilter{ports, key == "notPorts"})
		case key == "ports":
			r.ports = []namedPorts{ports}
		default:
			r.notPorts = []namedPorts{ports}
		}
	}
}

// portsProtocol is the protocol of a rule whose ports are asked for.
func portsProtocol(r *rule) (uint8, bool) {
	for _, proto := range []uint8{ProtoTCP, ProtoUDP, ProtoSCTP} {
		if !r.conns.Empty() && r.conns.Minus(protoConns(proto)).Empty() {
			return proto, true
		}
	}
	return 0, false
}

// entityService reads services, which stand for the pods behind a service and, in
// an egress destination, its ports.
func (rd *reader) entityService(r *rule, e *entity, n *manifest.Node, path manifest.FieldPath, source bool) {
	s := n.Get("services")
	if s.IsNull() {
		return
	}
	rd.checkServices(r, n, path, source)
	name, namespace := s.Get("name").Str(), s.Get("namespace").Str()
	if namespace == "" {
		namespace = rd.p.namespace
	}
	found, ok := rd.w.services[namespace+"/"+name]
	if !ok || strings.TrimSpace(name) == "" || manifest.Unresolved(name+namespace) {
		e.unknownService = true
		return
	}
	e.service = found
	if !source && found.pods != nil {
		r.ports = servicePorts(found)
	}
}

// servicePorts are the ports on the pods behind a service.
func servicePorts(s *service) []namedPorts {
	out := []namedPorts{}
	for _, p := range s.ports {
		n := namedPorts{proto: p.proto}
		if p.number > 0 {
			n.set = oneRange(p.number, p.number)
		} else {
			n.names = []string{p.name}
		}
		out = append(out, n)
	}
	return out
}
