package schema

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// NodeGroupPolicy is nodes with a label and a taint of one key and value.
type NodeGroupPolicy struct {
	// Key is "dedicated" and Value the group's name where nothing is said.
	Key   string `json:"key"`
	Value string `json:"value"`
	// Effects of the taint; NoSchedule where nothing is said.
	Effects []string `json:"effects"`
	// Network says that what takes in traffic from outside belongs there.
	Network bool `json:"network"`
	// Count is the number of nodes.
	Count int64 `json:"count"`
	// AlsoTolerated are further namespaces whose pods may land there.
	AlsoTolerated []string `json:"alsoTolerated"`
	// TaintBy is "karpenter", "cluster-api", "mutating-admission-policy", "kubelet" or
	// "iks"; "" where the owner sees to it.
	TaintBy string `json:"taintBy"`
	// Karpenter and ClusterAPI are nil where nothing is said.
	Karpenter  *KarpenterPolicy  `json:"karpenter"`
	ClusterAPI *ClusterAPIPolicy `json:"clusterAPI"`
}

// NodeGroup is a group by its name, with what holds where nothing is said; false
// where there is none of the name.
func (c ClusterPolicy) NodeGroup(name string) (NodeGroupPolicy, bool) {
	g, ok := c.NodeGroups[name]
	g.Key, g.Value = cmp.Or(g.Key, "dedicated"), cmp.Or(g.Value, name)
	if len(g.Effects) == 0 {
		g.Effects = []string{"NoSchedule"}
	}
	return g, ok
}

// KarpenterPolicy is the NodePool of a group.
type KarpenterPolicy struct {
	// NodePool is the group's name where nothing is said.
	NodePool string `json:"nodePool"`
	// NodeClass of a NodePool to make; nil where the repository has it.
	NodeClass *NodeClass `json:"nodeClass"`
	// Requirements of the machines; none means any.
	Requirements []NodeRequirement `json:"requirements"`
	// Limits of all its nodes together, by resource.
	Limits map[string]string `json:"limits"`
}

// NodeClass refers to what Karpenter's provider makes nodes of.
type NodeClass struct {
	Group string `json:"group"`
	Kind  string `json:"kind"`
	Name  string `json:"name"`
}

// NodeRequirement is one condition on the labels of a node.
type NodeRequirement struct {
	Key      string   `json:"key"`
	Operator string   `json:"operator"`
	Values   []string `json:"values"`
}

// ClusterAPIPolicy is what makes the machines of a group.
type ClusterAPIPolicy struct {
	// Machines is MachineDeployment/name or MachinePool/name.
	Machines string `json:"machines"`
	// By is "kubeadm" or "machine".
	By string `json:"by"`
}

// problems finds labels that the mechanism cannot give to a node, and requirements
// without values.
func (g NodeGroupPolicy) problems(path string) []policyProblem {
	var out []policyProblem
	if why := g.refusedLabel(); why != "" {
		out = append(out, policyProblem{path + ".key", fmt.Sprintf("%q %s", cmp.Or(g.Key, "dedicated"), why)})
	}
	if c := g.ClusterAPI; c != nil && c.By == "machine" && strings.HasPrefix(c.Machines, "MachinePool/") {
		out = append(out, policyProblem{path + ".clusterAPI.by", "is \"machine\", and Cluster API keeps no taints for a MachinePool; want \"kubeadm\""})
	}
	if g.Karpenter == nil {
		return out
	}
	for i, r := range g.Karpenter.Requirements {
		at := fmt.Sprintf("%s.karpenter.requirements[%d].values", path, i)
		switch r.Operator {
		case "In", "NotIn":
			if len(r.Values) == 0 {
				out = append(out, policyProblem{at, fmt.Sprintf("has none; want one or more for operator %q", r.Operator)})
			}
		case "Gt", "Lt":
			if n, err := strconv.Atoi(strings.Join(r.Values, ",")); err != nil || n < 0 {
				out = append(out, policyProblem{at, fmt.Sprintf("is %q; want one whole number for operator %q", r.Values, r.Operator)})
			}
		default:
			if len(r.Values) > 0 {
				out = append(out, policyProblem{at, fmt.Sprintf("is %q; want none for operator %q", r.Values, r.Operator)})
			}
		}
	}
	return out
}

// refusedLabel says why the mechanism cannot give a node the group's label, "" where
// it can. Sources: k8s.io/kubelet/pkg/apis/well_known_labels.go, the CRD of
// karpenter.sh/v1 NodePool, and MachineDeployment's metadata propagation in
// Cluster API.
func (g NodeGroupPolicy) refusedLabel() string {
	domain, _, qualified := strings.Cut(g.Key, "/")
	if !qualified {
		domain = ""
	}
	within := func(domains ...string) bool {
		return slices.ContainsFunc(domains, func(d string) bool { return domain == d || strings.HasSuffix(domain, "."+d) })
	}
	const own = "; want one of a domain of yours, such as \"example.com/dedicated\""
	byMachine := g.ClusterAPI != nil && g.ClusterAPI.By == "machine"
	switch {
	case g.TaintBy == "cluster-api" && byMachine:
		if domain != "node-role.kubernetes.io" && !within("node-restriction.kubernetes.io", "node.cluster.x-k8s.io") {
			return "is no label that Cluster API copies from machines to nodes; want one of node-role.kubernetes.io, node-restriction.kubernetes.io " +
				"or node.cluster.x-k8s.io, such as \"node-restriction.kubernetes.io/dedicated\""
		}
		return ""
	case g.TaintBy == "karpenter":
		if within("karpenter.sh") || within("kubernetes.io") && !within("node.kubernetes.io", "node-restriction.kubernetes.io") || within("k8s.io") && !within("kops.k8s.io") {
			return "is a label that Karpenter keeps to itself or to Kubernetes" + own
		}
	case g.TaintBy == "kubelet", g.TaintBy == "cluster-api":
		if within("kubernetes.io", "k8s.io") && !within("kubelet.kubernetes.io", "node.kubernetes.io") {
			return "is a label that no kubelet may give its own node" + own
		}
	}
	return ""
}

// nodeGroupProblems are those of all groups.
func (c ClusterPolicy) nodeGroupProblems() []policyProblem {
	var out []policyProblem
	for _, name := range slices.Sorted(maps.Keys(c.NodeGroups)) {
		out = append(out, c.NodeGroups[name].problems("cluster.nodeGroups."+strconv.Quote(name))...)
	}
	return out
}
