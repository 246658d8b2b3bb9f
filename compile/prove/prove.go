// Package prove holds what was printed against what the repository renders: does
// each roll-out fit the quotas, does each pod pass the limit ranges, is each
// declared flow allowed and what is not declared denied, and does the linter find
// nothing in the output.
//
// It reads the printed manifests, not the plan's numbers, and applies what the
// API server and Calico would do (packages admission and netpol). It asks a
// finite set of questions: every rendered pod, an unlabelled stranger in every
// namespace, the classes of addresses that the policies tell apart, and, for
// each, the ports of all flows with their neighbours, the pods' named ports and a
// port that nobody names. It does not know what runs in the cluster beside that.
package prove

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/secgen/secgen/compile/emit"
	"github.com/secgen/secgen/compile/inventory"
	"github.com/secgen/secgen/compile/plan"
	"github.com/secgen/secgen/kube"
	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/netpol"
)

// Failure is something that does not hold.
type Failure struct {
	Namespace string
	// Guardrail to withhold; "" where the repository's own objects are to blame.
	Guardrail plan.Guardrail
	Text      string
	// Positions are the source lines that the text speaks of.
	Positions []manifest.Position
}

func (f Failure) String() string {
	text := f.Text
	if f.Namespace != "" {
		text = "namespace " + f.Namespace + ": " + text
	}
	for _, p := range f.Positions {
		if !p.IsZero() {
			text += "\n  " + p.String()
		}
	}
	return text
}

// AddTo appends the failure to a list that does not have it yet.
func (f Failure) AddTo(list []Failure) []Failure {
	if slices.ContainsFunc(list, func(g Failure) bool { return g.Text == f.Text && g.Namespace == f.Namespace }) {
		return list
	}
	return append(list, f)
}

// proof carries what all parts need.
type proof struct {
	inv      *inventory.Inventory
	plan     *plan.Plan
	emitted  []*emitted
	failures []Failure
}

// emitted is a printed object, read back.
type emitted struct {
	*manifest.Resource
	guardrail plan.Guardrail
	namespace string
}

// All proves everything. An error says that a file cannot be read back or that
// the linter failed.
func All(inv *inventory.Inventory, p *plan.Plan, files []emit.File, lint plan.Judge) ([]Failure, error) {
	pr := &proof{inv: inv, plan: p}
	for _, f := range files {
		if strings.HasPrefix(f.Path, emit.Bootstrap) {
			continue // nothing there is for the API server
		}
		if err := pr.read(f); err != nil {
			return nil, err
		}
	}
	for _, name := range p.Refused {
		pr.fail("", "", nil, "namespace %q: the API server does not accept the name, and nothing is made for it; want at most 63 of a-z, 0-9 and -", name)
	}
	pr.valid()
	pr.admission()
	pr.podSecurity()
	pr.traffic()
	pr.nodePorts()
	pr.nodeGroups()
	pr.images()
	pr.projects()
	pr.tenants()
	pr.hosts()
	if err := pr.lint(lint); err != nil {
		return nil, err
	}
	return pr.failures, nil
}

func (p *proof) fail(namespace string, g plan.Guardrail, positions []manifest.Position, format string, args ...any) {
	p.failures = append(p.failures, Failure{Namespace: namespace, Guardrail: g, Text: fmt.Sprintf(format, args...), Positions: positions})
}

// read parses a printed file.
func (p *proof) read(f emit.File) error {
	dec := yaml.NewDecoder(bytes.NewReader(f.Content))
	for _, o := range f.Objects {
		var y yaml.Node
		if err := dec.Decode(&y); err != nil {
			return fmt.Errorf("read back %s: %w", f.Path, err)
		}
		node, err := manifest.FromYAML(&y, func(n *yaml.Node) manifest.Position {
			return manifest.Position{File: f.Path, Line: n.Line, Column: n.Column}
		})
		if err != nil {
			return fmt.Errorf("read back %s: %w", f.Path, err)
		}
		id := manifest.IDOf(node)
		r := &manifest.Resource{ID: id, Object: node, Origin: manifest.Origin{Position: node.Pos, ID: id}}
		p.emitted = append(p.emitted, &emitted{r, o.Guardrail, o.Namespace})
	}
	return nil
}

// valid asks whether Calico and Kubernetes would take the printed objects: fields
// and values of built-in kinds, names, selectors, CIDRs, ports, and what Calico
// demands of each kind of policy.
func (p *proof) valid() {
	var resources []*manifest.Resource
	owner := map[*manifest.Resource]*emitted{}
	for _, e := range p.emitted {
		resources = append(resources, e.Resource)
		owner[e.Resource] = e
		if why := validation.IsDNS1123Subdomain(e.ID.Name); len(why) > 0 {
			p.fail(e.namespace, e.guardrail, nil, "%s: the name is refused: %s", e.ID, why[0])
		}
		for _, problem := range kube.Check(e.Object) {
			p.fail(e.namespace, e.guardrail, nil, "%s: %s is %s, want %s", e.ID, problem.Path, problem.Found, problem.Want)
		}
	}
	_, problems := netpol.New(resources, netpol.Options{})
	for _, problem := range problems {
		if e := owner[problem.Resource]; e != nil && problem.Refused {
			p.fail(e.namespace, e.guardrail, nil, "%s: %s %s", e.ID, problem.Path, problem.Message)
		}
	}
}

// podSecurity holds the level that the policy asks for against the workloads.
func (p *proof) podSecurity() {
	for _, n := range p.plan.Namespaces {
		if s := n.PodSecurity; s != nil && s.Enforce && s.Against != nil {
			p.fail(n.Name, plan.PodSecurity, []manifest.Position{s.Against.Position},
				"Pod Security %s would refuse %s: %s", s.Level, s.Against.Resource, s.Against.Message)
		}
	}
}

// lint runs the default rules over repository and output, and takes what they say
// against the output.
func (p *proof) lint(judge plan.Judge) error {
	if judge == nil {
		return nil
	}
	all := slices.Clone(p.inv.Resources)
	owner := map[manifest.ID]*emitted{}
	for _, e := range p.emitted {
		all = append(all, e.Resource)
		owner[e.ID] = e
	}
	complaints, err := judge("recommended", all)
	if err != nil {
		return fmt.Errorf("lint the output: %w", err)
	}
	for _, c := range complaints {
		if e := owner[c.Resource]; e != nil && !p.withheld(e, c.Rule) {
			p.fail(e.namespace, e.guardrail, []manifest.Position{c.Position}, "%s breaks rule %s: %s", c.Resource, c.Rule, strings.TrimSpace(c.Message))
		}
	}
	return nil
}

// withheld tells whether a rule misses beside a printed Namespace what the plan
// leaves out: a question or a note has said so, and the Namespace is right.
func (p *proof) withheld(e *emitted, rule string) bool {
	i := slices.IndexFunc(p.plan.Namespaces, func(n *plan.Namespace) bool { return n.Name == e.namespace })
	if e.ID.Kind != "Namespace" || i < 0 {
		return false
	}
	n := p.plan.Namespaces[i]
	switch rule {
	case "namespace-without-default-deny", "namespace-without-egress-default-deny":
		return n.Traffic == nil || n.Traffic.Mode != plan.Enforce
	case "namespace-without-quota":
		return n.Quota == nil
	case "namespace-without-limit-range":
		return n.Limits == nil
	case "namespace-without-rbac":
		return len(n.Roles) == 0
	case "namespace-without-pod-security":
		return n.PodSecurity == nil || !n.PodSecurity.Enforce
	}
	return false
}
