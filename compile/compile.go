// Package compile writes the guardrails of every namespace, derived from what the
// repository renders and proven against it.
//
// The walk, a package a step:
//
//	inventory  resources -> namespaces with their workloads and the most pods of each
//	plan       inventory and policy -> what to make, with the reason of each number and allow
//	emit       plan -> manifests
//	prove      manifests and inventory -> what does not hold; it is withheld, and the walk from emit on starts again
//	write      files -> disk, whole or not at all
//
// It promises that what it returns breaks nothing that the repository declares,
// as far as package prove can tell, and that everything it could not know is a
// question. It does not read files and does not render: the caller hands in
// resources, and the linter as a function.
package compile

import (
	"fmt"
	"path"
	"slices"

	"github.com/secgen/secgen/compile/emit"
	"github.com/secgen/secgen/compile/inventory"
	"github.com/secgen/secgen/compile/plan"
	"github.com/secgen/secgen/compile/prove"
	"github.com/secgen/secgen/schema"
	"github.com/secgen/secgen/workload"
)

// Input is one environment, ready to compile.
type Input struct {
	// Environment is its name, "" where none is configured. It is the folder of the
	// output.
	Environment string
	Roots       []inventory.Root
	// Policy may be nil.
	Policy *schema.Policy
	// Lint may be nil: then no pod security level is known, and the output is not
	// linted.
	Lint plan.Judge
	// Workloads finds pod templates; nil is what workload.BuiltIn knows.
	Workloads *workload.Table
	Options   Options
}

// Options are what the command line says.
type Options struct {
	plan.Options
	// AllowUnproven writes a guardrail whose proof fails, and marks it.
	AllowUnproven bool
}

// Result is what compile made of an environment.
type Result struct {
	// Files are relative to the output folder, ordered by path.
	Files     []emit.File
	Questions []plan.Question
	Notes     []plan.Note
	// Unproven is what the proof refused; the guardrails are withheld unless
	// Options.AllowUnproven.
	Unproven []prove.Failure
	// Explain is the whole derivation and the proof, for people.
	Explain string
}

// Clean tells whether everything is known and proven, so that compile ends with
// success.
func (r *Result) Clean() bool { return len(r.Questions) == 0 && len(r.Unproven) == 0 }

// Run compiles one environment. An error says that the roots or the policy are
// wrong; what is not known or not proven is in the result.
func Run(in Input) (*Result, error) {
	table := in.Workloads
	if table == nil {
		var err error
		if table, err = workload.NewTable(workload.BuiltIn()); err != nil {
			return nil, err
		}
	}
	inv, err := inventory.New(landing(in.Roots, in.Policy), facts(in.Policy), table)
	if err != nil {
		return nil, err
	}
	p, err := plan.New(plan.Input{Inventory: inv, Policy: in.Policy, Judge: in.Lint, Options: in.Options.Options})
	if err != nil {
		return nil, err
	}
	result := &Result{Questions: p.Questions, Notes: p.Notes}
	if err := result.prove(inv, p, in); err != nil {
		return nil, err
	}
	result.Explain = explain(in.Environment, p, result)
	for i := range result.Files {
		result.Files[i].Path = path.Join(in.Environment, result.Files[i].Path)
	}
	return result, nil
}

// Together is an *inventory.Conflict where roots cannot land in one cluster
// together.
func Together(roots []inventory.Root, policy *schema.Policy) error {
	return inventory.Together(landing(roots, policy))
}

// prove prints the plan and takes out what does not hold, until all that is left
// does. Each round but the last withholds a guardrail that none withheld before, so
// that it ends, whatever fails without the guardrail too.
func (r *Result) prove(inv *inventory.Inventory, p *plan.Plan, in Input) error {
	marks := map[guardrail][]string{}
	judged := map[guardrail]bool{}
	unproven := func(namespace string, g plan.Guardrail) []string { return marks[guardrail{namespace, g}] }
	for {
		files, err := emit.Files(p, unproven)
		if err != nil {
			return fmt.Errorf("print the guardrails: %w", err)
		}
		failures, err := prove.All(inv, p, files, in.Lint)
		if err != nil {
			return err
		}
		r.Files = files
		progress := false
		for _, f := range failures {
			at := guardrail{f.Namespace, f.Guardrail}
			if f.Guardrail == "" || judged[at] {
				continue
			}
			judged[at], progress = true, true
			if in.Options.AllowUnproven {
				marks[at] = append(marks[at], f.Text)
			} else {
				p.Withhold(f.Namespace, f.Guardrail)
			}
		}
		for _, f := range failures {
			r.Unproven = f.AddTo(r.Unproven)
		}
		if !progress {
			return nil
		}
	}
}

type guardrail struct {
	namespace string
	g         plan.Guardrail
}

// landing gives roots the namespaces that the policy knows.
func landing(roots []inventory.Root, p *schema.Policy) []inventory.Root {
	out := slices.Clone(roots)
	for i := range out {
		if p != nil && out[i].Namespace == "" {
			out[i].Namespace = p.Roots[out[i].Path].Namespace
		}
	}
	return out
}

// facts are what the policy says about the number of pods.
func facts(p *schema.Policy) inventory.Facts {
	f := inventory.Facts{Pods: map[string]map[string]int64{}}
	if p == nil {
		return f
	}
	f.Nodes = p.Cluster.Nodes
	for name, n := range p.Namespaces {
		for key, w := range n.Workloads {
			if w.Pods == 0 {
				continue
			}
			if f.Pods[name] == nil {
				f.Pods[name] = map[string]int64{}
			}
			f.Pods[name][key] = w.Pods
		}
	}
	return f
}
