package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/secgen/secgen/lint"
	"github.com/secgen/secgen/manifest"
)

// TestProvenance lints the small repositories of testdata/provenance, one for each
// way in which a value comes into a manifest. Each begins with what it shows, the
// command, and all findings with the source's text at each position, which -update
// rewrites. No position is approximate.
func TestProvenance(t *testing.T) {
	archives, err := filepath.Glob("../../testdata/provenance/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]bool{}
	for _, file := range archives {
		name := strings.TrimSuffix(filepath.Base(file), ".txtar")
		rows[name[:2]] = true
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			provenanceRow(t, file)
		})
	}
	for row := 1; row <= 18; row++ {
		if !rows[fmt.Sprintf("%02d", row)] {
			t.Errorf("row %d has no repository", row)
		}
	}
}

func provenanceRow(t *testing.T, file string) {
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	f := files{}
	for _, member := range archive.Files {
		text := string(member.Data)
		if strings.HasSuffix(file, "-crlf.txtar") {
			text = strings.ReplaceAll(text, "~\n", "\r\n")
		}
		f[member.Name] = text
	}
	head, rest, found := strings.Cut(string(archive.Comment), "$ secgen ")
	command, want, ended := strings.Cut(rest, "\n")
	if !found || !ended {
		t.Fatal("the archive does not begin with a line \"$ secgen ARG...\"")
	}
	top := repository(t, f)
	o := secgen(t, top, append(strings.Fields(command), "--format", "json")...)
	o.clean(t, top)
	r := o.report(t)
	if o.status != exitFindings || len(r.Findings) == 0 || len(r.Errors) > 0 || len(r.Unread) > 0 {
		t.Fatalf("exit status %d, %d findings, unread %v, errors %v\n%s", o.status, len(r.Findings), r.Unread, r.Errors, o.stderr)
	}
	checkRendered(t, top)
	var got strings.Builder
	for _, finding := range r.Findings {
		describe(t, &got, f, finding)
	}
	if got.String() == want {
		return
	}
	if !*update {
		t.Fatalf("got\n%s\nwant\n%s", got.String(), want)
	}
	archive.Comment = []byte(head + "$ secgen " + command + "\n" + got.String())
	if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
		t.Fatal(err)
	}
}

// checkRendered shows that render names the exact place of each value.
func checkRendered(t *testing.T, top string) {
	o := secgen(t, top, "render", "--provenance")
	if o.status != exitOK || !strings.Contains(o.stdout, "\nmetadata:\n  name: ") {
		t.Errorf("render: exit status %d\n%s%s", o.status, o.stdout, o.stderr)
	}
	for line := range strings.Lines(o.stdout) {
		value, comment, found := strings.Cut(strings.TrimSuffix(line, "\n"), " # ")
		if found && !exactPlace.MatchString(comment) {
			t.Errorf("render: %s is said to stand at %s", value, comment)
		}
	}
}

var exactPlace = regexp.MustCompile(`^[a-z][\w./-]*:[1-9]\d*:[1-9]\d*$`)

// describe prints a finding with all places and resources that it names.
func describe(t *testing.T, w *strings.Builder, f files, finding lint.Finding) {
	fmt.Fprintf(w, "%s %s\n", finding.Rule, cited(t, f, finding.Position))
	for _, related := range finding.Related {
		fmt.Fprintf(w, "  %s: %s\n", related.Message, cited(t, f, related.Position))
	}
	var roots []string
	for _, resource := range finding.Resources {
		fmt.Fprintf(w, "  %s %s in %s\n", resource.ID, resource.Path, strings.Join(resource.Roots, ", "))
		roots = append(roots, resource.Roots...)
	}
	for _, root := range finding.Roots {
		if !strings.Contains(strings.Join(roots, " "), root) {
			t.Errorf("no resource is in the root %s", root)
		}
	}
}

// cited is a position with the text of the source there.
func cited(t *testing.T, f files, at manifest.Position) string {
	if at.Approximate {
		t.Errorf("%s is approximate", at)
	}
	lines := bytes.Split([]byte(f[at.File]), []byte("\n"))
	if at.Line < 1 || at.Line > len(lines) {
		t.Fatalf("%s: the file has %d lines", at, len(lines))
	}
	line := []rune(strings.TrimSuffix(string(lines[at.Line-1]), "\r"))
	end := len(line)
	if at.EndLine == at.Line {
		end = at.EndColumn - 1
	}
	if at.Column < 1 || at.Column > end || end > len(line) {
		t.Fatalf("%s to column %d: the line is %q", at, end+1, string(line))
	}
	text := string(line[at.Column-1 : end])
	if at.EndLine > at.Line {
		text += fmt.Sprintf(" ... to line %d", at.EndLine)
	}
	return fmt.Sprintf("%s %q", at, text)
}

// TestFewPositionsAreApproximate lints real repositories with all rules: at most 2 %
// of the findings may name a resource's first line in place of the cause.
func TestFewPositionsAreApproximate(t *testing.T) {
	corpus := os.Getenv("SECGEN_CORPUS")
	if corpus == "" {
		t.Skip("SECGEN_CORPUS is not set: the corpus of real repositories is not here")
	}
	entries, err := os.ReadDir(corpus)
	if err != nil {
		t.Fatal(err)
	}
	all, approximate := 0, 0
	for _, entry := range entries {
		if !entry.IsDir() {
			continue
		}
		o := secgen(t, filepath.Join(corpus, entry.Name()), "lint", "--root", ".", "--profile", "all", "--format", "json")
		for _, f := range o.report(t).Findings {
			all++
			if f.Position.Approximate {
				approximate++
				t.Logf("%s: %s: %s", f.Position, f.Rule, f.Message)
			}
		}
	}
	t.Logf("%d of %d findings are approximate", approximate, all)
	if all == 0 || approximate*50 > all {
		t.Errorf("%d of %d findings are approximate, more than 2 %%", approximate, all)
	}
}
