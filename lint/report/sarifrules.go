package report

import (
	"strings"

	"github.com/secgen/secgen/lint"
	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/schema"
)

// sarifRules describes the rules that ran and every further one that has a
// finding, and gives the index of each by its name.
func sarifRules(r *lint.Report) ([]sarifRule, map[string]int) {
	rules := make([]sarifRule, 0, len(r.Rules))
	index := map[string]int{}
	for _, rule := range r.Rules {
		if _, known := index[rule.ID]; known {
			continue
		}
		index[rule.ID] = len(rules)
		rules = append(rules, describe(rule))
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		if _, known := index[f.Rule]; known {
			continue
		}
		index[f.Rule] = len(rules)
		rules = append(rules, describe(&schema.Rule{ID: f.Rule, Severity: f.Severity, Title: ownRules(f.Rule)}))
	}
	return rules, index
}

// ownRules titles the findings that come from no rule in CUE.
func ownRules(rule string) string {
	if rule == ruleUnread {
		return "A file or root could not be read or rendered, and was not checked"
	}
	return rule
}

func describe(rule *schema.Rule) sarifRule {
	title := rule.Title
	if title == "" {
		title = rule.ID
	}
	out := sarifRule{
		ID:                   rule.ID,
		ShortDescription:     &sarifMessage{Text: title},
		DefaultConfiguration: &sarifRuleLevel{Level: sarifLevel(rule.Severity)},
		Help:                 help(rule, title),
		Properties: map[string]any{
			"tags":              tags(rule),
			"precision":         "high",
			"problem.severity":  problemSeverity(rule.Severity),
			"security-severity": securitySeverity(rule.Severity),
		},
	}
	if rule.Why != "" {
		out.FullDescription = &sarifMessage{Text: oneLine(rule.Why)}
	}
	for _, ref := range rule.References {
		if strings.HasPrefix(ref, "https://") {
			out.HelpURI = ref
			break
		}
	}
	return out
}

func tags(rule *schema.Rule) []string {
	out := []string{"security"}
	if rule.Category != "" && rule.Category != "security" {
		out = append(out, rule.Category)
	}
	return out
}

// help is the page of a rule in Markdown, and what it says in short as plain text.
func help(rule *schema.Rule, title string) *sarifMessage {
	var text strings.Builder
	text.WriteString(title + "\n")
	for _, part := range []struct{ heading, body string }{{"Why", rule.Why}, {"Remedy", rule.Remedy}} {
		if body := oneLine(part.body); body != "" {
			text.WriteString("\n" + part.heading + ": " + body + "\n")
		}
	}
	for i, ref := range rule.References {
		if i == 0 {
			text.WriteString("\nReferences:\n")
		}
		text.WriteString("- " + ref + "\n")
	}
	if rule.Why == "" { // nothing but a name is known
		return &sarifMessage{Text: text.String(), Markdown: "# " + title + "\n"}
	}
	return &sarifMessage{Text: text.String(), Markdown: rule.Page()}
}

// oneLine joins the lines of a wrapped text.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// sarifLevel maps severities to SARIF's levels. What has no known severity is an
// error, so that it cannot be overlooked.
func sarifLevel(s schema.Severity) string {
	switch s {
	case schema.Medium:
		return "warning"
	case schema.Low:
		return "note"
	}
	return "error"
}

// problemSeverity is GitHub's property of that name, for where it shows no
// security severity.
func problemSeverity(s schema.Severity) string {
	switch s {
	case schema.Medium:
		return "warning"
	case schema.Low:
		return "recommendation"
	}
	return "error"
}

// securitySeverity is a number that GitHub code scanning shows as the severity of
// the same name: above 9.0 critical, 7.0 to 8.9 high, 4.0 to 6.9 medium, below low.
func securitySeverity(s schema.Severity) string {
	switch s {
	case schema.Critical:
		return "9.5"
	case schema.Medium:
		return "5.5"
	case schema.Low:
		return "2.0"
	}
	return "8.0"
}

// invocation tells whether the run did all that it should, and what was not
// checked, is off or should be known.
func invocation(r *lint.Report) sarifInvocation {
	out := sarifInvocation{ExecutionSuccessful: len(r.Errors) == 0}
	for _, p := range r.Errors {
		n := sarifNotification{Level: "error", Message: sarifMessage{Text: strings.Join(cleanLines(p.Message), "\n")}}
		if where := location(p.Position); where != nil {
			n.Locations = []sarifLocation{*where}
		}
		if p.Rule != "" {
			n.AssociatedRule = &sarifRuleRef{ID: p.Rule}
		}
		out.ToolExecutionNotifications = append(out.ToolExecutionNotifications, n)
	}
	for _, u := range r.Unread {
		out.ToolExecutionNotifications = append(out.ToolExecutionNotifications, unreadNotification(u))
	}
	for _, note := range r.Notes {
		n := sarifNotification{Level: "note", Message: message(note.Message)}
		if where := location(note.Position); where != nil {
			n.Locations = []sarifLocation{*where}
		}
		out.ToolExecutionNotifications = append(out.ToolExecutionNotifications, n)
	}
	for _, off := range r.RulesOff {
		out.ToolConfigNotifications = append(out.ToolConfigNotifications, sarifNotification{
			Level: "note", Message: message("Rule " + off.Rule + " is switched off: " + off.Reason),
			AssociatedRule: &sarifRuleRef{ID: off.Rule},
		})
	}
	return out
}

func unreadNotification(u lint.Unread) sarifNotification {
	text := "Not checked: " + strings.Join(cleanLines(u.Reason), "\n")
	if u.Root != "" {
		text = "Root " + clean(u.Root) + " not checked: " + strings.Join(cleanLines(u.Reason), "\n")
	}
	n := sarifNotification{Level: "error", Message: sarifMessage{Text: text}}
	if where := location(manifest.Position{File: u.File}); where != nil {
		n.Locations = []sarifLocation{*where}
	}
	return n
}
