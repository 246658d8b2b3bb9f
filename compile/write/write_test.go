package write

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

const marker = "# mark\n"

func files(contents ...string) []File {
	var out []File
	for i := 0; i+1 < len(contents); i += 2 {
		out = append(out, File{contents[i], []byte(marker + contents[i+1])})
	}
	return out
}

func target(t *testing.T) Target {
	return Target{Repository: t.TempDir(), Dir: "out/guardrails", Marker: marker}
}

// snapshot is all that is in the folder that holds the output folder.
func snapshot(t *testing.T, target Target) map[string]string {
	t.Helper()
	out := map[string]string{}
	parent := filepath.Join(target.Repository, "out")
	err := filepath.WalkDir(parent, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		name, _ := filepath.Rel(parent, path)
		out[name] = strings.TrimPrefix(string(b), marker)
		return err
	})
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return out
}

func mustWrite(t *testing.T, target Target, list []File) bool {
	t.Helper()
	changed, err := target.Write(list)
	if err != nil {
		t.Fatal(err)
	}
	return changed
}

var (
	before = files("a.yaml", "1", "ns/x/b.yaml", "1", "ns/y/c.yaml", "1")
	after  = files("a.yaml", "2", "ns/x/b.yaml", "1", "ns/z/d.yaml", "2")

	beforeTree = map[string]string{"guardrails/a.yaml": "1", "guardrails/ns/x/b.yaml": "1", "guardrails/ns/y/c.yaml": "1"}
	afterTree  = map[string]string{"guardrails/a.yaml": "2", "guardrails/ns/x/b.yaml": "1", "guardrails/ns/z/d.yaml": "2"}
)

func TestWriteReplacesTheTreeAndIsIdempotent(t *testing.T) {
	target := target(t)
	if !mustWrite(t, target, before) || !mustWrite(t, target, after) {
		t.Error("a change was not reported")
	}
	if got := snapshot(t, target); !maps.Equal(got, afterTree) {
		t.Errorf("got %v", got)
	}
	info, _ := os.Stat(filepath.Join(target.Repository, "out/guardrails/a.yaml"))
	if mustWrite(t, target, after) {
		t.Error("writing the same again counts as a change")
	}
	again, _ := os.Stat(filepath.Join(target.Repository, "out/guardrails/a.yaml"))
	if !os.SameFile(info, again) {
		t.Error("writing the same again made new files")
	}
	if _, err := os.Stat(filepath.Join(target.Repository, "out/guardrails/ns/y")); !os.IsNotExist(err) {
		t.Error("an empty folder was left")
	}
}

// killed is what a test throws in place of kill -9: nothing below it cleans up.
type killed struct{}

func TestKilledAtAnyStepTheTreeIsOldOrNew(t *testing.T) {
	for step := 1; ; step++ {
		target := target(t)
		mustWrite(t, target, before)
		target.Anyway = true
		foreign := filepath.Join(target.Repository, "out/guardrails/ns/README")
		if err := os.WriteFile(foreign, []byte("mine"), 0o600); err != nil {
			t.Fatal(err)
		}
		done := 0
		target.step = func(string) error {
			if done++; done == step {
				panic(killed{})
			}
			return nil
		}
		finished := func() (finished bool) {
			defer func() {
				if r := recover(); r != nil && r != (killed{}) {
					panic(r)
				}
			}()
			mustWrite(t, target, after)
			return true
		}()
		got := snapshot(t, target)
		maps.DeleteFunc(got, func(name, _ string) bool { return strings.HasPrefix(name, ".guardrails.secgen-") })
		wantOld, wantNew := maps.Clone(beforeTree), maps.Clone(afterTree)
		wantOld["guardrails/ns/README"], wantNew["guardrails/ns/README"] = "mine", "mine"
		if !maps.Equal(got, wantOld) && !maps.Equal(got, wantNew) {
			t.Fatalf("killed at step %d: the tree is neither old nor new: %v", step, got)
		}
		target.step = nil
		mustWrite(t, target, after)
		if got := snapshot(t, target); !maps.Equal(got, wantNew) {
			t.Fatalf("killed at step %d: the next run leaves %v", step, got)
		}
		if finished {
			if step < 10 {
				t.Fatalf("only %d steps were taken", step)
			}
			return
		}
	}
}

