package report

import (
	"fmt"
	"strings"

	"github.com/secgen/secgen/lint"
	"github.com/secgen/secgen/manifest"
)

// unread writes what was not checked: the findings about it in full, and
// whatever has no finding of its own.
func (t *textWriter) unread(findings []*lint.Finding, unlisted []lint.Unread) {
	if len(findings)+len(unlisted) == 0 {
		return
	}
	t.title("Not checked, because it could not be read or rendered", len(findings)+len(unlisted))
	t.printf("\n")
	for _, f := range findings {
		t.finding(f)
	}
	for _, u := range unlisted {
		name := cleanPath(u.File)
		switch {
		case u.File == "":
			name = "root " + clean(u.Root)
		case u.Root != "":
			name += " (root " + clean(u.Root) + ")"
		}
		t.item(name, u.Reason)
	}
	if len(unlisted) > 0 {
		t.printf("\n")
	}
}

// excepted lists accepted findings, one line each.
func (t *textWriter) excepted(findings []*lint.Finding) {
	if len(findings) == 0 {
		return
	}
	t.title("Accepted by exceptions", len(findings))
	for _, f := range findings {
		e := f.Exception
		reason := e.Reason
		if reason == "" {
			reason = "no reason given"
		}
		if e.Owner != "" {
			reason += "; owner " + e.Owner
		}
		if e.Expires != "" {
			reason += "; until " + e.Expires
		}
		if !e.Position.IsZero() {
			reason += "; " + e.Position.String()
		}
		t.printf("  %s\n", t.paint.dim(fmt.Sprintf("%s: %s [%s]: %s", placeOf(f.Position), clean(string(f.Severity)), clean(f.Rule), clean(reason))))
	}
	t.printf("\n")
}

func (t *textWriter) rulesOff(rules []lint.RuleOff) {
	if len(rules) == 0 {
		return
	}
	t.title("Rules switched off", len(rules))
	for _, r := range rules {
		t.item(clean(r.Rule), r.Reason)
	}
	t.printf("\n")
}

func (t *textWriter) notes(notes []lint.Note) {
	if len(notes) == 0 {
		return
	}
	t.title("Notes", len(notes))
	for _, n := range notes {
		t.item(placed(n.Position), n.Message)
	}
	t.printf("\n")
}

func (t *textWriter) errors(problems []lint.Problem) {
	if len(problems) == 0 {
		return
	}
	t.title("Errors: secgen could not do its job here", len(problems))
	for _, p := range problems {
		name := placed(p.Position)
		if p.Rule != "" {
			name = strings.TrimPrefix(name+": rule "+clean(p.Rule), ": ")
		}
		t.item(name, p.Message)
	}
	t.printf("\n")
}

func (t *textWriter) title(text string, n int) {
	t.printf("%s\n", t.paint.bold(fmt.Sprintf("%s (%d):", text, n)))
}

// item writes "name: text" with further lines of text below. name is clean.
func (t *textWriter) item(name, text string) {
	lines := cleanLines(text)
	if name != "" {
		name += ": "
	}
	t.printf("  %s\n", lineStart(name+lines[0]))
	for _, line := range lines[1:] {
		t.printf("      %s\n", lineStart(line))
	}
}

// placed is a position, or nothing where it is unknown.
func placed(p manifest.Position) string {
	if p.IsZero() {
		return ""
	}
	return placeOf(p)
}

// summary writes what was covered, and last the line to act on.
func (t *textWriter) summary(r *lint.Report, p parts) {
	t.printf("%s\n", t.paint.dim(coverage(r)))
	if len(p.open) > 0 {
		t.printf("%s\n", t.paint.dim("secgen explain RULE says why a rule matters and how to satisfy it."))
		if len(r.Frameworks) > 0 {
			t.printf("%s\n", t.paint.dim("Without --framework each finding is shown with its line, its roots and the remedy."))
		}
	}
	text, clear := verdict(r, p)
	paint := t.paint.bad
	if clear {
		paint = t.paint.good
	}
	t.printf("%s\n", paint(text))
}

func coverage(r *lint.Report) string {
	s := r.Summary
	files := []string{fmt.Sprintf("linted %d", s.Files.Linted)}
	for _, bucket := range []struct {
		n    int
		name string
	}{
		{s.Files.Patches, "patches"}, {s.Files.Other, "other"}, {s.Files.Templates, "templates"},
		{s.Files.Ignored, "ignored"}, {s.Files.Unread, "unread"},
	} {
		if bucket.n > 0 {
			files = append(files, fmt.Sprintf("%s %d", bucket.name, bucket.n))
		}
	}
	text := fmt.Sprintf("%s: rendered %d of %s, %s. Files: %s.",
		rulesOf(r), s.Rendered, count(s.Roots, "root"), count(s.Resources, "resource"), strings.Join(files, ", "))
	if n := len(r.RulesOff); n > 0 {
		text += " " + count(n, "rule") + " off."
	}
	return text
}

// rulesOf names the set of rules that ran.
func rulesOf(r *lint.Report) string {
	switch {
	case len(r.Frameworks) == 0:
		return "Profile " + clean(r.Profile)
	case r.Profile == "":
		return "Rules of the " + frameworkNames(r)
	}
	return "Profile " + clean(r.Profile) + " and rules of the " + frameworkNames(r)
}

// verdict is the line that a person acts on, and whether there is nothing to do.
func verdict(r *lint.Report, p parts) (string, bool) {
	var todo []string
	if n := len(p.open); n > 0 {
		files := map[string]bool{}
		for _, f := range p.open {
			files[f.Position.File] = true
		}
		delete(files, "")
		what := fmt.Sprintf("%s to fix (%s)", count(n, "finding"), severities(p.open))
		if len(files) > 0 {
			what += " in " + count(len(files), "file")
		}
		todo = append(todo, what)
	}
	if n := len(p.unread) + len(p.unlisted); n > 0 {
		todo = append(todo, fmt.Sprintf("%d not checked", n))
	}
	if n := len(r.Errors); n > 0 {
		todo = append(todo, count(n, "error")+", so this report is incomplete")
	}
	text := strings.Join(todo, "; ")
	if len(todo) == 0 {
		text = "No findings in " + count(r.Summary.Resources, "resource")
	}
	if n := len(p.excepted); n > 0 {
		text += fmt.Sprintf("; %d accepted", n)
	}
	return text + ".", len(todo) == 0
}
