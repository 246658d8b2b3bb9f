package netpol

import (
	"slices"
	"strconv"
	"strings"

	"github.com/secgen/secgen/manifest"
)

const defaultTier = "default"

// isCalico tells whether an object is of Calico's API, or of its backing store.
func isCalico(id manifest.ID) bool {
	return id.Group() == "projectcalico.org" || id.Group() == "crd.projectcalico.org"
}

// readCalico reads a NetworkPolicy or GlobalNetworkPolicy of projectcalico.org,
// staged or not.
func (rd *reader) readCalico(global bool) {
	p, spec := rd.p, rd.r.Object.Get("spec")
	if !spec.IsNull() && spec.Kind != manifest.Map {
		rd.refuse(manifest.Path("spec"), CodeField, "is a %s; want a map", spec.Kind)
	}
	p.kind = calicoPolicy
	if global {
		p.kind = calicoGlobalPolicy
	} else {
		p.namespace = rd.w.namespaceOf(rd.r)
	}
	rd.calicoName(spec)
	rd.calicoOrder(spec.Get("order"))
	rd.calicoSubject(spec)
	p.applies = rd.calicoTypes(spec)
	p.applyOnForward = rd.flag(spec, "applyOnForward")
	p.preDNAT = rd.flag(spec, "preDNAT")
	p.doNotTrack = rd.flag(spec, "doNotTrack")
	if global {
		rd.checkHostFlags(spec)
	}
	rd.calicoRules(spec)
}

func (rd *reader) flag(spec *manifest.Node, key string) bool {
	n := spec.Get(key)
	b, ok := n.Bool()
	if !n.IsNull() && !ok {
		rd.refuse(manifest.Path("spec", key), CodeField, "is the %s %s; want true or false", n.Kind, n.Text)
	}
	return b
}

// calicoName finds the tier and the key that breaks ties of order, which is the
// name with its tier in front, after the namespace (libcalico-go/lib/names and
// updateprocessors up to 3.31).
func (rd *reader) calicoName(spec *manifest.Node) {
	p, name := rd.p, rd.r.ID.Name
	if tier := spec.Get("tier"); !tier.IsNull() {
		if tier.Kind != manifest.String || tier.Text == "" {
			rd.refuse(manifest.Path("spec", "tier"), CodeField, "is the %s %s; want the name of a tier", tier.Kind, tier.Text)
		} else if !rd.unresolved(manifest.Path("spec", "tier"), tier.Text) {
			p.Tier = tier.Text
		} else {
			p.broken = append(p.broken, "the tier of "+p.String()+" is not resolved")
		}
	}
	bare := strings.TrimPrefix(name, p.Tier+".")
	if rd.r.ID.Group() == "projectcalico.org" {
		rd.checkName(name)
	}
	p.key = p.Tier + "." + bare
	if p.namespace != "" || p.kind == calicoPolicy {
		p.key = p.namespace + "/" + p.key
	}
}

func (rd *reader) calicoOrder(n *manifest.Node) {
	if n.IsNull() {
		return
	}
	if n.Kind == manifest.Int || n.Kind == manifest.Float {
		if f, err := strconv.ParseFloat(n.Text, 64); err == nil {
			rd.p.Order = f
			return
		}
	}
	if n.Kind == manifest.String && rd.unresolved(manifest.Path("spec", "order"), n.Text) {
		rd.p.broken = append(rd.p.broken, "the order of "+rd.p.String()+" is not resolved")
		return
	}
	rd.refuse(manifest.Path("spec", "order"), CodeField, "is the %s %q; want a number", n.Kind, n.Text)
}

