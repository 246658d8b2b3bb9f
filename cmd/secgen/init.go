package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/secgen/secgen/lint"
	"github.com/secgen/secgen/schema"
	"github.com/secgen/secgen/starter"
)

const initLong = `Init renders the repository, and writes what is not there yet of:

  secgen.cue                     the configuration, with what init found as proposals,
                                 and what compile would ask
  .pre-commit-config.yaml        a hook that lints before each commit
  .github/workflows/secgen.yaml  a CI step with the findings in the pull request

It overwrites nothing: for a file that is there it says what to add.`

func (a *app) initCommand() *cobra.Command {
	var flags limitFlags
	var dry bool
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Write a starter secgen.cue, hook and CI step for this repository",
		Long:  initLong,
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.initialise(cmd.Context(), &flags, dry)
		},
	}
	flags.add(cmd)
	cmd.Flags().BoolVar(&dry, "dry-run", false, "print the files and write nothing")
	return cmd
}

func (a *app) initialise(ctx context.Context, flags *limitFlags, dry bool) error {
	s, err := a.open(nil, flags)
	if err != nil {
		return err
	}
	defer s.close()
	s.selected, s.paths = s.repo.Roots, []string{"."}
	if len(s.selected) == 0 && len(s.unreadFiles()) == 0 {
		return errors.New("nothing to start from: the repository holds no manifest and no kustomization")
	}
	found, err := a.survey(ctx, s)
	if err != nil {
		return err
	}
	top, err := os.OpenRoot(s.tree.Top())
	if err != nil {
		return err
	}
	defer top.Close()
	files := []starter.File{{Path: schema.ConfigFile, Text: starter.Config(found)}, {Path: starter.HookFile, Text: starter.Hook(found)}}
	other := otherCI(top)
	if other == "" {
		files = append(files, starter.File{Path: starter.WorkflowFile, Text: starter.Workflow(found)})
	}
	if dry {
		for _, f := range files {
			fmt.Fprintf(a.out, "--- %s\n%s", f.Path, f.Text)
		}
		return nil
	}
	missing, err := starter.Missing(top, files)
	if err != nil {
		return err
	}
	if err := starter.Write(top, missing); err != nil {
		return err
	}
	a.tell(found, files, missing, other)
	return nil
}

// survey renders all of the repository and judges it as lint does where nothing is
// configured.
func (a *app) survey(ctx context.Context, s *session) (*starter.Found, error) {
	l, err := a.linting(s, &ruleFlags{}, &policyAnswer{Config: &schema.Config{Profile: schema.DefaultProfile}}, nil)
	if err != nil {
		return nil, err
	}
	l.surveyed = true
	if err := l.run(ctx, a.progress("rendering", len(s.selected)), newTimings()); err != nil {
		return nil, err
	}
	report := lint.NewReport(l.in)
	found := &starter.Found{
		Resources: report.Summary.Resources, Unread: len(report.Unread), Surveys: l.surveys, Exceptions: l.lacking,
		Today: a.now().UTC().Truncate(24 * time.Hour),
	}
	if v := version(); v != "devel" && !strings.Contains(v, "+dirty") {
		found.Version = v
	}
	for _, root := range s.repo.Roots {
		found.Roots = append(found.Roots, root.Name)
	}
	if err := foresee(ctx, s, found); err != nil {
		return nil, err
	}
	set, err := schema.Builtin()
	if err != nil {
		return nil, err
	}
	found.Profiles = set.Profiles
	counts := map[string]int{}
	for _, f := range report.Findings {
		if f.Exception == nil {
			counts[f.Rule]++
		}
	}
	for _, r := range report.Rules {
		if n := counts[r.ID]; n > 0 && r.ID != lint.UnreadRule().ID {
			found.Rules = append(found.Rules, starter.RuleCount{Rule: r, Findings: n})
		}
	}
	return found, nil
}

// otherCI is the file by which a repository without GitHub's folder shows that it
// has another CI, or "".
func otherCI(top *os.Root) string {
	if _, err := top.Lstat(".github"); err == nil {
		return ""
	}
	for _, name := range []string{".gitlab-ci.yml", "azure-pipelines.yml", "bitbucket-pipelines.yml", "Jenkinsfile", ".circleci", ".tekton", ".woodpecker.yml", ".drone.yml"} {
		if _, err := top.Lstat(name); err == nil {
			return name
		}
	}
	return ""
}

// tell says what was found and done, and what is left to do.
func (a *app) tell(found *starter.Found, files, written []starter.File, ci string) {
	fmt.Fprintf(a.out, "Found: roots %d, resources %d, findings %d, not read %d\n", len(found.Roots), found.Resources, found.Findings(), found.Unread)
	for _, f := range files {
		if slices.ContainsFunc(written, func(w starter.File) bool { return w.Path == f.Path }) {
			fmt.Fprintf(a.out, "wrote  %s\n", f.Path)
			continue
		}
		fmt.Fprintf(a.out, "kept   %s, which was there already\n", f.Path)
		if f.Path == starter.HookFile {
			fmt.Fprintf(a.out, "       for the hook, add to its repos:\n%s", starter.HookEntry(found))
		} else {
			fmt.Fprintf(a.out, "       'secgen init --dry-run' prints the proposal\n")
		}
	}
	if ci != "" {
		fmt.Fprintf(a.out, "       for a step of the CI of %s, which needs Go:\n%s", ci, starter.Step(found))
	}
	fmt.Fprintf(a.out, "Hook and CI run '%s'", found.Command())
	if n := found.Failing(); n > 0 {
		fmt.Fprintf(a.out, ", which fails today for %d: mend or accept them first", n)
	}
	fmt.Fprintln(a.out, ".\nNext: read secgen.cue, and run 'secgen lint'.")
}
