package report

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/secgen/secgen/lint"
	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/schema"
)

// How many items of a list the text format shows before it says "and N more".
const (
	maxRoots     = 5
	maxResources = 3
	maxRelated   = 6
)

const defaultWidth = 100

// ruleUnread is the rule of findings about what could not be read or rendered.
const ruleUnread = "unread"

// textWriter writes the text format. Its write errors are sticky in the
// bufio.Writer underneath, which Write asks at the end.
type textWriter struct {
	w       io.Writer
	paint   palette
	width   int
	sources Sources
	secrets *secrets
}

func writeText(w io.Writer, r *lint.Report, o Options) error {
	t := &textWriter{w: w, paint: palette{on: o.Colour}, width: o.Width, sources: o.Sources, secrets: findSecrets(r, o.Sources)}
	if t.width <= 0 {
		t.width = defaultWidth
	}
	parts := split(r)
	if len(r.Frameworks) > 0 {
		t.frameworks(r, parts.open)
	} else {
		t.findings(parts.open)
	}
	t.unread(parts.unread, parts.unlisted)
	t.excepted(parts.excepted)
	t.rulesOff(r.RulesOff)
	t.notes(r.Notes)
	t.errors(r.Errors)
	t.summary(r, parts)
	return nil
}

// parts are the findings of a report by how they are shown.
type parts struct {
	open, unread, excepted []*lint.Finding
	// unlisted is what was not read and is no finding either.
	unlisted []lint.Unread
}

func split(r *lint.Report) parts {
	var p parts
	for i := range r.Findings {
		f := &r.Findings[i]
		switch {
		case f.Exception != nil:
			p.excepted = append(p.excepted, f)
		case f.Rule == ruleUnread:
			p.unread = append(p.unread, f)
		default:
			p.open = append(p.open, f)
		}
	}
	listed := map[[2]string]bool{}
	for i := range r.Findings {
		if f := &r.Findings[i]; f.Rule == ruleUnread {
			listed[[2]string{f.Position.File, ""}] = true
			for _, root := range f.Roots {
				listed[[2]string{f.Position.File, root}] = true
				listed[[2]string{"", root}] = true
			}
		}
	}
	for _, u := range r.Unread {
		if !listed[[2]string{u.File, u.Root}] {
			p.unlisted = append(p.unlisted, u)
		}
	}
	return p
}

func (t *textWriter) printf(format string, args ...any) { fmt.Fprintf(t.w, format, args...) }

// findings writes findings by file, in the order in which they come.
func (t *textWriter) findings(all []*lint.Finding) {
	for start := 0; start < len(all); {
		file := all[start].Position.File
		end := start
		for end < len(all) && all[end].Position.File == file {
			end++
		}
		group := all[start:end]
		name := "(no file)"
		if file != "" {
			name = cleanPath(file)
		}
		t.printf("%s: %s\n\n", t.paint.bold(name), severities(group))
		for _, f := range group {
			t.finding(f)
		}
		start = end
	}
}

func (t *textWriter) finding(f *lint.Finding) {
	paint := t.paint.severity(f.Severity)
	if !f.Position.IsZero() {
		t.printf("%s: ", t.paint.bold(placeOf(f.Position)))
	}
	t.printf("%s: %s %s\n", paint(lineStart(clean(string(f.Severity)))), clean(f.Message), t.paint.dim("["+clean(f.Rule)+"]"))
	bar := " "
	if f.Position.Line > 0 {
		bar = t.source(f.Position, paint)
	}
	note := func(label, text string) {
		t.printf("%s %s %s\n", bar, t.paint.frame("="), label+text)
	}
	if f.Position.Approximate {
		note("", "the field was set at a place that is not known; this is where its resource begins")
	}
	for i, related := range f.Related {
		if i == maxRelated && len(f.Related) > maxRelated+1 {
			note("", fmt.Sprintf("and %d more places", len(f.Related)-i))
			break
		}
		note("", placeOf(related.Position)+": "+clean(related.Message))
	}
	for i, ref := range f.Resources {
		if i == maxResources && len(f.Resources) > maxResources+1 {
			note("in: ", fmt.Sprintf("%d more resources", len(f.Resources)-i))
			break
		}
		note("in: ", resource(ref))
	}
	if len(f.Roots) > 0 {
		note("roots: ", shorten(f.Roots, maxRoots))
	}
	if f.Fix != nil {
		note("fix: ", clean(f.Fix.Description))
	}
	if f.Remediation != "" {
		// The fragment of YAML that follows is for the rule's page.
		sentence, _, _ := strings.Cut(f.Remediation, "\n")
		note("remedy: ", clean(sentence))
	}
	t.printf("\n")
}

// source writes the source line with its marker and returns the blank gutter,
// for the lines that follow.
func (t *textWriter) source(p manifest.Position, paint func(string) string) string {
	number := strconv.Itoa(p.Line)
	gutter := strings.Repeat(" ", len(number))
	if t.sources == nil {
		return gutter
	}
	line, ok := t.sources.Line(p.File, p.Line)
	if !ok {
		return gutter
	}
	line, secret := t.secrets.shown(p.File, p.Line, line)
	if secret {
		shown := utf8.RuneCountInString(line)
		if p.Column > shown {
			p.Column = 1
		}
		p.EndLine, p.EndColumn = p.Line, shown+1
	}
	e := makeExcerpt(line, p, t.width-len(number)-3)
	bar := t.paint.frame("|")
	t.printf("%s %s\n", gutter, bar)
	t.printf("%s %s %s\n", t.paint.frame(number), bar, e.text)
	if e.marked > 0 {
		marker := "^" + strings.Repeat("~", e.marked-1)
		t.printf("%s %s %s%s\n", gutter, bar, strings.Repeat(" ", e.before), paint(marker))
	}
	return gutter
}

// placeOf is a position as terminals and editors link it.
func placeOf(p manifest.Position) string {
	p.File = cleanPath(p.File)
	return p.String()
}

func resource(ref lint.ResourceRef) string {
	text := clean(ref.ID.String())
	if ref.Path != "" {
		text += " at " + clean(ref.Path)
	}
	return text
}

// shorten lists names, at most n of them and one more rather than "1 more".
func shorten(names []string, n int) string {
	shown := names
	if len(names) > n+1 {
		shown = names[:n]
	}
	out := make([]string, len(shown))
	for i, name := range shown {
		out[i] = clean(name)
	}
	text := strings.Join(out, ", ")
	if more := len(names) - len(shown); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// severities is "1 critical, 2 medium", worst first; what has no known severity
// is counted too.
func severities(findings []*lint.Finding) string {
	counts := map[schema.Severity]int{}
	for _, f := range findings {
		counts[f.Severity]++
	}
	var out []string
	known := 0
	for _, s := range schema.Severities() {
		if n := counts[s]; n > 0 {
			out = append(out, fmt.Sprintf("%d %s", n, s))
			known += n
		}
	}
	if rest := len(findings) - known; rest > 0 {
		out = append(out, fmt.Sprintf("%d other", rest))
	}
	return strings.Join(out, ", ")
}
