package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// hostileRow is an input that cannot be read, made by the test, and what must be
// said about it.
type hostileRow struct {
	// name begins with the number of the row in the list of hostile input.
	name string
	// In files LISTENER stands for the address of a listener that must see no
	// connection.
	files files
	// make adds what a map of files cannot hold. outside is a folder beside the
	// repository.
	make func(t *testing.T, top, outside string)
	// unread is where each finding of rule unread must stand, "file:line".
	unread []string
	// says is what the first of them must say.
	says []string
	// finds is further findings, "rule file:line".
	finds []string
	args  []string
	// peak is how many MiB of memory the run may take; 0 stands for a worker's cap.
	peak int64
}

// TestHostileInput runs the program on input that cannot be read: it must end
// with status 1, say where and why, keep the findings of what stands beside it,
// and touch nothing.
func TestHostileInput(t *testing.T) {
	for _, row := range slices.Concat(hostileYAML(), hostileFiles(), hostileReferences(), hostileBuilds(), hostileObjects()) {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			row.run(t)
		})
	}
}

func (row hostileRow) run(t *testing.T) {
	trap := newTrap(t)
	named := strings.NewReplacer("LISTENER", trap.address)
	foreign := files{}
	for name, text := range row.files {
		foreign[name] = named.Replace(text)
	}
	top := repository(t, foreign.with(healthy()))
	outside := filepath.Join(filepath.Dir(top), "outside")
	if err := os.Mkdir(outside, 0o755); err != nil {
		t.Fatal(err)
	}
	if row.make != nil {
		row.make(t, top, outside)
	}
	before := tree(t, filepath.Dir(top))
	args := append([]string{"lint", "--format", "json"}, row.args...)
	o := invocation{dir: top, args: args, env: trap.env}.run(t)
	trap.check(t)
	o.clean(t, top)
	if after := tree(t, filepath.Dir(top)); !slices.Equal(before, after) {
		t.Errorf("the run changed files:\n%s\n%s", strings.Join(before, "\n"), strings.Join(after, "\n"))
	}
	if o.status != 1 || o.stderr != "" {
		t.Errorf("exit status %d, stderr %q; want 1 and nothing", o.status, o.stderr)
	}
	r := o.report(t)
	var unread, others []string
	var messages []string
	for _, f := range r.Findings {
		if f.Rule == "unread" {
			unread = append(unread, fmt.Sprintf("%s:%d", f.Position.File, f.Position.Line))
			messages = append(messages, f.Message)
		}
	}
	for _, place := range places(r) {
		if !strings.HasPrefix(place, "unread ") {
			others = append(others, place)
		}
	}
	if !slices.Equal(unread, row.unread) {
		t.Errorf("unread at %q, want %q\n%s", unread, row.unread, strings.Join(messages, "\n"))
	}
	for _, text := range row.says {
		if len(messages) == 0 || !strings.Contains(messages[0], named.Replace(text)) {
			t.Errorf("the message does not say %q:\n%s", text, strings.Join(messages, "\n"))
		}
	}
	want := append(slices.Clone(row.finds), healthyFinding)
	slices.Sort(want)
	slices.Sort(others)
	if !slices.Equal(others, want) {
		t.Errorf("findings %q, want %q", others, want)
	}
	if len(r.Unread) == 0 {
		t.Error("the list of what was not read is empty")
	}
	peak := row.peak
	if peak == 0 {
		peak = 1024 + 256
	}
	if o.peak > peak<<20 && !raceDetector {
		t.Errorf("took %d MiB of memory, more than %d", o.peak>>20, peak)
	}
	t.Logf("%s, %d MiB: %s", o.elapsed.Round(1e6), o.peak>>20, strings.Join(messages, " | "))
}

