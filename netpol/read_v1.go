package netpol

import (
	"fmt"
	"strings"

	"github.com/secgen/secgen/manifest"
)

// isLegacy tells whether an object is a document of calicoctl v1 or v2, which had
// apiVersion v1 and kinds in lower case.
func isLegacy(id manifest.ID) bool {
	switch id.Kind {
	case "policy", "profile", "hostEndpoint", "workloadEndpoint", "tier", "ipPool":
		return id.APIVersion == "v1"
	}
	return false
}

// readLegacy reads a v1 document. A policy is read as the GlobalNetworkPolicy that
// it stands for, with an effect that is unknown, since no API server of today
// accepts it.
func (c *Cluster) readLegacy(rd *reader) {
	kind := rd.r.ID.Kind
	today := map[string]string{
		"policy": "GlobalNetworkPolicy", "profile": "Profile", "hostEndpoint": "HostEndpoint",
		"workloadEndpoint": "WorkloadEndpoint", "tier": "Tier", "ipPool": "IPPool",
	}[kind]
	if kind != "policy" {
		rd.refuse(manifest.Path("kind"), CodeLegacy, "is %q with apiVersion v1, a document of calicoctl v1; write it as kind %s of projectcalico.org/v3", kind, today)
		return
	}
	original := rd.r
	rd.r = &manifest.Resource{ID: original.ID, Origin: original.Origin, Object: modernise(original.Object)}
	rd.p.Resource = original
	rd.readCalico(true)
	rd.problems = nil
	rd.r = original
	rd.refuse(manifest.Path("kind"), CodeLegacy,
		"is \"policy\" with apiVersion v1, a document of calicoctl v1; write it as kind %s of projectcalico.org/v3%s", today, legacyHints(original.Object))
	c.policies = append(c.policies, rd.p)
}

// legacyHints say what else changes for the fields that the document has.
func legacyHints(object *manifest.Node) string {
	var hints []string
	spec := object.Get("spec")
	for _, key := range []string{"ingress", "egress"} {
		for _, r := range spec.Get(key).Elems() {
			if a := r.Get("action").Str(); a != "" && a != modernAction(a) {
				hints = append(hints, fmt.Sprintf("action %q is now %q", a, modernAction(a)))
			}
			if p := r.Get("protocol").Str(); p != "" && p != modernProtocol(p) {
				hints = append(hints, fmt.Sprintf("protocol %q is now %q", p, modernProtocol(p)))
			}
			for _, side := range []string{"source", "destination"} {
				if r.Get(side).Has("tag") {
					hints = append(hints, "tag is now a selector over labels of profiles")
				}
				if r.Get(side).Has("net") {
					hints = append(hints, "net is now the list nets")
				}
			}
		}
	}
	var out strings.Builder
	seen := map[string]bool{}
	for _, h := range hints {
		if !seen[h] {
			seen[h] = true
			out.WriteString("; " + h)
		}
	}
	return out.String()
}

func modernAction(a string) string {
	switch strings.ToLower(a) {
	case "allow":
		return "Allow"
	case "deny":
		return "Deny"
	case "pass", "next-tier":
		return "Pass"
	case "log":
		return "Log"
	}
	return a
}

func modernProtocol(p string) string {
	if proto, ok := protocolNumber(manifest.Of(p)); ok {
		return protoName(proto)
	}
	return p
}

// modernise rewrites a v1 policy in the words of v3, keeping positions.
func modernise(object *manifest.Node) *manifest.Node {
	spec := object.Get("spec")
	if spec == nil || spec.Kind != manifest.Map {
		return object
	}
	// preDNAT and doNotTrack policies of v1 applied to forwarded traffic as well.
	if pre, _ := spec.Get("preDNAT").Bool(); pre {
		spec = spec.With("applyOnForward", manifest.Of(true))
	}
	for _, key := range []string{"ingress", "egress"} {
		items := spec.Get(key).Elems()
		if len(items) == 0 {
			continue
		}
		out := make([]*manifest.Node, len(items))
		for i, r := range items {
			out[i] = moderniseRule(r)
		}
		spec = spec.With(key, &manifest.Node{Kind: manifest.List, Items: out, Pos: spec.Get(key).Pos})
	}
	return object.With("spec", spec)
}

func moderniseRule(r *manifest.Node) *manifest.Node {
	if r.Kind != manifest.Map {
		return r
	}
	if a := r.Get("action").Str(); a != "" {
		r = r.With("action", manifest.Of(modernAction(a)))
	}
	for _, key := range []string{"protocol", "notProtocol"} {
		if p := r.Get(key).Str(); p != "" {
			r = r.With(key, manifest.Of(modernProtocol(p)))
		}
	}
	for _, side := range []string{"source", "destination"} {
		e := r.Get(side)
		for _, key := range []string{"net", "notNet"} {
			if n := e.Get(key); n.Str() != "" {
				e = e.With(key+"s", manifest.Of([]*manifest.Node{n}))
			}
		}
		if e != nil {
			r = r.With(side, e)
		}
	}
	return r
}
