package view

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/netpol"
	"github.com/secgen/secgen/schema"
	"github.com/secgen/secgen/workload"
)

// policyViews returns the views of network policies.
func (c cluster) policyViews() []View {
	if c.network == nil {
		return nil
	}
	var views []View
	for _, s := range c.network.scopes {
		idle := map[*manifest.Resource]netpol.Ineffective{}
		for _, i := range s.ineffective() {
			if i.Why == netpol.SelectsNothing {
				idle[i.Rule.Policy.Resource] = i
			}
		}
		for _, r := range s.policies {
			if !isPolicy(r.ID) || dialectOf(r.ID) == "" {
				continue
			}
			object := withoutNulls(r.Object)
			views = append(views, View{
				Kind: schema.ViewNetworkPolicy, Resource: &manifest.Resource{ID: r.ID, Object: object, Origin: r.Origin, Removed: r.Removed},
				Label: r.ID.Kind + " " + strconv.Quote(r.ID.Name), Node: object.With("facts", c.policyFacts(r, s, idle)),
				Roots: []string{c.network.root[r]},
			})
		}
	}
	return views
}

// dialectOf names the language of a policy; "" for one that is not read.
func dialectOf(id manifest.ID) string {
	switch {
	case isLegacy(id):
		return "legacy"
	case id.Kind == "StagedKubernetesNetworkPolicy", id.Group() == "networking.k8s.io", id.Group() == "extensions":
		return "kubernetes"
	case isCalico(id):
		return "calico"
	}
	return ""
}

func (c cluster) policyFacts(r *manifest.Resource, s scope, idle map[*manifest.Resource]netpol.Ineffective) *manifest.Node {
	spec := r.Object.Get("spec")
	facts := facts{}
	facts.set("object", objectFacts(r))
	facts.set("environment", text(c.name))
	facts.set("dialect", text(dialectOf(r.ID)))
	facts.set("global", boolean(isGlobal(r.ID)))
	facts.set("staged", boolean(isStaged(r.ID)))
	facts.set("host", boolean(forHosts(r)))
	facts.set("selector", text(selectorText(r)))
	if selects := c.policySelects(r, s, idle); selects != netpol.Maybe {
		at := manifest.Path("spec", "podSelector")
		if !spec.Has("podSelector") {
			at = manifest.Path("spec", "selector")
		}
		place := &manifest.Node{}
		place.Pos, place.Related = r.Locate(at)
		facts.set("selects", from(place, boolean(selects == netpol.Yes)))
	}
	facts.set("candidates", manifest.Of(idle[r].Candidates))
	facts.set("withoutDNS", manifest.Of(c.withoutDNS(r)))
	facts.set("masked", manifest.Of(c.masked(r)))
	return facts.node()
}

func isGlobal(id manifest.ID) bool { return strings.Contains(id.Kind, "Global") || isLegacy(id) }

func isStaged(id manifest.ID) bool { return strings.HasPrefix(id.Kind, "Staged") }

// hostLabels are those that only nodes and their host endpoints have.
var hostLabels = []string{"ibm.role", "kubernetes.io/hostname", "node-role.kubernetes.io/", "topology.kubernetes.io/", "kubernetes.io/os",
	"node.kubernetes.io/", "projectcalico.org/created-by", "ibm-cloud.kubernetes.io/"}

// forHosts tells whether a policy is for host endpoints: by the fields that only
// those obey, or by labels that only those have.
func forHosts(r *manifest.Resource) bool {
	spec := r.Object.Get("spec")
	for _, flag := range []string{"preDNAT", "doNotTrack", "applyOnForward"} {
		if set, _ := spec.Get(flag).Bool(); set {
			return true
		}
	}
	selector := spec.Get("selector").Str()
	return isGlobal(r.ID) && slices.ContainsFunc(hostLabels, func(label string) bool { return strings.Contains(selector, label) })
}

// selectorText is the selector of a policy's pods for messages.
func selectorText(r *manifest.Resource) string {
	spec := r.Object.Get("spec")
	if text := spec.Get("selector").Str(); text != "" {
		return text
	}
	if selector, err := workload.LabelSelector(spec.Get("podSelector")); err == nil && selector.String() != "" {
		return selector.String()
	}
	return "every pod"
}

// policySelects tells whether a policy is for some pod. What nobody renders may
// be what it is for: host endpoints, pods of a namespace that is not known to be
// whole.
func (c cluster) policySelects(r *manifest.Resource, s scope, idle map[*manifest.Resource]netpol.Ineffective) netpol.Answer {
	switch {
	case isLegacy(r.ID) || manifest.Unresolved(r.ID.Namespace):
		return netpol.Maybe
	case dialectOf(r.ID) == "kubernetes":
		return c.podSelectorSelects(r.ID.Namespace, r.Object.Get("spec", "podSelector"))
	case len(c.network.guarding[r]) > 0:
		return netpol.Yes
	case isGlobal(r.ID) || idle[r].Candidates == 0:
		return netpol.Maybe
	}
	if known, _ := c.selectsPods(r.ID.Namespace, labels.Nothing()); !known || c.hasUnnamed() {
		return netpol.Maybe
	}
	return netpol.No
}

