package starter

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/schema"
	"github.com/secgen/secgen/workload"
)

func TestEnvironments(t *testing.T) {
	tests := []struct {
		name  string
		roots []string
		want  string // name=roots; rest
		sure  bool
	}{
		{"overlays", []string{"overlays/dev", "overlays/prod"}, "dev=overlays/dev prod=overlays/prod", true},
		{"the repository's spelling", []string{"clusters/production/apps", "clusters/staging/apps", "tenants/Production"}, "production=clusters/production/apps,tenants/Production staging=clusters/staging/apps", true},
		{"a root that tells none", []string{"overlays/dev", "overlays/prod", "platform"}, "dev=overlays/dev prod=overlays/prod rest=platform", false},
		{"a part of a name", []string{"overlays/dev", "overlays/prod-eu"}, "dev=overlays/dev prod=overlays/prod-eu", false},
		{"two at once", []string{"overlays/dev", "overlays/prod", "prod/dev-tools"}, "dev=overlays/dev prod=overlays/prod rest=prod/dev-tools", false},
		{"only one", []string{"apps/dev", "apps/web"}, "rest=apps/dev,apps/web", false},
		{"part of a word", []string{"products", "developers"}, "rest=products,developers", false},
		{"none", nil, "", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			found, rest, sure := environments(test.roots)
			var got []string
			for _, e := range found {
				got = append(got, e.Name+"="+strings.Join(e.Roots, ","))
			}
			if len(rest) > 0 {
				got = append(got, "rest="+strings.Join(rest, ","))
			}
			if text := strings.Join(got, " "); text != test.want || sure != test.sure {
				t.Errorf("got %q, sure %t; want %q, %t", text, sure, test.want, test.sure)
			}
		})
	}
}

func TestDivide(t *testing.T) {
	tests := []struct {
		name    string
		roots   []string
		clashes []string // a+b
		want    string
	}{
		{"by name", []string{"overlays/dev", "overlays/prod", "platform"}, []string{"overlays/dev+overlays/prod"}, "dev=overlays/dev,platform prod=overlays/prod,platform"},
		{"two in one environment", []string{"a/dev", "a/prod", "a/prod-eu"}, []string{"a/prod+a/prod-eu", "a/dev+a/prod", "a/dev+a/prod-eu"}, "dev=a/dev prod=a/prod prod-eu=a/prod-eu"},
		{"a shared root that clashes with one", []string{"a/dev", "a/prod", "demo"}, []string{"a/prod+demo", "a/dev+a/prod"}, "dev=a/dev,demo prod=a/prod"},
		{"by clashes alone", []string{"all", "kustomize", "release", "tests/a/x", "tests/b/x"},
			[]string{"kustomize+release", "tests/a/x+tests/b/x", "kustomize+tests/a/x", "kustomize+tests/b/x"}, "kustomize=all,kustomize release=all,release,tests/a/x x=all,tests/b/x"},
		{"a name that is taken", []string{"a/x", "b/x", "c/y.yaml"}, []string{"a/x+b/x", "a/x+c/y.yaml", "b/x+c/y.yaml"}, "x=a/x b-x=b/x cluster-1=c/y.yaml"},
		{"nothing clashes", []string{"a", "b"}, nil, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			clash := func(a, b string) bool {
				return slices.Contains(test.clashes, a+"+"+b) || slices.Contains(test.clashes, b+"+"+a)
			}
			var got []string
			for _, e := range Divide(test.roots, clash) {
				got = append(got, e.Name+"="+strings.Join(e.Roots, ","))
				for _, a := range e.Roots {
					for _, b := range e.Roots {
						if clash(a, b) {
							t.Errorf("%s holds %s and %s, which clash", e.Name, a, b)
						}
					}
				}
			}
			if text := strings.Join(got, " "); text != test.want {
				t.Errorf("got %q, want %q", text, test.want)
			}
		})
	}
}

