package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/secgen/secgen/lint"
	"github.com/secgen/secgen/lint/report"
	"github.com/secgen/secgen/load/discover"
	"github.com/secgen/secgen/schema"
)

const lintLong = `Lint renders every root of the repository at or below PATH (default: the working
directory) and checks what would be deployed against the rules of the profile. A
base selects the roots that use it, a file those that read it, and - reads
manifests from standard input.

With --framework the rules that check a control of that framework run, whatever
the profile, and with --profile that profile's too. The report is then by control:
which ones failed, which passed, and which manifests cannot show. What fails the
run is the same as without.

Exit status: 0 no finding at or above --fail-on; 1 there is one, or something
could not be read; 2 usage, configuration, rule or internal error.`

type lintFlags struct {
	limitFlags
	ruleFlags
	format, output, failOn string
	timings, noCache       bool
}

func (a *app) lintCommand() *cobra.Command {
	var flags lintFlags
	cmd := &cobra.Command{
		Use:   "lint [PATH...]",
		Short: "Report where the rendered manifests break security rules, at the line that causes it",
		Long:  lintLong,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.lint(cmd.Context(), args, &flags)
		},
	}
	flags.limitFlags.add(cmd)
	flags.ruleFlags.add(cmd)
	f := cmd.Flags()
	f.StringVar(&flags.format, "format", "text", "formats of the report, each alone or as FORMAT=FILE: "+strings.Join(report.Formats(), ", "))
	f.StringVarP(&flags.output, "output", "o", "", "file to write the report to (default: standard output)")
	f.StringVar(&flags.failOn, "fail-on", "low", "the least severity that makes the exit status 1: critical, high, medium, low, or none")
	f.StringSliceVar(&flags.frameworks, "framework", nil, "report by the controls of a framework: cis, iks, nsa, pss; may be repeated")
	f.BoolVar(&flags.noCache, "no-cache", false, "neither use nor keep results in the user's cache folder")
	f.BoolVar(&flags.timings, "timings", false, "print how long each stage took")
	return cmd
}

// threshold is the severity of --fail-on; "" never fails for findings.
func (f *lintFlags) threshold() (schema.Severity, error) {
	if f.failOn == "none" {
		return "", nil
	}
	s := schema.Severity(f.failOn)
	if s.Rank() == 0 {
		return "", fmt.Errorf("--fail-on %s: want critical, high, medium, low or none", f.failOn)
	}
	return s, nil
}

// targets are the outputs of the run.
func (f *lintFlags) targets() ([]report.Target, error) {
	targets, err := report.ParseTargets(f.format)
	if err != nil {
		return nil, fmt.Errorf("--format: %w", err)
	}
	if f.output == "" {
		return targets, nil
	}
	i := slices.IndexFunc(targets, func(t report.Target) bool { return t.File == "" })
	if i < 0 {
		return nil, fmt.Errorf("--output %s: every format of --format names a file of its own already", f.output)
	}
	targets[i].File = f.output
	return targets, nil
}

func (a *app) lint(ctx context.Context, paths []string, flags *lintFlags) error {
	clock := newTimings()
	threshold, err := flags.threshold()
	if err != nil {
		return err
	}
	targets, err := flags.targets()
	if err != nil {
		return err
	}
	flags.warm = flags.noCache
	s, err := a.open(paths, &flags.limitFlags)
	if err != nil {
		return err
	}
	defer s.close()
	if err := s.somethingToLint(); err != nil {
		return err
	}
	clock.stage("discover")
	l, err := a.newLinting(ctx, s, &flags.ruleFlags)
	if err != nil {
		return err
	}
	if err := s.somethingToLint(); err != nil { // all may have been tests of rules
		return err
	}
	if !flags.noCache {
		path, _, err := a.self()
		if err != nil {
			return err
		}
		if s.cache, err = openCache(s.tree, path, l.rules); err != nil && flags.timings {
			fmt.Fprintf(a.err, "no cache: %v\n", err)
		}
		defer s.cache.clean()
	}
	clock.stage("rules")
	if err := l.run(ctx, a.progress("rendering", len(s.selected)), clock); err != nil {
		return err
	}
	result := lint.NewReport(l.in)
	clock.stage("merge")
	if err := a.write(result, targets, &lines{read: s.read, files: map[string][]string{}}); err != nil {
		return err
	}
	clock.stage("report")
	if flags.timings {
		clock.print(a.err)
	}
	switch {
	case len(result.Errors) > 0:
		return exitError(exitFailure)
	case result.Fails(threshold):
		return exitError(exitFindings)
	}
	return nil
}

