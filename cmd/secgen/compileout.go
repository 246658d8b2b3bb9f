package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/secgen/secgen/compile"
	"github.com/secgen/secgen/compile/emit"
	"github.com/secgen/secgen/compile/plan"
	"github.com/secgen/secgen/compile/write"
	"github.com/secgen/secgen/load/discover"
)

// output is the folder that compile writes and what it puts there.
type output struct {
	session *session
	// dir is relative to the repository; absolute where it lies outside, "" where
	// nothing is written.
	dir   string
	files []write.File
	// others are environments that are not compiled now; their folders stay.
	others []*environment
}

func (a *app) outputOf(s *session, cwd string, flags *compileFlags) *output {
	o := &output{session: s}
	if flags.output == "" {
		return o
	}
	o.dir = inDir(cwd, flags.output)
	if rel, err := filepath.Rel(s.tree.Top(), o.dir); err == nil && filepath.IsLocal(rel) {
		o.dir = filepath.ToSlash(rel)
	}
	return o
}

func (o *output) holds(folder string) bool {
	return o.dir != "" && (folder == o.dir || strings.HasPrefix(folder, o.dir+"/"))
}

// wrote tells whether all that a root reads is what compile wrote, or was about to
// when it was killed.
func (s *session) wrote(r discover.Root) bool {
	return write.Unfinished(r.Dir) || len(r.Reads) > 0 && !slices.ContainsFunc(r.Reads, func(file string) bool {
		data, err := s.tree.ReadFile(file)
		return err != nil || !strings.HasPrefix(string(data), emit.Marker)
	})
}

// put writes the files or, with --check, compares them with what is there.
func (o *output) put(a *app, flags *compileFlags) (same bool, err error) {
	target := write.Target{Repository: o.session.tree.Top(), Dir: o.dir, Marker: emit.Marker, Anyway: flags.anyway}
	for _, e := range o.others {
		target.Kept = append(target.Kept, e.name)
	}
	for _, r := range o.session.repo.Roots {
		for _, folder := range r.Folders {
			// A root may include what was compiled: that is no input of ours. Files of
			// somebody else are refused all the same.
			if !o.holds(folder) {
				target.Inputs = append(target.Inputs, folder)
			}
		}
	}
	if len(flags.namespaces) > 0 {
		lost, err := target.Lost(o.files)
		if err != nil {
			return false, err
		}
		if len(lost) > 0 {
			return false, fmt.Errorf("--namespace makes a part, and %s holds more, such as %s, which would be removed; name another folder, or leave --namespace out",
				flags.output, lost[0])
		}
	}
	if flags.check {
		difference, err := target.Check(o.files)
		if err != nil {
			return false, err
		}
		if _, err := a.out.Write(difference); err != nil {
			return false, err
		}
		if len(difference) > 0 {
			fmt.Fprintf(a.err, "secgen: %s is not what the repository and the policy make; run the same command without --check, and commit the result\n", flags.output)
		}
		return len(difference) == 0, nil
	}
	changed, err := target.Write(o.files)
	switch {
	case err != nil:
		return false, err
	case changed:
		fmt.Fprintf(a.err, "wrote %d files to %s\n", len(o.files), flags.output)
	default:
		fmt.Fprintf(a.err, "%s is up to date, with %d files\n", flags.output, len(o.files))
	}
	return true, nil
}

// telling collects what a person has to know, so that what holds in several
// environments is said once.
type telling struct {
	explain bool
	// fate is what becomes of guardrails that are not proven.
	fate    string
	lines   []said
	wiring  []string
	clean   []bool
	derived []derived
	names   []string
	// configured is how many environments there are, compiled now or not.
	configured int
}

// said is one line and the environments of which it is true.
type said struct {
	kind, text   string
	environments []string
	question     plan.Question // where it is one
}

type derived struct{ environment, text string }

// The kinds of lines, in the order in which they are printed.
var kinds = [...]string{"question", "not proven", "note"}

func (t *telling) add(environment string, r *compile.Result) {
	t.names = append(t.names, environment)
	t.clean = append(t.clean, r.Clean())
	t.derived = append(t.derived, derived{environment, r.Explain})
	for _, q := range r.Questions {
		t.say(said{kind: "question", text: q.String(), question: q}, environment)
	}
	for _, f := range r.Unproven {
		t.say(said{kind: "not proven", text: f.String()}, environment)
	}
	for _, n := range r.Notes {
		t.say(said{kind: "note", text: n.String()}, environment)
	}
}

func (t *telling) say(line said, environment string) {
	i := slices.IndexFunc(t.lines, func(l said) bool { return l.kind == line.kind && l.text == line.text })
	if i < 0 {
		i, t.lines = len(t.lines), append(t.lines, line)
	}
	t.lines[i].environments = append(t.lines[i].environments, environment)
}

// texts are what to print of a line: where it is true, and, for a question, which
// part of the policy answers it, the one for all or each environment's own.
func (t *telling) texts(l said) []string {
	switch {
	case len(l.environments) == max(t.configured, 1):
		return []string{fmt.Sprintf("%s: %s", l.kind, l.text)}
	case l.kind != "question":
		return []string{fmt.Sprintf("%s (%s): %s", l.kind, strings.Join(l.environments, ", "), l.text)}
	}
	var out []string
	for _, e := range l.environments {
		out = append(out, fmt.Sprintf("%s (%s): %s", l.kind, e, l.question.In(e)))
	}
	return out
}

func (t *telling) count(kind string) int {
	n := 0
	for _, l := range t.lines {
		if l.kind == kind {
			n++
		}
	}
	return n
}

func (t *telling) unwired(texts []string) { t.wiring = texts }

// print says it all, and returns whether everything was known and proven. The
// derivation, which is asked for, goes to standard output, the rest elsewhere.
func (t *telling) print(a *app) bool {
	if t.explain {
		for _, d := range t.derived {
			if d.environment != "" {
				fmt.Fprintf(a.out, "environment %s\n", d.environment)
			}
			fmt.Fprint(a.out, d.text)
		}
	}
	for _, kind := range kinds {
		for _, l := range t.lines {
			if l.kind != kind || t.explain {
				continue // the derivation holds it
			}
			for _, text := range t.texts(l) {
				fmt.Fprintln(a.err, text)
			}
		}
	}
	for _, text := range t.wiring {
		fmt.Fprintf(a.err, "note: %s\n", text)
	}
	if n := t.count("question"); n > 0 {
		fmt.Fprintf(a.err, "secgen: questions %d; what waits for an answer is left out\n", n)
	}
	if n := t.count("not proven"); n > 0 {
		fmt.Fprintf(a.err, "secgen: not proven %d; %s\n", n, t.fate)
	}
	return !slices.Contains(t.clean, false)
}