func TestAnErrorAtAnyStepLeavesTheOldTreeAndNothingElse(t *testing.T) {
	full := errors.New("no space left on device")
	for step := 1; ; step++ {
		target := target(t)
		mustWrite(t, target, before)
		done, what := 0, ""
		target.step = func(w string) error {
			if done++; done == step {
				what = w
				return full
			}
			return nil
		}
		_, err := target.Write(after)
		if err == nil {
			return
		}
		if strings.HasPrefix(what, "remove") {
			continue // the new tree is in place, and the error says what is left of the old
		}
		if !errors.Is(err, full) || !strings.Contains(err.Error(), "stays as it was") {
			t.Errorf("%s: error %v", what, err)
		}
		if got := snapshot(t, target); !maps.Equal(got, beforeTree) {
			t.Errorf("%s: left %v", what, got)
		}
	}
}

func TestARunThatDiedBetweenTwoRenamesIsRepaired(t *testing.T) {
	target := target(t)
	mustWrite(t, target, before)
	out := filepath.Join(target.Repository, "out")
	if err := os.Rename(filepath.Join(out, "guardrails"), filepath.Join(out, ".guardrails.secgen-old")); err != nil {
		t.Fatal(err)
	}
	if changed := mustWrite(t, target, before); changed {
		t.Error("the old tree did not come back")
	}
	if got := snapshot(t, target); !maps.Equal(got, beforeTree) {
		t.Errorf("got %v", got)
	}
}

func TestForeignFilesAreNeverTouched(t *testing.T) {
	target := target(t)
	mustWrite(t, target, before)
	mine := filepath.Join(target.Repository, "out/guardrails/ns/mine.yaml")
	if err := os.WriteFile(mine, []byte("kind: Mine\n"), 0o640); err != nil {
		t.Fatal(err)
	}
	info, _ := os.Stat(mine)
	if _, err := target.Write(after); err == nil || !strings.Contains(err.Error(), "holds ns/mine.yaml, which secgen did not write") {
		t.Errorf("error %v", err)
	}
	target.Anyway = true
	mustWrite(t, target, after)
	if again, err := os.Stat(mine); err != nil || !os.SameFile(info, again) || again.Mode() != info.Mode() {
		t.Errorf("the foreign file changed: %v, %v", again, err)
	}
	if _, err := target.Write(files("ns/mine.yaml", "x")); err == nil || !strings.Contains(err.Error(), "does not replace it") {
		t.Errorf("error %v", err)
	}
	if _, err := target.Write(files("ns/mine.yaml/deeper.yaml", "x")); err == nil || !strings.Contains(err.Error(), "does not replace it") {
		t.Errorf("error %v", err)
	}
}

func TestOutputFoldersThatAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		dir, want string
		prepare   func(top string) error
		anyway    bool // whether Target.Anyway accepts it
	}{
		"outside":          {"../elsewhere", "outside the repository", nil, true},
		"absolute outside": {"/nowhere-at-all/x", "outside the repository", nil, false},
		"in Git's folder":  {".git/out", "Git's own folder", nil, true},
		"the top":          {".", "top of the repository", nil, false},
		"in an input":      {"apps/base/out", "in apps/base, which compile reads", nil, true},
		"an input":         {"apps/base", "in apps/base, which compile reads", nil, true},
		"a link": {"link", "symbolic link", func(top string) error {
			return errors.Join(os.Mkdir(filepath.Join(top, "real"), 0o755), os.Symlink("real", filepath.Join(top, "link")))
		}, true},
		"through a link": {"link/out", "symbolic link", func(top string) error { return os.Symlink(os.TempDir(), filepath.Join(top, "link")) }, false},
		"a file":         {"file", "is a file", func(top string) error { return os.WriteFile(filepath.Join(top, "file"), nil, 0o600) }, false},
	} {
		t.Run(name, func(t *testing.T) {
			top := filepath.Join(t.TempDir(), "repo")
			if err := os.Mkdir(top, 0o755); err != nil {
				t.Fatal(err)
			}
			if c.prepare != nil {
				if err := c.prepare(top); err != nil {
					t.Fatal(err)
				}
			}
			target := Target{Repository: top, Dir: c.dir, Inputs: []string{".", "apps/base"}, Marker: marker}
			if _, err := target.Write(before); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q", err, c.want)
			}
			if c.anyway {
				target.Anyway = true
				mustWrite(t, target, before)
			}
		})
	}
}

