package lint

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/secgen/secgen/schema"
)

// ControlState is what a run can say of a control.
type ControlState string

// The states of a control, those first that ask for action.
const (
	// Failed: a finding of one of its rules is not accepted.
	Failed ControlState = "failed"
	// NotJudged: a rule of it is off or did not run, something was not read, or a
	// value is not known.
	NotJudged ControlState = "notJudged"
	// Accepted: all findings of its rules are accepted by exceptions.
	Accepted ControlState = "accepted"
	// Passed: its rules had something to judge and found nothing.
	Passed ControlState = "passed"
	// NothingToJudge: the repository holds nothing that its rules are about.
	NothingToJudge ControlState = "nothingToJudge"
	// NotCovered: no rule checks it yet.
	NotCovered ControlState = "notCovered"
	// OutOfReach: no manifest can show it.
	OutOfReach ControlState = "outOfReach"
)

// ControlStates lists all states in their order.
func ControlStates() []ControlState {
	return []ControlState{Failed, NotJudged, Accepted, Passed, NothingToJudge, NotCovered, OutOfReach}
}

// FrameworkReport is a report read by the controls of a framework.
type FrameworkReport struct {
	Framework string          `json:"framework"`
	Title     string          `json:"title"`
	Edition   string          `json:"edition"`
	URL       string          `json:"url"`
	Publisher string          `json:"publisher"`
	Controls  []ControlReport `json:"controls"`
	// Summary counts the controls by state.
	Summary map[ControlState]int `json:"summary"`
}

// ControlReport is what a run says of one control. Slices are never nil.
type ControlReport struct {
	Control string       `json:"control"`
	Title   string       `json:"title"`
	Section SectionName  `json:"section"`
	State   ControlState `json:"state"`
	// Rules are those that check the control, whether they ran or not.
	Rules []string `json:"rules"`
	// Findings are the fingerprints of the findings of these rules, the worst first;
	// Accepted those with an exception.
	Findings []string `json:"findings"`
	Accepted []string `json:"accepted"`
	// Reasons say why the control is not, or not wholly, judged.
	Reasons []string `json:"reasons"`
	// Instead is what to check where manifests do not tell, or "".
	Instead string `json:"instead"`
}

// SectionName is the chapter of a control.
type SectionName struct {
	ID    string `json:"id"`
	Title string `json:"title"`
}

// frameworkReports reads a report by the controls of the frameworks asked for.
func frameworkReports(in Input, r *Report) []FrameworkReport {
	var out []FrameworkReport
	for _, f := range in.Frameworks {
		b := newByControl(in, r, f)
		for _, section := range f.Sections {
			for _, control := range section.Controls {
				b.add(section, control)
			}
		}
		out = append(out, b.report)
	}
	return out
}

// byControl makes the report of one framework.
type byControl struct {
	in     Input
	report FrameworkReport
	// rules are all rules, run or not, by the controls that they check.
	rules    map[string][]*schema.Rule
	findings map[string][]*Finding
	// ran, failed and off are rules by ID, off with the reason.
	ran, failed map[string]bool
	off         map[string]string
	unread      int
}

func newByControl(in Input, r *Report, f *schema.Framework) *byControl {
	b := &byControl{
		in: in, rules: map[string][]*schema.Rule{}, findings: map[string][]*Finding{}, ran: map[string]bool{}, failed: map[string]bool{},
		off: map[string]string{}, unread: len(r.Unread),
		report: FrameworkReport{Framework: f.Name, Title: f.Title, Edition: f.Edition, URL: f.URL, Publisher: f.Publisher,
			Controls: []ControlReport{}, Summary: map[ControlState]int{}},
	}
	for _, state := range ControlStates() {
		b.report.Summary[state] = 0
	}
	for _, rule := range in.Known {
		for _, id := range rule.Controls[f.Name] {
			b.rules[id] = append(b.rules[id], rule)
		}
	}
	for i := range r.Findings {
		b.findings[r.Findings[i].Rule] = append(b.findings[r.Findings[i].Rule], &r.Findings[i])
	}
	for _, rule := range in.Rules {
		b.ran[rule.ID] = true
	}
	for _, problem := range in.Errors {
		b.failed[problem.Rule] = true
	}
	for _, off := range in.RulesOff {
		b.off[off.Rule] = off.Reason
	}
	return b
}

