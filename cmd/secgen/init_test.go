package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// proposal is a line that secgen init has commented out and that counts once the
// comment sign is gone.
var proposal = regexp.MustCompile(`(?m)^//(\S|\t)`)

// TestInit writes the first files into copies of real repositories: lint must
// accept them and find what it found before, and every proposal must be valid.
func TestInit(t *testing.T) {
	repositories := map[string]string{"shop": "../../testdata/repos/shop"}
	if corpus := os.Getenv("SECGEN_CORPUS"); corpus == "" {
		t.Log("SECGEN_CORPUS is not set: only the repository of testdata is tried")
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
