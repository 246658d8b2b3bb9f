package netpol

import (
	"cmp"
	"slices"

	"github.com/secgen/secgen/manifest"
)

// Code names a kind of problem. Rules and reports rely on the values.
type Code string

// The problems that New reports. An object with one of those that the API server
// refuses has an unknown effect.
const (
	// CodeSelector: a selector that does not parse.
	CodeSelector Code = "selector-syntax"
	// CodeGlobalSelector: global() where it may not stand.
	CodeGlobalSelector Code = "global-selector"
	// CodeName: a policy name that its tier does not allow.
	CodeName Code = "policy-name"
	// CodeTier: a tier that the resources do not declare.
	CodeTier Code = "unknown-tier"
	// CodeAction: an action other than Allow, Deny, Log, Pass.
	CodeAction Code = "action"
	// CodeTypes: an unknown or repeated policy type.
	CodeTypes Code = "policy-types"
	// CodeProtocol: an unknown protocol.
	CodeProtocol Code = "protocol"
	// CodePort: a port that is no number, range or name.
	CodePort Code = "port"
	// CodePortProtocol: ports without a protocol that has ports.
	CodePortProtocol Code = "ports-need-protocol"
	// CodeICMP: ICMP fields without ICMP, a code without a type.
	CodeICMP Code = "icmp"
	// CodeIPVersion: an ipVersion other than 4 and 6, or one that contradicts
	// the protocol or the nets.
	CodeIPVersion Code = "ip-version"
	// CodeCIDR: a net that is no CIDR.
	CodeCIDR Code = "cidr"
	// CodeMixedFamilies: IPv4 and IPv6 nets in one rule.
	CodeMixedFamilies Code = "mixed-ip-families"
	// CodeNotNets: a catch-all in notNets.
	CodeNotNets Code = "catch-all-notnets"
	// CodeServices: services together with what they exclude, on the wrong side,
	// or without a name or namespace.
	CodeServices Code = "services"
	// CodeHTTP: http on anything but Allow of TCP ingress.
	CodeHTTP Code = "http"
	// CodePreDNAT: preDNAT with egress, doNotTrack, or without applyOnForward.
	CodePreDNAT Code = "pre-dnat"
	// CodeDoNotTrack: doNotTrack without applyOnForward.
	CodeDoNotTrack Code = "do-not-track"
	// CodeLimit: more nets, ports or rules than Calico 3.33 accepts.
	CodeLimit Code = "limit"
	// CodeHostEndpoint: a host endpoint without node, or without interface and
	// addresses.
	CodeHostEndpoint Code = "host-endpoint"
	// CodeLegacy: a document of calicoctl v1 or v2.
	CodeLegacy Code = "calico-v1-document"
	// CodeBackingStore: crd.projectcalico.org, which is not to be written.
	CodeBackingStore Code = "calico-backing-store"
	// CodeNotUnderstood: a kind of policy that this package does not read.
	CodeNotUnderstood Code = "not-understood"
	// CodeUnresolved: a value with an unresolved ${VAR}.
	CodeUnresolved Code = "unresolved-variable"
	// CodeField: a field of the wrong type or with a value that Kubernetes
	// refuses.
	CodeField Code = "field"
)

// Problem is something wrong with one resource.
type Problem struct {
	Resource *manifest.Resource
	// Path is the field, empty for the whole object.
	Path manifest.FieldPath
	Code Code
	// Message names the value found, the value wanted and the way out.
	Message string
	// Refused says that the API server (or Calico behind it) does not accept the
	// object, or that it cannot have the effect that it asks for.
	Refused bool
}

// Position is where the field of the problem stands.
func (p Problem) Position() manifest.Position {
	pos, _ := p.Resource.Object.Locate(p.Path)
	if pos.IsZero() {
		return p.Resource.Origin.Position
	}
	return pos
}

func sortProblems(list []Problem) {
	slices.SortStableFunc(list, func(a, b Problem) int {
		return cmp.Or(a.Resource.ID.Compare(b.Resource.ID), a.Position().Compare(b.Position()),
			cmp.Compare(a.Path.String(), b.Path.String()), cmp.Compare(a.Code, b.Code), cmp.Compare(a.Message, b.Message))
	})
}
