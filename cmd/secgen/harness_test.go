package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/secgen/secgen/lint"
)

// files is a repository in a map: paths to contents.
type files map[string]string

// with is a copy of f with the files of g.
func (f files) with(g files) files {
	out := files{}
	for _, m := range []files{f, g} {
		for name, text := range m {
			out[name] = text
		}
	}
	return out
}

// healthy is a root with a finding, which every run must keep whatever stands
// beside it.
func healthy() files {
	return files{"healthy/pod.yaml": pod("healthy")}
}

// pod is a Pod with the finding host-namespaces on line 5, and no other.
func pod(name string) string {
	return "apiVersion: v1\nkind: Pod\nmetadata: {name: " + name + ", namespace: shop}\nspec:\n  hostNetwork: true\n" +
		"  containers: [{name: web, image: 'registry.example.com/web:1.2.3'}]\n"
}

// kustomization lists resources.
func kustomization(resources ...string) string {
	return "resources:\n- " + strings.Join(resources, "\n- ") + "\n"
}

// repository writes files below a new folder that looks like a Git repository.
func repository(t *testing.T, f files) string {
	t.Helper()
	top, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	top = filepath.Join(top, "repo")
	f.with(files{".git/HEAD": "ref: refs/heads/main\n"}).write(t, top)
	return top
}

func (f files) write(t *testing.T, top string) {
	t.Helper()
	for name, text := range f {
		file := filepath.Join(top, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// outcome is what a run of the program came to.
type outcome struct {
	status         int // -1 where a signal ended it
	stdout, stderr string
	elapsed        time.Duration
	// peak is the most memory in bytes that the program, or one of its workers,
	// held.
	peak int64
}

// invocation is a run of the program.
type invocation struct {
	dir   string
	args  []string
	env   []string // besides a PATH, and a cache that nobody else uses
	setup func(*exec.Cmd)
}

// aBound is far above what a run may take, and far below for ever: the machines
// that run tests are slow and noisy.
const aBound = 60 * time.Second

func (i invocation) run(t *testing.T) outcome {
	t.Helper()
	bound := aBound
	if raceDetector {
		bound *= 5
	}
	ctx, cancel := context.WithTimeout(context.Background(), bound)
	defer cancel()
	cmd := exec.CommandContext(ctx, "secgen", i.args...)
	cmd.Dir = i.dir
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=/no-home",
		"TMPDIR=" + os.TempDir(), "XDG_CACHE_HOME=" + t.TempDir()}, i.env...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	cmd.WaitDelay = 5 * time.Second
	if i.setup != nil {
		i.setup(cmd)
	}
	start := time.Now()
	err := cmd.Run()
	o := outcome{stdout: stdout.String(), stderr: stderr.String(), elapsed: time.Since(start)}
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		t.Fatalf("secgen %s did not end in %s", strings.Join(i.args, " "), bound)
	case err != nil && !errors.As(err, &exit):
		t.Fatalf("secgen %s: %v", strings.Join(i.args, " "), err)
	}
	o.status = cmd.ProcessState.ExitCode()
	if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		o.peak = int64(usage.Maxrss) << 10 // of the largest of all processes that were waited for
	}
	return o
}

// secgen runs the program in a folder.
func secgen(t *testing.T, dir string, args ...string) outcome {
	t.Helper()
	return invocation{dir: dir, args: args}.run(t)
}

// report parses the JSON that a run printed.
func (o outcome) report(t *testing.T) lint.Report {
	t.Helper()
	var r lint.Report
	if err := json.Unmarshal([]byte(o.stdout), &r); err != nil {
		t.Fatalf("no JSON report: %v\nexit status %d\n%s%s", err, o.status, o.stdout, o.stderr)
	}
	return r
}

// clean fails the test where a run printed what no user should see: a Go stack,
// or where the repository lies.
func (o outcome) clean(t *testing.T, top string) {
	t.Helper()
	for _, sign := range []string{"goroutine ", "panic:", "runtime error", ".go:"} {
		if strings.Contains(o.stdout+o.stderr, sign) {
			t.Errorf("the output holds %q:\n%s%s", sign, o.stdout, o.stderr)
		}
	}
	if strings.Contains(o.stdout, top) {
		t.Errorf("the report holds the repository's absolute path %s:\n%s", top, o.stdout)
	}
}

// places are the findings as "rule file:line", sorted as reported.
func places(r lint.Report) []string {
	out := []string{}
	for _, f := range r.Findings {
		out = append(out, fmt.Sprintf("%s %s:%d", f.Rule, f.Position.File, f.Position.Line))
	}
	return out
}

const healthyFinding = "host-namespaces healthy/pod.yaml:5"

// trap notices what must never happen: connections, and programs that run.
type trap struct {
	address string // of a listener on the loopback interface
	dialled atomic.Int64
	canary  string // a file that appears once a foreign program ran
	env     []string
}

// newTrap makes a listener, which is every proxy too, and stands its own programs
// in the place of those that kustomize and its plugins start.
func newTrap(t *testing.T) *trap {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	trap := &trap{address: listener.Addr().String(), canary: filepath.Join(t.TempDir(), "canary")}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			trap.dialled.Add(1)
			conn.Close()
		}
	}()
	bin := t.TempDir()
	script := "#!/bin/sh\necho \"$0 $*\" >>'" + trap.canary + "'\n"
	for _, name := range []string{"git", "helm", "docker", "podman", "ssh", "curl", "ksops", "sops", "kubectl", "sh"} {
		if err := os.WriteFile(filepath.Join(bin, name), []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	trap.env = []string{"PATH=" + bin + ":" + os.Getenv("PATH")}
	for _, name := range []string{"http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"} {
		trap.env = append(trap.env, name+"=http://"+trap.address)
	}
	return trap
}

func (tr *trap) check(t *testing.T) {
	t.Helper()
	if n := tr.dialled.Load(); n > 0 {
		t.Errorf("%d connections were opened", n)
	}
	if text, err := os.ReadFile(tr.canary); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a foreign program ran: %s %v", text, err)
	}
}

// tree lists a folder with sizes, to see that a run wrote nothing.
func tree(t *testing.T, top string) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(top, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		size := info.Size()
		if d.IsDir() {
			size = 0
		}
		out = append(out, fmt.Sprintf("%s %s %d %s", path, info.Mode(), size, info.ModTime()))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(out)
	return out
}
