package main

import (
	"os/exec"
	"syscall"
	"testing"
)

// TestWithoutNetwork runs on remote references in a network name space that holds
// nothing, not even a loopback interface that is up: the report must be the same.
func TestWithoutNetwork(t *testing.T) {
	f := files{"bad/kustomization.yaml": kustomization("http://169.254.169.254/latest", "https://github.com/a/b//c?ref=v1", "git@github.com:a/b.git", "http://127.0.0.1:1/x.yaml")}
	top := repository(t, f.with(healthy()))
	args := []string{"lint", "--format", "json", "--skip-rule", "remote-base-follows-branch"}
	with := secgen(t, top, args...)
	without := exec.Command("secgen", args...)
	without.Dir = top
	without.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWUSER | syscall.CLONE_NEWNET}
	out, err := without.Output()
	if without.ProcessState == nil {
		t.Skipf("no network name space can be made here: %v", err)
	}
	if with.status != 1 || without.ProcessState.ExitCode() != 1 || string(out) != with.stdout {
		t.Errorf("exit status %d and %d\n%s\n%s", with.status, without.ProcessState.ExitCode(), with.stdout, out)
	}
	if r := with.report(t); len(r.Findings) != 5 {
		t.Errorf("findings %q", places(r))
	}
}
