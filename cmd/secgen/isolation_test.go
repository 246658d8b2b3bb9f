package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// heavy is a root on which kustomize works for minutes: it compares each of many
// objects with all others.
func heavy() files {
	f := files{}
	var names []string
	for i := range 5 {
		var b strings.Builder
		for n := range 9_000 {
			fmt.Fprintf(&b, "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c%d-%d}\n", i, n)
		}
		name := fmt.Sprintf("f%d.yaml", i)
		names = append(names, name)
		f["heavy/"+name] = b.String()
	}
	f["heavy/kustomization.yaml"] = kustomization(names...)
	return f
}

// TestOverrun shows that a root which takes too long, too much memory, or its
// process with it costs one finding that names it and the way out.
func TestOverrun(t *testing.T) {
	tests := []struct {
		name string
		args []string
		says []string
	}{
		{"deadline", []string{"--timeout", "4s"}, []string{"root heavy", "took longer than 4s", "--timeout"}},
		{"deadline without a limit of memory", []string{"--timeout", "4s", "--memory", "1Ti"}, []string{"root heavy", "took longer than 4s", "--timeout"}},
		{"memory", []string{"--memory", "128Mi"}, []string{"root heavy", "more than 128 MiB of memory", "--memory"}},
	}
	top := repository(t, heavy().with(healthy()))
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if raceDetector && test.name == "memory" {
				t.Skip("there is no memory cap under the race detector")
			}
			o := secgen(t, top, append([]string{"lint", "--format", "json"}, test.args...)...)
			o.clean(t, top)
			r := o.report(t)
			if want := []string{healthyFinding, "unread heavy/kustomization.yaml:1"}; o.status != 1 || !slices.Equal(places(r), want) {
				t.Fatalf("exit status %d, %q; want 1, %q", o.status, places(r), want)
			}
			for _, text := range test.says {
				if !strings.Contains(r.Findings[1].Message, text) {
					t.Errorf("the message does not say %q: %s", text, r.Findings[1].Message)
				}
			}
			if s := r.Summary; s.Roots != 2 || s.Rendered != 1 || s.Files.Linted != 1 || s.Files.Unread != 6 {
				t.Errorf("the summary counts %+v", s)
			}
			t.Logf("%s, %d MiB", o.elapsed.Round(time.Millisecond), o.peak>>20)
		})
	}
}

// running starts the program, by default lint, on a heavy root and returns once its
// workers work.
func running(t *testing.T, top string, args ...string) (cmd *exec.Cmd, stdout, stderr *bytes.Buffer) {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("finds the workers in /proc, which only Linux has")
	}
	if len(args) == 0 {
		args = []string{"lint", "--format", "json"}
	}
	cmd = exec.Command("secgen", args...)
	stdout, stderr = &bytes.Buffer{}, &bytes.Buffer{}
	cmd.Dir, cmd.Stdout, cmd.Stderr = top, stdout, stderr
	cmd.WaitDelay = aBound
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it has ended where all went well
		_ = cmd.Wait()
	})
	for deadline := time.Now().Add(aBound); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		for _, pid := range children(cmd.Process.Pid) {
			if seconds(pid) > 1 { // the heavy root's; the other one takes much less
				return cmd, stdout, stderr
			}
		}
	}
	t.Fatal("no worker started to work")
	return nil, nil, nil
}

func children(pid int) []int {
	var out []int
	tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	for _, file := range tasks {
		text, _ := os.ReadFile(file) // a thread may have ended
		for _, field := range strings.Fields(string(text)) {
			if child, err := strconv.Atoi(field); err == nil {
				out = append(out, child)
			}
		}
	}
	return out
}

// seconds is how much processor time a process has used, in hundredths of a
// second on every Linux that runs Go.
func seconds(pid int) float64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return float64(user+system) / 100
}

// TestCrash kills the workers: the root under work is named, the others keep their
// findings.
func TestCrash(t *testing.T) {
	top := repository(t, heavy().with(healthy()))
	cmd, stdout, stderr := running(t, top)
	for _, pid := range children(cmd.Process.Pid) {
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
	}
	_ = cmd.Wait() // its status is checked below
	o := outcome{status: cmd.ProcessState.ExitCode(), stdout: stdout.String(), stderr: stderr.String()}
	o.clean(t, top)
	r := o.report(t)
	if want := []string{healthyFinding, "unread heavy/kustomization.yaml:1"}; o.status != 1 || !slices.Equal(places(r), want) {
		t.Fatalf("exit status %d, %q; want 1, %q", o.status, places(r), want)
	}
	if m := r.Findings[1].Message; !strings.Contains(m, "root heavy") || !strings.Contains(m, "killed") {
		t.Errorf("the message is %q", m)
	}
}

