package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestOddInput runs the program on input that looks odd and can be read: every
// object in it must be judged, and each finding stand on its line. Names begin
// with the number of the row in the list of hostile input.
func TestOddInput(t *testing.T) {
	const network = "  hostNetwork: true\n  containers: [{name: web, image: 'registry.example.com/web:1.2.3'}]\n"
	item := strings.ReplaceAll(strings.TrimSpace(pod("a")), "\n", "\n    ")
	tests := []struct {
		name  string
		files files
		// finds are all findings, "rule file:line", besides that of healthy.
		finds []string
		notes []string // parts of notes
	}{
		{
			name:  "22 a spec that is no map, and containers that are none",
			files: files{"a.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: text\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: b, namespace: shop}\nspec:\n  hostNetwork: true\n  containers: [null, 1]\n"},
			finds: []string{"host-namespaces a.yaml:10"},
		},
		{
			name:  "25 a byte order mark",
			files: files{"a.yaml": "\ufeff" + pod("a")},
			finds: []string{"host-namespaces a.yaml:5"},
		},
		{
			name:  "25 a byte order mark in mid-stream",
			files: files{"a.yaml": pod("a") + "---\n\ufeff" + pod("b")},
			finds: []string{"host-namespaces a.yaml:12", "host-namespaces a.yaml:5"},
		},
		{
			name:  "25 line ends of Windows",
			files: files{"k/kustomization.yaml": kustomization("a.yaml"), "k/a.yaml": strings.ReplaceAll(pod("a")+"---\n"+pod("b"), "\n", "\r\n")},
			finds: []string{"host-namespaces k/a.yaml:12", "host-namespaces k/a.yaml:5"},
		},
		{
			name: "27 emptiness",
			files: files{
				"k/kustomization.yaml": kustomization("empty.yaml", "comment.yaml", "marks.yaml", "null.yaml", "a.yaml"),
				"k/empty.yaml":         "", "k/comment.yaml": "# nothing\n", "k/marks.yaml": "---\n---\n---\n", "k/null.yaml": "null\n", "k/a.yaml": pod("a"),
			},
			finds: []string{"host-namespaces k/a.yaml:5"},
		},
		{
			name:  "27 a root that renders nothing",
			files: files{"k/kustomization.yaml": kustomization("empty.yaml"), "k/empty.yaml": "# nothing\n"},
			notes: []string{"k/kustomization.yaml", "nothing"},
		},
		{
			name:  "31 a list in a list",
			files: files{"a.yaml": "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: List\n  items:\n  - " + item + "\n"},
			finds: []string{"host-namespaces a.yaml:11"},
		},
		{
			name:  "31 a list in a list, in a kustomization",
			files: files{"k/kustomization.yaml": kustomization("a.yaml"), "k/a.yaml": "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: List\n  items:\n  - " + item + "\n"},
			finds: []string{"host-namespaces k/a.yaml:11"},
		},
		{
			name:  "32 a PodList whose items do not say their kind",
			files: files{"a.yaml": "apiVersion: v1\nkind: PodList\nitems:\n- metadata: {name: a, namespace: shop}\n  spec:\n    hostNetwork: true\n    containers: [{name: web, image: 'registry.example.com/web:1.2.3'}]\n"},
			finds: []string{"host-namespaces a.yaml:6"},
		},
		{
			name:  "34 a kind that nobody knows, with a pod in it",
			files: files{"a.yaml": "apiVersion: example.com/v1\nkind: Shop\nmetadata: {name: a, namespace: shop}\nspec:\n  template:\n    spec:\n      hostNetwork: true\n      containers: [{name: web, image: 'registry.example.com/web:1.2.3'}]\n"},
			notes: []string{"a.yaml:8:", "spec.template.spec are not checked", `workloads: [{group: "example.com", kind: "Shop", template: "spec.template"}]`},
		},
		{
			name:  "37 a slow regular expression in a selector",
			files: files{"k/kustomization.yaml": kustomization("a.yaml") + "patches:\n- target: {kind: Pod, name: '(a+)+$'}\n  patch: |\n    - op: add\n      path: /spec/hostPID\n      value: true\n", "k/a.yaml": pod(strings.Repeat("a", 60))},
			finds: []string{"host-namespaces k/a.yaml:5", "host-namespaces k/kustomization.yaml:8"},
		},
		{
			name:  "51 names of folders and files",
			files: oddNames(),
			finds: oddFindings(),
		},
		{
			name:  "52 two pods of the same name",
			files: files{"one/a.yaml": pod("same"), "two/b.yaml": "# another\n" + pod("same")},
			finds: []string{"host-namespaces one/a.yaml:5", "host-namespaces two/b.yaml:6"},
		},
		{
			name:  "23 an escaped key that hides a manifest",
			files: files{"a.yaml": strings.Replace(pod("a"), "apiVersion", `"api\u0056ersion"`, 1)},
			finds: []string{"host-namespaces a.yaml:5"},
		},
		{
			name:  "10 a symlink that stays inside",
			files: files{"k/kustomization.yaml": kustomization("../shared/a.yaml"), "shared/a.yaml": pod("a")},
			finds: []string{"host-namespaces shared/a.yaml:5"},
			notes: []string{"plain kustomize refuses"},
		},
		{
			name:  "30 a merge key and an anchor",
			files: files{"a.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: shop}\nspec: &s\n" + network + "---\napiVersion: v1\nkind: Pod\nmetadata: {name: b, namespace: shop}\nspec:\n  <<: &t\n    hostPID: true\n  containers: []\n"},
			finds: []string{"host-namespaces a.yaml:13", "host-namespaces a.yaml:5"},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			top := repository(t, test.files.with(healthy()))
			o := secgen(t, top, "lint", "--format", "json", "--rule", "host-namespaces")
			o.clean(t, top)
			r := o.report(t)
			want := append(slices.Clone(test.finds), healthyFinding)
			slices.Sort(want)
			got := places(r)
			slices.Sort(got)
			if o.status != 1 || !slices.Equal(got, want) {
				t.Errorf("exit status %d, findings %q, want %q\n%s", o.status, got, want, o.stdout)
			}
			var notes []string
			for _, n := range r.Notes {
				notes = append(notes, n.Position.String()+": "+n.Message)
			}
			for _, text := range test.notes {
				if !strings.Contains(strings.Join(notes, "\n"), text) {
					t.Errorf("no note says %q: %q", text, notes)
				}
			}
		})
	}
}

