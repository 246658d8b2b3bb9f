package report

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/secgen/secgen/lint"
	"github.com/secgen/secgen/schema"
)

// maxPlaces is how many findings of a control the text format shows.
const maxPlaces = 10

// stateWords are what the text format calls the states of a control.
func stateWords(s lint.ControlState) string {
	switch s {
	case lint.Failed:
		return "failed"
	case lint.NotJudged:
		return "not judged"
	case lint.Accepted:
		return "accepted"
	case lint.Passed:
		return "passed"
	case lint.NothingToJudge:
		return "nothing to judge"
	case lint.NotCovered:
		return "not covered yet"
	case lint.OutOfReach:
		return "out of reach"
	}
	return clean(strconv.Quote(string(s)))
}

func (t *textWriter) state(s lint.ControlState) string {
	text := fmt.Sprintf("%-16s", stateWords(s))
	switch s {
	case lint.Failed:
		return t.paint.bad(text)
	case lint.Passed:
		return t.paint.good(text)
	case lint.NotJudged, lint.Accepted:
		return t.paint.severity(schema.Medium)(text)
	}
	return t.paint.dim(text)
}

// frameworks writes the findings by the controls that they break, and then those
// that concern no control.
func (t *textWriter) frameworks(r *lint.Report, open []*lint.Finding) {
	byFingerprint := map[string]*lint.Finding{}
	for i := range r.Findings {
		byFingerprint[r.Findings[i].Fingerprint] = &r.Findings[i]
	}
	shown := map[*lint.Finding]bool{}
	for i := range r.Frameworks {
		t.framework(&r.Frameworks[i], byFingerprint, shown)
	}
	if rest := slices.DeleteFunc(slices.Clone(open), func(f *lint.Finding) bool { return shown[f] }); len(rest) > 0 {
		t.title("Findings that concern none of these controls", len(rest))
		t.printf("\n")
		t.findings(rest)
	}
}

func (t *textWriter) framework(f *lint.FrameworkReport, byFingerprint map[string]*lint.Finding, shown map[*lint.Finding]bool) {
	t.printf("%s\n", t.paint.bold(lineStart(clean(f.Title+" "+f.Edition+": "+stateCounts(f)))))
	for start := 0; start < len(f.Controls); {
		section := f.Controls[start].Section
		end := start
		for end < len(f.Controls) && f.Controls[end].Section == section {
			end++
		}
		t.printf("\n%s\n", lineStart(clean(sectionTitle(section))))
		t.controls(grouped(f.Controls[start:end]), byFingerprint, shown)
		start = end
	}
	t.printf("\n")
}

// controls writes the controls of a section.
func (t *textWriter) controls(controls []*lint.ControlReport, byFingerprint map[string]*lint.Finding, shown map[*lint.Finding]bool) {
	width := 0
	for _, c := range controls {
		width = max(width, utf8.RuneCountInString(clean(controlName(c))))
	}
	for i, c := range controls {
		var findings []*lint.Finding
		for _, fingerprint := range c.Findings {
			if finding := byFingerprint[fingerprint]; finding != nil {
				findings = append(findings, finding)
				shown[finding] = true
			}
		}
		t.control(c, width, findings)
		if i+1 == len(controls) || !sameReason(c, controls[i+1]) {
			t.reasons(c)
		}
	}
}

// grouped sorts the controls of a section by state, and puts those together that
// have their reasons in common.
func grouped(section []lint.ControlReport) []*lint.ControlReport {
	var out []*lint.ControlReport
	first := map[*lint.ControlReport]int{}
	for i := range section {
		c := &section[i]
		first[c] = i
		if at := slices.IndexFunc(out, func(other *lint.ControlReport) bool { return sameReason(other, c) }); at >= 0 && c.State != lint.Failed {
			first[c] = first[out[at]]
		}
		out = append(out, c)
	}
	states := lint.ControlStates()
	slices.SortStableFunc(out, func(a, b *lint.ControlReport) int {
		return cmp.Or(cmp.Compare(slices.Index(states, a.State), slices.Index(states, b.State)), cmp.Compare(first[a], first[b]))
	})
	return out
}

// control writes one control with the places of its findings.
func (t *textWriter) control(c *lint.ControlReport, width int, findings []*lint.Finding) {
	title := clean(c.Title)
	switch {
	case len(findings) > 0:
		title += ": " + severities(findings)
	case len(c.Accepted) > 0:
		title += fmt.Sprintf(": %d accepted", len(c.Accepted))
	}
	id := clean(controlName(c))
	t.printf("  %s  %s%s  %s\n", t.state(c.State), id, strings.Repeat(" ", max(0, width-utf8.RuneCountInString(id))), title)
	for i, f := range findings {
		if i == maxPlaces && len(findings) > maxPlaces+1 {
			t.printf("      and %d more, which --format json lists\n", len(findings)-i)
			break
		}
		place := placed(f.Position)
		if place == "" {
			place = "(no file)"
		}
		paint := t.paint.severity(f.Severity)
		t.printf("      %s: %s: %s %s\n", place, paint(clean(string(f.Severity))), clean(f.Message), t.paint.dim("["+clean(f.Rule)+"]"))
	}
}

// reasons says what is not judged and what to check instead, once for controls in
// a row that have it in common.
func (t *textWriter) reasons(c *lint.ControlReport) {
	for _, reason := range c.Reasons {
		t.printf("      %s %s\n", t.paint.frame("="), clean(reason))
	}
	if c.Instead != "" {
		text := "check instead: "
		if c.State == lint.NothingToJudge {
			text = "the repository holds nothing of the kind; " + text
		}
		t.printf("      %s %s\n", t.paint.frame("="), text+clean(c.Instead))
	}
}

func sameReason(a, b *lint.ControlReport) bool {
	return a.State == b.State && a.Instead == b.Instead && slices.Equal(a.Reasons, b.Reasons)
}

// controlName is a control's name without that of its section.
func controlName(c *lint.ControlReport) string {
	return strings.TrimPrefix(c.Control, c.Section.ID+": ")
}

// sectionTitle is number and title, or name and title where they differ.
func sectionTitle(s lint.SectionName) string {
	switch {
	case strings.Contains(strings.ToLower(s.Title), strings.ToLower(s.ID)):
		return s.Title
	case strings.Trim(s.ID, "0123456789.") == "":
		return s.ID + " " + s.Title
	}
	return s.ID + ": " + s.Title
}

// stateCounts is "2 failed, 5 passed".
func stateCounts(f *lint.FrameworkReport) string {
	var out []string
	for _, state := range lint.ControlStates() {
		if n := f.Summary[state]; n > 0 {
			out = append(out, fmt.Sprintf("%d %s", n, stateWords(state)))
		}
	}
	return strings.Join(out, ", ")
}
