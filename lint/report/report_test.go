package report

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/secgen/secgen/lint"
	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/schema"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func render(t testing.TB, format string, s sample, colour bool) string {
	t.Helper()
	var b bytes.Buffer
	o := Options{Colour: colour, Width: 80}
	if s.sources != nil {
		o.Sources = s.sources
	}
	if err := Write(&b, format, s.report, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestGolden compares every sample in every format with testdata/NAME.txtar,
// where \e stands for the escape character.
func TestGolden(t *testing.T) {
	for name, s := range samples() {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join("testdata", name+".txtar")
			got := &txtar.Archive{Comment: []byte("Written by go test ./lint/report -update\n\n")}
			for _, format := range Formats() {
				got.Files = append(got.Files, txtar.File{Name: format, Data: []byte(render(t, format, s, false))})
			}
			colour := strings.ReplaceAll(render(t, "text", s, true), "\x1b", `\e`)
			got.Files = append(got.Files, txtar.File{Name: "text in colour", Data: []byte(colour)})
			if *update {
				if err := os.WriteFile(file, txtar.Format(got), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatalf("%v; write it with -update", err)
			}
			if diff := cmp.Diff(string(want), string(txtar.Format(got))); diff != "" {
				t.Errorf("%s differs (-want +got); -update rewrites it:\n%s", file, diff)
			}
		})
	}
}

// TestWriteLeavesReport shows that writing changes nothing in the report, since
// several formats are written of one.
func TestWriteLeavesReport(t *testing.T) {
	for name := range samples() {
		s := samples()[name]
		for _, format := range Formats() {
			first := render(t, format, s, false)
			if second := render(t, format, s, false); first != second {
				t.Errorf("%s as %s: the second time differs", name, format)
			}
		}
		if diff := cmp.Diff(samples()[name].report, s.report, cmpopts.IgnoreUnexported(schema.Rule{})); diff != "" {
			t.Errorf("%s: the report changed:\n%s", name, diff)
		}
	}
}

// TestSecrets shows that no format gives a credential away.
func TestSecrets(t *testing.T) {
	for _, format := range Formats() {
		out := render(t, format, secret(), false)
		for _, word := range []string{"correcthorse", "BEGINPRIVATE"} {
			if i := strings.Index(out, word); i >= 0 {
				t.Errorf("%s shows a credential: %q", format, out[max(0, i-60):min(len(out), i+30)])
			}
		}
	}
	if out := render(t, "text", secret(), false); !strings.Contains(out, "  password: "+hidden) || !strings.Contains(out, "  token: "+hidden) {
		t.Errorf("the keys of credentials are not shown:\n%s", out)
	}
}

// TestSecretsLeaveNames shows that a credential which is also the name of a
// resource does not blot out that name.
func TestSecretsLeaveNames(t *testing.T) {
	position := manifest.Position{File: "config.yaml", Line: 1, Column: 1, EndLine: 1, EndColumn: 25}
	r := &lint.Report{Findings: []lint.Finding{
		{Rule: "plain-secret", Severity: schema.Critical, Message: "Secret accounts-db-config is plain", Secret: true, Position: position,
			Resources: []lint.ResourceRef{{ID: manifest.ID{Kind: "Secret", Name: "accounts-db-config"}, Path: "stringData.DB"}}},
		{Rule: "image-tag", Severity: schema.Medium, Message: "container accounts-db runs accounts-db", Position: manifest.Position{File: "db.yaml", Line: 3}},
	}}
	var out strings.Builder
	if err := Write(&out, "text", r, Options{Sources: files{"config.yaml": "DB: accounts-db"}}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Secret accounts-db-config is plain", "container accounts-db runs accounts-db", "DB: " + hidden} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is missing in\n%s", want, out.String())
		}
	}
}

