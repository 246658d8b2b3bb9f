package main

import (
	"fmt"
	"runtime"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/secgen/secgen/isolate"
	"github.com/secgen/secgen/lint"
	"github.com/secgen/secgen/lint/view"
	"github.com/secgen/secgen/load/discover"
	"github.com/secgen/secgen/load/render"
	"github.com/secgen/secgen/load/source"
	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/schema"
	"github.com/secgen/secgen/starter"
	"github.com/secgen/secgen/workload"
)

// workerCommand is the hidden command under which secgen starts itself.
const workerCommand = "worker"

func (a *app) workerCommand() *cobra.Command {
	return &cobra.Command{
		Use:    workerCommand,
		Short:  "Serve jobs of a parent process",
		Hidden: true,
		Args:   cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return isolate.Serve((&worker{}).handle)
		},
	}
}

// job is what the main process asks of a worker. It is plain data for gob.
type job struct {
	Top    string
	Limits source.Limits
	// Policy is the repository's own CUE to evaluate, or nil.
	Policy *policyJob
	// Root is to be rendered, unless there is a Policy, a Test or Together.
	Root    discover.Root
	Options render.Options
	// Record asks for Seen.
	Record bool
	// Rules judge what was rendered; without any the resources come back instead.
	Rules *ruleSelection
	// Survey asks for a survey too.
	Survey bool
	// CUE runs the rules that are not compiled, out of this policy, and no others.
	CUE *policyJob
	// Test runs the fixtures of the rules below Top.
	Test *testJob
	// Together is what namespaces and environments are judged by, instead of a root.
	Together *together
}

// together is what all roots make up.
type together struct {
	Digests   []view.Digest
	Landscape view.Landscape
	Selected  map[string]bool
	// Kustomizations are the files that the selected roots are made of.
	Kustomizations []view.Kustomization
}

// answer is what a worker found. It is plain data for gob.
type answer struct {
	Problems []source.Problem
	Notes    []render.Note
	// Seen is what the result was made of, where it is to be kept.
	Seen      []source.Seen
	Verdict   lint.Verdict
	Survey    starter.Survey
	Resources []*manifest.Resource
	Policy    *policyAnswer
	Together  []lint.RootViolations
	Test      *schema.TestReport
	Took      took
}

// took is the wall time of a worker's stages: of rendering, of the pre-check in
// it, and of facts and rules.
type took struct{ Render, Check, Rules time.Duration }

// worker keeps what the jobs of one process share.
type worker struct {
	rules    *ruleSelection
	judge    *lint.Judge
	renderer render.Renderer
}

func (w *worker) handle(j job) (answer, bool, error) {
	tree, err := source.Open(j.Top, j.Limits)
	if err != nil {
		return answer{}, false, err
	}
	defer tree.Close()
	tree.Keep(0) // a build asks for the same paths again and again
	switch {
	case j.Policy != nil:
		// CUE frees little of its memory; nobody else needs this process.
		return answer{Policy: j.Policy.evaluate(tree)}, true, nil
	case j.Test != nil:
		return j.Test.run(tree), true, nil
	case j.CUE != nil:
		return w.cue(j, tree)
	}
	if j.Record {
		tree.Record()
	}
	begin := time.Now()
	result := w.renderer.Render(tree, j.Root, j.Options)
	out := answer{Problems: result.Problems, Notes: result.Notes, Took: took{Render: time.Since(begin), Check: result.Checking}}
	if j.Record {
		out.Seen = tree.Seen()
	}
	if j.Rules == nil {
		out.Resources = result.Resources
		return out, result.Tainted, nil
	}
	begin = time.Now()
	if err := w.bind(j.Rules); err != nil {
		return answer{}, false, err
	}
	out.Verdict = w.judge.Root(j.Root.Name, result.Resources)
	out.Took.Rules = time.Since(begin)
	if j.Survey {
		known, err := workload.NewTable(workload.BuiltIn())
		if err != nil {
			return answer{}, false, err
		}
		out.Survey = starter.Of(result.Resources, known)
	}
	return out, result.Tainted, nil
}

// bind makes the judge of the rules, unless the last job had the same.
func (w *worker) bind(rules *ruleSelection) error {
	if w.judge != nil && w.rules.equal(rules) {
		return nil
	}
	set, err := rulesWith(rules.Own)
	if err != nil {
		return err
	}
	if w.judge, _, err = rules.judge(set, nil); err != nil {
		return err
	}
	w.rules = rules
	return nil
}

// cue judges a root, or all of them together, by the rules that are left to CUE.
func (w *worker) cue(j job, tree *source.Tree) (answer, bool, error) {
	set, err := j.CUE.load(tree)
	if err != nil {
		return answer{}, true, err
	}
	all, err := rulesWith(j.Rules.Own)
	if err != nil {
		return answer{}, true, err
	}
	judge, _, err := j.Rules.judge(all, set)
	if err != nil {
		return answer{}, true, err
	}
	if t := j.Together; t != nil {
		found, tallies := judge.RepositoryTallied(t.Digests, t.Landscape, t.Selected)
		files, more := judge.Kustomizations(t.Kustomizations)
		tallies.Add(more)
		return answer{Together: append(found, files...), Verdict: lint.Verdict{Tallies: tallies}}, true, nil
	}
	result := w.renderer.Render(tree, j.Root, j.Options)
	return answer{Verdict: judge.Root(j.Root.Name, result.Resources)}, true, nil
}

// pool starts workers of this program, one for each core.
func (a *app) pool(limits isolate.Limits) (*isolate.Pool[job, answer], error) {
	path, args, err := a.self()
	if err != nil {
		return nil, fmt.Errorf("find secgen's own program, to start workers: %w", err)
	}
	return isolate.New[job, answer](isolate.Command{Path: path, Args: slices.Clone(args)}, runtime.GOMAXPROCS(0), limits), nil
}
