package schema

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

// TestReadCUE: only what the rules need is read of a repository.
func TestReadCUE(t *testing.T) {
	fsys := fstest.MapFS{}
	for name, text := range map[string]string{
		"cue.mod/module.cue":                      "module: \"example.com/repo@v0\"\nlanguage: version: \"v0.15.0\"\n",
		"top.cue":                                 "package own\n",
		"policy/own.cue":                          "package own\n\nimport \"example.com/repo/lib/a\"\n\nimport \"example.org/vendored:v\"\n",
		"policy/deep/own.cue":                     "package own\n",
		"policy/deep/note.txt":                    "",
		"lib/a/a.cue":                             "package a\n\nimport \"example.com/repo/lib/b\"\n",
		"lib/b/b.cue":                             "package b\n",
		"lib/c/c.cue":                             "package c\n",
		"cue.mod/pkg/example.org/vendored/v.cue":  "package v\n",
		"cue.mod/gen/example.org/unneeded/un.cue": "package un\n",
		"apps/huge.cue":                           strings.Repeat("x", maxCUEFile+1),
	} {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	files, err := readCUE(fsys, "policy")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"cue.mod/module.cue", "cue.mod/pkg/example.org/vendored/v.cue", "lib/a/a.cue", "lib/b/b.cue",
		"policy/deep/own.cue", "policy/own.cue", "top.cue"}
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(files))); diff != "" {
		t.Error(diff)
	}
	if _, err := readCUE(fsys, "apps"); err == nil || !strings.HasPrefix(err.Error(), "apps/huge.cue: the file has 1048577 bytes") {
		t.Errorf("a huge file gives %v", err)
	}
	if _, err := readCUE(fsys, "polizy"); err == nil || err.Error() != `there is no folder "polizy" in the repository` {
		t.Errorf("a missing folder gives %v", err)
	}
	files, err = readImports(fsys, "secgen.cue", []byte("package secgen\n\nimport \"example.com/repo/lib/c\"\n"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"cue.mod/module.cue", "lib/c/c.cue", "secgen.cue", "top.cue"}, slices.Sorted(maps.Keys(files))); diff != "" {
		t.Error(diff)
	}
}

// TestReadCUEStaysInside: a link that leaves the bounds of fsys is refused with
// its name, and one inside them is followed.
func TestReadCUEStaysInside(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "repo/rules"), 0o755); err != nil {
		t.Fatal(err)
	}
	secret := []byte("package own\n\n// secret\n")
	for name, text := range map[string][]byte{"outside.cue": secret, "repo/inside.cue": []byte("package own\n")} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("../inside.cue", filepath.Join(dir, "repo/rules/in.cue")); err != nil {
		t.Skipf("no symlinks here: %v", err)
	}
	root, err := os.OpenRoot(filepath.Join(dir, "repo"))
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	files, err := readCUE(root.FS(), "rules")
	if err != nil || files["rules/in.cue"] == nil {
		t.Errorf("a link inside the repository gives %v", err)
	}
	if err := os.Symlink("../../outside.cue", filepath.Join(dir, "repo/rules/out.cue")); err != nil {
		t.Fatal(err)
	}
	files, err = readCUE(root.FS(), "rules")
	if err == nil || !strings.HasPrefix(err.Error(), "rules/out.cue: ") {
		t.Errorf("a link out of the repository gives %v", err)
	}
	for name, text := range files {
		if bytes.Equal(text, secret) {
			t.Errorf("%s was read from outside", name)
		}
	}
}
