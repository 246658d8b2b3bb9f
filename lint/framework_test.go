package lint

import (
	"slices"
	"strings"
	"testing"

	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/schema"
)

func checking(id string, controls ...string) *schema.Rule {
	return &schema.Rule{ID: id, Severity: schema.Low, View: schema.ViewObject, Controls: map[string][]string{"f": controls}}
}

// TestControlStates: each state, and what it says.
func TestControlStates(t *testing.T) {
	namespaced := checking("namespaced", "namespaced")
	namespaced.View = schema.ViewNamespace
	known := []*schema.Rule{
		checking("clean", "clean", "both", "part"), checking("bad", "bad", "both"), checking("worse", "bad"), checking("off", "off"),
		checking("other", "other"), checking("unknown", "unknown"), checking("broken", "broken"), checking("waived", "waived"),
		checking("absent", "absent"), checking("many", "field", "value", "component"), namespaced,
	}
	ran := slices.DeleteFunc(slices.Clone(known), func(r *schema.Rule) bool { return r.ID == "off" || r.ID == "other" })
	violation := func(rule string, line int, severity schema.Severity, subject Subject) Violation {
		return Violation{Rule: rule, Severity: severity, Position: manifest.Position{File: "a.yaml", Line: line, Column: 1}, StablePath: rule, Subject: subject}
	}
	waived := violation("waived", 3, schema.Low, Subject{})
	waived.Exception = &Exception{Reason: "accepted"}
	tallies := Tallies{}
	for _, rule := range ran {
		if rule.ID != "absent" {
			tallies[rule.ID] = Tally{Seen: 1, Components: []string{"kube-apiserver"}}
		}
	}
	tallies["unknown"] = Tally{Seen: 2, Unknown: 1}
	input := Input{
		Rules: ran, Known: known, Tallies: tallies, Alone: true,
		RulesOff: []RuleOff{{Rule: "off", Reason: "planned"}},
		Errors:   []Problem{{Rule: "broken", Message: "no end"}},
		Violations: []RootViolations{{Root: "r", Violations: []Violation{
			violation("bad", 1, schema.Low, Subject{}), violation("worse", 2, schema.High, Subject{}), waived,
			violation("many", 4, schema.Low, Subject{Field: "hostPID", Value: "RBAC", Component: "kube-apiserver"}),
		}}},
		Frameworks: []*schema.Framework{{Name: "f", Sections: []schema.FrameworkSection{{
			ID: "1", Title: "One", Instead: "look there",
			Controls: []schema.Control{
				{ID: "clean"}, {ID: "bad"}, {ID: "both"}, {ID: "part", Partly: "the rest"}, {ID: "off"}, {ID: "other"}, {ID: "unknown"}, {ID: "broken"},
				{ID: "waived"}, {ID: "absent"}, {ID: "namespaced"}, {ID: "missing", NotYet: "it"}, {ID: "far", Beyond: &schema.Beyond{Why: "runtime", Instead: "look"}},
				{ID: "field", By: map[string]schema.Concerns{"many": {Field: "hostIPC"}}},
				{ID: "value", By: map[string]schema.Concerns{"many": {Value: []string{"AlwaysAllow", "RBAC"}, Without: "Node"}}},
				{ID: "component", By: map[string]schema.Concerns{"many": {Component: "kube-scheduler"}}},
			},
		}}}},
	}
	want := map[string]string{
		"clean": "passed", "bad": "failed", "both": "failed", "part": "passed: no rule judges the rest",
		"off": "notJudged: rule off is off: planned", "other": "notJudged: rule other did not run",
		"unknown": "notJudged: rule unknown: 1 place holds an unresolved ${VARIABLE}", "broken": "notJudged: rule broken could not be evaluated",
		"waived": "accepted", "absent": "nothingToJudge", "namespaced": "notJudged: rule namespaced needs the whole repository, and standard input is alone",
		"missing": "notCovered: no rule judges it", "far": "outOfReach: runtime",
		"field": "passed", "value": "failed", "component": "nothingToJudge",
	}
	r := NewReport(input)
	sum := 0
	for _, n := range r.Frameworks[0].Summary {
		sum += n
	}
	if len(r.Frameworks[0].Controls) != len(want) || sum != len(want) {
		t.Errorf("%d controls, %d in the summary; want %d", len(r.Frameworks[0].Controls), sum, len(want))
	}
	severities := map[string]schema.Severity{}
	for _, f := range r.Findings {
		severities[f.Fingerprint] = f.Severity
	}
	for _, c := range r.Frameworks[0].Controls {
		got := string(c.State)
		if len(c.Reasons) > 0 {
			got += ": " + strings.Join(c.Reasons, "; ")
		}
		if got != want[c.Control] {
			t.Errorf("%s: %s; want %s", c.Control, got, want[c.Control])
		}
		if c.Control == "bad" && (len(c.Findings) != 2 || severities[c.Findings[0]] != schema.High) {
			t.Errorf("the findings of bad are %v; want the worst first", c.Findings)
		}
		if c.Control == "waived" && (len(c.Accepted) != 1 || len(c.Findings) != 0) {
			t.Errorf("waived has findings %v, accepted %v", c.Findings, c.Accepted)
		}
		if (c.Instead != "") != (c.State == NothingToJudge || c.State == OutOfReach) {
			t.Errorf("%s: instead %q in the state %s", c.Control, c.Instead, c.State)
		}
	}

	// What was not read may break anything.
	input.Unread = []UnreadAt{{Position: manifest.Position{File: "b.yaml", Line: 1}, Reason: "broken"}}
	for _, c := range NewReport(input).Frameworks[0].Controls {
		if c.State == Passed || c.State == NothingToJudge || c.State == Accepted {
			t.Errorf("%s is %s although a file was not read", c.Control, c.State)
		}
	}
	if input.Frameworks = nil; NewReport(input).Frameworks != nil {
		t.Error("a report by control that nobody asked for")
	}
}

// TestTallies: what a rule had before it, of each kind of view.
func TestTallies(t *testing.T) {
	a := Tallies{"r": {Seen: 1, Components: []string{"b"}}}
	a.Add(Tallies{"r": {Seen: 2, Unknown: 1, Components: []string{"a", "b"}}, "s": {Seen: 1}})
	if r := a["r"]; r.Seen != 3 || r.Unknown != 1 || !slices.Equal(r.Components, []string{"a", "b"}) || a["s"].Seen != 1 {
		t.Errorf("the sum is %+v", a)
	}
}
