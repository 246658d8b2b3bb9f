package view

import (
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/netpol"
)

// network is what the policies of an environment mean. All its methods accept
// nil, which knows nothing.
type network struct {
	// root is where each resource comes from.
	root map[*manifest.Resource]string
	// all holds every policy that any root has: what is open there is open.
	all *netpol.Cluster
	// scopes hold the policies that are surely in one cluster together: what decides
	// nothing there decides nothing. Where no environments are configured that is each
	// root's own policies, since overlays of one base repeat them.
	scopes []scope
	// guarding has the pods that each policy isolates in some direction.
	guarding map[*manifest.Resource][]*netpol.Endpoint
	services map[string][]*manifest.Resource // by name
}

type scope struct {
	cluster  *netpol.Cluster
	problems []netpol.Problem
	// ineffective asks the cluster once.
	ineffective func() []netpol.Ineffective
	// opens asks for the rules that open everything.
	opens func() []netpol.Opening
	// policies are those that the scope is asked about.
	policies []*manifest.Resource
}

// newScope asks of the enforced policies what they do, and of staged ones what
// they would do if they were enforced.
func newScope(enforced *netpol.Cluster, resources []*manifest.Resource, opt netpol.Options) scope {
	opens, ineffective := enforced.Opens, enforced.Ineffective
	if slices.ContainsFunc(resources, func(r *manifest.Resource) bool { return isPolicy(r.ID) && isStaged(r.ID) }) {
		opt.Staged = true
		staged, _ := netpol.New(resources, opt)
		opens = func() []netpol.Opening {
			would := slices.DeleteFunc(staged.Opens(), func(o netpol.Opening) bool { return !o.Rule.Policy.Staged })
			return append(enforced.Opens(), would...)
		}
		ineffective = func() []netpol.Ineffective {
			would := slices.DeleteFunc(staged.Ineffective(), func(i netpol.Ineffective) bool { return !i.Rule.Policy.Staged })
			return append(enforced.Ineffective(), would...)
		}
	}
	return scope{cluster: enforced, opens: opens, ineffective: sync.OnceValue(ineffective)}
}

// newNetwork evaluates the policies of an environment. configured tells whether
// its roots are known to land in one cluster.
func newNetwork(c cluster, opt netpol.Options, configured bool) *network {
	n := &network{
		root: map[*manifest.Resource]string{}, guarding: map[*manifest.Resource][]*netpol.Endpoint{},
		services: map[string][]*manifest.Resource{},
	}
	var resources []*manifest.Resource
	policies := map[string][]*manifest.Resource{}
	for _, d := range c.digests {
		for _, r := range d.Network {
			n.root[r] = d.Root
			resources = append(resources, r)
			if belongsToPolicies(r.ID) {
				policies[d.Root] = append(policies[d.Root], r)
			}
			if r.ID.Kind == "Service" && r.ID.Group() == "" {
				n.services[r.ID.Name] = append(n.services[r.ID.Name], r)
			}
		}
	}
	var problems []netpol.Problem
	n.all, problems = netpol.New(n.agreed(resources, ""), opt)
	n.guards()
	if configured || len(policies) == 1 {
		all := newScope(n.all, n.agreed(resources, ""), opt)
		all.problems = problems
		for _, d := range c.digests {
			all.policies = append(all.policies, policies[d.Root]...)
		}
		n.scopes = []scope{all}
		return n
	}
	for _, d := range c.digests {
		own := policies[d.Root]
		if len(own) == 0 {
			continue
		}
		mine := slices.DeleteFunc(slices.Clone(resources), func(r *manifest.Resource) bool { return isPolicy(r.ID) && n.root[r] != d.Root })
		mine = n.agreed(mine, d.Root)
		enforced, problems := netpol.New(mine, opt)
		s := newScope(enforced, mine, opt)
		s.problems, s.policies = problems, own
		n.scopes = append(n.scopes, s)
	}
	return n
}

