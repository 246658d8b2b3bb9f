package render

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/secgen/secgen/manifest"
)

// writeRepo lays out a txtar archive in a folder of its own.
func writeRepo(t testing.TB, archive string) string {
	t.Helper()
	top := t.TempDir()
	for _, f := range txtar.Parse([]byte(archive)).Files {
		name := filepath.Join(top, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return top
}

// locate turns "file: text" into the place where the text stands in the file; a
// second text after " >> " is looked for behind the first.
func locate(t *testing.T, top, at string) manifest.Position {
	t.Helper()
	file, text, _ := strings.Cut(at, ": ")
	data, err := os.ReadFile(filepath.Join(top, file))
	if err != nil {
		t.Fatal(err)
	}
	offset := 0
	for _, part := range strings.Split(text, " >> ") {
		i := strings.Index(string(data[offset:]), part)
		if i < 0 {
			t.Fatalf("%s does not hold %q", file, part)
		}
		offset += i
	}
	before := string(data[:offset])
	return manifest.Position{File: file, Line: strings.Count(before, "\n") + 1,
		Column: len([]rune(before[strings.LastIndex(before, "\n")+1:])) + 1}
}

// want is one expectation: the place of a path of a resource, named by kind and
// name.
type want struct {
	resource, path, at string
	related            string
}

const privileged = "spec.template.spec.containers[0].securityContext.privileged"

// row is one small repository, the root in it, and places in it, more than a
// finding shows: testdata/provenance has a repository for each kind of cause.
type row struct {
	name, archive, root string
	wants               []want
}

func TestProvenance(t *testing.T) {
	for _, row := range slices.Concat(patchRows(), transformerRows(), layeredRows()) {
		t.Run(row.name, func(t *testing.T) {
			top := writeRepo(t, row.archive)
			got := Render(openTree(t, top), kustomizeRoot(row.root), Options{})
			if len(got.Problems) > 0 {
				t.Fatal(got.Problems)
			}
			expect(t, top, got, row.wants)
			disk, err := krustyOnDisk(filepath.Join(top, row.root))
			if err != nil {
				t.Fatal(err)
			}
			compare(t, row.root, got, disk)
		})
	}
}

// TestProvenanceRepositories shows that what is done to know the lines does not
// change what is rendered.
func TestProvenanceRepositories(t *testing.T) {
	archives, err := filepath.Glob("../../testdata/provenance/*.txtar")
	if err != nil || len(archives) == 0 {
		t.Fatal(archives, err)
	}
	for _, name := range archives {
		t.Run(filepath.Base(name), func(t *testing.T) {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			top := writeRepo(t, strings.ReplaceAll(string(text), "~\n", "\r\n"))
			for _, dir := range kustomizationDirs(t, top) {
				if strings.HasPrefix(dir, "components/") {
					continue
				}
				got := Render(openTree(t, top), kustomizeRoot(dir), Options{})
				disk, err := krustyOnDisk(filepath.Join(top, dir))
				if err != nil || len(got.Problems) > 0 {
					t.Fatal(err, got.Problems)
				}
				compare(t, dir, got, disk)
			}
		})
	}
}

// TestFoldedPatch: the text of a folded or escaped scalar does not stand in the file
// as kustomize reads it, so what it sets is placed at the scalar, approximately.
func TestFoldedPatch(t *testing.T) {
	top := writeRepo(t, web+`-- prod/kustomization.yaml --
resources: [../base]
patches:
- patch: "{apiVersion: v1, kind: Service, metadata: {name: web},\n  spec: {type: LoadBalancer}}"
- target: {kind: Deployment}
  patch: >-
    [{"op": "add", "path": "/spec/paused",
    "value": true}]
`)
	got := Render(openTree(t, top), kustomizeRoot("prod"), Options{})
	if len(got.Problems) > 0 {
		t.Fatal(got.Problems)
	}
	for path, want := range map[string]string{"spec.type": "prod/kustomization.yaml:3", "spec.paused": "prod/kustomization.yaml:5"} {
		at, err := manifest.ParsePath(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range got.Resources {
			if r.Object.Lookup(at) == nil {
				continue
			}
			if pos, _ := r.Locate(at); !pos.Approximate || !strings.HasPrefix(pos.String(), want+":") {
				t.Errorf("%s: at %s (approximate: %v), want about %s", path, pos, pos.Approximate, want)
			}
		}
	}
}

func expect(t *testing.T, top string, got *Result, wants []want) {
	t.Helper()
	for _, w := range wants {
		var r *manifest.Resource
		for _, have := range got.Resources {
			if have.ID.Kind+" "+have.ID.Name == w.resource {
				r = have
			}
		}
		if r == nil {
			t.Errorf("no %s was rendered", w.resource)
			continue
		}
		path, err := manifest.ParsePath(w.path)
		if err != nil {
			t.Fatal(err)
		}
		pos, related := r.Locate(path)
		if at := locate(t, top, w.at); pos.String() != at.String() || pos.Approximate {
			t.Errorf("%s %s: at %s (approximate: %v), want %s", w.resource, w.path, pos, pos.Approximate, at)
		}
		if w.related == "" {
			continue
		}
		at := locate(t, top, w.related)
		found := false
		for _, rel := range related {
			found = found || rel.Position.File == at.File && rel.Position.Line == at.Line
		}
		if !found {
			t.Errorf("%s %s: related %v, want one at %s", w.resource, w.path, related, at)
		}
	}
}
