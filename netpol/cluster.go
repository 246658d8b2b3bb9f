package netpol

import (
	"cmp"
	"fmt"
	"math"
	"net/netip"
	"slices"
	"strings"

	"github.com/secgen/secgen/manifest"
)

// Cluster is a set of resources ready to be asked. It is read-only and safe for
// concurrent use.
type Cluster struct {
	opt      Options
	world    *world
	policies []*Policy
	tiers    []tier
	// foreign are policies of kinds that this package does not read.
	foreign []foreign
	// endpoints are pods, strangers, hosts, nodes and then the classes of outside
	// addresses; each knows its index.
	endpoints []*Endpoint
	external  []*Endpoint
	resources []*manifest.Resource
}

// tier is an ordered list of policies.
type tier struct {
	Tier
	// known says that the tier is declared; the place of another is unknown.
	known    bool
	policies []*Policy
}

// foreign is a policy of a kind that is not understood.
type foreign struct {
	policy *Policy
	// baseline policies come after all others.
	baseline bool
}

// DefaultTierOrder is the order of Calico's tier "default"
// (api/pkg/apis/projectcalico/v3/tier.go).
const DefaultTierOrder = 1_000_000

// builtInTiers are those that Calico makes itself: default, and those of the
// cluster-wide policies of Kubernetes, called kube-admin and kube-baseline since
// 3.32 (docs.tigera.io/calico/latest/network-policy/policy-tiers/tiered-policy).
func builtInTiers() []Tier {
	return []Tier{
		{Name: defaultTier, Order: DefaultTierOrder},
		{Name: "adminnetworkpolicy", Order: 1000, Pass: true},
		{Name: "kube-admin", Order: 1000, Pass: true},
		{Name: "baselineadminnetworkpolicy", Order: 10 * DefaultTierOrder, Pass: true},
		{Name: "kube-baseline", Order: 10 * DefaultTierOrder, Pass: true},
	}
}

// New reads the resources. The problems are those of the policies and of what
// they refer to; the cluster can be asked whatever they are. The order of the
// resources does not matter.
func New(resources []*manifest.Resource, opt Options) (*Cluster, []Problem) {
	if opt.Family != 6 {
		opt.Family = 4
	}
	resources = slices.Clone(resources)
	slices.SortStableFunc(resources, compareResources)
	c := &Cluster{opt: opt, world: newWorld(resources, opt), resources: resources}
	for _, r := range resources {
		c.read(r)
	}
	c.applyStaged()
	c.buildTiers()
	c.buildEndpoints()
	problems := c.world.problems
	sortProblems(problems)
	return c, problems
}

func compareResources(a, b *manifest.Resource) int {
	return cmp.Or(a.ID.Compare(b.ID), a.Origin.Position.Compare(b.Origin.Position))
}

// read takes in one resource if it is a policy or belongs to one.
func (c *Cluster) read(r *manifest.Resource) {
	rd := newReader(c.world, r)
	switch id := r.ID; {
	case id.Kind == "NetworkPolicy" && (id.Group() == "networking.k8s.io" || id.Group() == "extensions"):
		rd.readKubernetes()
		c.policies = append(c.policies, rd.p)
	case isCalico(id):
		c.readCalico(rd)
	case isLegacy(id):
		c.readLegacy(rd)
	default:
		c.readForeign(rd)
	}
	c.world.problems = append(c.world.problems, rd.problems...)
}

func (c *Cluster) readCalico(rd *reader) {
	kind, staged := strings.CutPrefix(rd.r.ID.Kind, "Staged")
	switch kind {
	case "NetworkPolicy", "GlobalNetworkPolicy":
		rd.readCalico(kind == "GlobalNetworkPolicy")
	case "KubernetesNetworkPolicy":
		rd.readKubernetes()
	case "HostEndpoint":
		rd.checkHostEndpoint()
	case "NetworkSet", "GlobalNetworkSet":
		rd.checkNetworkSet()
	}
	if strings.HasSuffix(kind, "NetworkPolicy") {
		rd.p.Staged = staged
		c.policies = append(c.policies, rd.p)
	} else if !slices.Contains([]string{"HostEndpoint", "NetworkSet", "GlobalNetworkSet"}, kind) {
		return
	}
	if rd.r.ID.Group() == "crd.projectcalico.org" {
		rd.warn(manifest.Path("apiVersion"), CodeBackingStore,
			"is %q, Calico's backing store, which is not to be written; want projectcalico.org/v3", rd.r.ID.APIVersion)
	}
}