func hostileYAML() []hostileRow {
	object := "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: bomb}\n"
	return []hostileRow{
		{
			name:   "01 alias bomb in a manifest",
			files:  files{"bad/bomb.yaml": object + bomb("data")},
			unread: []string{"bad/bomb.yaml:10"}, says: []string{"alias", "100000"}, peak: 300,
		},
		{
			name:   "01 alias bomb in a resource of a kustomization",
			files:  files{"bad/kustomization.yaml": kustomization("bomb.yaml"), "bad/bomb.yaml": object + bomb("data")},
			unread: []string{"bad/bomb.yaml:10"}, says: []string{"alias"}, peak: 300,
		},
		{
			name: "01 alias bomb in a patch",
			files: files{
				"bad/kustomization.yaml": kustomization("pod.yaml") + "patches:\n- path: patch.yaml\n",
				"bad/pod.yaml":           pod("a"), "bad/patch.yaml": "kind: Pod\n" + bomb("spec"),
			},
			unread: []string{"bad/patch.yaml:8"}, says: []string{"alias"}, peak: 300,
		},
		{
			name: "01 alias bomb in an inline patch",
			files: files{
				"bad/kustomization.yaml": kustomization("pod.yaml") + "patches:\n- patch: |\n    kind: Pod\n" +
					strings.ReplaceAll("    "+strings.TrimSpace(bomb("spec")), "\n", "\n    ") + "\n",
				"bad/pod.yaml": pod("a"),
			},
			unread: []string{"bad/kustomization.yaml:12"}, says: []string{"alias"}, peak: 300,
		},
		{
			name:   "02 alias bomb in a kustomization",
			files:  files{"bad/kustomization.yaml": bomb("commonLabels")},
			unread: []string{"bad/kustomization.yaml:7"}, says: []string{"alias", "100000"}, peak: 300,
		},
		{
			name:   "03 alias of itself",
			files:  files{"bad/kustomization.yaml": kustomization("self.yaml"), "bad/self.yaml": object + "data: &d {a: *d}\n"},
			unread: []string{"bad/self.yaml:4"}, says: []string{"alias *d stands inside the value that it names (line 4)"}, peak: 300,
		},
		{
			name:   "03 alias of itself in a kustomization",
			files:  files{"bad/kustomization.yaml": "commonLabels: &d {a: *d}\n"},
			unread: []string{"bad/kustomization.yaml:1"}, says: []string{"alias *d stands inside the value that it names (line 1)"}, peak: 300,
		},
		{
			name:   "05 more documents than a file may hold",
			files:  files{"bad/many.yaml": strings.Repeat("---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n", 10_001)},
			unread: []string{"bad/many.yaml:40001"}, says: []string{"10000"}, peak: 300,
		},
		{
			name:   "05 100,000 tiny documents",
			files:  files{"bad/kustomization.yaml": kustomization("many.yaml"), "bad/many.yaml": strings.Repeat("---\na: 1\n", 100_000)},
			unread: []string{"bad/many.yaml:20001"}, says: []string{"10000"}, peak: 300,
		},
		{
			name:   "09 flow collections in each other, 100,000 deep",
			files:  files{"bad/deep.yaml": object + "data: " + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000) + "\n"},
			unread: []string{"bad/deep.yaml:4"}, says: []string{"100"}, peak: 300,
		},
		{
			name:   "09 flow collections in each other, 9,000 deep",
			files:  files{"bad/kustomization.yaml": kustomization("deep.yaml"), "bad/deep.yaml": object + "data: " + strings.Repeat("{a: ", 9_000) + strings.Repeat("}", 9_000) + "\n"},
			unread: []string{"bad/deep.yaml:4"}, says: []string{"100"}, peak: 300,
		},
		{
			name:   "23 the same key twice",
			files:  files{"bad/twice.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  hostNetwork: false\n  hostPID: false\n  hostNetwork: true\n"},
			unread: []string{"bad/twice.yaml:7"}, says: []string{"hostNetwork", "lines 5 and 7"},
		},
		{
			name:   "24 bytes that are no UTF-8",
			files:  files{"bad/latin.yaml": object + "data: {a: caf\xe9}\n"},
			unread: []string{"bad/latin.yaml:4"}, says: []string{"UTF-8", "offset 67"},
		},
		{
			name:   "24 a NUL",
			files:  files{"bad/nul.yaml": object + "data: {a: \x00}\n"},
			unread: []string{"bad/nul.yaml:4"}, says: []string{"offset 64"},
		},
		{
			name:   "25 UTF-16",
			files:  files{"bad/utf16.yaml": "\xff\xfea\x00p\x00i\x00V\x00e\x00r\x00s\x00i\x00o\x00n\x00"},
			unread: []string{"bad/utf16.yaml:1"}, says: []string{"UTF-16", "UTF-8"},
		},
		{
			name:   "26 a tab for indentation",
			files:  files{"bad/tab.yaml": object + "data:\n\ta: b\n"},
			unread: []string{"bad/tab.yaml:5"}, says: []string{"tab", "spaces"},
		},
		{
			name:   "26 a merge conflict",
			files:  files{"bad/conflict.yaml": "apiVersion: v1\nkind: ConfigMap\n<<<<<<< HEAD\nmetadata: {name: a}\n=======\nmetadata: {name: b}\n>>>>>>> feature\n"},
			unread: []string{"bad/conflict.yaml:3"}, says: []string{"conflict"},
		},
		{
			name:   "26 a template in a kustomization's resource",
			files:  files{"bad/kustomization.yaml": kustomization("t.yaml"), "bad/t.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Name }}\n"},
			unread: []string{"bad/t.yaml:4"}, says: []string{"template", "render it first"},
		},
		{
			name:   "26 a Git LFS pointer",
			files:  files{"bad/kustomization.yaml": kustomization("big.yaml"), "bad/big.yaml": "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n"},
			unread: []string{"bad/big.yaml:1"}, says: []string{"Git LFS pointer", "git lfs pull"},
		},
		{
			name:   "28 a name that is a boolean",
			files:  files{"bad/n.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: n\n"},
			unread: []string{"bad/n.yaml:4"}, says: []string{"metadata.name", "unquoted n is a boolean", "quote it"},
		},
		{
			name:   "28 a kustomization's namespace that is a boolean",
			files:  files{"bad/kustomization.yaml": kustomization("pod.yaml") + "namespace: n\n", "bad/pod.yaml": pod("a")},
			unread: []string{"bad/kustomization.yaml:3"}, says: []string{"namespace must be a string", "a boolean", "quote it"},
		},
		{
			name:   "29 infinity",
			files:  files{"bad/inf.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  limit: .inf\n"},
			unread: []string{"bad/inf.yaml:5"}, says: []string{"limit: .inf"},
		},
		{
			name:   "29 no number",
			files:  files{"bad/kustomization.yaml": kustomization("nan.yaml"), "bad/nan.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  limit: .nan\n"},
			unread: []string{"bad/nan.yaml:5"}, says: []string{"limit: .nan"},
		},
		{
			name:   "30 a key that is no string",
			files:  files{"bad/key.yaml": object + "data:\n  ? [a, b]\n  : c\n"},
			unread: []string{"bad/key.yaml:5"}, says: []string{"key"},
		},
		{
			name:   "30 a tag that nobody knows",
			files:  files{"bad/tag.yaml": object + "data:\n  a: !vault secret/a\n"},
			unread: []string{"bad/tag.yaml:5"}, says: []string{"!vault"},
		},
	}
}

// bomb is a map under a key whose aliases expand to 9^9 values.
func bomb(key string) string {
	var b strings.Builder
	b.WriteString(key + ":\n  a: &a [x, x, x, x, x, x, x, x, x]\n")
	for c := 'b'; c <= 'i'; c++ {
		alias := fmt.Sprintf("*%c, ", c-1)
		fmt.Fprintf(&b, "  %c: &%c [%s]\n", c, c, strings.TrimSuffix(strings.Repeat(alias, 9), ", "))
	}
	return b.String()
}
