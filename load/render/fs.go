package render

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/filesys"
)

// top is where kustomize sees the repository: the same on every machine, so that
// its messages are too.
const top = "/repository"

// inlineDir is where kustomize finds inline patches as files.
const inlineDir = "/inline"

// errReadOnly refuses writes.
var errReadOnly = errors.New("the repository is read-only")

// fileSystem shows kustomize the repository, and nothing else. serve may put
// other bytes in the place of a file's own; virtual files exist by their absolute
// path only.
type fileSystem struct {
	repo    *repo
	virtual map[string][]byte
	serve   func(*file) ([]byte, error)
}

var _ filesys.FileSystem = (*fileSystem)(nil)

// inside turns an absolute path of kustomize's into one of the repository.
func inside(name string) (string, error) {
	clean := path.Clean(filepath.ToSlash(name))
	if clean == top {
		return ".", nil
	}
	if rel, ok := strings.CutPrefix(clean, top+"/"); ok {
		return rel, nil
	}
	return "", fmt.Errorf("%s is outside the repository, of which nothing is read", name)
}

func (f *fileSystem) resolve(name string) (string, bool, error) {
	rel, err := inside(name)
	if err != nil {
		return "", false, err
	}
	f.repo.looked[rel] = true
	return f.repo.tree.Resolve(rel)
}

// CleanedAbs follows symlinks, as kustomize's own file system does.
func (f *fileSystem) CleanedAbs(name string) (filesys.ConfirmedDir, string, error) {
	real, dir, err := f.resolve(name)
	if err != nil {
		return "", "", err
	}
	if dir {
		return filesys.ConfirmedDir(path.Join(top, real)), "", nil
	}
	return filesys.ConfirmedDir(path.Join(top, path.Dir(real))), path.Base(real), nil
}

func (f *fileSystem) IsDir(name string) bool {
	_, dir, err := f.resolve(name)
	return err == nil && dir
}

func (f *fileSystem) Exists(name string) bool {
	if _, ok := f.virtual[name]; ok {
		return true
	}
	_, _, err := f.resolve(name)
	return err == nil
}

func (f *fileSystem) ReadFile(name string) ([]byte, error) {
	if data, ok := f.virtual[name]; ok {
		return data, nil
	}
	rel, err := inside(name)
	if err != nil {
		return nil, err
	}
	file, err := f.repo.load(rel)
	if err != nil {
		return nil, err
	}
	if f.serve == nil {
		return file.data, nil
	}
	return f.serve(file)
}

func (f *fileSystem) ReadDir(name string) ([]string, error) {
	rel, err := inside(name)
	if err != nil {
		return nil, err
	}
	f.repo.looked[rel] = true
	entries, err := f.repo.tree.ReadDir(rel)
	if err != nil {
		return nil, err
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
	}
	return names, nil
}

func (f *fileSystem) Open(name string) (filesys.File, error) {
	return nil, fmt.Errorf("open %s: kustomize reads whole files", name)
}

// Glob and Walk serve commands that edit kustomizations; a build uses neither.
func (f *fileSystem) Glob(pattern string) ([]string, error) {
	return nil, fmt.Errorf("glob %s: not part of a build", pattern)
}

func (f *fileSystem) Walk(name string, _ filepath.WalkFunc) error {
	return fmt.Errorf("walk %s: not part of a build", name)
}

func (f *fileSystem) Create(name string) (filesys.File, error) {
	return nil, &fs.PathError{Op: "create", Path: name, Err: errReadOnly}
}

func (f *fileSystem) Mkdir(name string) error {
	return &fs.PathError{Op: "mkdir", Path: name, Err: errReadOnly}
}

func (f *fileSystem) MkdirAll(name string) error {
	return &fs.PathError{Op: "mkdir", Path: name, Err: errReadOnly}
}

func (f *fileSystem) RemoveAll(name string) error {
	return &fs.PathError{Op: "remove", Path: name, Err: errReadOnly}
}

func (f *fileSystem) WriteFile(name string, _ []byte) error {
	return &fs.PathError{Op: "write", Path: name, Err: errReadOnly}
}
