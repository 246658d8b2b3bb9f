package source

import (
	"os"
	"path/filepath"
	"testing"
)

// TestSeen: a result holds until a file that was read, a folder that was listed or
// a path that was looked for changes, and no longer.
func TestSeen(t *testing.T) {
	tests := []struct {
		name   string
		change func(dir string) error
		holds  bool
	}{
		{"nothing", func(string) error { return nil }, true},
		{"a file that was not read", func(dir string) error { return os.WriteFile(filepath.Join(dir, "other"), []byte("x"), 0o600) }, true},
		{"the content of a file", func(dir string) error { return os.WriteFile(filepath.Join(dir, "a/read"), []byte("two"), 0o600) }, false},
		{"a file is gone", func(dir string) error { return os.Remove(filepath.Join(dir, "a/read")) }, false},
		{"a missing file appears", func(dir string) error { return os.WriteFile(filepath.Join(dir, "a/missing"), nil, 0o600) }, false},
		{"a listed folder has one more", func(dir string) error { return os.WriteFile(filepath.Join(dir, "b/new"), nil, 0o600) }, false},
		{"a link leads elsewhere", func(dir string) error {
			if err := os.Remove(filepath.Join(dir, "link")); err != nil {
				return err
			}
			return os.Symlink("b", filepath.Join(dir, "link"))
		}, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			for _, d := range []string{"a", "b"} {
				if err := os.Mkdir(filepath.Join(dir, d), 0o700); err != nil {
					t.Fatal(err)
				}
			}
			if err := os.WriteFile(filepath.Join(dir, "a/read"), []byte("one"), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink("a", filepath.Join(dir, "link")); err != nil {
				t.Fatal(err)
			}
			seen := look(t, dir)
			if len(seen) != 4 {
				t.Fatalf("noted %v", seen)
			}
			if err := test.change(dir); err != nil {
				t.Fatal(err)
			}
			tree, err := Open(dir, DefaultLimits())
			if err != nil {
				t.Fatal(err)
			}
			defer tree.Close()
			holds := true
			for _, s := range seen {
				holds = holds && tree.Answer(s.Ask, s.Path) == s.Answer
			}
			if holds != test.holds {
				t.Errorf("holds is %v", holds)
			}
		})
	}
}

func look(t *testing.T, dir string) []Seen {
	t.Helper()
	tree, err := Open(dir, DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	defer tree.Close()
	tree.Record()
	if _, err := tree.ReadFile("a/read"); err != nil {
		t.Fatal(err)
	}
	if _, err := tree.ReadFile("a/missing"); err == nil {
		t.Fatal("read what is missing")
	}
	if _, err := tree.ReadDir("b"); err != nil {
		t.Fatal(err)
	}
	if _, _, err := tree.Resolve("link"); err != nil {
		t.Fatal(err)
	}
	return tree.Seen()
}
