package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/secgen/secgen/lint"
	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/schema"
)

// dice makes a report of a fuzzer's bytes: each byte decides something, and
// texts are pieces of the bytes themselves.
type dice struct{ data []byte }

func (d *dice) n(sides int) int {
	if len(d.data) == 0 {
		return 0
	}
	n := int(d.data[0]) % sides
	d.data = d.data[1:]
	return n
}

func (d *dice) text() string {
	n := min(d.n(24), len(d.data))
	s := string(d.data[:n])
	d.data = d.data[n:]
	return s
}

func (d *dice) texts() []string {
	var out []string
	for range d.n(9) {
		out = append(out, d.text())
	}
	return out
}

func (d *dice) position() manifest.Position {
	files := []string{"a.yaml", "b.yaml", "", d.text()}
	return manifest.Position{File: files[d.n(4)], Line: d.n(6), Column: d.n(40), EndLine: d.n(6), EndColumn: d.n(60), Approximate: d.n(4) == 1}
}

func (d *dice) finding() lint.Finding {
	f := lint.Finding{
		Rule: []string{"unread", "r1", d.text()}[d.n(3)], Severity: append(schema.Severities(), schema.Severity(d.text()))[d.n(5)],
		Message: d.text(), Remediation: d.text(), Position: d.position(), Roots: d.texts(), Fingerprint: d.text(), Secret: d.n(4) == 1,
	}
	for range d.n(9) {
		f.Related = append(f.Related, manifest.Related{Position: d.position(), Message: d.text()})
	}
	for range d.n(6) {
		id := manifest.ID{APIVersion: d.text(), Kind: d.text(), Namespace: d.text(), Name: d.text()}
		f.Resources = append(f.Resources, lint.ResourceRef{ID: id, Path: d.text(), Roots: d.texts()})
	}
	if d.n(4) == 1 {
		f.Fix = &lint.Fix{Description: d.text(), Range: d.position(), Text: d.text()}
	}
	if d.n(4) == 1 {
		f.Exception = &lint.Exception{Reason: d.text(), Owner: d.text(), Expires: d.text(), Position: d.position()}
	}
	return f
}

func (d *dice) sample() sample {
	r := &lint.Report{Version: 1, Tool: lint.Tool{Name: d.text(), Version: d.text()}, Profile: d.text()}
	for range d.n(6) {
		r.Findings = append(r.Findings, d.finding())
	}
	for range d.n(3) {
		r.Unread = append(r.Unread, lint.Unread{File: d.text(), Root: d.text(), Reason: d.text()})
		r.RulesOff = append(r.RulesOff, lint.RuleOff{Rule: d.text(), Reason: d.text()})
		r.Errors = append(r.Errors, lint.Problem{Rule: d.text(), Position: d.position(), Message: d.text()})
		r.Notes = append(r.Notes, lint.Note{Position: d.position(), Message: d.text()})
	}
	r.Summary = lint.Summary{Roots: d.n(9), Rendered: d.n(9), Resources: d.n(9), Findings: map[schema.Severity]int{schema.Low: d.n(9)}}
	if d.n(2) == 1 {
		r.Rules = append(r.Rules, &schema.Rule{ID: "r1", Severity: schema.High, Title: d.text(), Why: d.text(), Remedy: d.text(), References: d.texts()})
	}
	for i := range d.n(3) {
		r.Frameworks = append(r.Frameworks, d.framework(i, r.Findings))
	}
	return sample{r, files{"a.yaml": string(d.data), "b.yaml": "a: b\n  c: d\n"}}
}

// framework has a name, and controls with names, that no other one has.
func (d *dice) framework(n int, findings []lint.Finding) lint.FrameworkReport {
	f := lint.FrameworkReport{Framework: d.text() + strconv.Itoa(n), Title: d.text(), Edition: d.text(), Publisher: d.text(), URL: "https://example.com/",
		Summary: map[lint.ControlState]int{lint.Failed: d.n(3)}}
	for i := range d.n(6) {
		c := lint.ControlReport{Control: d.text() + strconv.Itoa(i), Title: d.text(), Section: lint.SectionName{ID: d.text(), Title: d.text()}, Instead: d.text(),
			State: append(lint.ControlStates(), lint.ControlState(d.text()))[d.n(8)], Rules: []string{"r1"}, Reasons: d.texts()}
		for _, finding := range findings {
			if d.n(2) == 1 {
				c.Findings = append(c.Findings, finding.Fingerprint)
			}
		}
		f.Controls = append(f.Controls, c)
	}
	return f
}

