package write

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
)

// tree is what is in a folder, by path. Folders are in it where they are empty or
// hold something.
type tree map[string]entry

// entry is one file or folder. content is that of secgen's own files.
type entry struct {
	mode    fs.FileMode
	own     bool
	content []byte
}

// readTree reads a folder; one that does not exist is empty. Symbolic links are
// not followed.
func readTree(parent *os.Root, base, marker string) (tree, error) {
	out := tree{}
	if _, err := parent.Lstat(base); errors.Is(err, fs.ErrNotExist) {
		return out, nil
	}
	return out, readFolder(parent, base, "", marker, out)
}

func readFolder(parent *os.Root, base, at, marker string, out tree) error {
	dir, err := parent.Open(path.Join(base, at))
	if err != nil {
		return err
	}
	defer dir.Close()
	entries, err := dir.ReadDir(-1)
	if err != nil {
		return err
	}
	for _, d := range entries {
		name := path.Join(at, d.Name())
		info, err := d.Info()
		if err != nil {
			return err
		}
		e := entry{mode: info.Mode()}
		switch {
		case info.IsDir():
			if err := readFolder(parent, base, name, marker, out); err != nil {
				return err
			}
		case info.Mode().IsRegular():
			if e.content, e.own, err = readOwn(parent, path.Join(base, name), marker); err != nil {
				return err
			}
		}
		out[name] = e
	}
	return nil
}

// readOwn reads a file if it begins with the marker.
func readOwn(parent *os.Root, name, marker string) (content []byte, own bool, err error) {
	f, err := parent.Open(name)
	if err != nil {
		return nil, false, err
	}
	defer f.Close()
	head := make([]byte, len(marker))
	if n, err := io.ReadFull(f, head); err != nil || string(head[:n]) != marker {
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, false, err
		}
		return nil, false, nil
	}
	rest, err := io.ReadAll(f)
	return append(head, rest...), true, err
}

// own lists secgen's files.
func (t tree) own() []string {
	var out []string
	for name, e := range t {
		if e.own {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// foreign lists what secgen did not write, without folders.
func (t tree) foreign() []string {
	var out []string
	for name, e := range t {
		if !e.own && !e.mode.IsDir() {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// holds tells whether secgen's files in the tree are exactly those.
func (t tree) holds(files []File) bool {
	if len(t.own()) != len(files) {
		return false
	}
	return !slices.ContainsFunc(files, func(f File) bool {
		e, ok := t[f.Path]
		return !ok || !e.own || !bytes.Equal(e.content, f.Content)
	})
}
