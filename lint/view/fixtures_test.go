package view_test

import (
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/secgen/secgen/lint"
	"github.com/secgen/secgen/lint/view"
	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/schema"
	"github.com/secgen/secgen/workload"
)

var (
	wantMark      = regexp.MustCompile(`# want ([a-z0-9-]+)`)
	parameterMark = regexp.MustCompile(`(?m)^# parameters (\{.*\})$`)
)

// Each rule finds in its fixtures exactly the lines that are marked, run by its
// predicate and by CUE itself.
func TestFixtures(t *testing.T) {
	set, err := schema.CompileBuiltin()
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("../../schema/rules/*/*/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no fixtures: %v", err)
	}
	fixtures := map[string]int{}
	for _, file := range files {
		rule := set.Rule(filepath.Base(filepath.Dir(file)))
		if rule == nil {
			t.Errorf("%s belongs to no rule", file)
			continue
		}
		fixtures[rule.ID+strings.TrimRight(filepath.Base(file)[:4], ".-")]++
		t.Run(rule.ID+"/"+filepath.Base(file), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			text := string(data)
			parameters := parametersOf(t, text)
			for how, bind := range map[string]func(*schema.Rule, schema.Parameters) (*schema.Bound, error){"predicate": set.Bind, "CUE": set.BindCUE} {
				bound, err := bind(rule, parameters)
				if err != nil {
					t.Fatal(err)
				}
				want, got := wants(text, rule.ID), judged(t, bound, text)
				// CUE's errors say less exactly where: there only the verdict counts.
				if how == "predicate" && !slices.Equal(want, got) || len(want) == 0 != (len(got) == 0) {
					t.Errorf("by %s: lines %v, want %v", how, got, want)
				}
				if fails := strings.HasPrefix(filepath.Base(file), "fail"); fails == (len(want) == 0) {
					t.Errorf("the file has %d marks, which its name contradicts", len(want))
				}
			}
		})
	}
	for _, rule := range set.Rules {
		if fixtures[rule.ID+"fail"] == 0 || fixtures[rule.ID+"pass"] == 0 {
			t.Errorf("rule %s has no fail.yaml or no pass.yaml", rule.ID)
		}
	}
}

func wants(text, rule string) []int {
	var lines []int
	for i, line := range strings.Split(text, "\n") {
		if m := wantMark.FindStringSubmatch(line); m != nil && m[1] == rule {
			lines = append(lines, i+1)
		}
	}
	return lines
}

// parametersOf reads a line of the form # parameters {name: value}.
func parametersOf(t *testing.T, text string) schema.Parameters {
	t.Helper()
	m := parameterMark.FindStringSubmatch(text)
	if m == nil {
		return nil
	}
	out := schema.Parameters{}
	for _, f := range documents(t, m[1])[0].Object.Fields {
		out[f.Key] = f.Value
	}
	return out
}

// judged returns the lines of a fixture that break the rule, each once.
func judged(t *testing.T, bound *schema.Bound, text string) []int {
	t.Helper()
	table, err := workload.NewTable(workload.BuiltIn())
	if err != nil {
		t.Fatal(err)
	}
	judge, err := lint.NewJudge([]*schema.Bound{bound}, table)
	if err != nil {
		t.Fatal(err)
	}
	verdict := judge.Root("root", documents(t, text))
	violations := verdict.Violations
	policy, err := schema.PolicyIn(map[string][]byte{"fixture.yaml": []byte(text)})
	if err != nil {
		t.Fatal(err)
	}
	more := judge.Repository([]view.Digest{verdict.Digest}, view.Landscape{Policy: policy}, map[string]bool{"root": true})
	for _, r := range more {
		violations = append(violations, r.Violations...)
	}
	lines := map[int]bool{}
	for _, v := range violations {
		if v.Rule != bound.Rule.ID {
			t.Errorf("a violation of %s", v.Rule)
		}
		if strings.ContainsAny(v.Message, "{}") {
			t.Errorf("message %q: a slot is not filled", v.Message)
		}
		t.Logf("%s: %s (%s)", v.Position, v.Message, v.Path)
		lines[v.Position.Line] = true
	}
	return slices.Sorted(maps.Keys(lines))
}

func documents(t *testing.T, text string) []*manifest.Resource {
	t.Helper()
	var out []*manifest.Resource
	decoder := yaml.NewDecoder(strings.NewReader(text))
	for {
		var doc yaml.Node
		err := decoder.Decode(&doc)
		if err == io.EOF {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		object, err := manifest.FromYAML(&doc, func(y *yaml.Node) manifest.Position {
			return manifest.Position{File: "fixture.yaml", Line: y.Line, Column: y.Column}
		})
		if err != nil {
			t.Fatal(err)
		}
		id := manifest.IDOf(object)
		out = append(out, &manifest.Resource{ID: id, Object: object, Origin: manifest.Origin{Position: object.Pos, ID: id}})
	}
}