// agreed leaves out the Namespaces, service accounts, Services and tiers of which
// roots render variants, so that nothing is concluded from one of them; those of
// the root win, where one is given. Of equal ones the first is kept.
func (n *network) agreed(resources []*manifest.Resource, root string) []*manifest.Resource {
	byID := map[manifest.ID][]*manifest.Resource{}
	for _, r := range resources {
		if isContext(r.ID) {
			byID[r.ID] = append(byID[r.ID], r)
		}
	}
	keep := func(r *manifest.Resource) bool {
		if !isContext(r.ID) {
			return true
		}
		same := byID[r.ID]
		if i := slices.IndexFunc(same, func(s *manifest.Resource) bool { return n.root[s] == root }); i >= 0 {
			return same[i] == r
		}
		return same[0] == r && !slices.ContainsFunc(same[1:], func(s *manifest.Resource) bool {
			return !reflect.DeepEqual(s.Object.Value(), r.Object.Value())
		})
	}
	return slices.DeleteFunc(slices.Clone(resources), func(r *manifest.Resource) bool { return !keep(r) })
}

// isContext tells whether policies depend on the object by its name.
func isContext(id manifest.ID) bool {
	switch id.Kind {
	case "Namespace", "ServiceAccount", "Service":
		return id.Group() == ""
	case "Tier":
		return isCalico(id)
	}
	return false
}

func isCalico(id manifest.ID) bool {
	return id.Group() == "projectcalico.org" || id.Group() == "crd.projectcalico.org"
}

// isLegacy tells whether an object is of calicoctl's first API.
func isLegacy(id manifest.ID) bool {
	return id.APIVersion == "v1" && id.Kind != "" && strings.ToLower(id.Kind[:1]) == id.Kind[:1]
}

// isPolicy tells whether an object is a network policy of some kind.
func isPolicy(id manifest.ID) bool {
	return strings.HasSuffix(id.Kind, "NetworkPolicy") || isLegacy(id) && id.Kind == "policy"
}

// belongsToPolicies tells whether an object is one that netpol checks.
func belongsToPolicies(id manifest.ID) bool {
	return isPolicy(id) || isLegacy(id) || isCalico(id)
}

// guards notes which pods each policy isolates.
func (n *network) guards() {
	for _, e := range n.all.Endpoints() {
		if e.Kind != netpol.Pod && e.Kind != netpol.Host {
			continue
		}
		isolation := n.all.Isolation(e)
		for _, p := range append(slices.Clone(isolation.Ingress.Policies), isolation.Egress.Policies...) {
			if pods := n.guarding[p.Resource]; len(pods) == 0 || pods[len(pods)-1] != e {
				n.guarding[p.Resource] = append(pods, e)
			}
		}
	}
}

// policyMayReach tells whether a policy that is not evaluated may be for pods of
// a namespace: one that names no namespace, one that something makes, one of a
// root that is not read. roots are those that the pods or the namespace come from.
func (c cluster) policyMayReach(namespace string, roots ...string) bool {
	for _, d := range c.digests {
		if slices.Contains(d.MayHold, Policy) {
			return true
		}
		for _, g := range d.Guards {
			if !slices.Contains(g.Kinds, Policy) || g.Everywhere && isCalico(g.ID) {
				continue
			}
			if g.reachOf(namespace, nil, slices.Contains(roots, d.Root), len(d.Namespaces) > 0) == may {
				return true
			}
		}
	}
	return false
}

// namespaceFacts are the facts "network" of a namespace.
func (n *network) namespaceFacts(c cluster, name string, roots []string) *manifest.Node {
	if n == nil {
		return nil
	}
	isolation := n.all.NamespaceIsolation(name)
	unknown := c.policyMayReach(name, roots...)
	facts := facts{}
	for _, d := range []struct {
		name  string
		guard netpol.Guard
	}{{"ingress", isolation.Ingress}, {"egress", isolation.Egress}} {
		if d.guard.Isolated == netpol.Yes || d.guard.Isolated == netpol.No && !unknown {
			facts.set(d.name, boolean(d.guard.Isolated == netpol.Yes))
		}
	}
	pods := 0
	for _, e := range n.all.Endpoints() {
		if e.Kind == netpol.Pod && !e.HostNetwork && e.Namespace == name {
			pods++
		}
	}
	facts.set("pods", manifest.Of(pods))
	return facts.node()
}