func TestFolded(t *testing.T) {
	all := []string{"apps/a", "apps/b", "clusters/prod", "clusters/prod/flux", "odd*/x", "odd*/y", "one/deep/root", "platform/a", "platform/b"}
	got := folded([]string{"clusters/prod", "platform/b", "apps/a", "clusters/prod/flux", "platform/a", "odd*/x", "odd*/y", "one/deep/root"}, all)
	want := []string{"apps/a", "clusters/**", `odd\*/x`, `odd\*/y`, "one/deep/root", "platform/**"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestQuote(t *testing.T) {
	tests := []struct{ in, want string }{
		{"overlays/prod", `"overlays/prod"`},
		{"résumé", `"résumé"`},
		{`a"b\(c)`, `"a\"b\\(c)"`},
		{"a\n//rules: {}", `"a\u000a//rules: {}"`},
		{"\x1b[31m\x7f\u202e", `"\u001b[31m\u007f\u202e"`},
		{"\U000e0001", `"\U000e0001"`},
		{"a\xff", `"a�"`},
	}
	for _, test := range tests {
		if got := quote(test.in); got != test.want {
			t.Errorf("quote(%q) = %s, want %s", test.in, got, test.want)
		}
	}
}

const resources = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      initContainers: [{name: a, image: "busybox:1"}]
      containers: [{name: b, image: de.icr.io/shop/web:1}, {name: c, image: "${IMAGE}"}]
---
apiVersion: example.com/v1
kind: Job
metadata: {name: a}
spec:
  tasks:
  - template: {spec: {containers: [{name: a, image: a}]}}
  - template: {spec: {containers: [{name: b}]}}
  other:
    dotted.key: {spec: {containers: [{name: a, image: a}]}}
---
apiVersion: example.com/v1
kind: Policy
metadata: {name: a}
spec:
  containers: [web, api]
`

func TestSurvey(t *testing.T) {
	var all []*manifest.Resource
	d := yaml.NewDecoder(strings.NewReader(resources))
	for range 3 {
		var doc yaml.Node
		if err := d.Decode(&doc); err != nil {
			t.Fatal(err)
		}
		n, err := manifest.FromYAML(&doc, func(y *yaml.Node) manifest.Position {
			return manifest.Position{File: "a.yaml", Line: y.Line}
		})
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, &manifest.Resource{ID: manifest.IDOf(n), Object: n})
	}
	table, err := workload.NewTable(workload.BuiltIn())
	if err != nil {
		t.Fatal(err)
	}
	s := Of(all, table)
	if want := []string{"de.icr.io/shop/web", "docker.io/library/busybox"}; !slices.Equal(s.Images, want) {
		t.Errorf("images %q, want %q", s.Images, want)
	}
	want := []UnknownKind{{"example.com", "Job", "spec.tasks[*].template", manifest.Position{File: "a.yaml", Line: 16}}}
	if !slices.Equal(s.Unknown, want) {
		t.Errorf("unknown kinds %+v, want %+v", s.Unknown, want)
	}
}

// TestConfig shows that what is proposed depends on what was found.
func TestConfig(t *testing.T) {
	today := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	rule := func(id string, severity schema.Severity, n int) RuleCount {
		return RuleCount{Rule: &schema.Rule{ID: id, Severity: severity, Title: "T " + id}, Findings: n}
	}
	tests := []struct {
		name          string
		found         Found
		holds, lacks  []string
		failOn        schema.Severity
		command       string
		failing       int
		findingsCount int
	}{
		{
			name: "nothing wrong, environments told", found: Found{Roots: []string{"overlays/prod", "overlays/dev"}},
			holds: []string{"\nenvironments: {\n\tdev: roots: [\"overlays/dev\"]", "Nothing breaks a rule", "\ndemand: {\n", "expires: \"2027-02-22\""},
			lacks: []string{"\n//environments", "Not read"}, command: "secgen lint",
		},
		{
			name:   "findings",
			found:  Found{Roots: []string{"a"}, Rules: []RuleCount{rule("low-rule", schema.Low, 9), rule("medium-rule", schema.Medium, 2), rule("other-rule", schema.Medium, 3)}},
			holds:  []string{"Findings of today: 14.", "medium  other-rule   3  T other-rule\n//   medium  medium-rule  2", "\n//environments: {\n//\tprod: roots: [\"a\"]\n"},
			failOn: schema.High, command: "secgen lint --fail-on high", findingsCount: 14,
		},
		{
			name:   "what has to be mended first",
			found:  Found{Roots: []string{"a"}, Unread: 2, Exceptions: 1, Rules: []RuleCount{rule("a", schema.Critical, 3), rule("b", schema.High, 1)}},
			holds:  []string{"Not read or rendered: 2.", "\n//demand: {\n", "would no longer hold: 1."},
			failOn: schema.Critical, command: "secgen lint --fail-on critical", failing: 5, findingsCount: 4,
		},
		{
			name: "clashes and questions",
			found: Found{Roots: []string{"a/x", "b"}, Clash: func(a, b string) bool { return a != b },
				Questions: []Question{{"namespace n: nothing says who\n\x1b[31m", "policy: a"}, {"again", "policy: a"}}},
			holds: []string{"\n//environments: {\n//\t\"x\": roots: [\"a/x\"]\n//\t\"b\": roots: [\"b\"]\n//}\n", "kubernetes: \"1.33\"",
				"\n//   namespace n: nothing says who??[31m\n//     policy: a\n\n"},
			lacks: []string{"again"}, command: "secgen lint",
		},
		{
			name: "images and kinds",
			found: Found{Roots: []string{"a"}, Surveys: []Survey{
				{Images: []string{"docker.io/library/redis", "ghcr.io/a/b/c"}, Unknown: []UnknownKind{{"example.com", "Job", "spec.a", manifest.Position{File: "b\n.yaml", Line: 3}}}},
				{Images: []string{"ghcr.io/a/d", "ghcr.io/a/b/c", "registry.k8s.io/pause"}, Unknown: []UnknownKind{{"example.com", "Job", "spec.a", manifest.Position{File: "a.yaml", Line: 3}}}},
			}},
			holds: []string{"allowed: [\n//\t\"ghcr.io/a/\", // 2 images\n//\t\"docker.io/library/\", // 1 image\n//\t\"registry.k8s.io/\", // 1 image\n//]",
				"{group: \"example.com\", kind: \"Job\", template: \"spec.a\"}, // a.yaml:3\n//]"}, command: "secgen lint",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			test.found.Today = today
			text := string(Config(&test.found))
			for _, part := range test.holds {
				if !strings.Contains(text, part) {
					t.Errorf("there is no %q in\n%s", part, text)
				}
			}
			for _, part := range test.lacks {
				if strings.Contains(text, part) {
					t.Errorf("there is %q in\n%s", part, text)
				}
			}
			f := &test.found
			if f.FailOn() != test.failOn || f.Command() != test.command || f.Failing() != test.failing || f.Findings() != test.findingsCount {
				t.Errorf("fail on %q, %q, failing %d, findings %d", f.FailOn(), f.Command(), f.Failing(), f.Findings())
			}
			for _, file := range [][]byte{Hook(f), Workflow(f)} {
				var doc any
				if err := yaml.Unmarshal(file, &doc); err != nil || !bytes.Contains(file, []byte(": "+test.command)) {
					t.Errorf("%v, or no %q, in\n%s", err, test.command, file)
				}
			}
		})
	}
}

func TestWrite(t *testing.T) {
	files := []File{{"a.cue", []byte("a")}, {".github/workflows/b.yaml", []byte("b")}}
	tests := []struct {
		name string
		make func(t *testing.T, top, outside string)
		fail string
		want []string
	}{
		{name: "both", want: []string{".github/workflows/b.yaml b", "a.cue a"}},
		{
			name: "one is there by now", fail: "write .github/workflows/b.yaml", want: []string{".github/workflows/b.yaml old"},
			make: func(t *testing.T, top, _ string) {
				if err := os.MkdirAll(filepath.Join(top, ".github/workflows"), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(top, ".github/workflows/b.yaml"), []byte("old"), 0o644); err != nil {
					t.Fatal(err)
				}
			},
		},
		{
			name: "a folder leads out of the repository", fail: "make the folder .github/workflows",
			make: func(t *testing.T, top, outside string) {
				if err := os.Symlink(outside, filepath.Join(top, ".github")); err != nil {
					t.Fatal(err)
				}
			},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir, outside := t.TempDir(), t.TempDir()
			if test.make != nil {
				test.make(t, dir, outside)
			}
			top, err := os.OpenRoot(dir)
			if err != nil {
				t.Fatal(err)
			}
			defer top.Close()
			err = Write(top, files)
			if (err == nil) != (test.fail == "") || err != nil && !strings.HasPrefix(err.Error(), test.fail) {
				t.Errorf("Write: %v, want %q", err, test.fail)
			}
			if got := contents(t, dir); !slices.Equal(got, test.want) {
				t.Errorf("the folder holds %q, want %q", got, test.want)
			}
			if got := contents(t, outside); len(got) > 0 {
				t.Errorf("outside there is %q", got)
			}
		})
	}
}

// contents lists all files of a folder with their text.
func contents(t *testing.T, dir string) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(dir, func(name string, d os.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		text, err := os.ReadFile(name)
		rel, _ := filepath.Rel(dir, name)
		out = append(out, filepath.ToSlash(rel)+" "+string(text))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