// TestSignals ends a run from outside, as a supervisor does (the program alone)
// and as a terminal does (its whole process group): one line, no report, and no
// process left.
func TestSignals(t *testing.T) {
	top := repository(t, heavy().with(healthy()))
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		for _, group := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s group=%t", signal, group), func(t *testing.T) {
				cmd, stdout, stderr := running(t, top)
				workers := children(cmd.Process.Pid)
				for _, pid := range workers {
					if group { // the workers first, to see that they leave it to their parent
						_ = syscall.Kill(pid, signal)
					}
				}
				if group {
					time.Sleep(100 * time.Millisecond)
				}
				if err := cmd.Process.Signal(signal); err != nil {
					t.Fatal(err)
				}
				_ = cmd.Wait()
				if status := cmd.ProcessState.ExitCode(); status != 2 {
					t.Errorf("exit status %d, want 2", status)
				}
				if stdout.Len() > 0 || stderr.String() != "secgen: interrupted, so there is no report\n" {
					t.Errorf("stdout %q, stderr %q", stdout, stderr)
				}
				for _, pid := range workers {
					if err := syscall.Kill(pid, 0); err == nil {
						t.Errorf("worker %d is still there", pid)
					}
				}
			})
		}
	}
}

// TestSignalsToOtherCommands ends compile and render: nothing is written, half or
// whole.
func TestSignalsToOtherCommands(t *testing.T) {
	top := repository(t, heavy().with(healthy()))
	before := tree(t, top)
	for _, command := range []string{"compile -o guardrails", "render", "graph"} {
		t.Run(command, func(t *testing.T) {
			cmd, stdout, stderr := running(t, top, strings.Fields(command)...)
			if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
			_ = cmd.Wait() // its status is checked below
			if status := cmd.ProcessState.ExitCode(); status != exitFailure || stdout.Len() > 0 || strings.Count(stderr.String(), "\n") != 1 {
				t.Errorf("exit status %d, stdout %q, stderr %q", status, stdout, stderr)
			}
			if after := tree(t, top); !slices.Equal(before, after) {
				t.Errorf("files changed:\n%s", strings.Join(after, "\n"))
			}
		})
	}
}

// TestOrphans: workers end when their parent is killed.
func TestOrphans(t *testing.T) {
	top := repository(t, heavy().with(healthy()))
	cmd, _, _ := running(t, top)
	workers := children(cmd.Process.Pid)
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	for _, pid := range workers {
		for deadline := time.Now().Add(10 * time.Second); syscall.Kill(pid, 0) == nil; time.Sleep(20 * time.Millisecond) {
			if time.Now().After(deadline) {
				_ = syscall.Kill(pid, syscall.SIGKILL)
				t.Fatal("a worker outlived its parent")
			}
		}
	}
}

// TestStreams closes the program's streams.
func TestStreams(t *testing.T) {
	f := healthy()
	for i := range 400 { // more than a pipe holds
		f[fmt.Sprintf("many/p%d.yaml", i)] = pod(fmt.Sprintf("p%d", i))
	}
	top := repository(t, f)

	for _, command := range []string{"lint", "render", "compile -o guardrails --check"} {
		t.Run(command+": standard output is a pipe that nobody reads", func(t *testing.T) {
			read, write, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			read.Close()
			o := invocation{dir: top, args: strings.Fields(command), setup: func(cmd *exec.Cmd) { cmd.Stdout = write }}.run(t)
			write.Close()
			// The kernel ends it with SIGPIPE, as it ends cat.
			if o.status != -1 || strings.Contains(o.stderr, "pipe") {
				t.Errorf("exit status %d, stderr %q", o.status, o.stderr)
			}
		})
	}
	t.Run("standard output takes nothing", func(t *testing.T) {
		full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
		if err != nil {
			t.Skipf("no /dev/full here: %v", err)
		}
		defer full.Close()
		o := invocation{dir: top, args: []string{"lint"}, setup: func(cmd *exec.Cmd) { cmd.Stdout = full }}.run(t)
		if o.status != 2 || !strings.Contains(o.stderr, "no space left on device") || strings.Count(o.stderr, "\n") != 1 {
			t.Errorf("exit status %d, stderr %q", o.status, o.stderr)
		}
	})
	for _, closed := range []string{"<&-", ">&-", "2>&-", "<&- 2>&-"} {
		t.Run("closed "+closed, func(t *testing.T) {
			cmd := exec.Command("sh", "-c", "exec secgen lint --format json "+closed)
			var stdout, stderr bytes.Buffer
			cmd.Dir, cmd.Stdout, cmd.Stderr = top, &stdout, &stderr
			_ = cmd.Run() // its status is checked below
			if status := cmd.ProcessState.ExitCode(); status != 1 || stderr.Len() > 0 {
				t.Errorf("exit status %d, stderr %q", status, &stderr)
			}
			if !strings.Contains(closed, "<&-") {
				return
			}
			if r := (outcome{stdout: stdout.String()}).report(t); len(r.Findings) != 401 {
				t.Errorf("%d findings, want 401", len(r.Findings))
			}
		})
	}
}
