package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/secgen/secgen/compile/inventory"
	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/schema"
)

// The ways in which nodes get label and taint.
const (
	ByKarpenter       = "karpenter"
	ByClusterAPI      = "cluster-api"
	ByMutatingPolicy  = "mutating-admission-policy"
	ByKubelet         = "kubelet"
	ByWorkerPoolOfIKS = "iks"
)

// Machinery is what gives the nodes of a group label and taint, where objects of
// the cluster do. At most one of its parts is set.
type Machinery struct {
	// NodePool is one of Karpenter's to make.
	NodePool *NodePool
	// Patches complete the repository's own objects; none where they have all.
	Patches []NodePatch
	// AdmissionAPI is the version of admissionregistration.k8s.io in which the cluster
	// has MutatingAdmissionPolicy.
	AdmissionAPI string
}

// NodePool is Karpenter's of a group, to be made.
type NodePool struct {
	Name         string
	Class        schema.NodeClass
	Requirements []schema.NodeRequirement
	// Limits of all nodes together, by resource.
	Limits map[string]string
}

// NodePatch is what an object lacks that makes nodes of a group.
type NodePatch struct {
	Resource *manifest.Resource
	// Root renders it.
	Root string
	// Place says where in the object label and taints stand.
	Place NodePlace
	// Taints are all of its taints, those that it has included; nil where it lacks
	// none. Label says that it lacks the label.
	Taints []*manifest.Node
	Label  bool
}

// NodePlace is where an object that makes nodes says their labels and taints.
type NodePlace struct {
	// Labels is a map, or the arguments of a kubelet.
	Labels, Taints manifest.FieldPath
	// Args says how a kubelet is told its labels: NoArgs where Labels is a map.
	Args ArgsForm
	// Propagation is what Cluster API's own taints say beside key, value and effect.
	Propagation string
}

// ArgsForm is how an object writes arguments.
type ArgsForm string

// The forms: none, a map (kubeadm's v1beta1), a list of name and value (v1beta2).
const (
	NoArgs   ArgsForm = ""
	ArgsMap  ArgsForm = "map"
	ArgsList ArgsForm = "list"
)

// nodeLabels is the argument of a kubelet that labels its node.
const nodeLabels = "node-labels"

// LabelsOf reads the labels that nodes of an object get.
func (at NodePlace) LabelsOf(o *manifest.Node) map[string]string {
	n := o.Lookup(at.Labels)
	if at.Args == NoArgs {
		return n.StringMap()
	}
	out := map[string]string{}
	for _, pair := range strings.Split(at.Arg(n), ",") {
		if key, value, ok := strings.Cut(pair, "="); ok {
			out[key] = value
		}
	}
	return out
}

// Arg is the argument that labels a node, of a kubelet's arguments.
func (at NodePlace) Arg(args *manifest.Node) string {
	if at.Args == ArgsMap {
		return args.Get(nodeLabels).Str()
	}
	for _, a := range args.Elems() {
		if a.Get("name").Str() == nodeLabels {
			return a.Get("value").Str()
		}
	}
	return ""
}

// WithLabel is the value at Labels with one more label.
func (at NodePlace) WithLabel(o *manifest.Node, key, value string) *manifest.Node {
	n := o.Lookup(at.Labels)
	switch at.Args {
	case NoArgs:
		return manifest.Of(map[string]string{key: value})
	case ArgsMap:
		return manifest.Of(map[string]string{nodeLabels: joinedLabels(at.Arg(n), key, value)})
	}
	arg := manifest.Of([]manifest.Field{{Key: "name", Value: manifest.Of(nodeLabels)}, {Key: "value", Value: manifest.Of(joinedLabels(at.Arg(n), key, value))}})
	list := slices.DeleteFunc(slices.Clone(n.Elems()), func(a *manifest.Node) bool { return a.Get("name").Str() == nodeLabels })
	return manifest.Of(append(list, arg))
}

// joinedLabels puts one more label behind those of an argument, once.
func joinedLabels(old, key, value string) string {
	list := slices.DeleteFunc(strings.Split(old, ","), func(pair string) bool { return pair == "" || strings.HasPrefix(pair, key+"=") })
	return strings.Join(append(list, key+"="+value), ",")
}

// TaintsOf reads the taints that nodes of an object get.
func (at NodePlace) TaintsOf(o *manifest.Node) []Taint {
	var out []Taint
	for _, t := range o.Lookup(at.Taints).Elems() {
		out = append(out, Taint{t.Get("key").Str(), t.Get("value").Str(), t.Get("effect").Str()})
	}
	return out
}

