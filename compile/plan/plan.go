// Package plan decides the guardrails of every namespace, with the reason for
// each number and each allow. It reads the inventory of one environment and the
// policy, and makes plain values: package emit prints them, package prove checks
// them.
//
// It promises that nothing in a plan is guessed: what no manifest and no policy
// says becomes a Question, which names the line of CUE that answers it and
// withholds that one guardrail. It does not know whether the plan holds; that is
// for the proof to say.
package plan

import (
	"cmp"
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/secgen/secgen/compile/inventory"
	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/schema"
)

// Complaint is what a rule says against a resource.
type Complaint struct {
	Rule     string
	Message  string
	Resource manifest.ID
	Position manifest.Position
}

// Judge runs the rules of a profile ("pss-baseline", "pss-restricted", ...) over
// resources. It is the linter, handed in.
type Judge func(profile string, resources []*manifest.Resource) ([]Complaint, error)

// Input is what a plan is made of.
type Input struct {
	Inventory *inventory.Inventory
	// Policy may be nil.
	Policy *schema.Policy
	// Judge may be nil: then no pod security level is known.
	Judge   Judge
	Options Options
}

// Options are what the command line says.
type Options struct {
	// Namespaces restricts the plan to those; none means all.
	Namespaces []string
	// Mode overrides the policy's: Enforce, Staged or "".
	Mode Mode
	// Dialect of network policies; "" is Calico, once it is known that the cluster
	// takes it.
	Dialect Dialect
}

// Plan is what to make of an environment.
type Plan struct {
	Namespaces []*Namespace
	// Networks are those of the policy, by name.
	Networks map[string]schema.NetworkPolicy
	// PodNetwork is a CIDR, "" where the policy says none.
	PodNetwork string
	// NodePorts is nil where the policy does not close them, Region where it names
	// no data set.
	NodePorts *NodePortGuard
	Region    *Region
	// Hosts is nil where the policy does not guard nodes, or the provider does.
	Hosts *Hosts
	// NodeGroups are ordered by name.
	NodeGroups []*NodeGroup
	// Images is the rule of the namespaces that have none of their own; nil where the
	// policy names no registries.
	Images *ImageRule
	// Audit says that the policy asks for an audit policy.
	Audit bool
	// Legacy are documents of calicoctl v1 to write as v3 has them.
	Legacy    []*manifest.Resource
	Questions []Question
	Notes     []Note
	// Refused are names of namespaces that the API server does not accept; nothing
	// is made for them.
	Refused []string
}

// Namespace is what to make of one namespace. A guardrail that is nil is withheld
// or not needed; the plan's questions and notes say which.
type Namespace struct {
	*inventory.Namespace
	Policy schema.NamespacePolicy
	// Root renders the Namespace object; "" where none does.
	Root string
	// Limits comes first: the quota counts pods with its defaults.
	Limits *Limits
	Quota  *ResourceQuota
	// Priorities bound the pods of each priority class that the workloads use, within
	// Quota.
	Priorities     []*ResourceQuota
	PodSecurity    *PodSecurityLabels
	Roles          []Role
	ServiceAccount *Account
	Traffic        *Isolation
	// Isolated says that the repository's own policies deny both directions, so that
	// Traffic is not needed.
	Isolated bool
	// Left are the flows of pods that the repository's own policies isolate.
	Left    []Flow
	Images  *ImageRule
	Mesh    *MeshRule
	Project *Project
	// Tenant is nil where Flux does not deploy, or not with rights of the namespace.
	Tenant *Tenant
}

// planner carries the plan while it is made.
type planner struct {
	Input
	plan *Plan
}

