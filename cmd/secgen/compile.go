package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/secgen/secgen/compile"
	"github.com/secgen/secgen/compile/emit"
	"github.com/secgen/secgen/compile/inventory"
	"github.com/secgen/secgen/compile/plan"
	"github.com/secgen/secgen/compile/write"
	"github.com/secgen/secgen/lint"
	"github.com/secgen/secgen/lint/view"
	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/schema"
	"github.com/secgen/secgen/workload"
)

const compileLong = `Compile derives the guardrails of every namespace (network policies, quotas, limit
ranges, Pod Security labels, RBAC) from what the selected roots render and from the
policy in secgen.cue, proves them against the rendered workloads, and writes them
into DIR, for Argo CD or Flux to sync. What it needs to know and cannot is a
question that names the line of secgen.cue which answers it.

Exit status: 0 proven and written, or with --check equal; 1 different, unproven,
unread input, or an open question; 2 usage, configuration, policy or internal error.`

type compileFlags struct {
	limitFlags
	config, output, mode, dialect string
	namespaces                    []string
	check, explain, unproven      bool
	anyway                        bool
}

func (a *app) compileCommand() *cobra.Command {
	var flags compileFlags
	cmd := &cobra.Command{
		Use:   "compile [PATH...] -o DIR",
		Short: "Write the guardrails of every namespace, derived from the repository and proven against it",
		Long:  compileLong,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.compile(cmd.Context(), args, &flags)
		},
	}
	flags.limitFlags.add(cmd)
	f := cmd.Flags()
	f.StringVar(&flags.config, "config", "", "configuration that replaces the repository's own secgen.cue")
	f.StringVarP(&flags.output, "output", "o", "", "folder to write to, inside the repository")
	f.BoolVar(&flags.check, "check", false, "write nothing; print the difference to what is there")
	f.BoolVar(&flags.explain, "explain", false, "print how each number and each allow was derived, and the proof")
	f.StringSliceVar(&flags.namespaces, "namespace", nil, "compile this namespace only; may be repeated")
	f.StringVar(&flags.mode, "mode", "", "enforce traffic policies, or have them staged (default: what the policy says, or staged without a policy)")
	f.StringVar(&flags.dialect, "dialect", "", "calico or kubernetes (default: calico, once it is known that the cluster takes it)")
	f.BoolVar(&flags.unproven, "allow-unproven", false, "write what could not be proven too, and mark it")
	f.BoolVar(&flags.anyway, "allow-any-output", false, "accept an output folder outside the repository, through a symbolic link, in an input, or with files of somebody else")
	return cmd
}

// options are the flags as compile takes them.
func (f *compileFlags) options() (compile.Options, error) {
	o := compile.Options{
		Options:       plan.Options{Namespaces: f.namespaces, Mode: plan.Mode(f.mode), Dialect: plan.Dialect(f.dialect)},
		AllowUnproven: f.unproven,
	}
	switch {
	case !slices.Contains([]plan.Mode{"", plan.Enforce, plan.Staged}, o.Mode):
		return o, fmt.Errorf("--mode %s: want %s or %s", f.mode, plan.Enforce, plan.Staged)
	case !slices.Contains([]plan.Dialect{"", plan.Calico, plan.Kubernetes}, o.Dialect):
		return o, fmt.Errorf("--dialect %s: want %s or %s", f.dialect, plan.Calico, plan.Kubernetes)
	case f.output == "" && !f.explain:
		return o, errors.New("name the folder to write to with -o DIR, or ask for --explain")
	case f.output == "" && f.check:
		return o, errors.New("--check compares with a folder; name it with -o DIR")
	}
	return o, nil
}

func (a *app) compile(ctx context.Context, paths []string, flags *compileFlags) error {
	options, err := flags.options()
	if err != nil {
		return err
	}
	s, err := a.open(paths, &flags.limitFlags)
	if err != nil {
		return err
	}
	defer s.close()
	if len(s.selected) == 0 {
		return fmt.Errorf("nothing to compile: no manifest and no kustomization at or below %s", strings.Join(s.paths, ", "))
	}
	cwd, err := a.getwd()
	if err != nil {
		return err
	}
	rules := ruleFlags{config: flags.config}
	policy, _, err := s.policy(ctx, &rules, cwd)
	if err != nil {
		return err
	}
	results, err := s.render(ctx, s.selected, nil, func() {})
	if err != nil {
		return err
	}
	if a.unread(results) {
		fmt.Fprintln(a.err, "secgen: what could not be read may need more than the guardrails would leave it; nothing is written")
		return exitError(exitFindings)
	}
	environments, err := split(results, policy)
	if err != nil {
		return err
	}
	clean := true
	var files []write.File
	for _, e := range environments {
		result, err := e.run(policy, options)
		if err != nil {
			return err
		}
		clean = a.report(e, result, flags.explain) && clean
		for _, f := range result.Files {
			files = append(files, write.File{Path: f.Path, Content: f.Content})
		}
	}
	if flags.output != "" {
		same, err := a.put(s, cwd, flags, files)
		if err != nil {
			return err
		}
		clean = clean && same
	}
	if !clean {
		return exitError(exitFindings)
	}
	return nil
}

// unread prints what could not be read, and tells whether there is any.
func (a *app) unread(results []rendered) bool {
	any := false
	for _, r := range results {
		for _, u := range r.unread {
			any = true
			fmt.Fprintf(a.err, "%s: %s\n", u.Position, u.Reason)
		}
	}
	return any
}

