// Package write puts the files of a compiled tree on disk, whole or not at all.
//
// It promises that whoever looks sees the old tree or the new one, also after a
// kill at any moment: the new tree is built beside the old one, synced, and put
// in its place by one rename; what a killed run left is cleaned up by the next.
// Files without secgen's marker are never written, moved or deleted; where they
// are in the output folder, nothing is written unless the target says so, and
// then they stay the same files (hard links) through the exchange. It does not
// follow symbolic links. Where the system cannot exchange two folders in one
// step, there is a moment without a tree, which the next run repairs.
package write

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"github.com/rogpeppe/go-internal/diff"
)

// File is one file of the tree; Path is relative to the output folder and uses
// "/".
type File struct {
	Path    string
	Content []byte
}

// Target is where to write.
type Target struct {
	// Repository is its top folder.
	Repository string
	// Dir is the output folder, relative to the repository.
	Dir string
	// Inputs are folders that compile reads, relative to the repository. The output
	// may not be in one of them.
	Inputs []string
	// Marker begins every file that secgen wrote.
	Marker string
	// Kept are folders in the output folder, by name, in which secgen's files stay
	// as they are.
	Kept []string
	// Anyway accepts an output folder outside the repository, through a symbolic
	// link, in an input, or with files of somebody else.
	Anyway bool

	// step is called before each change of the disk, by what it is about to do.
	step func(what string) error
}

// Write makes the output folder hold exactly the files, those of kept folders, and
// whatever is there that secgen did not write. changed tells whether it was different.
func (t Target) Write(files []File) (changed bool, err error) {
	if err := t.checkFiles(files); err != nil {
		return false, err
	}
	parent, err := t.open()
	if err != nil {
		return false, err
	}
	defer parent.Close()
	unlock, err := lock(parent.Name())
	if err != nil {
		return false, fmt.Errorf("output folder %s: %w", t.Dir, err)
	}
	defer unlock()
	s := swapper{Target: t, parent: parent, base: filepath.Base(t.dir())}
	if err := s.recover(); err != nil {
		return false, err
	}
	old, err := readTree(parent, s.base, t.Marker)
	if err != nil {
		return false, fmt.Errorf("output folder %s: %w", t.Dir, err)
	}
	if err := t.checkForeign(old, files); err != nil {
		return false, err
	}
	files = t.withKept(old, files)
	if old.holds(files) {
		return false, nil
	}
	return true, s.replace(old, files)
}

// Check compares the output folder with the files and returns a unified diff,
// empty where they are equal. It writes nothing.
func (t Target) Check(files []File) ([]byte, error) {
	old, err := t.compared(files)
	if err != nil {
		return nil, err
	}
	return t.diff(old, t.withKept(old, files)), nil
}

// Lost are the files of secgen's that Write would remove, sorted.
func (t Target) Lost(files []File) ([]string, error) {
	old, err := t.compared(files)
	if err != nil {
		return nil, err
	}
	stay := map[string]bool{}
	for _, f := range t.withKept(old, files) {
		stay[f.Path] = true
	}
	return slices.DeleteFunc(old.own(), func(name string) bool { return stay[name] }), nil
}

// compared reads what is in the output folder, after the checks of Write.
func (t Target) compared(files []File) (tree, error) {
	if err := t.checkFiles(files); err != nil {
		return nil, err
	}
	dir := t.dir()
	if err := t.checkDir(); err != nil {
		return nil, err
	}
	old := tree{}
	if _, err := os.Lstat(filepath.Dir(dir)); err == nil {
		parent, err := os.OpenRoot(filepath.Dir(dir))
		if err != nil {
			return nil, fmt.Errorf("output folder %s: %w", t.Dir, err)
		}
		defer parent.Close()
		if old, err = readTree(parent, filepath.Base(dir), t.Marker); err != nil {
			return nil, fmt.Errorf("output folder %s: %w", t.Dir, err)
		}
	}
	return old, t.checkForeign(old, files)
}

// withKept adds what is in kept folders.
func (t Target) withKept(old tree, files []File) []File {
	out := slices.Clone(files)
	for _, name := range old.own() {
		first, _, _ := strings.Cut(name, "/")
		if slices.Contains(t.Kept, first) {
			out = append(out, File{name, old[name].content})
		}
	}
	return out
}

