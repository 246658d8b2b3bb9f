package main

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func fifo(t *testing.T, name string) {
	t.Helper()
	if err := syscall.Mkfifo(name, 0o644); err != nil {
		t.Skipf("no FIFO can be made here: %v", err)
	}
}

func link(t *testing.T, target, name string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, name); err != nil {
		t.Skipf("no symlink can be made here: %v", err)
	}
}

// secretFile is a file outside the repository whose content must never be shown.
func secretFile(t *testing.T, outside string) {
	files{"pod.yaml": pod("hunter2"), "kustomization.yaml": kustomization("pod.yaml"), "passwd": "root:hunter2"}.write(t, outside)
}

func hostileFiles() []hostileRow {
	rows := []hostileRow{
		{
			name:   "07 a FIFO as a resource",
			files:  files{"bad/kustomization.yaml": kustomization("pipe.yaml")},
			make:   func(t *testing.T, top, _ string) { fifo(t, filepath.Join(top, "bad/pipe.yaml")) },
			unread: []string{"bad/kustomization.yaml:2"}, says: []string{"pipe.yaml", "FIFO", "regular files"},
		},
		{
			name:   "07 a FIFO among manifests",
			make:   func(t *testing.T, top, _ string) { fifo(t, filepath.Join(top, "pipe.yaml")) },
			unread: []string{"pipe.yaml:1"}, says: []string{"FIFO", "regular files"},
		},
		{
			name:   "07 a FIFO for a kustomization",
			files:  files{"bad/pod.txt": ""},
			make:   func(t *testing.T, top, _ string) { fifo(t, filepath.Join(top, "bad/kustomization.yaml")) },
			unread: []string{"bad/kustomization.yaml:1"}, says: []string{"FIFO", "regular files"},
		},
		{
			name:   "07 a FIFO for a generator's file",
			files:  files{"bad/kustomization.yaml": "configMapGenerator:\n- name: a\n  files:\n  - pipe\n"},
			make:   func(t *testing.T, top, _ string) { fifo(t, filepath.Join(top, "bad/pipe")) },
			unread: []string{"bad/kustomization.yaml:4"}, says: []string{"FIFO"},
		},
		{
			name:   "07 a device as a resource",
			files:  files{"bad/kustomization.yaml": kustomization("zero.yaml")},
			make:   func(t *testing.T, top, _ string) { device(t, filepath.Join(top, "bad/zero.yaml")) },
			unread: []string{"bad/kustomization.yaml:2"}, says: []string{"zero.yaml", "device", "regular files"},
		},
		{
			name:  "07 a socket as a resource",
			files: files{"bad/kustomization.yaml": kustomization("s.yaml")},
			make: func(t *testing.T, top, _ string) {
				// Its path must be short, so it is bound elsewhere and moved.
				dir, err := os.MkdirTemp("", "s")
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { os.RemoveAll(dir) })
				l, err := net.Listen("unix", filepath.Join(dir, "s"))
				if err != nil {
					t.Skipf("no socket can be made here: %v", err)
				}
				t.Cleanup(func() { l.Close() })
				if err := os.Rename(filepath.Join(dir, "s"), filepath.Join(top, "bad/s.yaml")); err != nil {
					t.Skipf("the socket cannot be moved: %v", err)
				}
			},
			unread: []string{"bad/kustomization.yaml:2"}, says: []string{"socket"},
		},
		{
			name:  "08 a file of 100 MB",
			files: files{"bad/kustomization.yaml": kustomization("big.yaml"), "bad/big.yaml": ""},
			make: func(t *testing.T, top, _ string) {
				if err := os.Truncate(filepath.Join(top, "bad/big.yaml"), 100<<20); err != nil {
					t.Fatal(err)
				}
			},
			unread: []string{"bad/kustomization.yaml:2"}, says: []string{"104857600", "--max-file-size"}, peak: 400,
		},
		{
			name:  "08 a file of 100 MB among manifests",
			files: files{"big.yaml": ""},
			make: func(t *testing.T, top, _ string) {
				if err := os.Truncate(filepath.Join(top, "big.yaml"), 100<<20); err != nil {
					t.Fatal(err)
				}
			},
			unread: []string{"big.yaml:1"}, says: []string{"104857600", "--max-file-size"}, peak: 400,
		},
		{
			name:   "08 a root of 60 MB",
			files:  manyBig(13),
			unread: []string{"bad/kustomization.yaml:12"}, says: []string{"52428800", "--max-root-size"},
		},
		{
			name:  "10 a symlinked file that leaves the repository",
			files: files{"bad/kustomization.yaml": kustomization("link.yaml")},
			make: func(t *testing.T, top, outside string) {
				secretFile(t, outside)
				link(t, "../../outside/pod.yaml", filepath.Join(top, "bad/link.yaml"))
			},
			unread: []string{"bad/kustomization.yaml:2"}, says: []string{"link.yaml", "symlink to ../../outside/pod.yaml", "outside the repository"},
		},
		{
			name: "10 a symlinked manifest that leaves the repository",
			make: func(t *testing.T, top, outside string) {
				secretFile(t, outside)
				link(t, "../outside/pod.yaml", filepath.Join(top, "link.yaml"))
			},
			unread: []string{"link.yaml:1"}, says: []string{"symlink to ../outside/pod.yaml", "outside the repository"},
		},
		{
			name:  "11 a symlinked folder that leaves the repository",
			files: files{"bad/kustomization.yaml": kustomization("base")},
			make: func(t *testing.T, top, outside string) {
				secretFile(t, outside)
				link(t, "../../outside", filepath.Join(top, "bad/base"))
			},
			unread: []string{"bad/kustomization.yaml:2"}, says: []string{"base", "symlink to ../../outside", "outside the repository"},
		},
		{
			name:  "11 a symlink in the middle of a path",
			files: files{"bad/kustomization.yaml": kustomization("hop/../../outside/pod.yaml"), "deep/er/x.txt": ""},
			make: func(t *testing.T, top, outside string) {
				secretFile(t, outside)
				link(t, "../deep", filepath.Join(top, "bad/hop"))
			},
			unread: []string{"bad/kustomization.yaml:2"}, says: []string{"outside"},
		},
		{
			name:   "12 a base above the repository",
			files:  files{"bad/kustomization.yaml": kustomization("../../outside")},
			make:   func(t *testing.T, _, outside string) { secretFile(t, outside) },
			unread: []string{"bad/kustomization.yaml:2"}, says: []string{"../../outside", "outside the repository"},
		},
		{
			name:   "13 a generator of a file of the machine",
			files:  files{"bad/kustomization.yaml": "configMapGenerator:\n- name: a\n  files:\n  - /etc/passwd\n"},
			unread: []string{"bad/kustomization.yaml:4"}, says: []string{"/etc/passwd", "outside the repository"},
		},
		{
			name:   "13 a generator of a symlink to a file of the machine",
			files:  files{"bad/kustomization.yaml": "secretGenerator:\n- name: a\n  envs:\n  - env\n"},
			make:   func(t *testing.T, top, _ string) { link(t, "/etc/passwd", filepath.Join(top, "bad/env")) },
			unread: []string{"bad/kustomization.yaml:4"}, says: []string{"env", "/etc/passwd", "outside the repository"},
		},
		{
			name:   "13 a symlink into Git's own data",
			files:  files{"bad/kustomization.yaml": "configMapGenerator:\n- name: a\n  files:\n  - head\n"},
			make:   func(t *testing.T, top, _ string) { link(t, "../.git/HEAD", filepath.Join(top, "bad/head")) },
			unread: []string{"bad/kustomization.yaml:4"}, says: []string{".git"},
		},
		{
			name:  "10 symlinks in a circle",
			files: files{"bad/kustomization.yaml": kustomization("a.yaml")},
			make: func(t *testing.T, top, _ string) {
				link(t, "b.yaml", filepath.Join(top, "bad/a.yaml"))
				link(t, "a.yaml", filepath.Join(top, "bad/b.yaml"))
			},
			unread: []string{"bad/b.yaml:1", "bad/kustomization.yaml:2"}, says: []string{"symlinks"},
		},
	}
	for _, field := range []string{"patches:\n- path: %s", "components:\n- %s", "configurations:\n- %s", "crds:\n- %s", "openapi:\n  path: %s",
		"replacements:\n- path: %s", "generators:\n- %s", "transformers:\n- %s", "validators:\n- %s", "patchesStrategicMerge:\n- %s"} {
		name, _, _ := strings.Cut(field, ":")
		rows = append(rows, hostileRow{
			name:  "10 a symlink that leaves the repository in " + name,
			files: files{"bad/kustomization.yaml": kustomization("pod.yaml") + fmt.Sprintf(field, "link") + "\n", "bad/pod.yaml": pod("a")},
			make: func(t *testing.T, top, outside string) {
				secretFile(t, outside)
				link(t, "../../outside/pod.yaml", filepath.Join(top, "bad/link"))
			},
			unread: []string{"bad/kustomization.yaml:4"}, says: []string{"link", "../../outside/pod.yaml", "outside the repository"},
		})
	}
	return rows
}

// manyBig is a root of n files of 5 MB each, almost all comments.
func manyBig(n int) files {
	f := files{}
	var names []string
	comment := "# " + strings.Repeat("x", 5<<20-200) + "\n"
	for i := range n {
		name := fmt.Sprintf("f%02d.yaml", i)
		names = append(names, name)
		f["bad/"+name] = fmt.Sprintf("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c%d}\n", i) + comment
	}
	f["bad/kustomization.yaml"] = kustomization(names...)
	return f
}
