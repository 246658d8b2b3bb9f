package source

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// TestKeep changes a repository behind the back of a tree that keeps what it
// found: content as far as there is room for it, and where paths lead.
func TestKeep(t *testing.T) {
	top := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(top, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	tree, err := Open(top, DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	defer tree.Close()
	tree.Keep(6)
	write("small", "first")
	write("large", "larger than the room that is left")
	for _, name := range []string{"small", "large"} {
		if _, err := tree.ReadFile(name); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := tree.Resolve("late"); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("late: %v", err)
	}
	write("small", "second")
	write("large", "second")
	write("late", "here")
	for name, want := range map[string]string{"small": "first", "large": "second"} {
		if data, err := tree.ReadFile(name); err != nil || string(data) != want {
			t.Errorf("%s: %q, %v; want %q", name, data, err, want)
		}
	}
	if _, err := tree.ReadFile("late"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("late was missing before, and now it is there: %v", err)
	}
	if size := tree.Size("small"); size != int64(len("first")) {
		t.Errorf("small has %d bytes", size)
	}
	if err := os.Remove(filepath.Join(top, "large")); err != nil {
		t.Fatal(err)
	}
	if _, err := tree.ReadFile("large"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("large is gone and was not kept: %v", err)
	}
}
