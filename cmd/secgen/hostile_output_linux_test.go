package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestOutputThatTakesNothing is row 44: compile on a file system that is full, and
// on one that is read-only, in a name space of its own. The old tree stays whole and
// nothing lies beside it.
func TestOutputThatTakesNothing(t *testing.T) {
	for _, test := range []struct{ name, mount, says string }{
		{"full", `mount -t tmpfs -o size="$1" tmpfs generated && cp -R ../old generated/guardrails`, "no space left on device"},
		{"read-only", `mount -t tmpfs tmpfs generated && cp -R ../old generated/guardrails && mount -o remount,ro generated`, "read-only file system"},
	} {
		t.Run(test.name, func(t *testing.T) {
			top := copyOfExample(t)
			unwire(t, top)
			if o := secgen(t, top, "compile", "-o", "generated/guardrails"); o.status != exitOK {
				t.Fatalf("exit status %d\n%s", o.status, o.stderr)
			}
			if err := os.Rename(filepath.Join(top, "generated/guardrails"), filepath.Join(filepath.Dir(top), "old")); err != nil {
				t.Fatal(err)
			}
			const claim = "apps/redis/base/statefulset.yaml"
			text, err := os.ReadFile(filepath.Join(top, claim))
			if err != nil {
				t.Fatal(err)
			}
			files{claim: strings.Replace(string(text), "storage: 2Gi", "storage: 8Gi", 1)}.write(t, top)

			script := test.mount + ` || exit 77
secgen compile -o generated/guardrails
status=$?
diff -r ../old generated/guardrails >&2 || exit 78
test "$(ls -A generated | grep -v lock)" = guardrails || exit 79
exit $status`
			cmd := exec.Command("sh", "-c", script, "sh", room(t, filepath.Join(filepath.Dir(top), "old")))
			cmd.Dir = top
			cmd.SysProcAttr = &syscall.SysProcAttr{
				Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
				UidMappings: []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}},
				GidMappings: []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}},
			}
			var stderr bytes.Buffer
			cmd.Stderr = &stderr
			err = cmd.Run()
			if cmd.ProcessState == nil || cmd.ProcessState.ExitCode() == 77 {
				t.Skipf("nothing can be mounted here: %v %s", err, &stderr)
			}
			if status := cmd.ProcessState.ExitCode(); status != exitFailure || !strings.Contains(stderr.String(), test.says) {
				t.Errorf("exit status %d, want %d and %q\n%s", status, exitFailure, test.says, &stderr)
			}
		})
	}
}

// unwire takes the committed guardrails out of the example.
func unwire(t *testing.T, top string) {
	t.Helper()
	if err := os.RemoveAll(filepath.Join(top, "guardrails")); err != nil {
		t.Fatal(err)
	}
	for _, environment := range []string{"dev", "staging", "prod"} {
		name := filepath.Join(top, "clusters", environment, "kustomization.yaml")
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		before, _, wired := strings.Cut(string(text), "components:\n")
		if !wired {
			t.Fatalf("%s has no components", name)
		}
		if err := os.WriteFile(name, []byte(before), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// room is the size of a file system on which a folder fits once, not twice.
func room(t *testing.T, dir string) string {
	t.Helper()
	out, err := exec.Command("sh", "-c", `echo $(($(find "$1" | wc -l) * 4 + 16))k`, "sh", dir).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}