// Node is a taint as objects write it.
func (t Taint) Node(propagation string) *manifest.Node {
	fields := []manifest.Field{{Key: "key", Value: manifest.Of(t.Key)}, {Key: "value", Value: manifest.Of(t.Value)}, {Key: "effect", Value: manifest.Of(t.Effect)}}
	if propagation != "" {
		fields = append(fields, manifest.Field{Key: "propagation", Value: manifest.Of(propagation)})
	}
	return manifest.Of(fields)
}

// machinery plans how the nodes of a group get label and taint. What is not known
// is a question, and withholds the taint alone: tolerations and the admission
// policy do no harm without it.
func (p *planner) machinery(g *NodeGroup, want schema.NodeGroupPolicy) {
	switch g.TaintBy {
	case ByKarpenter:
		p.karpenter(g, want.Karpenter)
	case ByClusterAPI:
		p.clusterAPI(g, want.ClusterAPI)
	case ByMutatingPolicy:
		p.mutating(g)
	}
}

func (p *planner) askTaint(g *NodeGroup, at manifest.Position, answer, remedy, format string, args ...any) {
	p.ask(Question{Guardrail: NodeGroups, Open: true, Position: at, Answer: answer, Remedy: remedy, Text: fmt.Sprintf(format, args...)})
}

// karpenter completes the NodePool that the repository has, or plans one.
func (p *planner) karpenter(g *NodeGroup, k *schema.KarpenterPolicy) {
	if k == nil {
		k = &schema.KarpenterPolicy{}
	}
	name := cmp.Or(k.NodePool, g.Name)
	for _, r := range p.Inventory.Of("karpenter.sh", "NodePool") {
		if r.ID.Name == name {
			p.complete(g, r, NodePlace{Labels: manifest.Path("spec", "template", "metadata", "labels"), Taints: manifest.Path("spec", "template", "spec", "taints")})
			return
		}
	}
	if k.NodeClass == nil {
		p.askTaint(g, manifest.Position{}, fmt.Sprintf("policy: cluster: nodeGroups: %q: karpenter: nodeClass: {group: \"karpenter.k8s.aws\", kind: \"EC2NodeClass\", name: \"default\"}", g.Name), "",
			"which node class Karpenter's NodePool %s of node group %q has, since no root renders that NodePool", name, g.Name)
		return
	}
	g.Machinery.NodePool = &NodePool{Name: name, Class: *k.NodeClass, Requirements: k.Requirements, Limits: k.Limits}
}

// clusterAPI completes the machines of a group, or what kubeadm is told when they
// join.
func (p *planner) clusterAPI(g *NodeGroup, c *schema.ClusterAPIPolicy) {
	if c == nil {
		p.askTaint(g, manifest.Position{}, fmt.Sprintf("policy: cluster: nodeGroups: %q: clusterAPI: machines: \"MachineDeployment/...\"", g.Name), "",
			"which machines of Cluster API are the nodes of node group %q", g.Name)
		return
	}
	kind, name, _ := strings.Cut(c.Machines, "/")
	machines := p.named("cluster.x-k8s.io", kind, "", name)
	if machines == nil {
		p.askTaint(g, manifest.Position{}, "", "select the root that renders it, or have the kubelet register with the taint (taintBy: \"kubelet\")",
			"what %s is, the machines of node group %q, since no root renders it", c.Machines, g.Name)
		return
	}
	if c.By == "machine" {
		if machines.ID.APIVersion != "cluster.x-k8s.io/v1beta2" {
			p.askTaint(g, machines.Object.Get("apiVersion").Pos, "", "write it as cluster.x-k8s.io/v1beta2, or taint by \"kubeadm\"",
				"how %s keeps taints, which %s does not know", machines.ID, machines.ID.APIVersion)
			return
		}
		p.complete(g, machines, NodePlace{Labels: manifest.Path("spec", "template", "metadata", "labels"), Taints: manifest.Path("spec", "template", "spec", "taints"), Propagation: "Always"})
		return
	}
	ref := machines.Object.Get("spec", "template", "spec", "bootstrap", "configRef")
	var config *manifest.Resource
	if strings.HasPrefix(ref.Get("kind").Str(), "KubeadmConfig") {
		config = p.named("bootstrap.cluster.x-k8s.io", ref.Get("kind").Str(), machines.ID.Namespace, ref.Get("name").Str())
	}
	if config == nil {
		pos, _ := machines.Locate(manifest.Path("spec", "template", "spec", "bootstrap", "configRef"))
		p.askTaint(g, pos, "", "select the root that renders a KubeadmConfigTemplate of that name, or taint by what makes the nodes join",
			"how the nodes of %s join, since no root renders %s as an object of kubeadm", machines.ID, cmp.Or(ref.Get("kind").Str()+"/"+ref.Get("name").Str(), "its bootstrap.configRef"))
		return
	}
	at := []string{"spec"}
	if config.ID.Kind == "KubeadmConfigTemplate" {
		at = []string{"spec", "template", "spec"}
	}
	registration := manifest.Path(append(at, "joinConfiguration", "nodeRegistration")...)
	form := ArgsList
	if strings.HasSuffix(config.ID.APIVersion, "/v1beta1") {
		form = ArgsMap
	}
	p.complete(g, config, NodePlace{Labels: registration.Field("kubeletExtraArgs"), Taints: registration.Field("taints"), Args: form})
}

