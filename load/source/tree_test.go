package source

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// tree makes a repository with every kind of file.
func tree(t *testing.T) *Tree {
	t.Helper()
	top := filepath.Join(t.TempDir(), "repo")
	outside := filepath.Join(filepath.Dir(top), "outside")
	for name, text := range map[string]string{
		"repo/a/x.yaml": "x", "repo/b+c/my ü~,=(#%\n.yaml": "odd", "repo/.git/config": "secret", "outside/secret.yaml": "secret",
	} {
		file := filepath.Join(filepath.Dir(top), name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, []byte(text), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	for link, target := range map[string]string{
		"rel.yaml": "a/x.yaml", "abs.yaml": filepath.Join(top, "a/x.yaml"), "absdir": filepath.Join(top, "a"), "dirlink": "a",
		"chain.yaml": "absdir/x.yaml", "up.yaml": "../outside/secret.yaml", "out.yaml": filepath.Join(outside, "secret.yaml"), "outdir": outside,
		"a/back": "..", "loop1": "loop2", "loop2": "loop1", "dead.yaml": "nowhere", "sneaky.yaml": "a/back/../outside/secret.yaml", "passwd": "/etc/passwd",
	} {
		if err := os.Symlink(target, filepath.Join(top, link)); err != nil {
			t.Fatal(err)
		}
	}
	if err := syscall.Mkfifo(filepath.Join(top, "fifo.yaml"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(filepath.Join(top, "a/x.yaml"), 1); err != nil {
		t.Fatal(err)
	}
	big := filepath.Join(top, "big.yaml")
	if err := errors.Join(os.WriteFile(big, nil, 0o644), os.Truncate(big, 100<<20)); err != nil {
		t.Fatal(err)
	}
	tr, err := Open(top, DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tr.Close() })
	return tr
}

func TestReadFile(t *testing.T) {
	tr := tree(t)
	for _, c := range []struct{ name, path, text, refusal string }{
		{"file", "a/x.yaml", "x", ""},
		{"odd name", "b+c/my ü~,=(#%\n.yaml", "odd", ""},
		{"path to be cleaned", "./a/../a//x.yaml", "x", ""},
		{"relative link", "rel.yaml", "x", ""},
		{"absolute link inside", "abs.yaml", "x", ""},
		{"through an absolute folder link", "absdir/x.yaml", "x", ""},
		{"through a folder link", "dirlink/x.yaml", "x", ""},
		{"chain of links", "chain.yaml", "x", ""},
		{"up and back", "a/back/a/x.yaml", "x", ""},
		{"relative link outside", "up.yaml", "", "up.yaml: is a symlink to ../outside/secret.yaml, which is outside the repository"},
		{"absolute link outside", "out.yaml", "", "/outside/secret.yaml, which is outside the repository"},
		{"through a folder link outside", "outdir/secret.yaml", "", "outdir: is a symlink to "},
		{"link that climbs out behind a link", "sneaky.yaml", "", "leads out of the repository"},
		{"device file outside", "passwd", "", "passwd: is a symlink to /etc/passwd"},
		{"above the top", "../outside/secret.yaml", "", "is outside the repository"},
		{"absolute", "/etc/passwd", "", "is outside the repository"},
		{"circle", "loop1", "", "symlinks on the way"},
		{"dead link", "dead.yaml", "", "does not exist"},
		{"missing", "a/y.yaml", "", "does not exist"},
		{"file as folder", "a/x.yaml/y", "", "a/x.yaml is no folder"},
		{"folder", "a", "", "is a folder"},
		{"FIFO", "fifo.yaml", "", "is a named pipe (FIFO); only regular files are read"},
		{"large", "big.yaml", "", "has 104857600 bytes, more than the limit of 5242880"},
		{"Git's data", ".git/config", "", "is part of Git's own data"},
	} {
		t.Run(c.name, func(t *testing.T) {
			data, err := tr.ReadFile(c.path)
			if string(data) != c.text || (err == nil) != (c.refusal == "") {
				t.Fatalf("ReadFile(%q) = %q, %v; want %q, %q", c.path, data, err, c.text, c.refusal)
			}
			var p *Problem
			if err != nil && (!errors.As(err, &p) || !strings.Contains(err.Error(), c.refusal)) {
				t.Errorf("ReadFile(%q): %v; want %q", c.path, err, c.refusal)
			}
			if got := errors.Is(err, fs.ErrNotExist); got != (c.refusal == "does not exist") {
				t.Errorf("ReadFile(%q): %v is fs.ErrNotExist: %v", c.path, err, got)
			}
			if got := errors.Is(err, ErrOutside); got != (strings.Contains(c.refusal, "outside") || strings.Contains(c.refusal, "symlink to") || strings.Contains(c.refusal, "leads out")) {
				t.Errorf("ReadFile(%q): %v is ErrOutside: %v", c.path, err, got)
			}
		})
	}
}

func TestResolveAndReadDir(t *testing.T) {
	tr := tree(t)
	real, dir, err := tr.Resolve("absdir")
	if real != "a" || !dir || err != nil {
		t.Errorf("Resolve(absdir) = %q, %v, %v", real, dir, err)
	}
	if real, _, err := tr.Resolve("a/back"); real != "." || err != nil {
		t.Errorf("Resolve(a/back) = %q, %v; want the top", real, err)
	}
	entries, err := tr.ReadDir("absdir")
	if err != nil || len(entries) != 2 || entries[0].Name() != "back" || entries[1].Name() != "x.yaml" {
		t.Errorf("ReadDir(absdir) = %v, %v", entries, err)
	}
	for _, name := range []string{"outdir", ".git", "rel.yaml", "nowhere"} {
		if entries, err := tr.ReadDir(name); err == nil {
			t.Errorf("ReadDir(%s) = %v; want an error", name, entries)
		}
	}
	if name, ok := tr.Rel(filepath.Join(tr.Top(), "a", "x.yaml")); name != "a/x.yaml" || !ok {
		t.Errorf("Rel = %q, %v", name, ok)
	}
	if name, ok := tr.Rel("/etc/passwd"); ok {
		t.Errorf("Rel(/etc/passwd) = %q; want none", name)
	}
}
