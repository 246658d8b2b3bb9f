package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/secgen/secgen/compile"
	"github.com/secgen/secgen/compile/plan"
	"github.com/secgen/secgen/compile/write"
	"github.com/secgen/secgen/lint"
	"github.com/secgen/secgen/lint/view"
	"github.com/secgen/secgen/load/discover"
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
gets a folder of its own; those that are not selected stay as they are. What secgen
wrote before is never an input.

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
	environments, err := split(s, out, policy)
	if err != nil {
		return err
	}
	results, err := s.render(ctx, rootsOf(environments), nil, func() {})
	if err != nil {
		return err
	}
	if a.unread(s, results) {
		fmt.Fprintln(a.err, "secgen: what could not be read may need more than the guardrails would leave it; nothing is written; mend it, or select other roots with PATH")
		return exitError(exitFindings)
	}
	told := telling{explain: flags.explain, fate: "those guardrails are left out"}
	if flags.unproven {
		told.fate = "those guardrails are written and say so"
	}
	for _, e := range environments {
		e.take(results)
		result, err := e.run(policy, options)
		if err != nil {
			return err
		}
		told.add(e.name, result)
		for _, f := range result.Files {
			out.files = append(out.files, write.File{Path: f.Path, Content: f.Content})
		}
	}
	told.unwired(out.unwired(environments))
	clean := told.print(a)
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

// unread prints what could not be read, and tells whether there is any: roots, and
// files below the paths or a root that nothing could be made of.
func (a *app) unread(s *session, results []rendered) bool {
	said := map[string]bool{} // a base that several roots use
	say := func(at manifest.Position, reason string) {
		if text := fmt.Sprintf("%s: %s", at, reason); !said[text] {
			said[text] = true
			fmt.Fprintln(a.err, text)
		}
	}
	for _, r := range results {
		for _, u := range r.unread {
			say(u.Position, u.Reason)
		}
	}
	for _, f := range s.repo.Files {
		if f.Bucket != discover.Unread || len(f.Roots) > 0 {
			continue
		}
		if s.concerns(f.Path) || slices.ContainsFunc(results, func(r rendered) bool { return strings.HasPrefix(f.Path, r.root.Dir+"/") }) {
			say(f.Position, f.Reason)
		}
	}
	return len(said) > 0
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
		Environment: e.name, Roots: e.rendered, Policy: e.policy, Lint: judgeOf(table), Workloads: table, Options: options,
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
			if judges[profile], err = lint.NewJudge(bound, table); err != nil {
				return nil, err
			}
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