// corpus gives a fuzz target its seeds.
func corpus(f *testing.F) {
	f.Add([]byte(nil))
	f.Add(bytes.Repeat([]byte("\x05\x17a\nb\x1b[31m\u202e##[error]::warning::x"), 60))
	f.Add(bytes.Repeat([]byte("key: \tvalue 日本 \xff\xfe"), 40))
	for i := range 8 {
		seed := make([]byte, 3000)
		for j := range seed {
			seed[j] = byte((j*j*31 + j*(i+7) + i*97) >> (i % 4))
		}
		f.Add(seed)
	}
}

var ownColours = regexp.MustCompile("\x1b\\[[0-9]+(;[0-9]+)*m")

// obeyed finds what a terminal or the log reader of a CI system would not just
// show in a text.
func obeyed(text string) error {
	for i, r := range text {
		if r != '\n' && (unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp)) {
			return fmt.Errorf("character %U at byte %d: %q", r, i, text[max(0, i-20):min(len(text), i+20)])
		}
	}
	if !utf8.ValidString(text) {
		return fmt.Errorf("not UTF-8: %q", text)
	}
	if found := logCommand.FindString(text); found != "" {
		return fmt.Errorf("command %q for a log reader", found)
	}
	return nil
}

func FuzzText(f *testing.F) {
	corpus(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		s := (&dice{data}).sample()
		plain := render(t, "text", s, false)
		if err := obeyed(plain); err != nil {
			t.Fatal(err)
		}
		for line := range strings.SplitSeq(plain, "\n") {
			if strings.HasPrefix(strings.TrimSpace(line), "::") {
				t.Fatalf("the line %q is a workflow command", line)
			}
		}
		if colour := ownColours.ReplaceAllString(render(t, "text", s, true), ""); colour != plain {
			t.Fatalf("colour changes the text:\n%s", cmp.Diff(plain, colour))
		}
	})
}

func FuzzJSON(f *testing.F) {
	corpus(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		s := (&dice{data}).sample()
		out := render(t, "json", s, false)
		if err := obeyed(out); err != nil {
			t.Fatal(err)
		}
		var got lint.Report
		if err := json.Unmarshal([]byte(out), &got); err != nil {
			t.Fatal(err)
		}
		want := withoutNil(redact(s.report, s.sources))
		plain, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		want = &lint.Report{}
		if err := json.Unmarshal(plain, want); err != nil {
			t.Fatal(err)
		}
		for _, severity := range schema.Severities() {
			want.Summary.Findings[severity] += 0 // JSON shows all four
		}
		if diff := cmp.Diff(want, &got); diff != "" {
			t.Fatal(diff)
		}
	})
}

func FuzzSARIF(f *testing.F) {
	corpus(f)
	official := officialSchema(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		s := (&dice{data}).sample()
		out := render(t, "sarif", s, false)
		if err := obeyed(out); err != nil {
			t.Fatal(err)
		}
		if err := validate(official, out); err != nil {
			t.Fatalf("%#v", err)
		}
	})
}

var annotationLine = regexp.MustCompile(`^::(error|warning|notice) ([a-zA-Z]+=[^,:]*)(,[a-zA-Z]+=[^,:]*)*::.*$`)

func FuzzGitHub(f *testing.F) {
	corpus(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		s := (&dice{data}).sample()
		out := render(t, "github", s, false)
		if err := obeyed(out); err != nil {
			t.Fatal(err)
		}
		p := split(s.report)
		lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
		if want := len(p.open) + len(p.unread) + len(p.unlisted) + len(s.report.Errors) + 1; len(lines) != want {
			t.Fatalf("%d lines; want %d", len(lines), want)
		}
		for _, line := range lines {
			if !annotationLine.MatchString(line) {
				t.Fatalf("%q is no annotation", line)
			}
		}
	})
}

// FuzzExcerpt shows that a marker stands below the text that it marks and that
// what is shown fits.
func FuzzExcerpt(f *testing.F) {
	f.Add("  privileged: true", 3, 3, 19, 40)
	f.Add("a\t\xff日本\u0301\u202e##[x]", 4, 3, 6, 20)
	f.Add(strings.Repeat("値\t", 300), 290, 3, 310, 30)
	f.Fuzz(func(t *testing.T, line string, column, endLine, endColumn, room int) {
		p := manifest.Position{File: "f", Line: 3, Column: column, EndLine: endLine, EndColumn: endColumn}
		room %= 500
		e := makeExcerpt(strings.ReplaceAll(line, "\n", ""), p, room)
		if err := obeyed(e.text); err != nil {
			t.Fatal(err)
		}
		shown := columns(layOut(e.text))
		if shown > max(room, 20) {
			t.Fatalf("%q takes %d columns; room is %d", e.text, shown, room)
		}
		if column > 0 != (e.marked > 0) || e.before < 0 || e.before+e.marked > shown+1 {
			t.Fatalf("%q: marked %d after %d; column %d", e.text, e.marked, e.before, column)
		}
	})
}
