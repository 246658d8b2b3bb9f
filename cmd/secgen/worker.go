package main

import (
	"fmt"
	"runtime"
	"slices"

	"github.com/spf13/cobra"

	"github.com/secgen/secgen/isolate"
	"github.com/secgen/secgen/lint"
	"github.com/secgen/secgen/load/discover"
	"github.com/secgen/secgen/load/render"
	"github.com/secgen/secgen/load/source"
	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/schema"
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
			w := &worker{}
			return isolate.Serve(w.handle)
		},
	}
}

// job is what the main process asks of a worker: to render one root and, if it
// brings rules, to judge it.
type job struct {
	Top     string
	Limits  source.Limits
	Root    discover.Root
	Options render.Options
	// Rules are to be judged; without any the resources come back instead.
	Rules *ruleSelection
}

// answer is what a worker found. It is plain data for gob.
type answer struct {
	Problems  []source.Problem
	Notes     []render.Note
	Verdict   lint.Verdict
	Resources []*manifest.Resource
}

// worker keeps what the jobs of one process share.
type worker struct {
	rules *ruleSelection
	judge *lint.Judge
}

func (w *worker) handle(j job) (answer, bool, error) {
	tree, err := source.Open(j.Top, j.Limits)
	if err != nil {
		return answer{}, false, err
	}
	defer tree.Close()
	result := render.Render(tree, j.Root, j.Options)
	out := answer{Problems: result.Problems, Notes: result.Notes}
	if j.Rules == nil {
		out.Resources = result.Resources
		return out, result.Tainted, nil
	}
	judge, err := w.judgeFor(j.Rules)
	if err != nil {
		return answer{}, false, err
	}
	out.Verdict = judge.Root(j.Root.Name, result.Resources)
	return out, result.Tainted, nil
}

func (w *worker) judgeFor(rules *ruleSelection) (*lint.Judge, error) {
	if w.judge != nil && w.rules.equal(rules) {
		return w.judge, nil
	}
	bound, err := rules.bind()
	if err != nil {
		return nil, err
	}
	judge, err := newJudge(bound)
	if err != nil {
		return nil, err
	}
	w.rules, w.judge = rules, judge
	return w.judge, nil
}

// newJudge makes a judge that knows the pod templates of all kinds.
func newJudge(bound []*schema.Bound) (*lint.Judge, error) {
	workloads, err := workload.NewTable(workload.BuiltIn())
	if err != nil {
		return nil, err
	}
	return lint.NewJudge(bound, workloads), nil
}

// pool starts workers of this program, one for each core.
func (a *app) pool(limits isolate.Limits) (*isolate.Pool[job, answer], error) {
	path, args, err := a.self()
	if err != nil {
		return nil, fmt.Errorf("find secgen's own program, to start workers: %w", err)
	}
	return isolate.New[job, answer](isolate.Command{Path: path, Args: slices.Clone(args)}, runtime.GOMAXPROCS(0), limits), nil
}