// readForeign notes policies of other kinds: they may allow or deny anything that
// they could be about.
func (c *Cluster) readForeign(rd *reader) {
	id := rd.r.ID
	clusterWide := false
	switch id.Group() + " " + id.Kind {
	case "policy.networking.k8s.io AdminNetworkPolicy", "policy.networking.k8s.io BaselineAdminNetworkPolicy",
		"policy.networking.k8s.io ClusterNetworkPolicy", "cilium.io CiliumClusterwideNetworkPolicy", "crd.antrea.io ClusterNetworkPolicy":
		clusterWide = true
	case "cilium.io CiliumNetworkPolicy", "crd.antrea.io NetworkPolicy":
	default:
		return
	}
	rd.warn(nil, CodeNotUnderstood, "is a %s, which secgen does not evaluate: what it may be about is unknown", id.Kind)
	if !clusterWide {
		rd.p.namespace = c.world.namespaceOf(rd.r)
		rd.p.subject = subject{home: rd.p.namespace, hasHome: true, match: isPodOf(rd.p.namespace)}
	}
	baseline := id.Kind == "BaselineAdminNetworkPolicy" || rd.r.Object.Get("spec", "tier").Str() == "Baseline"
	c.foreign = append(c.foreign, foreign{policy: rd.p, baseline: baseline})
}

// buildTiers sorts the policies into tiers and both into order: missing orders
// last, ties by name (felix/calc/policy_sorter.go).
func (c *Cluster) buildTiers() {
	declared := map[string]Tier{}
	for _, t := range append(builtInTiers(), c.opt.Tiers...) {
		declared[t.Name] = t
	}
	for _, r := range c.resources {
		if isCalico(r.ID) && r.ID.Kind == "Tier" && r.ID.Name != defaultTier {
			declared[r.ID.Name] = readTier(r)
		}
	}
	byName := map[string]*tier{}
	for _, p := range c.policies {
		if p.Staged && !c.opt.Staged {
			continue
		}
		t := byName[p.Tier]
		if t == nil {
			known, ok := declared[p.Tier]
			if !ok {
				known = Tier{Name: p.Tier, Order: math.Inf(-1)}
			}
			t = &tier{Tier: known, known: ok}
			byName[p.Tier] = t
		}
		if !t.known {
			c.unknownTier(p)
		}
		t.policies = append(t.policies, p)
	}
	for _, t := range byName {
		slices.SortFunc(t.policies, comparePolicies)
		c.tiers = append(c.tiers, *t)
	}
	slices.SortFunc(c.tiers, func(a, b tier) int {
		return cmp.Or(cmp.Compare(a.Order, b.Order), strings.Compare(a.Name, b.Name))
	})
}

func (c *Cluster) unknownTier(p *Policy) {
	text := fmt.Sprintf("is %q, a tier that nothing declares: Calico ignores the policy unless the cluster has the tier; declare it or use the tier default", p.Tier)
	c.world.problems = append(c.world.problems, Problem{Resource: p.Resource, Path: manifest.Path("spec", "tier"), Code: CodeTier, Message: text})
	p.broken = append(p.broken, fmt.Sprintf("%s is in the tier %q, which nothing declares", p, p.Tier))
}

func comparePolicies(a, b *Policy) int {
	return cmp.Or(cmp.Compare(a.Order, b.Order), strings.Compare(a.key, b.key), compareResources(a.Resource, b.Resource))
}

func readTier(r *manifest.Resource) Tier {
	t := Tier{Name: r.ID.Name, Order: math.Inf(1), Pass: r.Object.Get("spec", "defaultAction").Str() == "Pass"}
	rd := newReader(nil, r)
	rd.calicoOrder(r.Object.Get("spec", "order"))
	t.Order = rd.p.Order
	return t
}

// buildEndpoints adds the classes of outside addresses, numbers all endpoints,
// and computes what each side of each rule matches.
func (c *Cluster) buildEndpoints() {
	c.endpoints = slices.Clone(c.world.endpoints)
	sets := append(c.addressSets(), c.opt.cuts...)
	v6 := c.opt.Family == 6
	for _, s := range sets {
		v6 = v6 || !s.Family(6).Empty()
	}
	pods := AddrsOf(c.opt.PodCIDRs...)
	for _, class := range addressClasses(sets) {
		if !pods.Intersect(class).Empty() {
			continue
		}
		e := &Endpoint{Kind: External, Addrs: class, profile: profileNone, idle: !v6 && !class.First().Is4()}
		c.external = append(c.external, e)
		c.endpoints = append(c.endpoints, e)
	}
	profiles := map[string]int{}
	for i, e := range c.endpoints {
		e.index, e.v4, e.v6 = i, e.Addrs.Family(4), e.Addrs.Family(6)
		key := fmt.Sprint(e.Ports)
		if _, ok := profiles[key]; !ok {
			profiles[key] = len(profiles)
		}
		e.portProfile = profiles[key]
	}
	c.buildVectors()
}

