package compile_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/secgen/secgen/compile"
	"github.com/secgen/secgen/compile/compiletest"
	"github.com/secgen/secgen/compile/emit"
	"github.com/secgen/secgen/compile/inventory"
	"github.com/secgen/secgen/compile/plan"
	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/schema"
)

var update = flag.Bool("update", false, "rewrite what the golden files expect")

// Each file of testdata is a repository: in/ROOT.yaml is what a root renders,
// secgen.cue its policy, options what the command line says. The rest is what
// compile makes of it.
func TestGolden(t *testing.T) { golden(t, "testdata/*.txtar", expected) }

// golden compares what printed makes of each result with what the file expects, or
// writes it there.
func golden(t *testing.T, pattern string, printed func(*compile.Result) []txtar.File) {
	names, err := filepath.Glob(pattern)
	if err != nil || len(names) == 0 {
		t.Fatalf("no golden files: %v", err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			got := printed(run(t, archive))
			if *update {
				archive.Files = append(given(archive), got...)
				if err := os.WriteFile(name, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want := archive.Files[len(given(archive)):]
			if d := cmp.Diff(text(want), text(got)); d != "" {
				t.Errorf("differs from %s (-want +got); go test -update rewrites it:\n%s", name, d)
			}
		})
	}
}

// given are the files of an archive that are input.
func given(a *txtar.Archive) []txtar.File {
	return slices.DeleteFunc(slices.Clone(a.Files), func(f txtar.File) bool {
		return !strings.HasPrefix(f.Name, "in/") && f.Name != "secgen.cue" && f.Name != "options"
	})
}

func text(files []txtar.File) string { return string(txtar.Format(&txtar.Archive{Files: files})) }

func input(t *testing.T, a *txtar.Archive) compile.Input {
	t.Helper()
	in := compile.Input{Lint: judge(t)}
	for _, f := range a.Files {
		switch root, isRoot := strings.CutPrefix(f.Name, "in/"); {
		case isRoot:
			in.Roots = append(in.Roots, inventory.Root{Path: strings.TrimSuffix(root, ".yaml"), Resources: compiletest.Resources(t, root, string(f.Data))})
		case f.Name == "secgen.cue":
			c, err := schema.LoadConfig(fstest.MapFS{}, f.Data)
			if err != nil {
				t.Fatal(err)
			}
			in.Policy = c.Policy
		case f.Name == "options":
			for _, word := range strings.Fields(string(f.Data)) {
				switch word {
				case "kubernetes", "calico":
					in.Options.Dialect = plan.Dialect(word)
				case "staged", "enforce":
					in.Options.Mode = plan.Mode(word)
				case "unproven":
					in.Options.AllowUnproven = true
				default:
					t.Fatalf("option %q", word)
				}
			}
		}
	}
	return in
}

func run(t *testing.T, a *txtar.Archive) *compile.Result {
	t.Helper()
	result, err := compile.Run(input(t, a))
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// expected is all that a result says, as files.
func expected(r *compile.Result) []txtar.File {
	var out []txtar.File
	for _, f := range r.Files {
		out = append(out, txtar.File{Name: "out/" + f.Path, Data: f.Content})
	}
	var b bytes.Buffer
	for _, n := range r.Notes {
		fmt.Fprintf(&b, "note: %s\n", n)
	}
	for _, q := range r.Questions {
		fmt.Fprintf(&b, "question: %s\n", q)
	}
	for _, f := range r.Unproven {
		fmt.Fprintf(&b, "unproven: %s\n", f)
	}
	return append(out, txtar.File{Name: "said", Data: b.Bytes()})
}

// Whatever the order of roots and resources, the lines that things stand on, and
// whether the output is part of the input: the same bytes.
func TestTheSameInputMakesTheSameOutput(t *testing.T) {
	names, _ := filepath.Glob("testdata/*.txtar")
	for _, name := range names {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		want := run(t, archive)
		for what, change := range map[string]func(*compile.Input){
			"reversed": func(in *compile.Input) {
				slices.Reverse(in.Roots)
				for _, r := range in.Roots {
					slices.Reverse(r.Resources)
				}
			},
			"with its own output": func(in *compile.Input) {
				var own []*manifest.Resource
				for _, f := range want.Files {
					if len(f.Objects) > 0 {
						own = append(own, compiletest.Resources(t, f.Path, string(f.Content))...)
					}
				}
				in.Roots = append(in.Roots, inventory.Root{Path: "guardrails", Resources: own})
			},
			"lower down": func(in *compile.Input) {
				in.Roots = nil
				for _, f := range archive.Files {
					if root, ok := strings.CutPrefix(f.Name, "in/"); ok {
						in.Roots = append(in.Roots, inventory.Root{Path: strings.TrimSuffix(root, ".yaml"),
							Resources: compiletest.Resources(t, root, "# a\n# few\n\n# lines\n"+string(f.Data))})
					}
				}
			},
		} {
			in := input(t, archive)
			change(&in)
			got, err := compile.Run(in)
			if err != nil {
				t.Fatalf("%s, %s: %v", name, what, err)
			}
			if d := cmp.Diff(contents(want.Files), contents(got.Files)); d != "" {
				t.Errorf("%s, %s: differs:\n%s", name, what, d)
			}
		}
	}
}

func contents(files []emit.File) map[string]string {
	out := map[string]string{}
	for _, f := range files {
		out[f.Path] = string(f.Content)
	}
	return out
}
