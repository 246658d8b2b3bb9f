package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// shop reads the repository that ships with secgen.
func shop(t *testing.T) files {
	t.Helper()
	top := filepath.Join("..", "..", "testdata", "repos", "shop")
	f := files{}
	err := filepath.WalkDir(top, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		rel, _ := filepath.Rel(top, path)
		f[filepath.ToSlash(rel)] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestDeterminism lints copies of one repository that differ in what must not
// matter: the order in which files were made, the folder, the number of cores, the
// working directory, the environment. The reports must be the same bytes.
func TestDeterminism(t *testing.T) {
	f := shop(t)
	f = f.with(healthy()).with(copies("bad", 26)).with(files{"remote/kustomization.yaml": kustomization("https://github.com/org/repo")})
	for _, format := range []string{"json", "text", "sarif", "github"} {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			args := []string{"lint", "--profile", "strict", "--format", format}
			top := repository(t, f)
			first := secgen(t, top, args...)
			if first.status != 1 || first.stderr != "" || len(first.stdout) < 10_000 {
				t.Fatalf("exit status %d, %d bytes, stderr %q", first.status, len(first.stdout), first.stderr)
			}
			same := func(what string, o outcome) {
				if o.status != first.status || o.stdout != first.stdout || o.stderr != "" {
					t.Errorf("%s: exit status %d, stderr %q, another report:\n%s", what, o.status, o.stderr, difference(first.stdout, o.stdout))
				}
			}
			same("again", secgen(t, top, args...))
			same("environment", invocation{dir: top, args: args, env: []string{"LANG=tr_TR.UTF-8", "TZ=Asia/Tokyo", "HOME=/", "COLUMNS=40", "GITHUB_ACTIONS=true", "CI=1"}}.run(t))
			same("working directory", secgen(t, filepath.Join(top, "overlays", "prod"), append(args, "../..")...))
			if format != "json" {
				return // what comes before a report is the same for all formats
			}
			same("once more", secgen(t, top, args...))
			same("one core", invocation{dir: top, args: args, env: []string{"GOMAXPROCS=1"}}.run(t))
			same("many cores", invocation{dir: top, args: args, env: []string{"GOMAXPROCS=16"}}.run(t))
			same("absolute path", secgen(t, os.TempDir(), append(args, top)...))
			same("paths in another order", secgen(t, top, append(args, "overlays", ".", "apps")...))

			// Folders list their entries in the order in which they were made.
			copied := repository(t, files{})
			names := make([]string, 0, len(f))
			for name := range f {
				names = append(names, name)
			}
			slices.SortFunc(names, func(a, b string) int { return strings.Compare(reversed(b), reversed(a)) })
			for _, name := range names {
				files{name: f[name]}.write(t, copied)
			}
			same("shuffled copy", secgen(t, copied, args...))
		})
	}
}

func reversed(s string) string {
	b := []byte(s)
	slices.Reverse(b)
	return string(b)
}

// difference is the first lines in which two reports differ.
func difference(a, b string) string {
	la, lb := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(la), len(lb)) {
		if la[i] != lb[i] {
			return "- " + la[i] + "\n+ " + lb[i]
		}
	}
	return "one is the beginning of the other"
}

// TestOrder: findings are sorted by file, line, column and rule.
func TestOrder(t *testing.T) {
	top := repository(t, shop(t))
	r := secgen(t, top, "lint", "--profile", "strict", "--format", "json").report(t)
	for i := 1; i < len(r.Findings); i++ {
		a, b := r.Findings[i-1], r.Findings[i]
		if c := a.Position.Compare(b.Position); c > 0 || c == 0 && a.Rule > b.Rule {
			t.Errorf("%s %s stands before %s %s", a.Position, a.Rule, b.Position, b.Rule)
		}
		if !slices.IsSorted(b.Roots) {
			t.Errorf("%s: roots %q", b.Position, b.Roots)
		}
	}
	prints := map[string]string{}
	for _, f := range r.Findings {
		if at, seen := prints[f.Fingerprint]; seen || f.Fingerprint == "" {
			t.Errorf("%s %s and %s have the fingerprint %q", f.Position, f.Rule, at, f.Fingerprint)
		}
		prints[f.Fingerprint] = f.Position.String()
	}
}

// TestFingerprints: lines, roots and the working directory do not count.
func TestFingerprints(t *testing.T) {
	f := shop(t)
	moved := files{}
	for name, text := range f {
		if strings.HasSuffix(name, ".yaml") && !strings.Contains(name, "kustomization") {
			text = "# a line\n# and another\n" + text
		}
		moved[name] = text
	}
	prints := func(top string, args ...string) []string {
		var out []string
		for _, finding := range secgen(t, top, append([]string{"lint", "--format", "json"}, args...)...).report(t).Findings {
			out = append(out, finding.Fingerprint)
		}
		slices.Sort(out)
		return out
	}
	top := repository(t, f)
	want := prints(top)
	if got := prints(repository(t, moved)); !slices.Equal(got, want) {
		t.Errorf("with more lines %q, want %q", got, want)
	}
	for _, print := range prints(top, "overlays/dev") {
		if !slices.Contains(want, print) {
			t.Errorf("%s is the fingerprint of no finding of the whole repository", print)
		}
	}
}
