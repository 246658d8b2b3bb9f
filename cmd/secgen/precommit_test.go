package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestPreCommit drives the hooks with the real pre-commit program: in a repository
// that the test makes, a bad commit is stopped with the finding or the difference
// shown, and a good one passes. One environment, which takes long to build, serves
// both hooks.
func TestPreCommit(t *testing.T) {
	for _, program := range []string{"pre-commit", "git"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("%s is not installed; .ci/run installs it", program)
		}
	}
	if testing.Short() {
		t.Skip("builds secgen once more; left out by -short")
	}
	hooks := copyOfProject(t)
	repo := t.TempDir()
	env := append(os.Environ(), "PRE_COMMIT_HOME="+filepath.Join(t.TempDir(), "cache"),
		"GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1",
		"GIT_AUTHOR_NAME=t", "GIT_AUTHOR_EMAIL=t@example.com", "GIT_COMMITTER_NAME=t", "GIT_COMMITTER_EMAIL=t@example.com",
		"GOMODCACHE="+goEnv(t, "GOMODCACHE"))
	run := func(dir string, args ...string) (string, error) {
		cmd := exec.Command(args[0], args[1:]...)
		cmd.Dir, cmd.Env = dir, env
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	must := func(dir string, args ...string) string {
		t.Helper()
		out, err := run(dir, args...)
		if err != nil {
			t.Fatalf("%s: %v\n%s", strings.Join(args, " "), err, out)
		}
		return strings.TrimSpace(out)
	}
	must(hooks, "git", "init", "-q")
	must(hooks, "git", "add", "-A")
	must(hooks, "git", "commit", "-q", "-m", "secgen")
	rev := must(hooks, "git", "rev-parse", "HEAD")

	pod := func(privileged string) {
		writeInto(t, repo, "apps/pod.yaml", "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\n  namespace: shop\n  labels: {app: web}\nspec:\n  containers:\n"+
			"    - name: web\n      image: registry.example.com/web:1.0\n      securityContext:\n        privileged: "+privileged+"\n")
	}
	must(repo, "git", "init", "-q")
	writeInto(t, repo, ".pre-commit-config.yaml", "repos:\n  - repo: "+hooks+"\n    rev: "+rev+"\n    hooks:\n      - id: secgen-lint\n"+
		"      - id: secgen-compile-check\n        args: [-o, guardrails, --mode, enforce, --dialect, kubernetes]\n")
	pod("true")
	must(repo, "git", "add", "-A")
	must(repo, "pre-commit", "install")
	out, err := run(repo, "git", "commit", "-m", "bad")
	if err == nil || !strings.Contains(out, "apps/pod.yaml:12:9: critical:") || !strings.Contains(out, "[privileged-container]") {
		t.Errorf("a bad commit ended with %v and\n%s", err, out)
	}
	if _, err := run(repo, "git", "rev-parse", "HEAD"); err == nil {
		t.Error("the bad commit was made")
	}
	pod("false")
	must(repo, "git", "add", "-A")
	out, err = run(repo, "git", "commit", "-m", "without guardrails")
	if err == nil || !strings.Contains(out, "+++ b/guardrails/namespaces/shop/resource-quota.yaml") {
		t.Errorf("a commit without guardrails ended with %v and\n%s", err, out)
	}
	// As its message says, the same command without --check makes them.
	if o := secgen(t, repo, "compile", "-o", "guardrails", "--mode", "enforce", "--dialect", "kubernetes"); o.status != exitOK {
		t.Fatalf("exit status %d\n%s", o.status, o.stderr)
	}
	must(repo, "git", "add", "-A")
	if out := must(repo, "git", "commit", "-m", "good"); strings.Count(out, "Passed") != 2 {
		t.Errorf("a good commit says\n%s", out)
	}
}

// copyOfProject copies the project's files as they are now, for pre-commit to
// clone.
func copyOfProject(t *testing.T) string {
	t.Helper()
	cmd := exec.Command("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	cmd.Dir = "../.."
	list, err := cmd.Output()
	if err != nil {
		t.Skipf("the project is no Git checkout: %v", err)
	}
	dir := t.TempDir()
	for name := range bytes.SplitSeq(bytes.TrimSuffix(list, []byte{0}), []byte{0}) {
		data, err := os.ReadFile(filepath.Join("../..", string(name)))
		if os.IsNotExist(err) {
			continue // removed, and not yet committed
		}
		if err != nil {
			t.Fatal(err)
		}
		writeInto(t, dir, string(name), string(data))
	}
	return dir
}

func writeInto(t *testing.T, dir, name, text string) {
	t.Helper()
	file := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func goEnv(t *testing.T, name string) string {
	t.Helper()
	out, err := exec.Command("go", "env", name).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}
