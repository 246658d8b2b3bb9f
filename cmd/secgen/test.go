package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/secgen/secgen/isolate"
	"github.com/secgen/secgen/lint"
	"github.com/secgen/secgen/lint/view"
	"github.com/secgen/secgen/load/discover"
	"github.com/secgen/secgen/load/render"
	"github.com/secgen/secgen/load/source"
	"github.com/secgen/secgen/schema"
	"github.com/secgen/secgen/workload"
)

const testLong = `Test runs the rules at or below DIR (default: the working directory) on the fixtures
that stand beside them. In fail*.yaml a comment "# want RULE" ends each offending
line; pass*.yaml has no finding. A folder fail* or pass* is a repository of several
files. With --scaffold it writes a first rule with its fixtures instead.

Exit status: 0 all fixtures are as they say; 1 one is not; 2 a rule is wrong.`

func (a *app) testCommand() *cobra.Command {
	var flags limitFlags
	var scaffold string
	cmd := &cobra.Command{
		Use:   "test [DIR]",
		Short: "Run the unit tests of your own rules",
		Long:  testLong,
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			dir := "."
			if len(args) > 0 {
				dir = args[0]
			}
			if scaffold != "" {
				return a.scaffold(dir, scaffold)
			}
			return a.test(cmd.Context(), dir, &flags)
		},
	}
	flags.add(cmd)
	cmd.Flags().Lookup("root").Hidden = true
	cmd.Flags().StringVar(&scaffold, "scaffold", "", "write a first rule of this name, with fixtures, into DIR")
	return cmd
}

func (a *app) test(ctx context.Context, dir string, flags *limitFlags) error {
	limits, err := flags.limits()
	if err != nil {
		return err
	}
	bounds, err := flags.reading()
	if err != nil {
		return err
	}
	cwd, err := a.getwd()
	if err != nil {
		return err
	}
	abs := inDir(cwd, dir)
	if info, err := os.Stat(abs); err != nil || !info.IsDir() {
		return fmt.Errorf("%s is no folder; name one that holds rules", dir)
	}
	pool, err := a.pool(limits)
	if err != nil {
		return err
	}
	defer pool.Close()
	shapes, err := ownShapes(ctx, pool, bounds, cwd, dir)
	if err != nil {
		return err
	}
	answer, err := pool.Do(ctx, job{Top: abs, Limits: bounds, Test: &testJob{Shapes: shapes}})
	var failure *isolate.Failure
	if errors.As(err, &failure) {
		return fmt.Errorf("testing the rules of %s %w", dir, failure)
	}
	if err != nil {
		return err
	}
	for i := range answer.Policy.Problems {
		p := &answer.Policy.Problems[i]
		p.Position.File = path.Join(filepath.ToSlash(dir), p.Position.File)
	}
	if err := joined(answer.Policy.Problems); err != nil {
		return err
	}
	report := answer.Test
	for _, f := range report.Failures {
		f.File = path.Join(filepath.ToSlash(dir), f.File)
		fmt.Fprintln(a.out, f)
	}
	fmt.Fprintf(a.out, "rules %d, fixtures %d, failures %d\n", report.Rules, report.Fixtures, len(report.Failures))
	if len(report.Failures) > 0 {
		return exitError(exitFindings)
	}
	return nil
}

// ownShapes are the kinds with a pod template that the configuration of the
// repository around a folder adds, if it is in one.
func ownShapes(ctx context.Context, pool *isolate.Pool[job, answer], bounds source.Limits, cwd, dir string) ([]workload.Shape, error) {
	top, _, err := discover.Locate(cwd, "", []string{dir})
	if err != nil {
		return nil, nil // no repository, so no configuration
	}
	tree, err := source.Open(top, bounds)
	if err != nil {
		return nil, err
	}
	defer tree.Close()
	s := &session{tree: tree, pool: pool}
	j, err := s.policyJob(&ruleFlags{}, cwd)
	if err != nil || j == nil {
		return nil, err
	}
	j.ConfigOnly = true
	policy, err := s.evaluated(ctx, j)
	if err != nil {
		return nil, err
	}
	_, err = policy.table()
	return policy.shapes(), err
}