// environment is the roots that land in one cluster together, rendered.
type environment struct {
	name   string
	roots  []inventory.Root
	policy *schema.Policy
}

// split puts the roots into their environments. Where none is configured, all are
// one; where some are, a root that belongs to none is an error.
func split(results []rendered, policy *policyAnswer) ([]*environment, error) {
	if len(policy.Config.Environments) == 0 {
		one := &environment{policy: policy.Config.Policy}
		for _, r := range results {
			one.roots = append(one.roots, inventory.Root{Path: r.root.Name, Resources: r.answer.Resources})
		}
		return []*environment{one}, nil
	}
	var out []*environment
	taken := map[string]bool{}
	for _, c := range policy.Config.Environments {
		e := &environment{name: c.Name, policy: cmp.Or(c.Policy, policy.Config.Policy)}
		for _, r := range results {
			if slices.ContainsFunc(c.Roots, func(glob string) bool { return lint.Glob(glob, r.root.Name) }) {
				taken[r.root.Name] = true
				e.roots = append(e.roots, inventory.Root{Path: r.root.Name, Resources: r.answer.Resources})
			}
		}
		if len(e.roots) > 0 {
			out = append(out, e)
		}
	}
	for _, r := range results {
		if !taken[r.root.Name] {
			return nil, fmt.Errorf("the root %s belongs to no environment of %s; add it to one, or select fewer roots with PATH", r.root.Name, policy.File)
		}
	}
	return out, nil
}

func (e *environment) run(policy *policyAnswer, options compile.Options) (*compile.Result, error) {
	shapes := workload.BuiltIn()
	for _, w := range policy.Config.Workloads {
		shapes = append(shapes, workload.Shape{Group: w.Group, Kind: w.Kind, Template: w.Template})
	}
	table, err := workload.NewTable(shapes)
	if err != nil {
		return nil, err
	}
	return compile.Run(compile.Input{
		Environment: e.name, Roots: e.roots, Policy: e.policy, Lint: judgeOf(table), Workloads: table, Options: options,
	})
}

// judgeOf is the linter as compile takes it.
func judgeOf(table *workload.Table) plan.Judge {
	judges := map[string]*lint.Judge{}
	return func(profile string, resources []*manifest.Resource) ([]plan.Complaint, error) {
		if judges[profile] == nil {
			set, err := schema.Builtin()
			if err != nil {
				return nil, err
			}
			rules, parameters, err := set.InProfile(profile)
			if err != nil {
				return nil, err
			}
			var bound []*schema.Bound
			for _, r := range rules {
				b, err := set.Bind(r, parameters[r.ID])
				if err != nil {
					return nil, err
				}
				bound = append(bound, b)
			}
			judges[profile] = lint.NewJudge(bound, table)
		}
		verdict := judges[profile].Root("", resources)
		all := judges[profile].Repository([]view.Digest{verdict.Digest}, nil, map[string]bool{"": true})
		all = append(all, lint.RootViolations{Violations: verdict.Violations})
		var out []plan.Complaint
		for _, rv := range all {
			for _, v := range rv.Violations {
				out = append(out, plan.Complaint{Rule: v.Rule, Message: v.Message, Resource: v.Resource, Position: v.Position})
			}
		}
		return out, nil
	}
}

// report prints what a person has to know about an environment, and returns
// whether everything was known and proven.
func (a *app) report(e *environment, r *compile.Result, explain bool) bool {
	if e.name != "" && (explain || !r.Clean()) {
		fmt.Fprintf(a.out, "environment %s\n", e.name)
	}
	if explain {
		fmt.Fprint(a.out, r.Explain)
		return r.Clean()
	}
	for _, q := range r.Questions {
		fmt.Fprintf(a.err, "question: %s\n", q)
	}
	for _, f := range r.Unproven {
		fmt.Fprintf(a.err, "not proven: %s\n", f)
	}
	for _, n := range r.Notes {
		fmt.Fprintf(a.err, "note: %s\n", n)
	}
	return r.Clean()
}

// put writes the files or, with --check, compares them with what is there.
func (a *app) put(s *session, cwd string, flags *compileFlags, files []write.File) (same bool, err error) {
	dir := inDir(cwd, flags.output)
	if rel, err := filepath.Rel(s.tree.Top(), dir); err == nil && filepath.IsLocal(rel) {
		dir = filepath.ToSlash(rel)
	}
	target := write.Target{Repository: s.tree.Top(), Dir: dir, Marker: emit.Marker, Anyway: flags.anyway}
	for _, r := range s.selected {
		for _, folder := range r.Folders {
			// A root may include what was compiled: that is no input of ours. Files of
			// somebody else are refused all the same.
			if folder != dir && !strings.HasPrefix(folder, dir+"/") {
				target.Inputs = append(target.Inputs, folder)
			}
		}
	}
	if !flags.check {
		changed, err := target.Write(files)
		if err != nil {
			return false, err
		}
		if changed {
			fmt.Fprintf(a.err, "wrote %d files to %s\n", len(files), flags.output)
		}
		return true, nil
	}
	difference, err := target.Check(files)
	if err != nil {
		return false, err
	}
	if _, err := a.out.Write(difference); err != nil {
		return false, err
	}
	return len(difference) == 0, nil
}
