package netpol

import (
	"fmt"

	"github.com/secgen/secgen/manifest"
)

// calicoRule reads one rule; what cannot be read makes it match perhaps.
func (rd *reader) calicoRule(d Direction, n *manifest.Node, path manifest.FieldPath) {
	if n.IsNull() || n.Kind != manifest.Map {
		rd.refuse(path, CodeField, "is a %s; want a map with an action", kindOf(n))
		return
	}
	r := &rule{policy: rd.p, direction: d, path: path, conns: AllConns()}
	r.action = rd.action(n.Get("action"), path.Field("action"))
	rd.ipVersion(r, n, path)
	rd.protocols(r, n, path)
	if http := n.Get("http"); !http.IsNull() {
		rd.checkHTTP(r, n, path)
		// Without Calico's application layer policy the match is ignored; with it,
		// it depends on the request.
		r.vague = append(r.vague, "it depends on the HTTP request")
	}
	for _, side := range []string{"source", "destination"} {
		rd.entity(r, n.Get(side), path.Field(side), side == "source")
	}
	rd.checkFamilies(r, n, path)
	rd.addRule(r)
}

func kindOf(n *manifest.Node) manifest.Kind {
	if n == nil {
		return manifest.Null
	}
	return n.Kind
}

func (rd *reader) action(n *manifest.Node, path manifest.FieldPath) action {
	switch n.Str() {
	case "Allow":
		return actionAllow
	case "Deny":
		return actionDeny
	case "Pass":
		return actionPass
	case "Log":
		return actionLog
	}
	text := "missing"
	if n != nil {
		text = fmt.Sprintf("%q", n.Text)
	}
	if n == nil || !rd.unresolved(path, n.Text) {
		rd.refuse(path, CodeAction, "is %s; want Allow, Deny, Log or Pass", text)
	}
	return actionUnknown
}

func (rd *reader) ipVersion(r *rule, n *manifest.Node, path manifest.FieldPath) {
	v := n.Get("ipVersion")
	if v.IsNull() {
		return
	}
	if i, ok := v.Int(); ok && (i == 4 || i == 6) {
		r.family = int(i)
		return
	}
	r.vague = append(r.vague, "its ipVersion is unknown")
	if !rd.unresolved(path.Field("ipVersion"), v.Text) {
		rd.refuse(path.Field("ipVersion"), CodeIPVersion, "is %s; want 4 or 6", v.Text)
	}
}

// protocols reads protocol, notProtocol, icmp and notICMP into r.conns.
func (rd *reader) protocols(r *rule, n *manifest.Node, path manifest.FieldPath) {
	proto, has := rd.protocol(r, n.Get("protocol"), path.Field("protocol"))
	if has {
		r.conns = protoConns(proto)
	}
	if not, ok := rd.protocol(r, n.Get("notProtocol"), path.Field("notProtocol")); ok {
		r.conns = r.conns.Minus(protoConns(not))
	}
	if n.Get("protocol").Str() == "" {
		proto = 0
	}
	rd.icmp(r, n.Get("icmp"), path.Field("icmp"), proto, false)
	rd.icmp(r, n.Get("notICMP"), path.Field("notICMP"), proto, true)
}

func (rd *reader) protocol(r *rule, n *manifest.Node, path manifest.FieldPath) (uint8, bool) {
	if n.IsNull() {
		return 0, false
	}
	proto, ok := protocolNumber(n)
	if ok && n.Kind == manifest.String && protoName(proto) != n.Text {
		rd.refuse(path, CodeProtocol, "is %q; want it spelled %q, as projectcalico.org/v3 does", n.Text, protoName(proto))
	}
	if ok {
		return proto, true
	}
	r.vague = append(r.vague, "its protocol is unknown")
	if !rd.unresolved(path, n.Text) {
		rd.refuse(path, CodeProtocol, "is %q; want TCP, UDP, ICMP, ICMPv6, SCTP, UDPLite or a number from 1 to 255", n.Text)
	}
	return 0, false
}

// icmp reads a type and a code. Without the protocol ICMP or ICMPv6 they are
// refused, and for a protocol given as a number too, as in Calico's validator.
func (rd *reader) icmp(r *rule, n *manifest.Node, path manifest.FieldPath, proto uint8, not bool) {
	if n.IsNull() {
		return
	}
	if proto != ProtoICMP && proto != ProtoICMPv6 {
		rd.refuse(path, CodeICMP, "needs the rule's protocol to be ICMP or ICMPv6")
		r.vague = append(r.vague, "it has ICMP fields without ICMP")
		return
	}
	kind, hasKind := rd.small(r, n.Get("type"), path.Field("type"), 254)
	code, hasCode := rd.small(r, n.Get("code"), path.Field("code"), 255)
	set := allRanges
	switch {
	case hasCode && !hasKind:
		rd.refuse(path.Field("code"), CodeICMP, "needs a type beside it")
	case hasCode:
		set = oneRange(kind<<8|code, kind<<8|code)
	case hasKind:
		set = oneRange(kind<<8, kind<<8|255)
	case not:
		return
	}
	match := rangeConns(proto, set)
	if not {
		r.conns = r.conns.Minus(match)
	} else {
		r.conns = r.conns.Intersect(match)
	}
}

func (rd *reader) small(r *rule, n *manifest.Node, path manifest.FieldPath, most int64) (uint16, bool) {
	if n.IsNull() {
		return 0, false
	}
	i, ok := n.Int()
	if !ok || i < 0 || i > most {
		rd.refuse(path, CodeICMP, "is %s; want a number from 0 to %d", n.Text, most)
		r.vague = append(r.vague, "its ICMP fields are unknown")
		return 0, false
	}
	return uint16(i), true
}
