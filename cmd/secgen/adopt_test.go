package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/secgen/secgen/lint"
)

// TestAdoptRealRepository goes the way of docs/guides/adopt.md in a repository that
// nobody made for it: init, the guide's two rules with their tests, an exception
// that ends, and the hook, which stops a bad commit and lets a good one pass.
func TestAdoptRealRepository(t *testing.T) {
	corpus := os.Getenv("SECGEN_CORPUS")
	if corpus == "" {
		t.Skip("SECGEN_CORPUS is not set: the corpus of real repositories is not here")
	}
	for _, program := range []string{"git", "pre-commit", "sh"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("%s is not installed; .ci/run installs it", program)
		}
	}
	guide, err := os.ReadFile("../../docs/guides/adopt.md")
	if err != nil {
		t.Fatal(err)
	}
	r := newReader(t)
	r.dir = filepath.Join(r.home, "repository")
	if err := os.CopyFS(r.dir, os.DirFS(filepath.Join(corpus, "microservices-demo"))); errors.Is(err, fs.ErrNotExist) {
		t.Skipf("the corpus has none: %v", err)
	} else if err != nil {
		t.Fatal(err)
	}
	run := func(status int, command string) string {
		t.Helper()
		out := r.run(command)
		if r.last != status {
			t.Fatalf("%s: exit status %d, want %d\n%s", command, r.last, status, out)
		}
		return out
	}
	report := func(status int) *lint.Report {
		t.Helper()
		var out lint.Report
		if err := json.Unmarshal([]byte(run(status, "secgen lint --format json")), &out); err != nil {
			t.Fatal(err)
		}
		return &out
	}
	run(0, `git init -q && git add -A && git commit -q -m "As it is"`)
	before := report(1)
	run(0, "secgen init")
	config, err := os.ReadFile(filepath.Join(r.dir, "secgen.cue"))
	if err != nil {
		t.Fatal(err)
	}

	for _, block := range fence.FindAllStringSubmatch(string(guide), -1) {
		if strings.HasPrefix(block[2], "policy/") {
			files{block[2]: block[3]}.write(t, r.dir)
		}
	}
	if out := run(0, "secgen test policy"); out != "rules 2, fixtures 4, failures 0\n" {
		t.Errorf("the guide's rules: %s", out)
	}
	excused := before.Findings[0]
	files{"secgen.cue": string(config) + fmt.Sprintf("\nruleFolders: [\"policy\"]\nexceptions: [{rule: %q, reason: \"next month\", owner: \"shop\", expires: \"2026-12-31\", files: [%q]}]\n",
		excused.Rule, excused.Position.File)}.write(t, r.dir)
	after := report(1)
	own := 0
	for _, f := range after.Findings {
		if f.Rule == "owner-label" || f.Rule == "memory-at-most" {
			own++
		}
	}
	if own == 0 || len(after.Findings) != len(before.Findings)+own || after.Summary.Excepted == 0 {
		t.Errorf("%d findings before, then %d with %d of the guide's rules, %d of them accepted", len(before.Findings), len(after.Findings), own, after.Summary.Excepted)
	}
	expired := strings.ReplaceAll(run(1, "SECGEN_TEST_TODAY=2027-01-01 secgen lint --rule "+excused.Rule), "\n", " ")
	if !strings.Contains(expired, "expired on 2026-12-31, so its findings are back") {
		t.Errorf("the exception has no end:\n%s", expired)
	}

	run(0, "pre-commit install")
	run(0, `git add -A && git commit -q -m "Lint with secgen"`)
	files{"debug/pod.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: debug, namespace: shop, labels: {example.com/team: shop}}\nspec:\n" +
		"  containers: [{name: a, image: 'registry.example.com/a:1', securityContext: {privileged: true}}]\n"}.write(t, r.dir)
	if out := run(1, "git add -A && git commit -q -m Debug 2>&1"); !strings.Contains(out, "[privileged-container]") {
		t.Errorf("the hook does not say why it stops a commit:\n%s", out)
	}
	files{"debug/pod.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: debug, namespace: shop}\n"}.write(t, r.dir)
	run(0, "git add -A && git commit -q -m Notes")
	if log := run(0, "git log --format=%s"); log != "Notes\nLint with secgen\nAs it is\n" {
		t.Errorf("the commits are %q", log)
	}
}