// New plans the guardrails of an environment. An error says that the judge
// failed or that the policy is wrong.
func New(in Input) (*Plan, error) {
	p := &planner{Input: in, plan: &Plan{}}
	levels, err := p.podSecurityLevels()
	if err != nil {
		return nil, err
	}
	for _, ns := range p.namespaces() {
		n := &Namespace{Namespace: ns, Policy: in.Policy.For(ns.Name)}
		if ns.Object != nil {
			n.Root = in.Inventory.RootOf(ns.Object)
		}
		p.plan.Namespaces = append(p.plan.Namespaces, n)
		if err := p.limits(n); err != nil {
			return nil, err
		}
		if err := p.quota(n); err != nil {
			return nil, err
		}
		p.podSecurity(n, levels)
		if err := p.access(n); err != nil {
			return nil, err
		}
		p.account(n)
		p.images(n)
		p.project(n)
		p.tenant(n)
	}
	p.clusterImages()
	p.plan.Audit = in.Policy != nil && in.Policy.Cluster.Audit
	if err := p.region(); err != nil {
		return nil, err
	}
	if err := p.networks(); err != nil {
		return nil, err
	}
	if err := p.traffic(); err != nil {
		return nil, err
	}
	if err := p.nodePorts(); err != nil {
		return nil, err
	}
	if err := p.nodeGroups(); err != nil {
		return nil, err
	}
	p.hosts()
	p.legacy()
	p.homeless()
	p.names()
	slices.SortStableFunc(p.plan.Questions, func(a, b Question) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Guardrail, b.Guardrail), cmp.Compare(a.Text, b.Text))
	})
	p.plan.Questions = grouped(slices.Compact(p.plan.Questions))
	for i, q := range p.plan.Questions {
		p.plan.Questions[i].Joins = in.Policy.HasListOf(q.Answer)
	}
	return p.plan, nil
}

// namespaces are those to guard: rendered, used by a workload or named by the
// policy; of the platform's own only those that the policy names.
func (p *planner) namespaces() []*inventory.Namespace {
	var out []*inventory.Namespace
	named := func(name string) bool {
		if p.Policy == nil {
			return false
		}
		_, ok := p.Policy.Namespaces[name]
		return ok
	}
	for _, ns := range p.Inventory.Namespaces {
		switch {
		case len(validation.IsDNS1123Label(ns.Name)) > 0:
			p.plan.Refused = append(p.plan.Refused, ns.Name)
		case len(p.Options.Namespaces) > 0 && !slices.Contains(p.Options.Namespaces, ns.Name):
		case inventory.Platform(ns.Name) && !named(ns.Name):
			p.note(ns.Name, "", "belongs to the platform and gets no guardrails; name it under policy.namespaces to change that")
		case ns.Object == nil && len(ns.Workloads) == 0 && !named(ns.Name):
			p.note(ns.Name, "", "has neither a Namespace object nor a workload in these roots, and gets no guardrails")
		default:
			out = append(out, ns)
		}
	}
	if p.Policy != nil {
		for name := range p.Policy.Namespaces {
			if p.Inventory.Namespace(name) == nil && (len(p.Options.Namespaces) == 0 || slices.Contains(p.Options.Namespaces, name)) {
				out = append(out, &inventory.Namespace{Name: name})
			}
		}
	}
	slices.SortFunc(out, func(a, b *inventory.Namespace) int { return cmp.Compare(a.Name, b.Name) })
	return out
}

// homeless asks for the namespace of pods that name none.
func (p *planner) homeless() {
	seen := map[string]bool{}
	for _, r := range p.Inventory.Homeless {
		root := p.Inventory.RootOf(r)
		if seen[root] {
			continue
		}
		seen[root] = true
		pos, _ := r.Locate(manifest.Path("metadata", "namespace"))
		p.ask(Question{
			Guardrail: Quota, Position: pos,
			Text:   fmt.Sprintf("which namespace root %s lands in, with %s and all else that names none", root, r.ID),
			Answer: fmt.Sprintf("policy: roots: %q: namespace: \"...\"", root),
		})
	}
}

// noWorkload stands where a claim about all workloads of a namespace would be empty.
const noWorkload = "no workload is declared yet"

// unseen says why pods or containers may be in the namespace that nobody renders;
// "" where all are rendered.
func (n *Namespace) unseen() string {
	if len(n.Opaque) > 0 {
		return n.Opaque[0].ID.String() + " may make pods that are not rendered"
	}
	if why, sidecars := meshOf(n.Namespace, n.Policy); sidecars {
		return why + " adds a sidecar to each pod"
	}
	return ""
}

// unrendered asks what the pods need that operators and charts make in the
// namespace, and tells whether it is known.
func (p *planner) unrendered(n *Namespace, g Guardrail) bool {
	if n.Policy.Unrendered != nil || len(n.Opaque) == 0 {
		return true
	}
	r := n.Opaque[0]
	pos, _ := r.Locate(manifest.Path("kind"))
	p.ask(Question{
		Namespace: n.Name, Guardrail: g, Position: pos,
		Text:   fmt.Sprintf("what the pods need that %s makes, which is not rendered here", r.ID),
		Answer: fmt.Sprintf("policy: namespaces: %q: unrendered: {pods: 0, requests: {cpu: \"0\", memory: \"0\"}}", n.Name),
	})
	return false
}
