package main

import (
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// TestGoldenOutputBuilds has kustomize build what the golden files of compile hold:
// the output tree, with every object that is in it, and each root together with
// its component, with every patch applied.
func TestGoldenOutputBuilds(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("../../compile/testdata/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatalf("no golden files: %v", err)
	}
	components := 0
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			repo := files{}
			patches := map[string]int{} // by root
			objects := 0
			for _, f := range archive.Files {
				at, text := f.Name, string(f.Data)
				switch dir := strings.Split(at, "/"); {
				case dir[0] == "in":
					root := strings.TrimSuffix(strings.TrimPrefix(at, "in/"), ".yaml")
					repo[path.Join("roots", root, "all.yaml")] = text
					patches[root] += 0
				case dir[0] == "out":
					repo[path.Join("guardrails", strings.TrimPrefix(at, "out/"))] = text
					switch {
					case path.Base(at) == "kustomization.yaml" || dir[1] == "bootstrap":
					case dir[1] == "components":
						patches[path.Dir(strings.TrimPrefix(at, "out/components/"))]++
					default:
						objects += strings.Count("\n"+text, "\nkind: ")
					}
				}
			}
			for root, n := range patches {
				text := "resources: [all.yaml]\n"
				if n > 0 {
					up := strings.Repeat("../", strings.Count(root, "/")+2)
					text += "components: [" + up + "guardrails/components/" + root + "]\n"
				}
				repo[path.Join("roots", root, "kustomization.yaml")] = text
			}
			top := repository(t, repo)
			if objects > 0 {
				o := secgen(t, top, "render", "guardrails/kustomization.yaml")
				if got := strings.Count(o.stdout, "\nkind: "); o.status != exitOK || got != objects {
					t.Errorf("exit status %d, %d objects, want %d\n%s", o.status, got, objects, o.stderr)
				}
			}
			for root, n := range patches {
				if n == 0 {
					continue
				}
				components++
				o := secgen(t, top, "render", path.Join("roots", root))
				if got := strings.Count(o.stdout, "secgen.dev/patched: "); o.status != exitOK || got != n {
					t.Errorf("root %s: exit status %d, %d objects are patched, want %d\n%s", root, o.status, got, n, o.stderr)
				}
			}
		})
	}
	if components < 5 {
		t.Errorf("%d components were built", components)
	}
}