// calicoSubject combines selector, namespaceSelector and serviceAccountSelector as
// Calico's update processors do: a namespaced policy is for its namespace only,
// and all() in a namespaceSelector means every pod.
func (rd *reader) calicoSubject(spec *manifest.Node) {
	p := rd.p
	s := &p.subject
	path := manifest.Path("spec")
	parts := []matcher{rd.selector(spec.Get("selector"), path.Field("selector"), "", nil, subjectSelector)}
	if p.kind == calicoPolicy {
		s.home, s.hasHome = p.namespace, true
		parts = append(parts, inNamespace(p.namespace))
	} else {
		parts = append(parts, rd.selector(spec.Get("namespaceSelector"), path.Field("namespaceSelector"), namespacePrefix, hasNamespace, subjectSelector))
	}
	parts = append(parts, rd.selector(spec.Get("serviceAccountSelector"), path.Field("serviceAccountSelector"), accountPrefix, hasAccount, subjectSelector))
	s.match = allOf(parts...)
}

func inNamespace(name string) matcher {
	return func(l *labels) tri { return l.get(labelNamespace).equals(name) }
}

func hasNamespace(l *labels) tri { return l.get(labelNamespace).present }

func hasNoNamespace(l *labels) tri { return l.get(labelNamespace).present.not() }

func hasAccount(l *labels) tri { return l.get(labelServiceAccount).present }

// place says where a selector stands, which decides what global() may do there.
type place uint8

const (
	subjectSelector place = iota
	entitySelector
	entityNamespaces
)

// selector reads a Calico selector; nil for an absent or empty one. all is what
// all() stands for, nil for everything.
func (rd *reader) selector(n *manifest.Node, path manifest.FieldPath, prefix string, all matcher, where place) matcher {
	if n.IsNull() || n.Kind == manifest.String && n.Text == "" {
		return nil
	}
	if n.Kind != manifest.String {
		rd.refuse(path, CodeSelector, "is a %s; want a string such as \"app == 'web'\"", n.Kind)
		return perhaps
	}
	if rd.unresolved(path, n.Text) {
		return perhaps
	}
	s, err := parseSelector(n.Text)
	if err != nil {
		rd.refuse(path, CodeSelector, "%q does not parse: %v", n.Text, err)
		return perhaps
	}
	rd.limit(path, "selector", len(n.Text), 1024, "characters")
	switch uses, alone := s.usesGlobal(); {
	case uses && where != entityNamespaces:
		rd.refuse(path, CodeGlobalSelector, "%q: global() may stand only in the namespaceSelector of a rule's source or destination", n.Text)
	case uses && !alone:
		rd.refuse(path, CodeGlobalSelector, "%q: global() cannot be combined with other selectors", n.Text)
	}
	return s.matcher(prefix, all, hasNoNamespace)
}

// calicoTypes is spec.types, or what Calico makes of the rules where it is
// missing (api GlobalNetworkPolicySpec.Types).
func (rd *reader) calicoTypes(spec *manifest.Node) (applies [2]bool) {
	path := manifest.Path("spec", "types")
	types := rd.list(spec.Get("types"), path)
	if len(types) == 0 {
		in, out := len(spec.Get("ingress").Elems()) > 0, len(spec.Get("egress").Elems()) > 0
		return [2]bool{in || !out, out}
	}
	var seen []string
	for i, n := range types {
		switch {
		case slices.Contains(seen, n.Text):
			rd.refuse(path.At(i), CodeTypes, "%q stands more than once", n.Text)
		case n.Str() == "Ingress":
			applies[Ingress] = true
		case n.Str() == "Egress":
			applies[Egress] = true
		default:
			rd.refuse(path.At(i), CodeTypes, "is %q; want Ingress or Egress", n.Text)
		}
		seen = append(seen, n.Text)
	}
	return applies
}

func (rd *reader) calicoRules(spec *manifest.Node) {
	for d, key := range []string{"ingress", "egress"} {
		path := manifest.Path("spec", key)
		items := rd.list(spec.Get(key), path)
		rd.limit(path, "rules", len(items), 1024, "rules")
		for i, n := range items {
			rd.calicoRule(Direction(d), n, path.At(i))
		}
	}
}
