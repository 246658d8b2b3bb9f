package netpol

import (
	"cmp"
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

// foreign is a policy of a kind that is not understood.
type foreign struct {
	policy *Policy
	// baseline policies come after all others.
	baseline bool
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
