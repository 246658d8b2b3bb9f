package schema

import (
	"encoding/json"

	"github.com/secgen/secgen/manifest"
)

// Policy is what compile must be told because no manifest says it: facts of the
// cluster, and what is intended for its namespaces. policy.cue documents each
// field; all are optional, and a zero value means that nobody said anything.
type Policy struct {
	Cluster ClusterPolicy `json:"cluster"`
	// Defaults hold for every namespace that does not say otherwise.
	Defaults   NamespacePolicy            `json:"defaults"`
	Namespaces map[string]NamespacePolicy `json:"namespaces"`
	// Roots are those whose resources name no namespace, by path.
	Roots map[string]RootPolicy `json:"roots"`
	// Places are where fields are written, by their path below the policy as Where
	// has it.
	Places map[string]manifest.Position `json:"places"`
}

// RootPolicy is what no manifest says about a root.
type RootPolicy struct {
	Namespace string `json:"namespace"`
}

// GobEncode sends a policy as JSON, since gob drops pointers to zero values.
func (p Policy) GobEncode() ([]byte, error) { return json.Marshal(p) }

// GobDecode is the reverse of GobEncode.
func (p *Policy) GobDecode(data []byte) error { return json.Unmarshal(data, p) }

// ClusterPolicy is facts of a cluster.
type ClusterPolicy struct {
	Nodes int64 `json:"nodes"`
	// Calico says which policies the cluster takes.
	Calico CalicoPolicy `json:"calico"`
	// Kubernetes is its version, such as "1.33"; "" is unknown.
	Kubernetes string `json:"kubernetes"`
	DNS        []Peer `json:"dns"`
	// Ingress, Prometheus and APIServer are where requests come from: ingress
	// controllers and gateways, scrapers, and the API server that calls webhooks.
	Ingress    []Peer `json:"ingress"`
	Prometheus []Peer `json:"prometheus"`
	APIServer  []Peer `json:"apiServer"`
	// Provider is iks-classic, iks-vpc or generic; "" is unknown.
	Provider string `json:"provider"`
	// NodePorts is nil where node ports are not guarded.
	NodePorts *NodePortPolicy `json:"nodePorts"`
	// Hosts is nil where the nodes' public interfaces are not guarded.
	Hosts *HostsPolicy `json:"hosts"`
	// NodeGroups are nodes that only some workloads may use, by name.
	NodeGroups map[string]NodeGroupPolicy `json:"nodeGroups"`
	// Portieris says that the cluster enforces image policies.
	Portieris bool `json:"portieris"`
	// Registries are where images of namespaces without registries may come from.
	Registries []string `json:"registries"`
	// ArgoCD and Flux are nil where they do not deploy.
	ArgoCD *ArgoCDPolicy `json:"argoCD" over:"whole"`
	Flux   *FluxPolicy   `json:"flux" over:"whole"`
	// Audit asks for an audit policy.
	Audit bool `json:"audit"`
	// Networks outside of the cluster, by name.
	Networks map[string]NetworkPolicy `json:"networks"`
	// PodNetwork and ServiceNetwork are a CIDR, "" where nobody says.
	PodNetwork     string `json:"podNetwork"`
	ServiceNetwork string `json:"serviceNetwork"`
	// NodeNetworks are CIDRs of the nodes' addresses.
	NodeNetworks []string `json:"nodeNetworks"`
	OpenShift    bool     `json:"openshift"`
	// Isolation is nil where the provider's data are not asked for.
	Isolation *IsolationPolicy `json:"isolation" over:"whole"`
}

// NetworkPolicy is a network outside of the cluster.
type NetworkPolicy struct {
	// Why is for the reader of the network set that comes of it.
	Why   string   `json:"why"`
	CIDRs []string `json:"cidrs"`
}

// HostsPolicy guards the nodes' public interfaces.
type HostsPolicy struct {
	// Labels are on the host endpoints of the public interfaces.
	Labels map[string]string `json:"labels" over:"whole"`
	// Endpoints are those to make, by node.
	Endpoints map[string]HostEndpointPolicy `json:"endpoints"`
	// Management are CIDRs of the systems that manage the nodes.
	Management []string `json:"management"`
	// AgentPorts are those of an agent that manages the nodes.
	AgentPorts []int64 `json:"agentPorts"`
}

// HostEndpointPolicy is one interface of a node.
type HostEndpointPolicy struct {
	Interface string   `json:"interface"`
	Addresses []string `json:"addresses"`
}

// ArgoCDPolicy is where Argo CD runs and what it may read.
type ArgoCDPolicy struct {
	Namespace    string   `json:"namespace"`
	Repositories []string `json:"repositories"`
	// Server is the URL of the cluster's API server, "" for the one that Argo CD runs
	// in.
	Server string `json:"server"`
}

// FluxPolicy is what Flux deploys each namespace from.
type FluxPolicy struct {
	Source FluxSource `json:"source"`
	// Interval is a duration such as 10m.
	Interval string `json:"interval"`
}

// FluxSource refers to a source object of Flux.
type FluxSource struct {
	// Kind is GitRepository, OCIRepository or Bucket.
	Kind string `json:"kind"`
	Name string `json:"name"`
	// Namespace is "" for the one that is deployed.
	Namespace string `json:"namespace"`
}

