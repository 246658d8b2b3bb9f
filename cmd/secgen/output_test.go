package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestOutputKeepsWhatItNames: a report goes into what is no regular file, and
// never in its place.
func TestOutputKeepsWhatItNames(t *testing.T) {
	top := repository(t, healthy())
	dir := t.TempDir()

	pipe := filepath.Join(dir, "pipe")
	fifo(t, pipe)
	read := make(chan string, 1)
	go func() {
		text, _ := os.ReadFile(pipe) // its content is checked below
		read <- string(text)
	}()
	if o := secgen(t, top, "lint", "-o", pipe); o.status != 1 || o.stderr != "" {
		t.Fatalf("exit status %d: %s", o.status, o.stderr)
	}
	if info, err := os.Lstat(pipe); err != nil || info.Mode()&fs.ModeNamedPipe == 0 {
		t.Errorf("the pipe became %v, %v", info.Mode(), err)
	}
	if text := <-read; !strings.Contains(text, "host-namespaces") {
		t.Errorf("read %q", text)
	}

	target, name := filepath.Join(dir, "target.txt"), filepath.Join(dir, "link.txt")
	files{"target.txt": "old"}.write(t, dir)
	link(t, "target.txt", name)
	if o := secgen(t, top, "lint", "-o", name); o.status != 1 || o.stderr != "" {
		t.Fatalf("exit status %d: %s", o.status, o.stderr)
	}
	if info, err := os.Lstat(name); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		t.Errorf("the symlink became %v, %v", info.Mode(), err)
	}
	if text, err := os.ReadFile(target); err != nil || !strings.Contains(string(text), "host-namespaces") {
		t.Errorf("the target holds %q, %v", text, err)
	}

	if o := secgen(t, top, "lint", "-o", "/dev/stdout"); o.status != 1 || !strings.Contains(o.stdout, "host-namespaces") {
		t.Errorf("exit status %d: %s", o.status, o.stderr)
	}
}
