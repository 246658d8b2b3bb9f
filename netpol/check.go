package netpol

import (
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/secgen/secgen/manifest"
)

// The checks in this file are those of Calico's own validator
// (libcalico-go/lib/validator/v3/validator.go): CustomResourceDefinitions do not
// make them, so a cluster may store an object that Calico then ignores.

var policyName = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`)

// checkName wants no dot in the default tier, and the tier's name in front in
// another one. Names that Calico makes for the policies of other APIs pass.
func (rd *reader) checkName(name string) {
	path := manifest.Path("metadata", "name")
	if name == "" || manifest.Unresolved(name) || len(rd.p.broken) > 0 {
		return
	}
	tier, rest := rd.p.Tier, name
	if tier != defaultTier {
		var prefixed bool
		if rest, prefixed = strings.CutPrefix(name, tier+"."); !prefixed {
			rd.refuse(path, CodeName, "is %q; a policy of tier %q is called %q", name, tier, tier+"."+name)
			return
		}
	} else if rd.p.kind == calicoPolicy {
		for _, prefix := range []string{"knp.default.", "ossg.default."} {
			rest = strings.TrimPrefix(rest, prefix)
		}
	}
	if !policyName.MatchString(rest) {
		rd.refuse(path, CodeName, "is %q; want lower case letters, digits and '-' only, no dot", name)
	}
}

func (rd *reader) checkHostFlags(spec *manifest.Node) {
	p, path := rd.p, manifest.Path("spec")
	if p.preDNAT && p.doNotTrack {
		rd.refuse(path.Field("preDNAT"), CodePreDNAT, "is true together with doNotTrack; only one of them may be")
	}
	if p.preDNAT && len(spec.Get("egress").Elems()) > 0 {
		rd.refuse(path.Field("egress"), CodePreDNAT, "has rules; a preDNAT policy is for ingress only")
	}
	if p.preDNAT && slices.Contains(spec.Get("types").Strings(), "Egress") {
		rd.refuse(path.Field("types"), CodePreDNAT, "holds Egress; a preDNAT policy is for ingress only")
	}
	if p.preDNAT && !p.applyOnForward {
		rd.refuse(path.Field("applyOnForward"), CodePreDNAT, "must be true where preDNAT is")
	}
	if p.doNotTrack && !p.applyOnForward {
		rd.refuse(path.Field("applyOnForward"), CodeDoNotTrack, "must be true where doNotTrack is")
	}
}

func (rd *reader) checkHTTP(r *rule, n *manifest.Node, path manifest.FieldPath) {
	at := path.Field("http")
	if r.action != actionAllow {
		rd.refuse(at, CodeHTTP, "stands in a rule with action %s; only Allow may have it", r.action)
	}
	if r.direction == Egress {
		rd.refuse(at, CodeHTTP, "stands in an egress rule; only ingress rules may have it")
	}
	if proto, ok := protocolNumber(n.Get("protocol")); !n.Get("protocol").IsNull() && (!ok || proto != ProtoTCP) {
		rd.refuse(path.Field("protocol"), CodeHTTP, "is %s; a rule with http wants TCP or none", n.Get("protocol").Text)
	}
}

// checkServices is validateEntityRule and the parts of validateNetworkPolicy and
// validateGlobalNetworkPolicy that are about services.
func (rd *reader) checkServices(r *rule, n *manifest.Node, path manifest.FieldPath, source bool) {
	at, s := path.Field("services"), n.Get("services")
	if s.Get("name").Str() == "" {
		rd.refuse(at.Field("name"), CodeServices, "is missing; want the name of a Service")
	}
	for _, key := range []string{"selector", "notSelector", "namespaceSelector", "serviceAccounts", "nets", "notNets"} {
		if other := n.Get(key); !other.IsNull() && !(other.Kind == manifest.String && other.Text == "") && !(other.Kind == manifest.List && len(other.Items) == 0) {
			rd.refuse(path.Field(key), CodeServices, "stands beside services; they exclude each other")
		}
	}
	for _, key := range []string{"ports", "notPorts"} {
		if !source && len(n.Get(key).Elems()) > 0 {
			rd.refuse(path.Field(key), CodeServices, "stands beside services, which bring their own ports")
		}
	}
	if source != (r.direction == Ingress) {
		rd.refuse(at, CodeServices, "may stand only in the source of ingress rules and the destination of egress rules")
	}
	if rd.p.kind == calicoGlobalPolicy && s.Get("namespace").Str() == "" {
		rd.refuse(at.Field("namespace"), CodeServices, "is missing; a global policy has no namespace of its own")
	}
}

// checkFamilies is the part of validateRule that keeps IPv4 and IPv6 apart. It
// also gives the rule the family of its nets: a rule with nets of one family
// never matches traffic of the other (felix/rules, FilterRuleToIPVersion).
func (rd *reader) checkFamilies(r *rule, n *manifest.Node, path manifest.FieldPath) {
	declared, seen := r.family, 0
	for _, side := range []string{"source", "destination"} {
		for _, key := range []string{"nets", "notNets"} {
			for i, item := range n.Get(side, key).Elems() {
				p, err := parseNet(item.Str())
				if err != nil {
					continue
				}
				at, family := path.Field(side, key).At(i), familyOf(p.Addr())
				if declared != 0 && family != declared {
					rd.refuse(at, CodeIPVersion, "is %s, but the rule's ipVersion is %d", p, declared)
				}
				if seen != 0 && family != seen {
					rd.refuse(at, CodeMixedFamilies, "is %s; IPv4 and IPv6 nets cannot stand in one rule", p)
				}
				seen = family
			}
		}
	}
	if declared == 0 {
		r.family = seen
	}
	rd.checkICMPVersion(n, path, declared)
}

func (rd *reader) checkICMPVersion(n *manifest.Node, path manifest.FieldPath, declared int) {
	for _, key := range []string{"protocol", "notProtocol"} {
		proto, ok := protocolNumber(n.Get(key))
		want := map[uint8]int{ProtoICMP: 4, ProtoICMPv6: 6}[proto]
		if !ok || want == 0 || n.Get(key).Kind != manifest.String {
			continue
		}
		if declared != 0 && declared != want {
			rd.refuse(path.Field("ipVersion"), CodeIPVersion, "is %d; %s %s wants %d", declared, key, protoName(proto), want)
		}
	}
}

// limit warns of more than Calico accepts from 3.33 on.
func (rd *reader) limit(path manifest.FieldPath, what string, found, most int, unit string) {
	if found > most {
		rd.warn(path, CodeLimit, "%s: %d; Calico 3.33 and later accept at most %d %s", what, found, most, unit)
	}
}

// checkNetworkSet reports nets that cannot be read.
func (rd *reader) checkNetworkSet() {
	path := manifest.Path("spec", "nets")
	for i, n := range rd.list(rd.r.Object.Get("spec", "nets"), path) {
		if _, err := parseNet(n.Str()); err != nil && !rd.unresolved(path.At(i), n.Text) {
			rd.refuse(path.At(i), CodeCIDR, "is %q; want a CIDR or an address", n.Text)
		}
	}
	if rd.r.Object.Get("metadata", "labels").Has(labelNamespace) {
		rd.refuse(manifest.Path("metadata", "labels", labelNamespace), CodeField, "is a label that Calico sets itself")
	}
}

func (rd *reader) checkHostEndpoint() {
	spec := rd.r.Object.Get("spec")
	if spec.Get("node").Str() == "" {
		rd.refuse(manifest.Path("spec", "node"), CodeHostEndpoint, "is missing; a host endpoint belongs to a node")
	}
	addresses := rd.list(spec.Get("expectedIPs"), manifest.Path("spec", "expectedIPs"))
	if spec.Get("interfaceName").Str() == "" && len(addresses) == 0 {
		rd.refuse(manifest.Path("spec", "interfaceName"), CodeHostEndpoint, "is missing, and so are expectedIPs; one of them finds the interface")
	}
	for i, n := range addresses {
		if _, err := netip.ParseAddr(n.Str()); err != nil && !rd.unresolved(manifest.Path("spec", "expectedIPs").At(i), n.Text) {
			rd.refuse(manifest.Path("spec", "expectedIPs").At(i), CodeCIDR, "is %q; want an IP address", n.Text)
		}
	}
}
