package netpol

import (
	"net/netip"

	"github.com/secgen/secgen/workload"
)

// Options say what the resources do not.
type Options struct {
	// Namespace of resources that name none; "" keeps them in an unnamed
	// namespace of their own.
	Namespace string
	// Family of traffic between pods, 4 or 6; 0 is 4. Traffic with an address
	// outside is of that address's family.
	Family int
	// PodCIDRs and NodeCIDRs are the addresses that pods and nodes may have.
	// Where they are missing, private addresses may be any of them.
	PodCIDRs, NodeCIDRs []netip.Prefix
	// APIServers are the addresses of the API server, as pods see them.
	APIServers []netip.Prefix
	// Tiers that the cluster has and the resources do not declare, in order of
	// precedence, each with the order given. See also the built-in tier "default".
	Tiers []Tier
	// Hosts are host endpoints that the cluster has and the resources do not
	// declare, such as those that a provider makes for every node.
	Hosts []HostEndpoint
	// Staged evaluates staged policies as if they were enforced.
	Staged bool
	// Workloads finds pod templates; nil is workload.BuiltIn.
	Workloads *workload.Table
	// Boundaries are CIDRs that split the classes of outside addresses further,
	// so that questions about them have exact answers.
	Boundaries []netip.Prefix

	// cuts split the classes like Boundaries.
	cuts []Addrs
}

// Tier is an ordered group of policies.
type Tier struct {
	Name string
	// Order among tiers; +Inf is last.
	Order float64
	// Pass says that the tier's default action is Pass rather than Deny.
	Pass bool
}

// HostEndpoint is a host endpoint outside the resources.
type HostEndpoint struct {
	Name      string
	Labels    map[string]string
	Interface string
	Addresses []netip.Prefix
}

// privateCIDRs is where the addresses of pods and nodes are assumed: RFC 1918,
// RFC 6598, RFC 4193 and the link-local ranges.
func privateCIDRs() []netip.Prefix {
	var out []netip.Prefix
	for _, text := range []string{"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"} {
		out = append(out, netip.MustParsePrefix(text))
	}
	return out
}
