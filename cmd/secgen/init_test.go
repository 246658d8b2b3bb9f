package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/secgen/secgen/starter"
)

// proposal is a line that secgen init has commented out and that counts once the
// comment sign is gone.
var proposal = regexp.MustCompile(`(?m)^//(\S|\t)`)

// TestInit writes the first files into copies of real repositories: lint must
// accept them and find what it found before, and every proposal must be valid.
func TestInit(t *testing.T) {
	repositories := map[string]string{"shop": "../../testdata/repos/shop", "tenants": "../../testdata/repos/tenants"}
	if corpus := os.Getenv("SECGEN_CORPUS"); corpus == "" {
		t.Log("SECGEN_CORPUS is not set: only the repositories of testdata are tried")
	} else {
		entries, err := os.ReadDir(corpus)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if e.IsDir() {
				repositories[e.Name()] = filepath.Join(corpus, e.Name())
			}
		}
	}
	for name, dir := range repositories {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			top := filepath.Join(t.TempDir(), "repo")
			if err := os.CopyFS(top, os.DirFS(dir)); err != nil {
				t.Skipf("cannot copy it: %v", err)
			}
			if err := os.RemoveAll(filepath.Join(top, "secgen.cue")); err != nil {
				t.Fatal(err)
			}
			before := secgen(t, top, "lint", "--root", ".", "--format", "json").report(t)

			o := secgen(t, top, "init", "--root", ".")
			o.clean(t, top)
			if o.status != 0 || o.stderr != "" {
				t.Fatalf("init: exit status %d\n%s%s", o.status, o.stdout, o.stderr)
			}
			o = secgen(t, top, "lint", "--root", ".", "--format", "json")
			after := o.report(t)
			if o.status == 2 || len(after.Errors) > 0 {
				t.Fatalf("lint does not accept what init wrote: %s", o.stderr)
			}
			if got, want := places(after), places(before); len(got) != len(want) {
				t.Errorf("with what init wrote lint finds\n%q\nand without it\n%q", got, want)
			}

			file := filepath.Join(top, "secgen.cue")
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			accepted := proposal.ReplaceAll(text, []byte("$1"))
			if bytes.Equal(text, accepted) {
				t.Error("nothing is proposed")
			}
			if err := os.WriteFile(file, accepted, 0o644); err != nil {
				t.Fatal(err)
			}
			if o := secgen(t, filepath.Dir(top), "test", "--scaffold", "first-rule", "repo/policy"); o.status != 0 {
				t.Fatal(o.stderr)
			}
			o = secgen(t, top, "lint", "--root", ".", "--format", "json")
			if o.status == 2 {
				t.Fatalf("lint does not accept the proposals: %s\n%s", o.stderr, accepted)
			}
			if off := o.report(t).RulesOff; len(off) != 1 {
				t.Errorf("the rule that is proposed to be off is not: %v", off)
			}
		})
	}
}

// TestReadmeWorkflow shows that the CI step of the README is the one that secgen
// init writes, and that its hook is one that secgen offers.
func TestReadmeWorkflow(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	workflow := string(starter.Workflow(&starter.Found{}))
	hooks, err := os.ReadFile("../../.pre-commit-hooks.yaml")
	if err != nil {
		t.Fatal(err)
	}
	shown := 0
	for _, block := range regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(string(readme), -1) {
		text := block[1]
		switch {
		case strings.HasPrefix(text, "repos:"):
			shown++
			id := regexp.MustCompile(`id: (\S+)`).FindStringSubmatch(text)
			if id == nil || !strings.Contains(string(hooks), "- id: "+id[1]+"\n") {
				t.Errorf("the README's hook is none of .pre-commit-hooks.yaml:\n%s", text)
			}
		case strings.HasPrefix(text, "permissions:"):
			shown++
			for line := range strings.Lines(text) {
				if !strings.Contains(workflow, strings.TrimSpace(line)) {
					t.Errorf("the workflow of secgen init has no line %q", strings.TrimSpace(line))
				}
			}
		}
	}
	if shown != 2 {
		t.Errorf("the README shows %d of a hook and a CI step", shown)
	}
}