// podSelectorSelects tells whether a label selector finds a pod of a namespace.
// One that asks for nothing is for whatever comes.
func (c cluster) podSelectorSelects(namespace string, n *manifest.Node) netpol.Answer {
	selector, err := workload.LabelSelector(n)
	if err != nil || n.IsNull() || selector.Empty() {
		return netpol.Maybe
	}
	requirements, _ := selector.Requirements()
	kept := labels.NewSelector()
	for _, q := range requirements {
		if manifest.Unresolved(q.String()) {
			return netpol.Maybe
		}
		if !slices.Contains(addedLabels, q.Key()) {
			kept = kept.Add(q)
		}
	}
	switch known, selects := c.selectsPods(namespace, kept); {
	case selects:
		return netpol.Yes
	case known:
		return netpol.No
	}
	return netpol.Maybe
}

// hasUnnamed tells whether some pods may be in any namespace.
func (c cluster) hasUnnamed() bool {
	for _, d := range c.digests {
		for _, p := range d.Pods {
			if p.ID.Namespace == "" || manifest.Unresolved(p.ID.Namespace) {
				return true
			}
		}
	}
	return false
}

// withoutDNS lists the pods that a policy lets reach others by name while no
// policy lets them resolve names.
func (c cluster) withoutDNS(r *manifest.Resource) []string {
	out := []string{}
	if !reachesPods(r) {
		return out
	}
	for _, e := range c.network.guarding[r] {
		isolation := c.network.all.Isolation(e)
		own := slices.ContainsFunc(isolation.Egress.Policies, func(p *netpol.Policy) bool { return p.Resource == r })
		if !own || e.Kind != netpol.Pod || c.policyMayReach(e.Namespace, c.network.root[e.Resource]) {
			continue
		}
		if answer := c.network.resolves(e); answer == isFalse {
			out = append(out, e.Resource.ID.Kind+" "+e.Resource.ID.Name)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// reachesPods tells whether some egress rule is about pods or Services, rather
// than addresses.
func reachesPods(r *manifest.Resource) bool {
	for _, rule := range r.Object.Get("spec", "egress").Elems() {
		to, action := rule.Get("to").Elems(), rule.Get("action").Str()
		if to == nil && action == "" {
			return true
		}
		for _, peer := range to {
			if peer.Has("podSelector") || peer.Has("namespaceSelector") {
				return true
			}
		}
		destination := rule.Get("destination")
		if action == "Allow" && (destination.Has("selector") || destination.Has("namespaceSelector") || destination.Has("services")) {
			return true
		}
	}
	return false
}

// masked lists the Services through which callers from outside reach the pods of
// a policy with the address of a node, although the policy tells outside addresses
// apart.
func (c cluster) masked(r *manifest.Resource) []string {
	out := []string{}
	if !namesOutside(r) {
		return out
	}
	for _, d := range c.digests {
		for _, s := range d.Network {
			spec := s.Object.Get("spec")
			if s.ID.Kind != "Service" || spec.Get("externalTrafficPolicy").Str() == "Local" ||
				spec.Get("type").Str() != "NodePort" && spec.Get("type").Str() != "LoadBalancer" {
				continue
			}
			selector, err := workload.PlainSelector(spec.Get("selector"))
			if err == nil && slices.ContainsFunc(c.network.guarding[r], func(e *netpol.Endpoint) bool {
				return e.Kind == netpol.Pod && e.Namespace == s.ID.Namespace && selector.Matches(labels.Set(e.Labels))
			}) {
				out = append(out, s.ID.Name)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// namesOutside tells whether some ingress rule names public addresses, other than
// all of them.
func namesOutside(r *manifest.Resource) bool {
	outside := func(n *manifest.Node) bool {
		p, err := netip.ParsePrefix(n.Str())
		return err == nil && p.Bits() > 0 && !p.Addr().IsPrivate() && !p.Addr().IsLinkLocalUnicast() && !p.Addr().IsLoopback()
	}
	for _, rule := range r.Object.Get("spec", "ingress").Elems() {
		for _, peer := range rule.Get("from").Elems() {
			if outside(peer.Get("ipBlock", "cidr")) {
				return true
			}
		}
		if slices.ContainsFunc(rule.Get("source", "nets").Elems(), outside) {
			return true
		}
	}
	return false
}