// oddParts are names that other tools stumble over.
func oddParts() []string {
	return []string{"a+b", "me@home", "v~1", "a,b", "a=b", "(x", "#tag", "100%", "my app", "résumé", "日本", "two\nlines", "-dash", "a'b", `a"b`, "a:b", "[x]", "${x}", "\x1b[31mred"}
}

func oddNames() files {
	f := files{}
	for i, part := range oddParts() {
		f[fmt.Sprintf("odd/%s/%s.yaml", part, part)] = pod(fmt.Sprintf("plain-%d", i))
		f[fmt.Sprintf("kust/%s/kustomization.yaml", part)] = kustomization(quoted("../../base/" + part))
		f[fmt.Sprintf("base/%s/kustomization.yaml", part)] = kustomization(quoted(part + ".yaml"))
		f[fmt.Sprintf("base/%s/%s.yaml", part, part)] = pod(fmt.Sprintf("base-%d", i))
	}
	return f
}

func oddFindings() []string {
	var out []string
	for _, part := range oddParts() {
		out = append(out, fmt.Sprintf("host-namespaces odd/%s/%s.yaml:5", part, part), fmt.Sprintf("host-namespaces base/%s/%s.yaml:5", part, part))
	}
	return out
}

// quoted is a text as YAML.
func quoted(text string) string {
	return strings.ReplaceAll(fmt.Sprintf("%q", text), `\x1b`, `\e`)
}

// TestOddNamesInReports is row 36: what a terminal or a log reader would obey does
// not get there, in any format.
func TestOddNamesInReports(t *testing.T) {
	f := oddNames()
	f["esc.yaml"] = "apiVersion: v1\nkind: Pod\nmetadata: {name: \"a\\e]0;owned\\a\", namespace: \"\\e[31mshop\\u202e\"}\nspec:\n  hostNetwork: true # \x1b[2J\u202e\n  containers: []\n"
	f["::error file=x::y.yaml"] = pod("command")
	f["##[error]z.yaml"] = pod("command")
	top := repository(t, f)
	for _, format := range []string{"text", "json", "sarif", "github"} {
		t.Run(format, func(t *testing.T) {
			o := secgen(t, top, "lint", "--format", format)
			o.clean(t, top)
			if o.status != 1 {
				t.Errorf("exit status %d: %s", o.status, o.stderr)
			}
			for _, sign := range []string{"\x1b", "\a", "\u202e", "##[", "\r"} {
				if strings.Contains(o.stdout, sign) {
					t.Errorf("the report holds %q", sign)
				}
			}
			for line := range strings.Lines(o.stdout) {
				if format != "github" && strings.HasPrefix(strings.TrimSpace(line), "::") {
					t.Errorf("a line is a command to GitHub's log reader: %q", line)
				}
				if format == "github" && strings.HasPrefix(line, "::error file=x::") {
					t.Errorf("a file's name is a command: %q", line)
				}
			}
		})
	}
}

