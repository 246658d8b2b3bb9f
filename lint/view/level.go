package view

import (
	"slices"

	"github.com/secgen/secgen/manifest"
)

// The levels of the Pod Security Standards.
const (
	Privileged = "privileged"
	Baseline   = "baseline"
	Restricted = "restricted"
)

// PodLevel says what keeps the pods of an object from a level of the Pod Security
// Standards: the message of a rule that they break, "" where they pass. Who makes
// digests fills it in; package lint has the rules.
type PodLevel struct {
	ID                   manifest.ID
	Baseline, Restricted string
}

const (
	enforceLabel   = "pod-security.kubernetes.io/enforce"
	enforceVersion = "pod-security.kubernetes.io/enforce-version"
)

// enforced is the Pod Security level that every rendering of a namespace enforces
// at the newest version; "" where there is none, or they differ.
func (c cluster) enforced(namespace string) string {
	level, found := "", false
	for _, d := range c.digests {
		for _, o := range d.Namespaces {
			if o.ID.Name != namespace || namespace == "" {
				continue
			}
			own := o.Labels[enforceLabel]
			if version := o.Labels[enforceVersion]; version != "" && version != "latest" {
				own = ""
			}
			if found && own != level {
				return ""
			}
			level, found = own, true
		}
	}
	if slices.Contains([]string{Privileged, Baseline, Restricted}, level) {
		return level
	}
	return ""
}

// podSecurity is the fact about the level of a namespace.
func (n *namespace) podSecurity(c cluster) *manifest.Node {
	f := facts{}
	labelled, enforced := false, ""
	var label manifest.Node
	for _, o := range n.objects {
		if level := o.Labels[enforceLabel]; level != "" {
			labelled, enforced = true, level
			label.Pos = o.EnforceAt
			break
		}
	}
	if labelled {
		f.set("enforce", from(&label, text(enforced)))
	}
	if labelled || !c.mayReach(Security, home{namespace: n.name}) {
		f.set("labelled", boolean(labelled))
	}
	if passes := n.passes(c); passes != "" {
		f.set("passes", text(passes))
		rank := map[string]int{Privileged: 1, Baseline: 2, Restricted: 3}
		if have := rank[enforced]; have > 0 {
			f.set("weaker", from(&label, boolean(have < rank[passes])))
		}
	}
	return f.node()
}

// passes is the strictest level that all workloads of the namespace pass; "" where
// there is none, or others may come that nobody renders.
func (n *namespace) passes(c cluster) string {
	if !c.holdsAll(n.name) {
		return ""
	}
	level := ""
	for _, d := range c.digests {
		for _, l := range d.Levels {
			switch {
			case !together(l.ID.Namespace, n.name):
				continue
			case l.Baseline != "":
				return Privileged
			case l.Restricted != "":
				level = Baseline
			case level == "":
				level = Restricted
			}
		}
	}
	return level
}
