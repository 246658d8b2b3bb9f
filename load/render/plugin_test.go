package render

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/secgen/secgen/manifest"
)

// TestPlugins: kustomize's built-in transformers and generators from files and
// folders are run, and what they set is not claimed to stand anywhere.
func TestPlugins(t *testing.T) {
	top := writeRepo(t, web+`-- prod/kustomization.yaml --
resources: [../base]
transformers:
- replicas.yaml
- folder
generators:
- |-
  apiVersion: builtin
  kind: ConfigMapGenerator
  metadata: {name: made}
  literals: [A=1]
-- prod/replicas.yaml --
apiVersion: builtin
kind: ReplicaCountTransformer
metadata: {name: r}
replica: {name: web, count: 9}
fieldSpecs:
- path: spec/replicas
  kind: Deployment
-- prod/folder/kustomization.yaml --
resources: [labels.yaml]
-- prod/folder/labels.yaml --
apiVersion: builtin
kind: LabelTransformer
metadata: {name: l}
labels: {from: plugin}
fieldSpecs:
- path: metadata/labels
  create: true
`)
	got := Render(openTree(t, top), kustomizeRoot("prod"), Options{})
	if len(got.Problems) > 0 {
		t.Fatal(got.Problems)
	}
	disk, err := krustyOnDisk(filepath.Join(top, "prod"))
	if err != nil {
		t.Fatal(err)
	}
	compare(t, "prod", got, disk)
	for _, r := range got.Resources {
		for _, path := range []manifest.FieldPath{manifest.Path("spec", "replicas"), manifest.Path("metadata", "labels", "from")} {
			if n := r.Object.Lookup(path); n != nil && !n.Pos.IsZero() {
				t.Errorf("%s %s: claimed at %s", r.ID, path, n.Pos)
			}
		}
	}
	expect(t, top, got, []want{{resource: "Deployment web", path: privileged, at: "base/web.yaml: privileged"}})
}

// TestWithoutTags: a root whose padding would be too long loses its lines and
// keeps its resources, and what can be looked up is found all the same.
func TestWithoutTags(t *testing.T) {
	top := writeRepo(t, web+"-- prod/kustomization.yaml --\nresources: [../base]\nnamespace: space\n")
	r := new(Renderer).newRepo(openTree(t, top), false)
	p := newPlan(r)
	p.maxPadding = 0
	if bad := p.kustomization("prod"); bad != nil {
		t.Fatal(bad)
	}
	got := p.render("prod")
	if len(got.Problems) > 0 || len(got.Resources) != 2 || len(got.Notes) != 1 {
		t.Fatalf("%v, %d resources, notes %v", got.Problems, len(got.Resources), got.Notes)
	}
	expect(t, top, got, []want{
		{resource: "Deployment web", path: privileged, at: "base/web.yaml: privileged: false"},
		{resource: "Service web", path: "metadata.namespace", at: "prod/kustomization.yaml: namespace"},
	})
}

// TestSymlinks: links inside the repository are followed, and positions name the
// real file; links that leave it are refused (rows 10 and 11).
func TestSymlinks(t *testing.T) {
	top := writeRepo(t, web+"-- prod/kustomization.yaml --\nresources: [link]\n-- bad/kustomization.yaml --\nresources: [out]\n-- file/kustomization.yaml --\nresources: [passwd.yaml]\n")
	outside := writeRepo(t, web)
	for link, target := range map[string]string{
		"prod/link": "../base", "bad/out": filepath.Join(outside, "base"), "file/passwd.yaml": filepath.Join(outside, "base/web.yaml"),
	} {
		if err := os.Symlink(target, filepath.Join(top, link)); err != nil {
			t.Fatal(err)
		}
	}
	tree := openTree(t, top)
	got := Render(tree, kustomizeRoot("prod"), Options{})
	if len(got.Problems) > 0 {
		t.Fatal(got.Problems)
	}
	expect(t, top, got, []want{{resource: "Service web", path: "spec.type", at: "base/web.yaml: type"}})
	for _, dir := range []string{"bad", "file"} {
		got := Render(tree, kustomizeRoot(dir), Options{})
		if len(got.Problems) != 1 || len(got.Resources) > 0 {
			t.Errorf("%s: %d resources, %v", dir, len(got.Resources), got.Problems)
		}
	}
}