// TestPoison is row 19: the OpenAPI schema of one root changes what kustomize does
// with the same patch in another one built by the same process.
func TestPoison(t *testing.T) {
	custom := "apiVersion: example.com/v1\nkind: Shop\nmetadata: {name: a}\nspec:\n  parts:\n  - {id: one, size: 1}\n  - {id: two, size: 2}\n"
	patch := "apiVersion: example.com/v1\nkind: Shop\nmetadata: {name: a}\nspec:\n  parts:\n  - {id: one, size: 9}\n"
	schema := `{"definitions": {"v1.Shop": {"properties": {"spec": {"properties": {"parts": {"type": "array",
"items": {"type": "object", "properties": {"id": {"type": "string"}}}, "x-kubernetes-patch-merge-key": "id", "x-kubernetes-patch-strategy": "merge"}}}},
"x-kubernetes-group-version-kind": [{"group": "example.com", "kind": "Shop", "version": "v1"}]}}}`
	both := files{}
	for _, dir := range []string{"a-poison", "b-victim"} {
		both = both.with(files{
			dir + "/kustomization.yaml": kustomization("shop.yaml") + "patches:\n- path: patch.yaml\n",
			dir + "/shop.yaml":          custom, dir + "/patch.yaml": patch,
		})
	}
	both["a-poison/kustomization.yaml"] += "openapi: {path: schema.json}\n"
	both["a-poison/schema.json"] = schema
	top := repository(t, both)
	one := func(args ...string) string {
		o := invocation{dir: top, args: append([]string{"render"}, args...), env: []string{"GOMAXPROCS=1"}}.run(t)
		if o.status != 0 {
			t.Fatalf("exit status %d: %s", o.status, o.stderr)
		}
		return o.stdout
	}
	alone := one("b-victim")
	if strings.Contains(alone, "two") || !strings.Contains(one("a-poison"), "two") {
		t.Fatal("the schema makes no difference, so that the test shows nothing")
	}
	if got := one("."); !strings.HasSuffix(got, alone) || got == alone {
		t.Errorf("the victim renders as\n%s\nand alone as\n%s", got, alone)
	}
}

// TestTogether is row 20: roots that are built at once come out as each alone.
func TestTogether(t *testing.T) {
	f := files{"base/kustomization.yaml": kustomization("pod.yaml"), "base/pod.yaml": pod("web")}
	var dirs []string
	for i := range 12 {
		dir := fmt.Sprintf("overlays/o%02d", i)
		dirs = append(dirs, dir)
		f[dir+"/kustomization.yaml"] = fmt.Sprintf("namePrefix: p%d-\nnamespace: n%d\n", i, i) + kustomization("../../base")
	}
	top := repository(t, f)
	var alone strings.Builder
	for _, dir := range dirs {
		alone.WriteString(secgen(t, top, "render", dir).stdout)
	}
	for range 3 {
		if got := (invocation{dir: top, args: []string{"render"}, env: []string{"GOMAXPROCS=8"}}.run(t)); got.stdout != alone.String() || got.status != 0 {
			t.Fatalf("exit status %d, together:\n%s\nalone:\n%s", got.status, got.stdout, alone.String())
		}
	}
}

// TestLimitsAreRaised shows that the flags which messages name help.
func TestLimitsAreRaised(t *testing.T) {
	top := repository(t, files{"big/pod.yaml": pod("a") + "# " + strings.Repeat("x", 6<<20) + "\n"})
	o := secgen(t, top, "lint", "--format", "json")
	if r := o.report(t); o.status != 1 || len(r.Unread) != 1 {
		t.Fatalf("exit status %d, %q", o.status, places(r))
	}
	o = secgen(t, top, "lint", "--format", "json", "--max-file-size", "10Mi", "--rule", "host-namespaces")
	if got, want := places(o.report(t)), []string{"host-namespaces big/pod.yaml:5"}; !slices.Equal(got, want) {
		t.Errorf("findings %q, want %q", got, want)
	}
	if err := os.Remove(filepath.Join(top, "big/pod.yaml")); err != nil {
		t.Fatal(err)
	}
	manyBig(11).write(t, top)
	o = secgen(t, top, "lint", "--format", "json")
	if r := o.report(t); o.status != 1 || len(r.Unread) != 1 {
		t.Fatalf("exit status %d, %q", o.status, places(r))
	}
	if o = secgen(t, top, "lint", "--max-root-size", "60Mi"); o.status != 0 {
		t.Errorf("exit status %d: %s", o.status, o.stdout)
	}
}
