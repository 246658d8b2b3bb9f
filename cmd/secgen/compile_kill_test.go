package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/secgen/secgen/compile/emit"
)

// TestCompileKilledAtAnyTime kills compile, which would write a new tree over an
// old one, earlier and later. Whatever is there then is the old tree or the new one,
// and the next run leaves nothing but the new one.
func TestCompileKilledAtAnyTime(t *testing.T) {
	top := copyOfExample(t)
	out := filepath.Join(top, "guardrails")
	old := contents(t, out)
	const claim = "apps/redis/base/statefulset.yaml"
	text, err := os.ReadFile(filepath.Join(top, claim))
	if err != nil {
		t.Fatal(err)
	}
	files{claim: strings.Replace(string(text), "storage: 2Gi", "storage: 8Gi", 1)}.write(t, top)
	first := secgen(t, top, "compile", "-o", "expected")
	if first.status != exitOK {
		t.Fatalf("exit status %d\n%s", first.status, first.stderr)
	}
	whole := first.elapsed
	want := contents(t, filepath.Join(top, "expected"))
	if err := os.RemoveAll(filepath.Join(top, "expected")); err != nil {
		t.Fatal(err)
	}
	if want == old {
		t.Fatal("the change changes nothing")
	}
	killed := 0
	const kills = 16
	for i := range kills {
		// From half of what a run takes, when the writing is still to come, to a third
		// more than it takes.
		wait := whole/2 + whole*time.Duration(i)*5/(6*(kills-1))
		ctx, cancel := context.WithTimeout(context.Background(), wait)
		cmd := exec.CommandContext(ctx, "secgen", "compile", "-o", "guardrails")
		cmd.Dir, cmd.Env = top, []string{"PATH=" + os.Getenv("PATH"), "HOME=/no-home"}
		err := cmd.Run()
		cancel()
		if err != nil {
			killed++
		}
		if got := contents(t, out); got != old && got != want {
			t.Fatalf("killed after %s, the tree is mixed", wait)
		}
	}
	if o := secgen(t, top, "compile", "-o", "guardrails"); o.status != exitOK {
		t.Errorf("after the kills: exit status %d\n%s", o.status, o.stderr)
	}
	if o := secgen(t, top, "compile", "-o", "guardrails", "--check"); o.status != exitOK || killed == 0 {
		t.Errorf("after %d kills: exit status %d\n%s", killed, o.status, o.stdout)
	}
	if left, err := filepath.Glob(filepath.Join(top, ".guardrails*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

// TestCompileAfterAKill finds what a run leaves that was killed while it wrote: files
// of which nobody can tell whose they are.
func TestCompileAfterAKill(t *testing.T) {
	top := copyOfExample(t)
	old := contents(t, filepath.Join(top, "guardrails"))
	for _, left := range []string{".guardrails.secgen-new", ".guardrails.secgen-old"} {
		files{left + "/dev/kustomization.yaml": "", left + "/dev/namespaces/shop/quota.yaml": emit.Marker[:1]}.write(t, top)
		if o := secgen(t, top, "compile", "-o", "guardrails", "--check"); o.status != exitOK {
			t.Errorf("%s, --check: exit status %d\n%s%s", left, o.status, o.stdout, o.stderr)
		}
		if o := secgen(t, top, "compile", "-o", "guardrails"); o.status != exitOK {
			t.Errorf("%s: exit status %d\n%s%s", left, o.status, o.stdout, o.stderr)
		}
		if _, err := os.Lstat(filepath.Join(top, left)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s is still there: %v", left, err)
		}
		if contents(t, filepath.Join(top, "guardrails")) != old {
			t.Error("the tree has changed")
		}
	}
}

// contents is a folder's files with what they hold, as one text.
func contents(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		b.WriteString(name + "\n" + string(data))
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return b.String()
}
