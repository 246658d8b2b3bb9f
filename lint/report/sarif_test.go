package report

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/secgen/secgen/manifest"
)

// officialSchema is the JSON schema of SARIF 2.1.0 with errata 01, which go-sarif
// holds in a constant that it does not export: it is read from that module's
// source.
func officialSchema(t testing.TB) *jsonschema.Schema {
	t.Helper()
	dir, err := exec.Command("go", "list", "-f", "{{.Dir}}", "github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif").Output()
	if err != nil {
		t.Fatalf("find the source of go-sarif: %v", err)
	}
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(strings.TrimSpace(string(dir)), "schema.go"), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var text string
	ast.Inspect(file, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING && text == "" {
			text, err = strconv.Unquote(lit.Value)
		}
		return err == nil
	})
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Fatalf("read the schema in go-sarif's schema.go: %v", err)
	}
	if id := doc.(map[string]any)["id"]; id != sarifSchema {
		t.Fatalf("go-sarif holds the schema %v; want %s", id, sarifSchema)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource(sarifSchema, doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile(sarifSchema)
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func validate(schema *jsonschema.Schema, log string) error {
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(log))
	if err != nil {
		return err
	}
	return schema.Validate(doc)
}

func TestSARIFSchema(t *testing.T) {
	schema := officialSchema(t)
	for name, s := range samples() {
		t.Run(name, func(t *testing.T) {
			log := render(t, "sarif", s, false)
			if err := validate(schema, log); err != nil {
				t.Errorf("not valid SARIF: %#v", err)
			}
			report, err := sarif.FromString(log)
			if err != nil {
				t.Fatal(err)
			}
			run := report.Runs[0]
			if len(run.Results) != len(s.report.Findings) {
				t.Fatalf("%d results; want %d", len(run.Results), len(s.report.Findings))
			}
			for i, result := range run.Results {
				if rule := run.Tool.Driver.Rules[result.RuleIndex]; *rule.ID != s.report.Findings[i].Rule {
					t.Errorf("result %d: ruleIndex names %q; want %q", i, *rule.ID, s.report.Findings[i].Rule)
				}
			}
		})
	}
	// The validation itself must be able to fail.
	good := render(t, "sarif", shop(), false)
	for _, change := range [][2]string{
		{`"startLine": 3`, `"startLine": 0`},
		{`"level": "error"`, `"level": "fatal"`},
		{`"uri": "base/deployment.yaml"`, `"uri": "%zz"`},
		{`"justification"`, `"because"`},
	} {
		bad := strings.Replace(good, change[0], change[1], 1)
		if err := validate(schema, bad); bad == good || err == nil {
			t.Errorf("with %s for %s the log passes", change[1], change[0])
		}
	}
}

func TestSARIFPaths(t *testing.T) {
	tests := map[string]string{
		"base/a.yaml":             "base/a.yaml",
		"my app/r\u00e9+b@~.yaml": "my%20app/r%C3%A9+b@~.yaml",
		"a:b/c.yaml":              "./a:b/c.yaml",
		"a#b%c?d.yaml":            "a%23b%25c%3Fd.yaml",
		"a\nb.yaml":               "a%0Ab.yaml",
		"<stdin>":                 "%3Cstdin%3E",
	}
	for file, want := range tests {
		if got := artifact(file); got.URI != want || got.URIBaseID != "%SRCROOT%" {
			t.Errorf("%q: %+v; want the URI %s", file, got, want)
		}
	}
}

func TestSARIFRegions(t *testing.T) {
	tests := []struct {
		name string
		p    manifest.Position
		want string
	}{
		{"file alone", manifest.Position{File: "a"}, "null"},
		{"line alone", at("a", 3, 0, 0, 0), `{"startLine":3}`},
		{"point", at("a", 3, 2, 0, 0), `{"startLine":3,"startColumn":2}`},
		{"range", at("a", 3, 2, 4, 1), `{"startLine":3,"startColumn":2,"endLine":4,"endColumn":1}`},
		{"end before start", at("a", 3, 5, 3, 2), `{"startLine":3,"startColumn":5}`},
		{"end line before start", at("a", 3, 5, 1, 9), `{"startLine":3,"startColumn":5}`},
	}
	for _, tt := range tests {
		got, err := json.Marshal(region(tt.p))
		if err != nil || string(got) != tt.want {
			t.Errorf("%s: %s, %v; want %s", tt.name, got, err, tt.want)
		}
	}
}