func (t Target) diff(old tree, files []File) []byte {
	want := map[string][]byte{}
	for _, f := range files {
		want[f.Path] = f.Content
	}
	names := old.own()
	for name := range want {
		names = append(names, name)
	}
	slices.Sort(names)
	var b bytes.Buffer
	for _, name := range slices.Compact(names) {
		shown := path.Join(filepath.ToSlash(t.Dir), name)
		b.Write(diff.Diff("a/"+shown, old[name].content, "b/"+shown, want[name]))
	}
	return b.Bytes()
}

// dir is the output folder as the system names it.
func (t Target) dir() string {
	dir := filepath.Clean(t.Dir)
	if !filepath.IsAbs(dir) {
		dir = filepath.Join(t.Repository, filepath.FromSlash(t.Dir))
	}
	if t.Anyway {
		if real, err := filepath.EvalSymlinks(dir); err == nil {
			return real
		}
	}
	return dir
}

// open makes the folder that holds the output folder and opens it.
func (t Target) open() (*os.Root, error) {
	if err := t.checkDir(); err != nil {
		return nil, err
	}
	parent := filepath.Dir(t.dir())
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return nil, fmt.Errorf("output folder %s: %w", t.Dir, err)
	}
	root, err := os.OpenRoot(parent)
	if err != nil {
		return nil, fmt.Errorf("output folder %s: %w", t.Dir, err)
	}
	return root, nil
}

// checkDir refuses an output folder that is not plainly the repository's own.
func (t Target) checkDir() error {
	if filepath.Clean(t.dir()) == filepath.Clean(t.Repository) {
		return fmt.Errorf("output folder %q is the top of the repository; want a folder of its own, such as -o guardrails", t.Dir)
	}
	if t.Anyway {
		return nil
	}
	relative, err := filepath.Rel(t.Repository, t.dir())
	if err != nil || !filepath.IsLocal(relative) {
		return fmt.Errorf("output folder %q is outside the repository %s; want one inside", t.Dir, t.Repository)
	}
	at := t.Repository
	for _, part := range strings.Split(relative, string(filepath.Separator)) {
		if part == ".git" {
			return fmt.Errorf("output folder %q is in Git's own folder; want one that Git keeps", t.Dir)
		}
		at = filepath.Join(at, part)
		info, err := os.Lstat(at)
		if os.IsNotExist(err) {
			break
		}
		if err != nil {
			return fmt.Errorf("output folder %s: %w", t.Dir, err)
		}
		if !info.IsDir() {
			return fmt.Errorf("output folder %q: %s is a %s; want a folder", t.Dir, at, kindOf(info.Mode()))
		}
	}
	slashed := filepath.ToSlash(relative)
	for _, in := range t.Inputs {
		if in = path.Clean(in); in != "." && (slashed == in || strings.HasPrefix(slashed, in+"/")) {
			return fmt.Errorf("output folder %q is in %s, which compile reads; want a folder of its own", t.Dir, in)
		}
	}
	return nil
}

func kindOf(m fs.FileMode) string {
	switch {
	case m&fs.ModeSymlink != 0:
		return "symbolic link"
	case m.IsRegular():
		return "file"
	}
	return "special file"
}

// checkFiles refuses paths that could lead elsewhere. They are built from names
// that were checked before, so that this is a second lock on the door.
func (t Target) checkFiles(files []File) error {
	seen := map[string]bool{}
	for _, f := range files {
		if !filepath.IsLocal(filepath.FromSlash(f.Path)) || path.Clean(f.Path) != f.Path || strings.Contains(f.Path, `\`) ||
			strings.ContainsFunc(f.Path, unicode.IsControl) {
			return fmt.Errorf("output file %q: want a plain relative path", f.Path)
		}
		if seen[f.Path] {
			return fmt.Errorf("output file %q comes twice", f.Path)
		}
		seen[f.Path] = true
		if !bytes.HasPrefix(f.Content, []byte(t.Marker)) {
			return fmt.Errorf("output file %q has no marker", f.Path)
		}
	}
	return nil
}

// checkForeign refuses to write where somebody else's files are.
func (t Target) checkForeign(old tree, files []File) error {
	for _, f := range files {
		for at := f.Path; at != "."; at = path.Dir(at) {
			if e, ok := old[at]; ok && !e.own && (at == f.Path || !e.mode.IsDir()) {
				return fmt.Errorf("output folder %s: secgen did not write %s and does not replace it; move it away", t.Dir, at)
			}
		}
	}
	if foreign := old.foreign(); len(foreign) > 0 && !t.Anyway {
		return fmt.Errorf("output folder %s holds %s, which secgen did not write; choose a folder of its own", t.Dir, foreign[0])
	}
	return nil
}