// TestSecretsLeaveWords shows that a credential which is an ordinary word blots out
// neither a rule's own words nor a part of another one, and is hidden itself.
func TestSecretsLeaveWords(t *testing.T) {
	position := manifest.Position{File: "config.yaml", Line: 1, Column: 1, EndLine: 1, EndColumn: 22}
	for _, test := range []struct{ value, message, want string }{
		{"production", "reproductions of production, productions", "reproductions of ***, productions"},
		{"production", "https://user:production@db", "https://user:***@db"},
		{"namespace", "the namespace is open", "the namespace is open"}, // the rule says so itself
		{"hunter2hunter2", "xhunter2hunter2x", "x***x"},
	} {
		r := &lint.Report{
			Rules: []*schema.Rule{{ID: "open", Message: "the namespace is {found}"}},
			Findings: []lint.Finding{
				{Rule: "plain-secret", Secret: true, Position: position},
				{Rule: "open", Message: test.message, Position: manifest.Position{File: "db.yaml", Line: 3}},
			},
		}
		var out strings.Builder
		if err := Write(&out, "json", r, Options{Sources: files{"config.yaml": "password: " + test.value}}); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(out.String(), `"message": "`+test.want+`"`) {
			t.Errorf("%q with the credential %q: want %q in\n%s", test.message, test.value, test.want, out.String())
		}
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestWriteErrors(t *testing.T) {
	for _, format := range Formats() {
		err := Write(failing{}, format, shop().report, Options{})
		if err == nil || !strings.Contains(err.Error(), "disk full") {
			t.Errorf("%s: error %v; want the writer's", format, err)
		}
	}
	err := Write(&bytes.Buffer{}, "xml", empty(), Options{})
	if err == nil || !strings.Contains(err.Error(), `"xml"; want text, json, sarif, github`) {
		t.Errorf("unknown format: error %v", err)
	}
	if len(writers()) != len(Formats()) {
		t.Errorf("%d writers for %d formats", len(writers()), len(Formats()))
	}
}

func TestParseTargets(t *testing.T) {
	tests := []struct {
		name, value string
		want        []Target
		err         string
	}{
		{"one", "json", []Target{{Format: "json"}}, ""},
		{"several", "sarif=out/a b.sarif, text", []Target{{"sarif", "out/a b.sarif"}, {"text", ""}}, ""},
		{"dash", "json=-", []Target{{Format: "json"}}, ""},
		{"equals in the file", "json=a=b", []Target{{"json", "a=b"}}, ""},
		{"same format twice", "json=a,json=b", []Target{{"json", "a"}, {"json", "b"}}, ""},
		{"empty", "", nil, `unknown format ""; want text`},
		{"unknown", "text,yaml=x", nil, `unknown format "yaml"; want text, json, sarif, github`},
		{"no file", "sarif=", nil, "no file after the ="},
		{"two to stdout", "text,json=-", nil, "formats text and json both go to the standard output; give one of them a file: json=FILE"},
		{"two to a file", "text=a,json=a", nil, `both go to the file "a"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ParseTargets(tt.value)
			if tt.err != "" {
				if err == nil || !strings.Contains(err.Error(), tt.err) {
					t.Fatalf("error %v; want %q", err, tt.err)
				}
				return
			}
			if err != nil || !slices.Equal(got, tt.want) {
				t.Errorf("got %v, %v; want %v", got, err, tt.want)
			}
		})
	}
}

// TestSummaryFields shows that the JSON summary has all fields of lint.Summary,
// in their order.
func TestSummaryFields(t *testing.T) {
	names := func(of reflect.Type) []string {
		var out []string
		for i := range of.NumField() {
			out = append(out, of.Field(i).Tag.Get("json"))
		}
		return out
	}
	want := names(reflect.TypeFor[lint.Summary]())
	if got := names(reflect.TypeFor[jsonSummary]()); !slices.Equal(got, want) {
		t.Errorf("the JSON summary has the fields %v; lint.Summary has %v", got, want)
	}
}
