package netpol

import (
	"github.com/secgen/secgen/manifest"
)

// Kind of an endpoint.
type Kind uint8

// The kinds of endpoints.
const (
	// Pod: the pods of one workload.
	Pod Kind = iota
	// Stranger: a pod without labels, of the namespace's default service account.
	Stranger
	// Host: a Calico host endpoint.
	Host
	// Node: the cluster's nodes (and pods in the host's network) without a host
	// endpoint.
	Node
	// OwnNode: the node on which the other side's pod runs, such as the kubelet
	// that probes it.
	OwnNode
	// External: a class of addresses that no policy tells apart.
	External
	// DNS: the pods that answer the cluster's names, which seldom are among the
	// resources. They are asked about, and not listed.
	DNS
)

func (k Kind) String() string {
	return [...]string{"pod", "stranger", "host", "node", "own node", "external", "dns"}[k]
}

// Endpoint is one side of a connection. Endpoints of one Cluster are the same
// exactly if their pointers are.
type Endpoint struct {
	Kind Kind
	// Resource is the workload or host endpoint; nil for the others.
	Resource *manifest.Resource
	// Path leads to the pod template in the resource.
	Path manifest.FieldPath
	// Namespace of pods; "" where the resources name none.
	Namespace string
	// Labels are the pod's or host endpoint's own labels.
	Labels map[string]string
	// ServiceAccount of pods.
	ServiceAccount string
	// Ports are the named ports of pods and host endpoints.
	Ports []EndpointPort
	// Addrs are the addresses of an External, and those that another kind may
	// have.
	Addrs Addrs
	// HostNetwork says that the pods are in the host's network, where pod
	// policies do not reach them.
	HostNetwork bool

	// all are the labels with those that Calico adds and inherits.
	all labels
	// profile is what happens after the last tier.
	profile profile
	// portProfile numbers the distinct lists of named ports.
	portProfile int
	index       int
	// idle says that no policy and no option is about the family of its addresses.
	idle bool
	// v4 and v6 are Addrs by family.
	v4, v6 Addrs
	// iface of a host endpoint, "*" for all.
	iface string
}

// EndpointPort is a port that has a name.
type EndpointPort struct {
	Name     string
	Protocol uint8
	Number   uint16
}

type profile uint8

const (
	// profileAllow is what a pod's namespace profile says.
	profileAllow profile = iota
	// profileDeny is what a host endpoint without a profile gets.
	profileDeny
	// profileUnknown is a profile that is not among the resources.
	profileUnknown
	// profileNone is for endpoints that no policy is enforced on.
	profileNone
)

// String names the endpoint for people.
func (e *Endpoint) String() string {
	switch e.Kind {
	case Pod:
		return e.Resource.ID.String()
	case Host:
		return "HostEndpoint " + e.Resource.ID.Name
	case Stranger:
		return "any other pod of " + namespaceName(e.Namespace)
	case Node:
		return "other nodes"
	case OwnNode:
		return "its own node"
	case DNS:
		return "the DNS of " + namespaceName(e.Namespace)
	}
	return e.Addrs.String()
}

func namespaceName(name string) string {
	if name == "" {
		return "the unnamed namespace"
	}
	return "namespace " + name
}

// identity is equal for the same endpoint of two clusters.
func (e *Endpoint) identity() string {
	switch e.Kind {
	case Pod, Host:
		return e.Kind.String() + "|" + e.Resource.ID.APIVersion + "|" + e.Resource.ID.Kind + "|" + e.Namespace + "|" + e.Resource.ID.Name + "|" + e.Path.String()
	case External:
		return "external|" + e.Addrs.First().String()
	}
	return e.Kind.String() + "|" + e.Namespace
}