// testJob is plain data for gob.
type testJob struct {
	// Shapes are kinds with a pod template beyond those that secgen knows.
	Shapes []workload.Shape
}

// run runs in a worker: it evaluates CUE that is not ours.
func (j *testJob) run(tree *source.Tree) answer {
	out := answer{Policy: &policyAnswer{}, Test: &schema.TestReport{}}
	set, err := schema.LoadRules(tree.FS(), ".")
	if err == nil {
		out.Test, err = set.RunFixtures(tree.FS(), func(rules []*schema.Bound, files map[string][]byte) ([]schema.Found, error) {
			return j.lint(tree, rules, files)
		})
	}
	if err != nil {
		out.Policy.Problems = problemsOf(err)
	}
	return out
}

// lint judges files as one root, as the command lint would, namespaces included.
func (j *testJob) lint(tree *source.Tree, rules []*schema.Bound, files map[string][]byte) ([]schema.Found, error) {
	table, err := workload.NewTable(append(workload.BuiltIn(), j.Shapes...))
	if err != nil {
		return nil, err
	}
	root := discover.Root{Name: "fixture", Dir: ".", Manifests: slices.Sorted(maps.Keys(files))}
	result := render.Render(tree, root, render.Options{Input: files})
	if len(result.Problems) > 0 {
		return nil, &result.Problems[0]
	}
	judge, err := lint.NewJudge(rules, table)
	if err != nil {
		return nil, err
	}
	verdict := judge.Root(root.Name, result.Resources)
	policy, err := schema.PolicyIn(files)
	if err != nil {
		return nil, err
	}
	all := judge.Repository([]view.Digest{verdict.Digest}, view.Landscape{Policy: policy}, map[string]bool{root.Name: true})
	all = append(all, lint.RootViolations{Root: root.Name, Violations: verdict.Violations})
	var found []schema.Found
	for _, f := range lint.Merge(all) {
		found = append(found, schema.Found{Rule: f.Rule, File: f.Position.File, Line: f.Position.Line, Message: f.Message})
	}
	return found, nil
}

var ruleName = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)

// scaffold writes a rule that works, for its author to change. It overwrites
// nothing.
func (a *app) scaffold(dir, name string) error {
	if !ruleName.MatchString(name) {
		return fmt.Errorf("--scaffold %s: a rule's name is lower-case words with hyphens, such as image-digest", name)
	}
	cwd, err := a.getwd()
	if err != nil {
		return err
	}
	folder := filepath.Join(inDir(cwd, dir), name)
	if _, err := os.Lstat(folder); err == nil {
		return fmt.Errorf("%s is there already; choose another name", filepath.Join(dir, name))
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	for _, file := range []struct{ name, text string }{
		{"rule.cue", scaffoldRule}, {"fail.yaml", scaffoldFail}, {"pass.yaml", scaffoldPass},
	} {
		text := strings.ReplaceAll(file.text, "RULE", name)
		if err := os.WriteFile(filepath.Join(folder, file.name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	fmt.Fprintf(a.out, "wrote %s: rule.cue, fail.yaml, pass.yaml\nChange them, and run: secgen test %s\n",
		filepath.ToSlash(filepath.Join(dir, name)), filepath.ToSlash(dir))
	return nil
}

const scaffoldRule = `package rules

import "github.com/secgen/secgen/schema"

"RULE": schema.#Rule & {
	severity: "medium"
	// What the rule judges: object, pod, container, service, ingress, role, binding,
	// namespace. 'secgen explain' of a rule that is like yours shows how others do it.
	view:  "container"
	title: "Container has no liveness probe"
	why: """
		A container that hangs is not restarted.
		"""
	remedy: """
		Add a probe.

		livenessProbe:
		  httpGet: {path: /healthz, port: http}
		"""
	message: "{facts.noun} {name} has no liveness probe"
	references: ["https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/"]
	// x!: demands a field, x?: demands something of a field that is there.
	match: facts!: kind!: "container"
	require: livenessProbe!: {...}
}
`

const scaffoldFail = `apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
    - name: web # want RULE
      image: registry.example.com/web:1.0
`

const scaffoldPass = `apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
    - name: web
      image: registry.example.com/web:1.0
      livenessProbe:
        httpGet:
          path: /healthz
          port: 8080
`