// NodePortPolicy closes node ports.
type NodePortPolicy struct {
	// Hosts are labels of the workers' host endpoints; none means the provider's.
	Hosts map[string]string `json:"hosts" over:"whole"`
	Open  []OpenNodePort    `json:"open" over:"add"`
}

// OpenNodePort is an exception of NodePortPolicy.
type OpenNodePort struct {
	Why string `json:"why"`
	// Ports is a number or a range.
	Ports string `json:"ports"`
	// Protocol is TCP or UDP, "" both.
	Protocol string `json:"protocol"`
	// Sources are CIDRs; none means everybody.
	Sources []string `json:"sources"`
}

// IsolationPolicy picks a region of a dated data set.
type IsolationPolicy struct {
	DataSet string `json:"dataSet"`
	Region  string `json:"region"`
	// Networks are "public" and "private".
	Networks []string `json:"networks"`
	// Services opens the provider's registry, metrics and logs too.
	Services bool `json:"services"`
}

// CalicoPolicy is which Calico the cluster runs.
type CalicoPolicy struct {
	// Version is major.minor, such as "3.30"; "" is unknown.
	Version string `json:"version"`
	// API tells whether the cluster serves projectcalico.org/v3.
	API *bool `json:"api"`
}

// NamespacePolicy is what is intended for a namespace.
type NamespacePolicy struct {
	// Mode is "enforce" or "staged"; "" is enforce where there is a policy.
	Mode string `json:"mode"`
	// Owners is nil where nobody says, and empty where the namespace has none.
	Owners   []Owner `json:"owners"`
	Headroom float64 `json:"headroom"`
	// Workloads are told apart by Kind/name.
	Workloads map[string]WorkloadPolicy `json:"workloads"`
	// Unrendered is what the pods need that operators and charts make.
	Unrendered *Unrendered `json:"unrendered" over:"whole"`
	NodePorts  *int64      `json:"nodePorts"`
	// Storage bounds volume claims by storage class; "" is all classes together.
	Storage map[string]string `json:"storage"`
	// Counts bound objects by count/<resource>.<group>.
	Counts map[string]int64 `json:"counts"`
	// DefaultRequests and DefaultLimits are for containers that set none, by
	// resource.
	DefaultRequests map[string]string `json:"defaultRequests"`
	DefaultLimits   map[string]string `json:"defaultLimits"`
	// PodSecurity is the level to demand, "" for the strictest that holds.
	PodSecurity string   `json:"podSecurity"`
	PullSecrets []string `json:"pullSecrets"`
	// Registries are where images may come from.
	Registries []string `json:"registries"`
	// Mesh is "sidecar", "ambient" or "none"; "" is what the Namespace's labels say.
	Mesh string `json:"mesh"`
	// Nodes is the node group of the namespace's workloads, "" for any node.
	Nodes   string    `json:"nodes"`
	Ingress []Traffic `json:"ingress" over:"add"`
	Egress  []Traffic `json:"egress" over:"add"`
	// Settled are Services, ConfigMaps and Secrets (Kind/name) and hosts for which
	// nothing is to be opened beyond what is declared.
	Settled []string `json:"settled" over:"add"`
}

// Owner is a group of people and what they may do.
type Owner struct {
	Group string `json:"group"`
	// Role is "view", "operate" or "debug".
	Role string `json:"role"`
}

// WorkloadPolicy is what no manifest says about a workload.
type WorkloadPolicy struct {
	// Pods is the most pods that exist at one time.
	Pods int64 `json:"pods"`
	// Requests and Limits of one pod, by resource, where its manifest leaves them
	// to a variable.
	Requests map[string]string `json:"requests"`
	Limits   map[string]string `json:"limits"`
}

// Unrendered is what pods need that nobody renders.
type Unrendered struct {
	Pods     int64             `json:"pods"`
	Requests map[string]string `json:"requests"`
	Limits   map[string]string `json:"limits"`
}

// Peer is one side of traffic: pods by namespace and labels, or addresses by CIDRs
// or by a network.
type Peer struct {
	// Namespace of pods; "" for addresses.
	Namespace string `json:"namespace"`
	// Labels of pods; none means all of the namespace.
	Labels map[string]string `json:"labels"`
	CIDRs  []string          `json:"cidrs"`
	// Except are parts of CIDRs that are left out.
	Except []string `json:"except"`
	// Network is the name of one of the cluster's.
	Network string `json:"network"`
}

// Traffic is a flow that a namespace has and that no manifest declares.
type Traffic struct {
	// Why is for the reader of the policy that comes of it.
	Why string `json:"why"`
	// Labels are those of the namespace's own pods, none means all.
	Labels map[string]string `json:"labels"`
	Peer   Peer              `json:"peer"`
	// Ports are numbers or ranges, such as "443" or "8000-8080"; none means all.
	Ports    []string `json:"ports"`
	Protocol string   `json:"protocol"`
	// Hosts are names that env or args mention, ConfigMaps and Secrets (Kind/name) that
	// hold such names, and workloads (Kind/name) on the network of their node, that the
	// peer answers for.
	Hosts []string `json:"hosts"`
	// Position is where the flow is written; zero where nobody knows.
	Position manifest.Position `json:"position"`
}
