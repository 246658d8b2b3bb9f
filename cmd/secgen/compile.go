package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/secgen/secgen/compile"
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

Where secgen.cue names environments, PATH selects whole environments, each of which
gets a folder of its own; those that are not selected, or that could not be read in
full, stay as they are. Without them the selected roots are one cluster; where they
cannot be, compile proposes what to select and what to configure. What secgen wrote
before is never an input.

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
	case f.output == "" && f.check:
		return o, errors.New("--check compares with a folder; name it with -o DIR")
	case f.output == "" && !f.explain:
		return o, errors.New("name the folder to write to with -o DIR, such as -o guardrails, or ask for --explain")
	}
	return o, nil
}

func (a *app) compile(ctx context.Context, paths []string, flags *compileFlags) error {
	options, err := flags.options()
	if err != nil {
		return err
	}
	if slices.Contains(paths, stdinPath) {
		return errors.New("compile reads a repository, whose roots go to one cluster together; it cannot read standard input (-)")
	}
	flags.warm = true
	s, err := a.open(paths, &flags.limitFlags)
	if err != nil {
		return err
	}
	defer s.close()
	cwd, err := a.getwd()
	if err != nil {
		return err
	}
	rules := ruleFlags{config: flags.config}
	policy, _, err := s.policy(ctx, &rules, cwd)
	if err != nil {
		return err
	}
	out := a.outputOf(s, cwd, flags)
	missing := rootless(s, policy)
	for _, text := range missing {
		fmt.Fprintln(a.err, text)
	}
	environments, stray, err := split(s, out, policy)
	if err != nil {
		return err
	}
	results, err := s.render(ctx, rootsOf(environments), nil, func() {})
	if err != nil {
		return err
	}
	typed := &choice{s, cwd, flags, policy.File}
	environments, all, err := a.readable(environments, results, out, typed)
	if err != nil {
		return err
	}
	told := telling{explain: flags.explain, configured: len(policy.Config.Environments), fate: "those guardrails are left out"}
	if flags.unproven {
		told.fate = "those guardrails are written and say so"
	}
	table, err := policy.table()
	if err != nil {
		return err
	}
	in := compile.Input{Lint: judgeOf(table), Workloads: table, Options: options}
	var conflicts []error
	for _, e := range environments {
		e.take(results)
		in.Environment, in.Roots, in.Policy = e.name, e.rendered, e.policy
		result, err := compile.Run(in)
		var conflict *inventory.Conflict
		if errors.As(err, &conflict) {
			conflicts = append(conflicts, typed.conflict(conflict, e))
			continue
		}
		if err != nil {
			return err
		}
		told.add(e.name, result)
		for _, f := range result.Files {
			out.files = append(out.files, write.File{Path: f.Path, Content: f.Content})
		}
	}
	if len(conflicts) > 0 {
		return errors.Join(conflicts...)
	}
	told.unwired(out.unwired(environments))
	if err := out.keepIncluded(environments); err != nil {
		return err
	}
	clean := told.print(a) && all && len(missing) == 0
	if len(stray) > 0 {
		fmt.Fprintf(a.err, "secgen: %s; what is not in one is not compiled: %s\n", strayText(stray, policy.File), strayRemedy)
		clean = false
	}
	if out.dir != "" {
		same, err := out.put(a, flags)
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
			if judges[profile], err = lint.NewJudge(bound, table); err != nil {
				return nil, err
			}
		}
		verdict := judges[profile].Root("", resources)
		all := judges[profile].Repository([]view.Digest{verdict.Digest}, view.Landscape{}, map[string]bool{"": true})
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
