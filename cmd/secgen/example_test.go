package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/secgen/secgen/compile/compiletest"
)

// exampleRepository is the one that the documentation shows; its guardrails are
// committed.
const exampleRepository = "testdata/repos/shop"

func exampleCompile(extra ...string) []string {
	return append([]string{"compile", "--root", exampleRepository, exampleRepository, "-o", exampleRepository + "/guardrails"}, extra...)
}

// TestExampleGuardrails wants the committed guardrails to be what compile makes,
// all known and proven; -update writes them again.
func TestExampleGuardrails(t *testing.T) {
	args := exampleCompile("--check")
	if *update {
		args = exampleCompile()
	}
	o := secgen(t, "../..", args...)
	if o.status != exitOK {
		t.Fatalf("exit status %d; run go test ./cmd/secgen -update, and read what changed\n%s%s", o.status, o.stderr, o.stdout)
	}
	for line := range strings.Lines(o.stderr) {
		if !strings.HasPrefix(line, "note") && !*update {
			t.Errorf("compile says: %s", line)
		}
	}
}

// TestExampleGuardrailsAreValid holds every file that is committed against the APIs
// that take them.
func TestExampleGuardrailsAreValid(t *testing.T) {
	for _, environment := range []string{"dev", "staging", "prod"} {
		checker, err := compiletest.NewChecker()
		if err != nil {
			t.Fatal(err)
		}
		tree := filepath.Join("../..", exampleRepository, "guardrails", environment)
		err = fs.WalkDir(os.DirFS(tree), ".", func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			content, err := os.ReadFile(filepath.Join(tree, filepath.FromSlash(name)))
			for _, problem := range checker.File(name, content) {
				t.Errorf("%s/%s", environment, problem)
			}
			return err
		})
		if err != nil || len(checker.Seen) < 10 {
			t.Errorf("%s: %v; kinds %v", environment, err, checker.Seen)
		}
	}
}

