package starter

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
)

// File is a file to write, by its path from the repository's top.
type File struct {
	Path string
	Text []byte
}

// Missing returns those files that are not there yet, whatever it is that stands
// in the place of the others.
func Missing(top *os.Root, files []File) ([]File, error) {
	var out []File
	for _, f := range files {
		_, err := top.Lstat(f.Path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			out = append(out, f)
		case err != nil:
			return nil, err
		}
	}
	return out, nil
}

// Write writes all files or none. Nothing outside top is touched, nothing is
// overwritten, and no file is ever there in part: each is written beside its place
// first.
func Write(top *os.Root, files []File) (err error) {
	var undo []string
	defer func() {
		if err != nil {
			for _, name := range undo {
				err = errors.Join(err, top.Remove(name))
			}
		}
	}()
	for i, f := range files {
		dir := path.Dir(f.Path)
		if err := top.MkdirAll(dir, 0o755); err != nil {
			return fmt.Errorf("make the folder %s: %w", dir, err)
		}
		temporary := path.Join(dir, fmt.Sprintf(".secgen-init-%d-%d", os.Getpid(), i))
		if err := stage(top, temporary, f.Text); err != nil {
			return fmt.Errorf("write %s: %w", f.Path, err)
		}
		// A link, unlike a rename, fails where something is there by now.
		err := top.Link(temporary, f.Path)
		if err == nil {
			undo = append(undo, f.Path)
		}
		if err := errors.Join(err, top.Remove(temporary)); err != nil {
			return fmt.Errorf("write %s: %w", f.Path, err)
		}
	}
	return nil
}

// stage writes a new file.
func stage(top *os.Root, name string, text []byte) error {
	file, err := top.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = file.Write(text)
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return errors.Join(err, top.Remove(name))
	}
	return nil
}