// named finds an object; "" stands for any namespace. It is nil where none or
// several have the name.
func (p *planner) named(group, kind, namespace, name string) *manifest.Resource {
	var found []*manifest.Resource
	for _, r := range p.Inventory.Of(group, kind) {
		if r.ID.Name == name && (namespace == "" || r.ID.Namespace == namespace) {
			found = append(found, r)
		}
	}
	if len(found) != 1 {
		return nil
	}
	return found[0]
}

// complete plans what an object lacks that makes the nodes of a group.
func (p *planner) complete(g *NodeGroup, r *manifest.Resource, at NodePlace) {
	patched := r.Object.Get("metadata", "annotations").Has(PatchedBy)
	patch := NodePatch{Resource: r, Root: p.Inventory.RootOf(r), Place: at}
	if old, ok := at.LabelsOf(r.Object)[g.Key]; ok && old != g.Value {
		p.askTaint(g, inventory.Field{Resource: r, Path: at.Labels}.Position(), fmt.Sprintf("policy: cluster: nodeGroups: %q: value: %q", g.Name, old), "",
			"whether %s makes the nodes of node group %q, since it labels them %s=%s", r.ID, g.Name, g.Key, old)
		return
	} else if !ok || patched {
		patch.Label = true
	}
	has := at.TaintsOf(r.Object)
	list := slices.Clone(r.Object.Lookup(at.Taints).Elems())
	lacking := false
	for _, t := range g.Taints() {
		i := slices.IndexFunc(has, func(h Taint) bool { return h.Key == t.Key && h.Effect == t.Effect })
		switch {
		case i < 0:
			lacking, list = true, append(list, t.Node(at.Propagation))
		case has[i].Value != t.Value:
			p.askTaint(g, inventory.Field{Resource: r, Path: at.Taints}.Position(), fmt.Sprintf("policy: cluster: nodeGroups: %q: value: %q", g.Name, has[i].Value), "",
				"whether %s makes the nodes of node group %q, since it taints them %s=%s:%s", r.ID, g.Name, t.Key, has[i].Value, t.Effect)
			return
		}
	}
	if lacking || patched {
		patch.Taints = list
	}
	if patch.Label || patch.Taints != nil {
		g.Machinery.Patches = append(g.Machinery.Patches, patch)
	} else {
		p.note("", NodeGroups, "have label and taint of %q from %s of the repository", g.Name, r.ID)
	}
}

// mutating decides in which version the cluster takes a MutatingAdmissionPolicy:
// it is off before 1.34, off by default in 1.34 and 1.35, and v1 from 1.36 on.
func (p *planner) mutating(g *NodeGroup) {
	minor := 0
	if text := p.kubernetes(); text != "" {
		if _, err := fmt.Sscanf(text, "v1.%d", &minor); err != nil {
			minor = 0
		}
	}
	switch {
	case minor >= 36:
		g.Machinery.AdmissionAPI = "v1"
	case minor >= 34:
		g.Machinery.AdmissionAPI = "v1beta1"
		p.note("", NodeGroups, "of %q need MutatingAdmissionPolicy, which Kubernetes 1.%d has switched off: it takes the feature gate of that name and --runtime-config=admissionregistration.k8s.io/v1beta1=true", g.Name, minor)
	case minor == 0:
		p.askTaint(g, manifest.Position{}, "policy: cluster: kubernetes: \"1.36\"", "", "whether the cluster has MutatingAdmissionPolicy, which is to taint the nodes of node group %q", g.Name)
	default:
		p.askTaint(g, manifest.Position{}, "", "taint them by another way (taintBy)", "how nodes of node group %q get their taint, since Kubernetes 1.%d has no MutatingAdmissionPolicy beyond an alpha", g.Name, minor)
	}
}
