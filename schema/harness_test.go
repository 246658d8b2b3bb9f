package schema

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/secgen/secgen/manifest"
)

// lintObjects is a linter for rules on the object view of one file.
func lintObjects(rules []*Bound, files map[string][]byte) ([]Found, error) {
	var out []Found
	for name, text := range files {
		var doc yaml.Node
		if err := yaml.Unmarshal(text, &doc); err != nil {
			return nil, err
		}
		object, err := manifest.FromYAML(&doc, nil)
		if err != nil {
			return nil, err
		}
		for _, b := range rules {
			for _, v := range b.Eval(object).Violations {
				at, _ := object.Locate(v.Path)
				out = append(out, Found{Rule: b.Rule.ID, File: name, Line: at.Line, Message: b.Render(object, v, v.Path)})
			}
		}
	}
	return out, nil
}

const harnessRule = `package own

import "github.com/secgen/secgen/schema"

"few-replicas": schema.#Rule & {
	severity: "low", view: "object", title: "t", why: "w", remedy: "r", references: ["https://example.com/"]
	message: "{kind} has {found} replicas, want {want}"
	parameters: most: *3 | int
	require: spec?: replicas?: <=parameters.most
}
`

func TestRunFixtures(t *testing.T) {
	failing := "kind: A\nspec:\n  replicas: 5 # want few-replicas \"A has 5 replicas, want at most 3\"\n"
	passing := "kind: A\nspec: {replicas: 3}\n"
	for name, c := range map[string]struct {
		files map[string]string
		want  []string
	}{
		"good":   {files: map[string]string{"fail.yaml": failing, "pass.yaml": passing, "pass-more.yaml": "# parameters {most: 9}\n" + strings.Replace(failing, "# want", "#", 1)}},
		"folder": {files: map[string]string{"fail/a.yaml": failing, "fail/b.yaml": passing, "pass.yaml": passing}},
		"no tests": {want: []string{
			"own/rule.cue:5: no test shows what breaks few-replicas; write a fail.yaml beside it whose offending line ends with # want few-replicas",
			"own/rule.cue:5: no test shows what passes few-replicas; write a pass.yaml beside it",
		}},
		"unexpected": {map[string]string{"fail.yaml": failing, "pass.yaml": strings.Replace(failing, "# want", "#", 1)},
			[]string{"own/pass.yaml:3: unexpected finding of few-replicas: A has 5 replicas, want at most 3"}},
		"no mark": {map[string]string{"fail.yaml": failing, "fail-2.yaml": passing, "pass.yaml": passing},
			[]string{"own/fail-2.yaml: no line is marked; end each line that breaks the rule with # want few-replicas"}},
		"missed": {map[string]string{"fail.yaml": failing, "fail-2.yaml": "kind: A # want few-replicas\n", "pass.yaml": passing},
			[]string{"own/fail-2.yaml:1: few-replicas finds nothing here, but the line is marked"}},
		"wrong rule": {map[string]string{"fail.yaml": failing, "fail-2.yaml": "kind: A # want many-replicas\n", "pass.yaml": passing},
			[]string{"own/fail-2.yaml:1: many-replicas finds nothing here, but the line is marked; the folder has no such rule"}},
		"mark that passes": {map[string]string{"fail.yaml": failing, "pass.yaml": failing},
			[]string{"own/pass.yaml:3: a line is marked in a fixture that passes; call it fail-....yaml or remove the mark"}},
		"message": {map[string]string{"fail.yaml": failing, "fail-2.yaml": strings.Replace(failing, "A has", "B has", 1), "pass.yaml": passing},
			[]string{
				`own/fail-2.yaml:3: few-replicas finds nothing here, but the line is marked`,
				`own/fail-2.yaml:3: unexpected finding of few-replicas: A has 5 replicas, want at most 3; the mark wants a message that matches "B has 5 replicas, want at most 3"`,
			}},
		"parameter": {map[string]string{"fail.yaml": failing, "pass.yaml": "# parameters {mots: 5}\n" + passing},
			[]string{
				`own/pass.yaml: # parameters: rule "few-replicas" has no parameter "mots"; did you mean "most"?`,
			}},
	} {
		t.Run(name, func(t *testing.T) {
			fsys := fstest.MapFS{"own/rule.cue": {Data: []byte(harnessRule)}}
			for file, text := range c.files {
				fsys["own/"+file] = &fstest.MapFile{Data: []byte(text)}
			}
			set, err := LoadRules(fsys, "own")
			if err != nil {
				t.Fatal(err)
			}
			set.Rules[0].Examples = Examples{}
			report, err := set.RunFixtures(fsys, lintObjects)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, f := range report.Failures {
				got = append(got, f.String())
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestExamples: examples in the rule itself are tested as fixtures are.
func TestExamples(t *testing.T) {
	text := strings.Replace(harnessRule, "\tparameters", "\texamples: {fails: \"spec: {replicas: 4}\", passes: \"spec: {replicas: 4}\"}\n\tparameters", 1)
	fsys := fstest.MapFS{"own/rule.cue": {Data: []byte(text)}}
	set, err := LoadRules(fsys, "own")
	if err != nil {
		t.Fatal(err)
	}
	report, err := set.RunFixtures(fsys, lintObjects)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(report.Failures, Failure{"own/rule.cue", 5, "examples.passes of few-replicas does the opposite"}) {
		t.Errorf("failures are %v", report.Failures)
	}
}