// addressSets are all sets of addresses that policies tell apart.
func (c *Cluster) addressSets() []Addrs {
	var sets []Addrs
	for _, p := range c.policies {
		for _, rules := range p.rules {
			for _, r := range rules {
				for _, e := range []*entity{&r.src, &r.dst} {
					for _, a := range []*Addrs{e.nets, e.notNets} {
						if a != nil {
							sets = append(sets, *a)
						}
					}
				}
			}
		}
	}
	for _, s := range c.world.sets {
		sets = append(sets, s.addrs)
	}
	for _, p := range append(slices.Clone(c.opt.Boundaries), c.opt.APIServers...) {
		sets = append(sets, AddrsOf(p))
	}
	return append(sets, AddrsOf(c.opt.PodCIDRs...))
}

// buildVectors computes the verdict of each entity for each endpoint once, shared
// by all entities with the same key.
func (c *Cluster) buildVectors() {
	byHome := map[string][]*Endpoint{}
	for _, e := range c.endpoints {
		if e.labelled() && e.Kind != Host {
			byHome[e.Namespace] = append(byHome[e.Namespace], e)
		}
	}
	vectors := map[string][]tri{}
	for _, p := range c.policies {
		for _, rules := range p.rules {
			for _, r := range rules {
				for _, e := range []*entity{&r.src, &r.dst} {
					c.vector(e, r.family, byHome, vectors)
				}
			}
		}
	}
}

func (c *Cluster) vector(e *entity, family int, byHome map[string][]*Endpoint, vectors map[string][]tri) {
	if e.any() {
		return
	}
	if family == 0 {
		family = c.opt.Family
	}
	key := fmt.Sprint(family, "|", e.key)
	if v, ok := vectors[key]; ok {
		e.vector = v
		return
	}
	e.vector = make([]tri, len(c.endpoints))
	candidates := c.endpoints
	if e.hasHome {
		candidates = byHome[e.home]
	}
	for _, x := range candidates {
		e.vector[x.index] = e.matches(c.world, x, family)
	}
	vectors[key] = e.vector
}

// Endpoints returns pods, strangers, host endpoints, nodes and the classes of
// outside addresses of the families in use, in that order.
func (c *Cluster) Endpoints() []*Endpoint {
	return slices.DeleteFunc(slices.Clone(c.endpoints), func(e *Endpoint) bool { return e.idle })
}

// Pods returns the endpoints of a workload: one for each of its pod templates.
func (c *Cluster) Pods(r *manifest.Resource) []*Endpoint {
	var out []*Endpoint
	for _, e := range c.endpoints {
		if e.Kind == Pod && e.Resource == r {
			out = append(out, e)
		}
	}
	return out
}

// Stranger returns the unlabelled pod of a namespace that a resource is in, or
// nil.
func (c *Cluster) Stranger(namespace string) *Endpoint {
	return c.find(func(e *Endpoint) bool { return e.Kind == Stranger && e.Namespace == namespace })
}

// Node returns the nodes of the cluster, as a peer of pods.
func (c *Cluster) Node() *Endpoint {
	return c.find(func(e *Endpoint) bool { return e.Kind == Node })
}

// OwnNode returns the node on which the other side's pod runs.
func (c *Cluster) OwnNode() *Endpoint {
	return c.find(func(e *Endpoint) bool { return e.Kind == OwnNode })
}

// Address returns the class of an outside address; nil for an address of
// Options.PodCIDRs.
func (c *Cluster) Address(ip netip.Addr) *Endpoint {
	for _, e := range c.external {
		if e.Addrs.Has(ip) {
			return e
		}
	}
	return nil
}

func (c *Cluster) find(want func(*Endpoint) bool) *Endpoint {
	if i := slices.IndexFunc(c.endpoints, want); i >= 0 {
		return c.endpoints[i]
	}
	return nil
}

// Policies returns the policies that are evaluated, in the order in which they
// are: by tier, order and name.
func (c *Cluster) Policies() []*Policy {
	var out []*Policy
	for _, t := range c.tiers {
		out = append(out, t.policies...)
	}
	return out
}