func (s *session) somethingToLint() error {
	if len(s.selected) > 0 || len(s.unreadFiles()) > 0 {
		return nil
	}
	where := strings.Join(s.paths, ", ")
	if notes := s.leftOut(); len(notes) > 0 {
		return fmt.Errorf("nothing to lint: all that is at or below %s is left out: %s: %s", where, notes[0].Position, notes[0].Message)
	}
	return fmt.Errorf("nothing to lint: no manifest and no kustomization at or below %s", where)
}

// unreadFiles are the files that discovery could not read and that concern this
// run.
func (s *session) unreadFiles() []discover.File {
	var out []discover.File
	for _, f := range s.repo.Files {
		if f.Bucket == discover.Unread && len(f.Roots) == 0 && s.concerns(f.Path) {
			out = append(out, f)
		}
	}
	return out
}

// count puts every file into its bucket, now that it is known what could be read.
func (s *session) count(failed map[string]string, unread []lint.UnreadAt) lint.FileCounts {
	reasons := map[string]string{}
	for _, u := range unread {
		if s.isManifest(u.Position.File) {
			reasons[u.Position.File] = u.Reason
		}
	}
	var c lint.FileCounts
	for _, f := range s.repo.Buckets(failed, reasons) {
		switch f.Bucket {
		case discover.Linted:
			c.Linted++
		case discover.Patches:
			c.Patches++
		case discover.Other:
			c.Other++
		case discover.Ignored:
			c.Ignored++
		case discover.Template:
			c.Templates++
		case discover.Unread:
			c.Unread++
		}
	}
	return c
}

// isManifest tells whether a file belongs to a plain root, whose other files are
// linted although this one could not be read.
func (s *session) isManifest(file string) bool {
	return slices.ContainsFunc(s.repo.Roots, func(r discover.Root) bool { return r.Plain() && slices.Contains(r.Manifests, file) })
}

// write prints the report in all its formats.
func (a *app) write(result *lint.Report, targets []report.Target, sources report.Sources) error {
	var errs []error
	for _, t := range targets {
		if t.File == "" {
			errs = append(errs, report.Write(a.out, t.Format, result, report.Options{
				Colour: a.colour(), Width: a.width(), Sources: sources,
			}))
			continue
		}
		errs = append(errs, a.writeFile(t, result, sources))
	}
	return errors.Join(errs...)
}

// colour tells whether the standard output wants colours.
func (a *app) colour() bool {
	_, terminal := terminalOf(a.out)
	return terminal && a.getenv("NO_COLOR") == "" && a.getenv("TERM") != "dumb"
}

func (a *app) width() int {
	fd, terminal := terminalOf(a.out)
	if !terminal {
		return 0
	}
	width, _, err := term.GetSize(fd)
	if err != nil {
		return 0
	}
	return width
}

func terminalOf(w any) (fd int, ok bool) {
	f, isFile := w.(*os.File)
	if !isFile {
		return 0, false
	}
	return int(f.Fd()), term.IsTerminal(int(f.Fd()))
}

// timings measures the stages of a run.
type timings struct {
	start, last time.Time
	rows        []string
}

func newTimings() *timings {
	now := time.Now()
	return &timings{start: now, last: now}
}

func (t *timings) stage(name string) {
	now := time.Now()
	t.row(name, now.Sub(t.last))
	t.last = now
}

// inWorkers adds what the stages of all workers took, one after the other.
func (t *timings) inWorkers(results []rendered) {
	var sum took
	for _, r := range results {
		sum.Render += r.answer.Took.Render - r.answer.Took.Check
		sum.Check += r.answer.Took.Check
		sum.Rules += r.answer.Took.Rules
	}
	t.row("  of it pre-check", sum.Check)
	t.row("  rendering", sum.Render)
	t.row("  facts, rules", sum.Rules)
}

func (t *timings) row(name string, d time.Duration) {
	t.rows = append(t.rows, fmt.Sprintf("%-18s %8.1f ms", name, float64(d.Microseconds())/1000))
}

func (t *timings) print(w io.Writer) {
	for _, row := range t.rows {
		fmt.Fprintln(w, row)
	}
	fmt.Fprintf(w, "%-18s %8.1f ms\n", "all", float64(time.Since(t.start).Microseconds())/1000)
}