// TestExampleGuardrailsBuild renders what GitOps controllers sync: the tree of each
// environment, and the roots that include a component, patched.
func TestExampleGuardrailsBuild(t *testing.T) {
	top := copyOfExample(t)
	for _, environment := range []string{"dev", "staging", "prod"} {
		tree := filepath.Join("guardrails", environment)
		if o := secgen(t, top, "render", tree); o.status != exitOK || !strings.Contains(o.stdout, "kind: ResourceQuota") {
			t.Errorf("%s: exit status %d\n%s", tree, o.status, o.stderr)
		}
		root := filepath.Join("clusters", environment)
		patches, err := filepath.Glob(filepath.Join(top, tree, "components", root, "namespace-*.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		o := secgen(t, top, "render", root)
		if n := strings.Count(o.stdout, "pod-security.kubernetes.io/warn: "); o.status != exitOK || n != len(patches) || n == 0 {
			t.Errorf("%s: exit status %d, %d namespaces with a level, want %d\n%s%s", root, o.status, n, len(patches), o.stdout, o.stderr)
		}
	}
}

// TestExampleFromNothing makes the guardrails of a repository that has none, wires
// what compile asks to wire, and wants it to come to rest, and lint to find no
// namespace without a guardrail, nor a flaw in what was written.
func TestExampleFromNothing(t *testing.T) {
	top := copyOfExample(t)
	if err := os.RemoveAll(filepath.Join(top, "guardrails")); err != nil {
		t.Fatal(err)
	}
	wired := map[string]string{}
	for _, e := range []string{"dev", "staging", "prod"} {
		file := "clusters/" + e + "/kustomization.yaml"
		text, err := os.ReadFile(filepath.Join(top, file))
		if err != nil {
			t.Fatal(err)
		}
		before, _, found := strings.Cut(string(text), "components:\n")
		if !found {
			t.Fatalf("%s includes no component", file)
		}
		wired[file] = string(text)
		files{file: before}.write(t, top)
	}
	namespaces := func() (found []string) {
		r := secgen(t, top, "lint", "--format", "json").report(t)
		if len(r.Unread) > 0 || r.Summary.Roots == 0 {
			t.Fatalf("unread %v, roots %d", r.Unread, r.Summary.Roots)
		}
		for _, f := range r.Findings {
			if strings.HasPrefix(f.Rule, "namespace-") || strings.HasPrefix(f.Position.File, "guardrails/") {
				found = append(found, f.Position.String()+": "+f.Message+" ["+f.Rule+"]")
			}
		}
		return found
	}
	if len(namespaces()) == 0 {
		t.Error("without guardrails, no namespace lacks one")
	}

	o := secgen(t, top, "compile", "-o", "guardrails")
	if want := "add to clusters/dev/kustomization.yaml, under components: ../../guardrails/dev/components/clusters/dev\n"; o.status != exitOK ||
		strings.Count(o.stderr, "is not wired") != 3 || !strings.Contains(o.stderr, want) {
		t.Fatalf("exit status %d\n%s", o.status, o.stderr)
	}
	files(wired).write(t, top)
	if o := secgen(t, top, "compile", "-o", "guardrails", "--check"); o.status != exitOK || strings.Contains(o.stderr, "wired") {
		t.Errorf("with its components included: exit status %d\n%s%s", o.status, o.stdout, o.stderr)
	}
	for _, found := range namespaces() {
		t.Error(found)
	}
}

// TestExampleFollowsItsRepository changes the repository, and wants --check to
// notice, and compile to follow and to come to rest.
func TestExampleFollowsItsRepository(t *testing.T) {
	top := copyOfExample(t)
	if o := secgen(t, top, "compile", "-o", "guardrails", "--check"); o.status != exitOK || o.stdout != "" {
		t.Fatalf("the copy differs: %d\n%s%s", o.status, o.stdout, o.stderr)
	}
	file := filepath.Join(top, "apps/orders/base/service.yaml")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	// Lines that move change nothing.
	files{"service.yaml": "# the orders\n\n" + string(text)}.write(t, filepath.Dir(file))
	if o := secgen(t, top, "compile", "-o", "guardrails", "--check"); o.status != exitOK || o.stdout != "" {
		t.Errorf("a comment changed the guardrails: %d\n%s%s", o.status, o.stdout, o.stderr)
	}
	files{"service.yaml": strings.Replace(string(text), "targetPort: http", "targetPort: 9090", 1)}.write(t, filepath.Dir(file))
	// In prod the repository's own policies have to follow.
	o := secgen(t, top, "compile", "-o", "guardrails", "--check")
	if !strings.Contains(o.stderr, "not proven (prod): namespace shop: Deployment shop/web to Deployment shop/orders on TCP 9090") {
		t.Errorf("the policies of prod deny the new port, and nobody says so:\n%s", o.stderr)
	}
	policies := filepath.Join(top, "overlays/prod/network-policies.yaml")
	own, err := os.ReadFile(policies)
	if err != nil {
		t.Fatal(err)
	}
	followed := strings.NewReplacer("- port: 8080", "- port: 9090", "- port: http", "- port: http\n        - port: 9090").Replace(string(own))
	files{"network-policies.yaml": followed}.write(t, filepath.Dir(policies))
	o = secgen(t, top, "compile", "-o", "guardrails", "--check")
	if o.status != exitFindings || !strings.Contains(o.stdout, "+        ports: [9090]") || !strings.Contains(o.stderr, "without --check") {
		t.Errorf("exit status %d\n%s%s", o.status, o.stdout, o.stderr)
	}
	o.clean(t, top)
	for range 2 {
		if o := secgen(t, top, "compile", "-o", "guardrails"); o.status != exitOK {
			t.Fatalf("exit status %d\n%s", o.status, o.stderr)
		}
	}
	if o := secgen(t, top, "compile", "-o", "guardrails"); !strings.Contains(o.stderr, "guardrails is up to date") {
		t.Errorf("it does not come to rest:\n%s", o.stderr)
	}
}

// copyOfExample is a repository of its own with the example's files.
func copyOfExample(t *testing.T) string {
	t.Helper()
	top := repository(t, nil)
	if err := os.CopyFS(top, os.DirFS(filepath.Join("../..", exampleRepository))); err != nil {
		t.Fatal(err)
	}
	return top
}
