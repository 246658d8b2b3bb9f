package schema

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"cuelang.org/go/cue/format"
)

// Page writes a rule's page in Markdown. docs/rules holds the pages of the
// built-in rules, and `secgen explain` prints them.
func (r *Rule) Page() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n%s.\n\n", r.ID, r.Title)
	fmt.Fprintf(&b, "Severity **%s** · category %s · looks at each %s · %s\n", r.Severity, r.Category, r.View, profilesOf(r))
	section(&b, "Why this is bad", paragraphs(r.Why))
	section(&b, "What to do", remedyOf(r.Remedy))
	if examples := r.ShownExamples(); examples != (Examples{}) {
		section(&b, "Example", fence("yaml", examples.Fails))
		section(&b, "Use instead", fence("yaml", examples.Passes))
	}
	if len(r.Parameters) > 0 {
		section(&b, "Parameters", parameterTable(r))
	}
	if !r.Always {
		section(&b, "Exceptions", fmt.Sprintf("Accept one finding with a comment above the object, container or list item:\n\n%s\n\n"+
			"Switch the rule off for the repository in `secgen.cue`:\n\n%s",
			fence("yaml", "# secgen:ignore "+r.ID+" why this is acceptable"),
			fence("cue", fmt.Sprintf("rules: %q: off: \"why nobody needs it here\"", r.ID))))
	}
	if controls := controlsOf(r); controls != "" {
		section(&b, "Controls", controls)
	}
	var links []string
	for _, url := range r.References {
		links = append(links, "- <"+url+">")
	}
	if len(links) > 0 {
		section(&b, "References", strings.Join(links, "\n"))
	}
	if !r.Lowered() {
		section(&b, "How it runs", "CUE evaluates this rule, which is slow: "+r.NotLowered+".")
	}
	return b.String()
}

func section(b *strings.Builder, title, text string) {
	fmt.Fprintf(b, "\n## %s\n\n%s\n", title, strings.TrimRight(text, "\n"))
}

func profilesOf(r *Rule) string {
	if r.Always {
		return "always on"
	}
	switch len(r.Profiles) {
	case 0:
		return "in no profile: runs only with --rule " + r.ID
	case 1:
		return "in profile " + r.Profiles[0]
	}
	return "in profiles " + strings.Join(r.Profiles, ", ")
}

// paragraphs joins the lines of each paragraph: they were broken for reading the
// CUE.
func paragraphs(text string) string {
	var out []string
	for _, p := range strings.Split(strings.TrimSpace(text), "\n\n") {
		out = append(out, strings.Join(strings.Fields(p), " "))
	}
	return strings.Join(out, "\n\n")
}

// remedyOf shows the first paragraph as text and what follows as YAML or CUE.
func remedyOf(text string) string {
	first, rest, _ := strings.Cut(strings.TrimSpace(text), "\n\n")
	out := paragraphs(first)
	if rest = strings.TrimSpace(rest); rest == "" {
		return out
	}
	language := "yaml"
	if strings.HasPrefix(rest, "rules: ") {
		language = "cue"
	}
	return out + "\n\n" + fence(language, rest)
}

func fence(language, text string) string {
	mark := "```"
	for strings.Contains(text, mark) {
		mark += "`"
	}
	return mark + language + "\n" + strings.TrimRight(text, "\n") + "\n" + mark
}

// parameterTable lists the parameters, and how to set the first.
func parameterTable(r *Rule) string {
	rows := [][]string{{"parameter", "type", "default", "meaning"}}
	for _, p := range r.Parameters {
		rows = append(rows, []string{"`" + p.Name + "`", "`" + cell(withoutDefault(p.Type)) + "`", "`" + cell(inCUE(p)) + "`", cell(paragraphs(p.Doc))})
	}
	p := r.Parameters[0]
	return table(rows) + "\n\nSet them in `secgen.cue`:\n\n" +
		fence("cue", fmt.Sprintf("rules: %q: parameters: %s: %s", r.ID, p.Name, inCUE(p)))
}

// withoutDefault drops the default from a parameter's type, which has a column of
// its own.
func withoutDefault(text string) string {
	var parts []string
	for _, part := range strings.Split(text, " | ") {
		if !strings.HasPrefix(part, "*") {
			parts = append(parts, part)
		}
	}
	if len(parts) == 0 {
		return text
	}
	return strings.Join(parts, " | ")
}

func inCUE(p Parameter) string {
	text, err := format.Node(exprOf(p.Default))
	if err != nil {
		return Show(p.Default)
	}
	return strings.Join(strings.Fields(string(text)), " ")
}

func cell(text string) string {
	return strings.ReplaceAll(strings.ReplaceAll(text, "|", `\|`), "\n", " ")
}

// table writes a Markdown table with columns that line up.
func table(rows [][]string) string {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, text := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(text))
		}
	}
	var lines []string
	for n, row := range rows {
		var cells []string
		for i, text := range row {
			cells = append(cells, text+strings.Repeat(" ", widths[i]-utf8.RuneCountInString(text)))
		}
		lines = append(lines, "| "+strings.Join(cells, " | ")+" |")
		if n == 0 {
			var rule []string
			for _, w := range widths {
				rule = append(rule, strings.Repeat("-", w))
			}
			lines = append(lines, "| "+strings.Join(rule, " | ")+" |")
		}
	}
	return strings.Join(lines, "\n")
}

// frameworks are the published frameworks whose controls rules name.
func frameworkName(key string) string {
	switch key {
	case "cis":
		return "CIS Kubernetes Benchmark"
	case "nsa":
		return "NSA/CISA Kubernetes Hardening Guide"
	case "pss":
		return "Pod Security Standards"
	case "iks":
		return "IBM Cloud Kubernetes Service security documentation"
	case "cve":
		return "Vulnerabilities"
	}
	return key
}

func controlsOf(r *Rule) string {
	var lines []string
	for _, key := range slices.Sorted(maps.Keys(r.Controls)) {
		lines = append(lines, "- "+frameworkName(key)+": "+strings.Join(r.Controls[key], ", "))
	}
	return strings.Join(lines, "\n")
}

// Pages writes the pages of all rules and an index, by file name.
func (s *Set) Pages() map[string][]byte {
	out := map[string][]byte{}
	categories := map[string][]*Rule{}
	for _, r := range s.Rules {
		out[r.ID+".md"] = []byte("<!-- Code generated by go generate ./schema. DO NOT EDIT. -->\n\n" + r.Page())
		categories[r.Category] = append(categories[r.Category], r)
	}
	var b strings.Builder
	b.WriteString("<!-- Code generated by go generate ./schema. DO NOT EDIT. -->\n\n# Rules\n")
	for _, category := range slices.Sorted(maps.Keys(categories)) {
		rows := [][]string{{"rule", "severity", "profiles", "what it finds"}}
		for _, r := range categories[category] {
			rows = append(rows, []string{fmt.Sprintf("[%s](%s.md)", r.ID, r.ID), string(r.Severity), strings.Join(r.Profiles, ", "), cell(r.Title)})
		}
		section(&b, category, table(rows))
	}
	b.WriteString("\n## Profiles\n\n")
	for _, p := range s.Profiles {
		rules, _, err := s.InProfile(p.Name)
		if err == nil {
			fmt.Fprintf(&b, "- `%s`: %s (%s)\n", p.Name, p.Title, count(int64(len(rules)), "rule"))
		}
	}
	out["README.md"] = []byte(b.String())
	return out
}
