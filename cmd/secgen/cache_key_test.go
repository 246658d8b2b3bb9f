package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/secgen/secgen/load/discover"
	"github.com/secgen/secgen/load/render"
	"github.com/secgen/secgen/load/source"
	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/schema"
)

// TestCacheKey changes one thing after the other of what decides on a result
// beside the files of the repository: each must lead to another entry.
func TestCacheKey(t *testing.T) {
	type run struct {
		top, program string
		rules        ruleSelection
		limits       source.Limits
		root         discover.Root
		options      render.Options
	}
	folder := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", filepath.Join(folder, "cache"))
	t.Setenv("HOME", filepath.Join(folder, "home")) // where there is no XDG_CACHE_HOME
	program := func(name, text string, built time.Time) string {
		file := filepath.Join(folder, name)
		if err := os.WriteFile(file, []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(file, built, built); err != nil {
			t.Fatal(err)
		}
		return file
	}
	day := time.Unix(1_000_000_000, 0)
	first := run{
		top: t.TempDir(), program: program("first", "text", day), limits: source.DefaultLimits(),
		rules: ruleSelection{Profile: "recommended", IDs: []string{"a"}, Parameters: map[string]schema.Parameters{"a": {"most": manifest.Of(3)}}},
		root:  discover.Root{Name: "prod", Dir: "prod", Kustomization: "prod/kustomization.yaml"}, options: render.Options{Trim: true},
	}
	key := func(r run) string {
		tree, err := source.Open(r.top, r.limits)
		if err != nil {
			t.Fatal(err)
		}
		defer tree.Close()
		c, err := openCache(tree, r.program, &r.rules)
		if err != nil {
			t.Fatal(err)
		}
		file, err := c.file(r.root, r.options)
		if err != nil {
			t.Fatal(err)
		}
		return file
	}
	want := key(first)
	if key(first) != want {
		t.Fatal("the key is not the same twice")
	}
	for name, change := range map[string]func(r *run){
		"the repository":             func(r *run) { r.top = t.TempDir() },
		"the program's size":         func(r *run) { r.program = program("larger", "text!", day) },
		"when the program was built": func(r *run) { r.program = program("later", "text", day.Add(time.Nanosecond)) },
		"a limit":                    func(r *run) { r.limits.FileBytes++ },
		"the rules that run":         func(r *run) { r.rules.IDs = []string{"a", "b"} },
		"a parameter":                func(r *run) { r.rules.Parameters = map[string]schema.Parameters{"a": {"most": manifest.Of(4)}} },
		"a rule of one's own":        func(r *run) { r.rules.Own = []*schema.Rule{{ID: "own"}} },
		"what such a rule requires": func(r *run) {
			r.rules.Own = []*schema.Rule{{ID: "own", Require: &schema.Predicate{}}}
		},
		"the root":                 func(r *run) { r.root.Name = "dev" },
		"what the root reads":      func(r *run) { r.root.Reads = []string{"prod/a.yaml"} },
		"whether schemas are kept": func(r *run) { r.options.Trim = false },
	} {
		r := first
		change(&r)
		if key(r) == want {
			t.Errorf("%s is not in the key", name)
		}
	}
}

// TestCacheOnCorpus lints the repositories of the corpus with and without a
// cache, and again after some of their patches and kustomizations have moved by a
// line.
func TestCacheOnCorpus(t *testing.T) {
	corpus := os.Getenv("SECGEN_CORPUS")
	if corpus == "" {
		t.Skip("SECGEN_CORPUS is not set")
	}
	repositories, err := os.ReadDir(corpus)
	if err != nil {
		t.Fatal(err)
	}
	shown := 0 // repositories whose report shows that lines have moved
	for _, repo := range repositories {
		if !repo.IsDir() {
			continue
		}
		t.Run(repo.Name(), func(t *testing.T) {
			top, cache := filepath.Join(t.TempDir(), "repo"), t.TempDir()
			if err := os.CopyFS(top, os.DirFS(filepath.Join(corpus, repo.Name()))); err != nil {
				t.Fatal(err)
			}
			// Git's index is that of the original, whose files it may name differently.
			if err := os.RemoveAll(filepath.Join(top, ".git")); err != nil {
				t.Fatal(err)
			}
			compare := func(when string) string {
				fresh := cached(t, top, cache, "--no-cache", "--root", top)
				for range 2 {
					if o := cached(t, top, cache, "--root", top); o.stdout != fresh.stdout || o.status != fresh.status {
						t.Errorf("%s the cache changes the report:\n%s", when, difference(fresh.stdout, o.stdout))
					}
				}
				return fresh.stdout
			}
			before := compare("at first")
			move(t, top)
			if compare("after a change") != before {
				shown++
			}
		})
	}
	if shown == 0 {
		t.Error("no report shows that lines have moved")
	}
}

// move moves every seventh patch and kustomization, and the first of each, by a
// line.
func move(t *testing.T, top string) {
	t.Helper()
	tree, err := source.Open(top, source.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	defer tree.Close()
	repo, err := discover.Discover(tree)
	if err != nil {
		t.Fatal(err)
	}
	count := map[bool]int{}
	for _, f := range repo.Files {
		kustomization := strings.HasPrefix(filepath.Base(f.Path), "kustomization")
		if f.Bucket != discover.Patches && !kustomization || !slices.ContainsFunc(repo.Roots, func(r discover.Root) bool {
			return len(r.Refusals) == 0 && slices.Contains(r.Reads, f.Path)
		}) {
			continue
		}
		if count[kustomization]++; count[kustomization]%7 != 1 {
			continue
		}
		data, err := tree.ReadFile(f.Path)
		if err != nil {
			t.Fatal(err)
		}
		files{f.Path: "\n" + string(data)}.write(t, top)
	}
}
