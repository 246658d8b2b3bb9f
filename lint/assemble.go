package lint

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/secgen/secgen/schema"
)

// Input is all that a report is made of.
type Input struct {
	Version    string
	Profile    string
	Rules      []*schema.Rule
	RulesOff   []RuleOff
	Violations []RootViolations
	Unread     []UnreadAt
	Notes      []Note
	Errors     []Problem
	Files      FileCounts
	// Roots counts the selected roots, Rendered those of them that were rendered.
	Roots, Rendered int
	Resources       int
	// Unknown counts the values that hold an unresolved ${VARIABLE}.
	Unknown int
	// Frameworks are those that the report is to be read by. Known are all rules,
	// whether they ran or not, and Tallies what those that ran had before them: they
	// are needed only there.
	Frameworks []*schema.Framework
	Known      []*schema.Rule
	Tallies    Tallies
	// Alone says that rules over the whole repository did not run.
	Alone bool
}

// NewReport merges causes, counts and sorts.
func NewReport(in Input) *Report {
	r := &Report{
		Version: 1, Tool: Tool{Name: "secgen", Version: in.Version}, Profile: in.Profile,
		Findings: Merge(in.Violations), RulesOff: slices.Clone(in.RulesOff), Errors: slices.Clone(in.Errors),
		Notes: slices.Clone(in.Notes), Rules: append(slices.Clone(in.Rules), UnreadRule(), ExceptionRule()),
		Summary: Summary{
			Roots: in.Roots, Rendered: in.Rendered, Files: in.Files, Resources: in.Resources,
			Findings: map[schema.Severity]int{},
		},
	}
	unread, list := unreadFindings(in.Unread)
	r.Findings = append(r.Findings, unread...)
	r.Unread = list
	SortFindings(r.Findings)
	for _, s := range schema.Severities() {
		r.Summary.Findings[s] = 0
	}
	for _, f := range r.Findings {
		if f.Exception != nil {
			r.Summary.Excepted++
		} else {
			r.Summary.Findings[f.Severity]++
		}
	}
	if in.Unknown > 0 {
		r.Notes = append(r.Notes, Note{Message: fmt.Sprintf(
			"%d values hold an unresolved ${VARIABLE}: nobody can judge them before the variables are replaced", in.Unknown)})
	}
	slices.SortFunc(r.Notes, func(a, b Note) int {
		return cmp.Or(a.Position.Compare(b.Position), cmp.Compare(a.Message, b.Message))
	})
	r.Notes = slices.Compact(r.Notes)
	slices.SortFunc(r.RulesOff, func(a, b RuleOff) int { return cmp.Compare(a.Rule, b.Rule) })
	slices.SortFunc(r.Errors, func(a, b Problem) int {
		return cmp.Or(a.Position.Compare(b.Position), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Message, b.Message))
	})
	r.Errors = slices.Compact(r.Errors)
	// JSON shows [] for what is empty.
	r.Notes, r.RulesOff, r.Errors = filled(r.Notes), filled(r.RulesOff), filled(r.Errors)
	r.Frameworks = frameworkReports(in, r)
	return r
}

func filled[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// Fails tells whether the report holds a finding without an exception at or above
// the threshold. What could not be read counts whatever the threshold is; with
// the threshold "" nothing else does.
func (r *Report) Fails(threshold schema.Severity) bool {
	return slices.ContainsFunc(r.Findings, func(f Finding) bool {
		if f.Rule == UnreadRule().ID {
			return true
		}
		return f.Exception == nil && threshold != "" && f.Severity.Rank() >= threshold.Rank()
	})
}
