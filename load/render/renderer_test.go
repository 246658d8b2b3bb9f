package render

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/secgen/secgen/load/source"
)

// TestRenderer has one Renderer build two roots that share a base again and again
// while files change: it must say what one without memory says.
func TestRenderer(t *testing.T) {
	top := writeRepo(t, `-- base/kustomization.yaml --
resources: [pod.yaml, crd.yaml]
-- base/pod.yaml --
apiVersion: v1
kind: Pod
metadata: {name: p}
spec: {hostPID: true}
-- base/crd.yaml --
`+crd+`-- a/kustomization.yaml --
resources: [../base]
namePrefix: a-
-- b/kustomization.yaml --
resources: [../base]
patches: [{path: patch.yaml}]
-- b/patch.yaml --
apiVersion: v1
kind: Pod
metadata: {name: p}
spec: {hostIPC: true}
`)
	var renderer Renderer
	last := ""
	for _, step := range []struct{ name, file, text string }{
		{"nothing", "", ""},
		{"a manifest", "base/pod.yaml", "\napiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {hostPID: false}\n"},
		{"a patch", "b/patch.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {hostNetwork: true}\n"},
		{"no YAML", "base/pod.yaml", "a: [\n"},
		{"YAML again", "base/pod.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: q}\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: p}\n"},
		{"a kustomization", "base/kustomization.yaml", "resources: [pod.yaml]\n"},
	} {
		if step.file != "" {
			if err := os.WriteFile(filepath.Join(top, step.file), []byte(step.text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		tree := openTree(t, top)
		all := ""
		for _, dir := range []string{"a", "b", "a"} {
			for _, options := range []Options{{}, {Trim: true}} {
				got, want := renderer.Render(tree, kustomizeRoot(dir), options), Render(tree, kustomizeRoot(dir), options)
				got.Checking, want.Checking = 0, 0
				if diff := cmp.Diff(want, got, cmp.AllowUnexported(Result{}), cmp.Comparer(func(a, b source.Problem) bool { return a.Error() == b.Error() })); diff != "" {
					t.Errorf("%s: root %s %+v (-without memory +with):\n%s", step.name, dir, options, diff)
				}
				for _, r := range got.Resources {
					all += fmt.Sprint(r.Object.Value(), r.Object.Pos)
				}
				all += fmt.Sprint(got.Problems)
			}
		}
		if all == last {
			t.Errorf("%s changes nothing", step.name)
		}
		last = all
	}
}

// TestRendererForgets: what it remembers is bounded.
func TestRendererForgets(t *testing.T) {
	var b strings.Builder
	const files = 12
	b.WriteString("-- kustomization.yaml --\nresources:\n")
	for i := range files {
		fmt.Fprintf(&b, "- %d.yaml\n", i)
	}
	for i := range files {
		fmt.Fprintf(&b, "-- %d.yaml --\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c-%d}\ndata: {a: %s}\n", i, i, strings.Repeat("x", maxRemembered/5))
	}
	fmt.Fprintf(&b, "-- large.yaml --\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {a: %s}\n", strings.Repeat("x", maxRemembered/4))
	tree := openTree(t, writeRepo(t, b.String()))
	var renderer Renderer
	if got := renderer.Render(tree, kustomizeRoot("."), Options{}); len(got.Resources) != files {
		t.Fatal(got.Problems)
	}
	if got := renderer.Render(tree, plainRoot("large.yaml"), Options{}); len(got.Resources) != 1 {
		t.Fatal(got.Problems)
	}
	held := 0
	for key, c := range renderer.files {
		if held += len(c.content); key.path == "large.yaml" {
			t.Error("a file that is too large is kept")
		}
	}
	if held > maxRemembered || held == 0 {
		t.Errorf("%d bytes are held, the bound is %d", held, maxRemembered)
	}
}