func TestPathsThatLeadElsewhereAreRefused(t *testing.T) {
	for _, path := range []string{"../x", "/etc/x", "a/../../x", "a//b", "./a", "", "a\nb", `a\..\b`, "."} {
		target := target(t)
		if _, err := target.Write(files(path, "x")); err == nil {
			t.Errorf("%q was written", path)
		}
		if got := snapshot(t, target); len(got) > 0 {
			t.Errorf("%q left %v", path, got)
		}
	}
	target := target(t)
	if _, err := target.Write([]File{{"a", []byte("no marker")}}); err == nil {
		t.Error("a file without marker was written")
	}
	if _, err := target.Write(append(files("a", "1"), files("a", "2")...)); err == nil {
		t.Error("a file was written twice")
	}
}

func TestTwoRunsAtOnceLeaveOneTree(t *testing.T) {
	target := target(t)
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			n := fmt.Sprint(i)
			if _, err := target.Write(files("a", n, "b/c", n, "d/"+n, n)); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	got := snapshot(t, target)
	if len(got) != 3 || len(slices.Compact(slices.Sorted(maps.Values(got)))) != 1 {
		t.Errorf("mixed: %v", got)
	}
}

func TestCheckShowsADiffAndWritesNothing(t *testing.T) {
	target := target(t)
	if d, err := target.Check(before); err != nil || !strings.Contains(string(d), "+++ b/out/guardrails/a.yaml") {
		t.Errorf("nothing is there yet: %v\n%s", err, d)
	}
	if got := snapshot(t, target); len(got) > 0 {
		t.Errorf("check wrote %v", got)
	}
	mustWrite(t, target, before)
	d, err := target.Check(after)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"--- a/out/guardrails/a.yaml\n", "\n-1", "\n+2", "a/out/guardrails/ns/y/c.yaml", "b/out/guardrails/ns/z/d.yaml"} {
		if !strings.Contains(string(d), want) {
			t.Errorf("no %q in\n%s", want, d)
		}
	}
	if d, err := target.Check(before); err != nil || len(d) > 0 {
		t.Errorf("equal trees differ: %v\n%s", err, d)
	}
	if got := snapshot(t, target); !maps.Equal(got, beforeTree) {
		t.Errorf("check changed %v", got)
	}
}

func TestKeptFoldersStayAsTheyAre(t *testing.T) {
	target := target(t)
	mustWrite(t, target, before)
	target.Kept = []string{"ns"}
	if lost, err := target.Lost(files("b.yaml", "2")); err != nil || !slices.Equal(lost, []string{"a.yaml"}) {
		t.Errorf("lost %v, %v; want a.yaml alone", lost, err)
	}
	list := files("b.yaml", "2")
	if !mustWrite(t, target, list) {
		t.Error("nothing changed")
	}
	want := map[string]string{"guardrails/b.yaml": "2", "guardrails/ns/x/b.yaml": "1", "guardrails/ns/y/c.yaml": "1"}
	if got := snapshot(t, target); !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if d, err := target.Check(list); err != nil || len(d) > 0 {
		t.Errorf("equal trees differ: %v\n%s", err, d)
	}
	if mustWrite(t, target, list) {
		t.Error("the second time changed something")
	}
}

func TestAFileThatWasOnlyBegunIsCleanedUp(t *testing.T) {
	for _, left := range []string{"", marker[:3]} {
		target := target(t)
		mustWrite(t, target, before)
		fresh := filepath.Join(target.Repository, "out", ".guardrails.secgen-new")
		if err := errors.Join(os.Mkdir(fresh, 0o755), os.WriteFile(filepath.Join(fresh, "a.yaml"), []byte(left), 0o644)); err != nil {
			t.Fatal(err)
		}
		mustWrite(t, target, after)
		if got := snapshot(t, target); !maps.Equal(got, afterTree) {
			t.Errorf("after %q: %v", left, got)
		}
	}
	target := target(t)
	mustWrite(t, target, before)
	fresh := filepath.Join(target.Repository, "out", ".guardrails.secgen-new")
	if err := errors.Join(os.Mkdir(fresh, 0o755), os.WriteFile(filepath.Join(fresh, "a"), []byte("x"), 0o644)); err != nil {
		t.Fatal(err)
	}
	if _, err := target.Write(after); err == nil || !strings.Contains(err.Error(), "somebody else") {
		t.Errorf("somebody's file: %v", err)
	}
}
