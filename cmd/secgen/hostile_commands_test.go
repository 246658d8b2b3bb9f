package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// hostileTogether is a repository with much of what cannot be read, beside a
// workload that can.
func hostileTogether(t *testing.T, address string) (top, outside string) {
	bomb := files{"bomb/kustomization.yaml": kustomization("a.yaml"), "bomb/a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n" + bomb("data")}
	top = repository(t, healthy().with(bomb).with(copies("copies", 26)).with(files{
		"remote/kustomization.yaml":   kustomization("http://"+address+"/org/repo", "git@github.com:org/repo.git", "http://169.254.169.254/latest"),
		"exec/kustomization.yaml":     "generators:\n- gen.yaml\n",
		"exec/gen.yaml":               function("exec: {path: ./run.sh}"),
		"exec/run.sh":                 "#!/bin/sh\ntouch canary\n",
		"chart/kustomization.yaml":    "helmCharts:\n- name: nginx\n  repo: http://" + address + "\n",
		"pipe/kustomization.yaml":     kustomization("pipe.yaml"),
		"above/kustomization.yaml":    kustomization("../../outside"),
		"passwd/kustomization.yaml":   "configMapGenerator:\n- name: a\n  files:\n  - /etc/passwd\n",
		"cycle/kustomization.yaml":    kustomization("."),
		"escaping/kustomization.yaml": kustomization("link.yaml"),
	}))
	outside = filepath.Join(filepath.Dir(top), "outside")
	secretFile(t, outside)
	fifo(t, filepath.Join(top, "pipe/pipe.yaml"))
	link(t, "../../outside/pod.yaml", filepath.Join(top, "escaping/link.yaml"))
	return top, outside
}

// TestHostileInputOfOtherCommands: what holds for lint holds for all commands that
// render. Nothing dials, nothing runs, nothing outside is read or written; each root
// that cannot be read is named.
func TestHostileInputOfOtherCommands(t *testing.T) {
	for _, command := range []string{"render", "graph", "compile -o guardrails", "compile -o guardrails --check"} {
		t.Run(command, func(t *testing.T) {
			t.Parallel()
			trap := newTrap(t)
			top, outside := hostileTogether(t, trap.address)
			before := tree(t, filepath.Dir(top))
			o := invocation{dir: top, args: strings.Fields(command), env: trap.env}.run(t)
			trap.check(t)
			o.clean(t, top)
			if o.status != exitFindings {
				t.Errorf("exit status %d\n%s", o.status, o.stderr)
			}
			for _, root := range []string{"bomb", "copies", "remote", "exec", "chart", "pipe", "above", "passwd", "cycle", "escaping"} {
				if !strings.Contains(o.stderr, root+"/") {
					t.Errorf("%s is not named:\n%s", root, o.stderr)
				}
			}
			if strings.Contains(o.stdout+o.stderr, "hunter2") {
				t.Errorf("a file outside was read:\n%s%s", o.stdout, o.stderr)
			}
			written := strings.HasPrefix(command, "compile") && !strings.HasSuffix(command, "--check")
			own := func(line string) bool {
				// What compile writes, the lock beside it, and the folder that holds both.
				return written && (strings.Contains(line, top+"/guardrails") || strings.Contains(line, top+"/.guardrails") || strings.HasPrefix(line, top+" "))
			}
			after := tree(t, filepath.Dir(top))
			if b, a := slices.DeleteFunc(before, own), slices.DeleteFunc(after, own); !slices.Equal(b, a) {
				t.Errorf("the run changed files beside its output:\n%s\n%s", strings.Join(b, "\n"), strings.Join(a, "\n"))
			}
			if _, err := os.Stat(filepath.Join(outside, "canary")); err == nil {
				t.Error("a foreign program ran")
			}
		})
	}
}

// TestInputThatChanges is row 47: files change, vanish and turn into something
// else while the program reads them. It ends with a status that it documents, never
// with a panic, and the next run is as if nothing had been.
func TestInputThatChanges(t *testing.T) {
	f := healthy()
	for i := range 30 {
		dir := fmt.Sprintf("r%02d", i)
		f = f.with(files{dir + "/kustomization.yaml": kustomization("../base", "pod.yaml"), dir + "/pod.yaml": pod(dir)})
	}
	f = f.with(files{"base/kustomization.yaml": kustomization("pod.yaml"), "base/pod.yaml": pod("base")})
	top := repository(t, f)
	want := secgen(t, top, "lint", "--format", "json")
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		churn(top, stop)
	}()
	for _, command := range []string{"lint --format json", "lint --no-cache", "render", "graph", "compile -o guardrails"} {
		for range 3 {
			o := secgen(t, top, strings.Fields(command)...)
			o.clean(t, top)
			if o.status < 0 || o.status > exitFailure {
				t.Errorf("%s: exit status %d\n%s", command, o.status, o.stderr)
			}
			if command == "lint --format json" && o.status != exitFailure {
				o.report(t)
			}
		}
	}
	close(stop)
	<-done
	f.write(t, top)
	if err := os.RemoveAll(filepath.Join(top, "guardrails")); err != nil {
		t.Fatal(err)
	}
	if got := secgen(t, top, "lint", "--format", "json"); got.stdout != want.stdout {
		t.Errorf("once all is as before, lint says\n%s\nand before\n%s", got.stdout, want.stdout)
	}
}

// churn changes files of the repository until it is told to stop, and leaves
// folders behind where there were some.
func churn(top string, stop chan struct{}) {
	for i := 0; ; i++ {
		select {
		case <-stop:
			return
		case <-time.After(time.Millisecond):
		}
		dir := filepath.Join(top, fmt.Sprintf("r%02d", i%30))
		file := filepath.Join(dir, "pod.yaml")
		// Errors are part of the game: what is in the way was made here.
		switch i % 6 {
		case 0:
			_ = os.WriteFile(file, []byte(pod("other")+strings.Repeat("# longer\n", i%100)), 0o644)
		case 1:
			_ = os.Remove(file)
		case 2:
			_ = os.RemoveAll(dir)
			_ = os.MkdirAll(dir, 0o755)
		case 3:
			_ = os.WriteFile(filepath.Join(dir, "kustomization.yaml"), []byte("resources: ["), 0o644)
		case 4:
			_ = os.Symlink("/etc", filepath.Join(dir, "pod.yaml"))
		case 5:
			_ = os.Remove(file)
			_ = os.WriteFile(filepath.Join(dir, "kustomization.yaml"), []byte(kustomization("../base")), 0o644)
		}
	}
}

// device makes /dev/zero anew: a file without end.
func device(t *testing.T, name string) {
	t.Helper()
	if err := syscall.Mknod(name, syscall.S_IFCHR|0o644, 1<<8|5); err != nil {
		t.Skipf("no device can be made here: %v", err)
	}
}