func (b *byControl) add(section schema.FrameworkSection, control schema.Control) {
	c := ControlReport{Control: control.ID, Title: control.Title, Section: SectionName{section.ID, section.Title},
		Rules: []string{}, Findings: []string{}, Accepted: []string{}, Reasons: []string{}}
	rules := b.rules[control.ID]
	switch {
	case len(rules) > 0:
		b.judge(&c, rules, section, control)
	case control.Beyond != nil:
		c.State, c.Instead = OutOfReach, control.Beyond.Instead
		c.Reasons = append(c.Reasons, control.Beyond.Why)
	default:
		c.State = NotCovered
		if control.NotYet != "" {
			c.Reasons = append(c.Reasons, "no rule judges "+control.NotYet)
		}
	}
	b.report.Summary[c.State]++
	b.report.Controls = append(b.report.Controls, c)
}

// judge says what the rules of a control come to.
func (b *byControl) judge(c *ControlReport, rules []*schema.Rule, section schema.FrameworkSection, control schema.Control) {
	var open, accepted []*Finding
	seen := 0
	for _, rule := range rules {
		c.Rules = append(c.Rules, rule.ID)
		by, narrow := control.By[rule.ID]
		tally := b.in.Tallies[rule.ID]
		if by.Component == "" || slices.Contains(tally.Components, by.Component) {
			seen += tally.Seen
		}
		if reason := b.unjudged(rule); reason != "" {
			c.Reasons = append(c.Reasons, reason)
		}
		for _, f := range b.findings[rule.ID] {
			if narrow && !concerns(by, f.Subjects) {
				continue
			}
			if f.Exception != nil {
				accepted = append(accepted, f)
			} else {
				open = append(open, f)
			}
		}
	}
	if b.unread > 0 {
		c.Reasons = append(c.Reasons, counted(b.unread, "file or root was", "files or roots were")+" not read")
	}
	c.Findings, c.Accepted = fingerprints(open), fingerprints(accepted)
	switch {
	case len(open) > 0:
		c.State = Failed
	case len(c.Reasons) > 0:
		c.State = NotJudged
	case len(accepted) > 0:
		c.State = Accepted
	case seen == 0:
		c.State, c.Instead = NothingToJudge, section.Instead
	default:
		c.State = Passed
	}
	if control.Partly != "" && c.State != NothingToJudge {
		c.Reasons = append(c.Reasons, "no rule judges "+control.Partly)
	}
}

// concerns tells whether one of the subjects of a finding is what a control is
// about.
func concerns(c schema.Concerns, subjects []Subject) bool {
	return slices.ContainsFunc(subjects, func(s Subject) bool {
		holds := len(c.Value) == 0 || slices.ContainsFunc(c.Value, func(text string) bool { return strings.Contains(s.Value, text) })
		return holds && (c.Component == "" || c.Component == s.Component) && (c.Field == "" || c.Field == s.Field) &&
			(c.Without == "" || !strings.Contains(s.Value, c.Without))
	})
}

// unjudged says why a rule did not judge all that it is about, or "".
func (b *byControl) unjudged(rule *schema.Rule) string {
	reason, off := b.off[rule.ID]
	unknown := b.in.Tallies[rule.ID].Unknown
	switch {
	case off:
		return "rule " + rule.ID + " is off: " + reason
	case !b.ran[rule.ID]:
		return "rule " + rule.ID + " did not run"
	case b.failed[rule.ID]:
		return "rule " + rule.ID + " could not be evaluated"
	case b.in.Alone && ofWhole(rule.View):
		return "rule " + rule.ID + " needs the whole repository, and standard input is alone"
	case unknown > 0:
		return fmt.Sprintf("rule %s: %s an unresolved ${VARIABLE}", rule.ID, counted(unknown, "place holds", "places hold"))
	}
	return ""
}

// fingerprints are those of findings, the worst first, else in their order.
func fingerprints(findings []*Finding) []string {
	slices.SortStableFunc(findings, func(a, b *Finding) int { return cmp.Compare(b.Severity.Rank(), a.Severity.Rank()) })
	out := make([]string, len(findings))
	for i, f := range findings {
		out[i] = f.Fingerprint
	}
	return out
}

func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}
