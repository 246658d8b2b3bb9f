package render

import (
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/resmap"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/filesys"

	"github.com/secgen/secgen/load/discover"
	"github.com/secgen/secgen/load/source"
	"github.com/secgen/secgen/manifest"
)

// TestMain collects garbage as seldom as a worker does: it is a third of the time
// that the real repositories take.
func TestMain(m *testing.M) {
	debug.SetGCPercent(400)
	os.Exit(m.Run())
}

// corpusDirs returns the repositories to test with: those of SECGEN_CORPUS, and
// always those under testdata/repos.
func corpusDirs(t testing.TB) []string {
	t.Helper()
	var out []string
	for _, top := range []string{os.Getenv("SECGEN_CORPUS"), "../../testdata/repos"} {
		if top == "" {
			t.Log("SECGEN_CORPUS is not set: only testdata/repos is looked at")
			continue
		}
		dirs, err := filepath.Glob(filepath.Join(top, "*", "."))
		if err != nil {
			t.Fatal(err)
		}
		for _, dir := range dirs {
			if info, err := os.Stat(dir); err == nil && info.IsDir() {
				out = append(out, dir)
			}
		}
	}
	return out
}

// kustomizationDirs returns the folders with a kustomization, relative to top.
func kustomizationDirs(t testing.TB, top string) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(top, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		for _, k := range kustomizationNames {
			if d.Name() == k && !d.IsDir() {
				rel, err := filepath.Rel(top, filepath.Dir(name))
				if err != nil {
					return err
				}
				out = append(out, filepath.ToSlash(rel))
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

type refuse struct{}

func (refuse) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, errors.New("nothing is dialled in this test")
}

// offline makes sure that kustomize on the disk neither dials nor runs git.
func offline(t testing.TB) {
	t.Setenv("PATH", t.TempDir())
	old := http.DefaultTransport
	http.DefaultTransport = refuse{}
	t.Cleanup(func() { http.DefaultTransport = old })
}

func krustyRun(dir string) (resmap.ResMap, error) {
	return krusty.MakeKustomizer(&krusty.Options{
		Reorder:          krusty.ReorderOptionNone,
		LoadRestrictions: types.LoadRestrictionsNone,
		PluginConfig:     types.DisabledPluginConfig(),
	}).Run(filesys.MakeFsOnDisk(), dir)
}

func krustyOnDisk(dir string) ([]string, error) {
	m, err := krustyRun(dir)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, r := range m.Resources() {
		b, err := r.MarshalJSON()
		if err != nil {
			return nil, err
		}
		out = append(out, string(b))
	}
	return out, nil
}

func openTree(t testing.TB, top string) *source.Tree {
	t.Helper()
	tree, err := source.Open(top, source.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tree.Close() })
	return tree
}

func isRemote(p []source.Problem) bool {
	return len(p) > 0 && strings.Contains(p[0].Reason, "nothing is fetched")
}

func TestEqualToKrusty(t *testing.T) {
	offline(t)
	for _, top := range corpusDirs(t) {
		t.Run(filepath.Base(top), func(t *testing.T) {
			tree := openTree(t, top)
			var renderer Renderer // as in a worker: what it remembers must change nothing
			equal, failed, remote := 0, 0, 0
			for _, dir := range kustomizationDirs(t, top) {
				got := renderer.Render(tree, kustomizeRoot(dir), Options{})
				if isRemote(got.Problems) {
					remote++
					continue
				}
				want, err := krustyOnDisk(filepath.Join(top, dir))
				if err != nil {
					failed++
					if len(got.Problems) == 0 && !strings.Contains(err.Error(), "nothing is dialled") {
						t.Errorf("%s: krusty refuses, we do not: %v", dir, err)
					}
					continue
				}
				if len(got.Problems) > 0 {
					if !componentRoot(tree, dir) {
						t.Errorf("%s: krusty builds, we do not: %v", dir, got.Problems)
					}
					continue
				}
				equal++
				compare(t, dir, got, want)
				compareTrimmed(t, dir, renderer.Render(tree, kustomizeRoot(dir), Options{Trim: true}), got)
			}
			t.Logf("%d equal, %d refused by both, %d with remote references", equal, failed, remote)
			if equal == 0 {
				t.Error("nothing was compared")
			}
		})
	}
}

func componentRoot(tree *source.Tree, dir string) bool {
	k, bad := new(Renderer).newRepo(tree, false).readKustomization(dir, manifest.Position{File: dir})
	return bad == nil && k.component()
}

func compare(t *testing.T, dir string, got *Result, want []string) {
	t.Helper()
	if len(got.Resources) != len(want) {
		t.Errorf("%s: %d resources, krusty has %d", dir, len(got.Resources), len(want))
		return
	}
	for i, r := range got.Resources {
		have, err := json.Marshal(r.Object.Value())
		if err != nil {
			t.Fatal(err)
		}
		if string(have) == want[i] {
			continue
		}
		var a, b any
		if err := errors.Join(json.Unmarshal(have, &a), json.Unmarshal([]byte(want[i]), &b)); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(b, a); diff != "" {
			t.Errorf("%s: %s (-krusty +secgen):\n%s", dir, r.ID, diff)
		}
	}
}

func kustomizeRoot(dir string) discover.Root {
	return discover.Root{Name: dir, Dir: dir, Kustomization: dir + "/kustomization.yaml"}
}

func plainRoot(files ...string) discover.Root {
	return discover.Root{Name: files[0], Manifests: files}
}

// compareTrimmed holds a render without schemas against a full one.
func compareTrimmed(t *testing.T, dir string, got, full *Result) {
	t.Helper()
	if len(got.Problems) > 0 || len(got.Resources) != len(full.Resources) {
		t.Errorf("%s trimmed: %d resources, %d in full; %v", dir, len(got.Resources), len(full.Resources), got.Problems)
		return
	}
	for i, r := range got.Resources {
		want := withoutSchemas(full.Resources[i].Object, false)
		if diff := cmp.Diff(want, withoutSchemas(r.Object, false)); diff != "" {
			t.Errorf("%s trimmed: %s (-full +trimmed):\n%s", dir, r.ID, diff)
		}
	}
}

// withoutSchemas is the value of an object with its schemas emptied, and with the
// position of each scalar.
func withoutSchemas(n *manifest.Node, schema bool) any {
	switch {
	case schema:
		return nil
	case n.Kind == manifest.Map:
		out := map[string]any{}
		for _, f := range n.Fields {
			out[f.Key] = withoutSchemas(f.Value, f.Key == "openAPIV3Schema")
		}
		return out
	case n.Kind == manifest.List:
		out := []any{}
		for _, item := range n.Items {
			out = append(out, withoutSchemas(item, false))
		}
		return out
	}
	return n.Text + " at " + n.Pos.String()
}
