package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/secgen/secgen/lint"
	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/schema"
)

// What GitHub makes of annotations: it shows ten of each level a step and only
// logs the rest, cuts what it shows of a message at 4096 characters, refuses
// longer titles, and takes columns only for a range within one line.
const (
	gitHubShown = 10
	gitHubTitle = 255
)

// annotation is one workflow command; its fields are not escaped yet.
type annotation struct {
	level    string
	position manifest.Position
	title    string
	lines    []string
}

// writeGitHub writes workflow commands, the worst findings first, since GitHub
// shows only the first few, and at the end one notice with all that is no
// problem: exceptions, rules that are off, notes and counts.
func writeGitHub(w io.Writer, r *lint.Report, _ Options) error {
	var all []annotation
	for _, p := range r.Errors {
		title := "secgen error"
		if p.Rule != "" {
			title += " in rule " + p.Rule
		}
		all = append(all, annotation{"error", p.Position, title, cleanLines(p.Message)})
	}
	p := split(r)
	for _, u := range p.unlisted {
		lines := cleanLines(u.Reason)
		if u.Root != "" {
			lines = append(lines, "root: "+clean(u.Root))
		}
		all = append(all, annotation{"error", manifest.Position{File: u.File}, "secgen: not checked", lines})
	}
	findings := slices.Concat(p.unread, p.open)
	slices.SortStableFunc(findings, func(a, b *lint.Finding) int {
		return cmp.Compare(b.Severity.Rank(), a.Severity.Rank())
	})
	for _, f := range findings {
		all = append(all, annotationOf(f))
	}
	all = append(all, annotation{"notice", manifest.Position{}, "secgen", gitHubSummary(r, p, all)})
	for _, a := range all {
		if err := a.write(w); err != nil {
			return err
		}
	}
	return nil
}

func annotationOf(f *lint.Finding) annotation {
	lines := []string{clean(f.Message)}
	if f.Position.Approximate {
		lines = append(lines, "(the field was set at a place that is not known; this is where its resource begins)")
	}
	for i, related := range f.Related {
		if i == maxRelated {
			break
		}
		lines = append(lines, placeOf(related.Position)+": "+clean(related.Message))
	}
	if f.Remediation != "" {
		remedy := cleanLines(f.Remediation)
		lines = append(append(lines, "remedy: "+remedy[0]), remedy[1:]...)
	}
	if len(f.Roots) > 0 {
		lines = append(lines, "roots: "+shorten(f.Roots, maxRoots))
	}
	return annotation{gitHubLevel(f.Severity), f.Position, f.Rule + " (" + string(f.Severity) + ")", lines}
}

// gitHubLevel maps severities to GitHub's three levels. What has no known
// severity is an error, so that it cannot be overlooked.
func gitHubLevel(s schema.Severity) string {
	switch s {
	case schema.Medium:
		return "warning"
	case schema.Low:
		return "notice"
	}
	return "error"
}

func gitHubSummary(r *lint.Report, p parts, all []annotation) []string {
	text, _ := verdict(r, p)
	lines := []string{text, coverage(r)}
	perLevel := map[string]int{}
	for _, a := range all {
		perLevel[a.level]++
	}
	if perLevel["error"] > gitHubShown || perLevel["warning"] > gitHubShown || perLevel["notice"] >= gitHubShown {
		lines = append(lines, fmt.Sprintf("GitHub shows the first %d errors, warnings and notices of a step; the log and --format sarif have all.", gitHubShown))
	}
	for _, f := range p.excepted {
		lines = append(lines, fmt.Sprintf("accepted: %s [%s]: %s", placeOf(f.Position), clean(f.Rule), clean(f.Exception.Reason)))
	}
	for _, off := range r.RulesOff {
		lines = append(lines, "rule off: "+clean(off.Rule)+": "+clean(off.Reason))
	}
	for _, n := range r.Notes {
		lines = append(lines, strings.TrimPrefix(placed(n.Position)+": "+clean(n.Message), ": "))
	}
	return lines
}

func (a annotation) write(w io.Writer) error {
	var properties []string
	add := func(name, value string) { properties = append(properties, name+"="+escapeProperty(value)) }
	if p := a.position; p.File != "" {
		add("file", clean(p.File))
		if p.Line > 0 {
			add("line", strconv.Itoa(p.Line))
		}
		oneLine := p.EndLine <= p.Line
		if p.Line > 0 && p.Column > 0 && oneLine {
			add("col", strconv.Itoa(p.Column))
		}
		if p.Line > 0 && p.EndLine >= p.Line {
			add("endLine", strconv.Itoa(p.EndLine))
			if oneLine && p.Column > 0 && p.EndColumn > p.Column {
				add("endColumn", strconv.Itoa(p.EndColumn))
			}
		}
	}
	add("title", cut(clean(a.title), gitHubTitle))
	message := strings.Join(a.lines, "\n")
	_, err := fmt.Fprintf(w, "::%s %s::%s\n", a.level, strings.Join(properties, ","), escapeData(message))
	return err
}

// escapeData escapes a workflow command's message.
func escapeData(s string) string { return dataEscapes.Replace(s) }

// escapeProperty escapes the value of a workflow command's property.
func escapeProperty(s string) string { return propertyEscapes.Replace(s) }

var (
	dataEscapes     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	propertyEscapes = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)
