package source

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"

	"github.com/secgen/secgen/manifest"
)

// Tree is a read-only view of a repository. Paths are relative to its top and
// use "/"; "." is the top. It is safe for concurrent use.
type Tree struct {
	root *os.Root
	// top and realTop are the absolute path as opened and with its own symlinks
	// resolved: an absolute link may name either.
	top, realTop string
	limits       Limits

	mu    sync.Mutex
	plain map[string]bool // folders that were seen to be folders and no links

	recorder *recorder // see Record
	kept     *kept     // see Keep
}

// kept is where paths lead and the content of files that were read, by the name
// under which they were.
type kept struct {
	mu    sync.Mutex
	paths map[string]resolved
	files map[string][]byte
	room  int
}

// resolved is what a path turned out to be.
type resolved struct {
	real string
	info fs.FileInfo
	err  error
}

// Keep makes the tree remember where paths lead, and what it reads, up to a number
// of bytes: whoever asks again gets what was found first, however the disk has
// changed. Callers must not change the bytes.
func (t *Tree) Keep(bytes int) {
	t.kept = &kept{paths: map[string]resolved{}, files: map[string][]byte{}, room: bytes}
}

func (k *kept) path(name string) (resolved, bool) {
	if k == nil {
		return resolved{}, false
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	r, ok := k.paths[name]
	return r, ok
}

func (k *kept) putPath(name string, r resolved) {
	if k == nil {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if _, ok := k.paths[name]; !ok {
		k.paths[name] = r
	}
}

func (k *kept) get(name string) ([]byte, bool) {
	if k == nil {
		return nil, false
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	data, ok := k.files[name]
	return data, ok
}

func (k *kept) put(name string, data []byte) {
	if k == nil {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if _, ok := k.files[name]; !ok && len(data) <= k.room {
		k.room -= len(data)
		k.files[name] = data
	}
}

// Open opens the repository whose top is dir.
func Open(dir string, limits Limits) (*Tree, error) {
	top, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("repository %s: %w", dir, err)
	}
	realTop, err := filepath.EvalSymlinks(top)
	if err != nil {
		return nil, fmt.Errorf("repository %s: %w", dir, err)
	}
	root, err := os.OpenRoot(realTop)
	if err != nil {
		return nil, fmt.Errorf("repository %s: %w", dir, err)
	}
	return &Tree{root: root, top: top, realTop: realTop, limits: limits, plain: map[string]bool{".": true}}, nil
}

// Close releases the tree. Reads fail afterwards.
func (t *Tree) Close() error { return t.root.Close() }

// Top is the absolute path of the repository's top, without symlinks.
func (t *Tree) Top() string { return t.realTop }

// Limits are those that the tree was opened with.
func (t *Tree) Limits() Limits { return t.limits }

// FS is the repository as a file system, bounded by its top. It checks no size.
func (t *Tree) FS() fs.FS { return t.root.FS() }

// ReadFile reads a regular file of at most Limits.FileBytes. An error is a
// *Problem; it wraps fs.ErrNotExist where the file is missing.
func (t *Tree) ReadFile(name string) ([]byte, error) {
	data, err := t.readFile(name)
	t.recorder.note(AskContent, name, func() string { return digestContent(data, err) })
	return data, err
}

func (t *Tree) readFile(name string) ([]byte, error) {
	if data, ok := t.kept.get(name); ok {
		return data, nil
	}
	real, err := t.regular(name)
	if err != nil {
		return nil, err
	}
	data, err := t.readReal(name, real)
	if err == nil {
		t.kept.put(name, data)
	}
	return data, err
}

// Size is the number of bytes of a file, 0 where that is not known.
func (t *Tree) Size(name string) int64 {
	if data, ok := t.kept.get(name); ok {
		return int64(len(data))
	}
	info, err := t.root.Lstat(filepath.FromSlash(name))
	if err != nil {
		return 0
	}
	return info.Size()
}

// Readable tells whether ReadFile would open a file, without opening it.
func (t *Tree) Readable(name string) error {
	_, err := t.regular(name)
	return err
}

// regular resolves the path of a file that may be read.
func (t *Tree) regular(name string) (real string, err error) {
	real, info, err := t.resolve(name)
	if err != nil {
		return "", err
	}
	if inGit(real) {
		return "", problemAt(name, 0, 0, "is part of Git's own data (.git), which is never read as input")
	}
	if p := t.readable(name, info); p != nil {
		return "", p
	}
	return real, nil
}

// readable refuses what is no regular file of a bearable size.
func (t *Tree) readable(name string, info fs.FileInfo) *Problem {
	switch {
	case info.IsDir():
		return &Problem{Position: fileOnly(name), Reason: "is a folder; a file is wanted", cause: syscall.EISDIR}
	case !info.Mode().IsRegular():
		return problemAt(name, 0, 0, "is a %s; only regular files are read", kindOf(info.Mode()))
	case info.Size() > t.limits.FileBytes:
		return problemAt(name, 0, 0, "has %d bytes, more than the limit of %d bytes a file; "+raiseFile, info.Size(), t.limits.FileBytes)
	}
	return nil
}

// readReal opens a resolved path. The file may have changed since it was looked
// at, so it is opened without blocking and looked at again.
func (t *Tree) readReal(name, real string) ([]byte, error) {
	f, err := t.root.OpenFile(filepath.FromSlash(real), os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, t.failed(name, err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, t.failed(name, err)
	}
	if p := t.readable(name, info); p != nil {
		return nil, p
	}
	// One byte more than the limit, to notice a file that grows.
	data := make([]byte, 0, info.Size()+1)
	for int64(len(data)) <= t.limits.FileBytes {
		if len(data) == cap(data) {
			data = append(data, 0)[:len(data)]
		}
		n, err := f.Read(data[len(data):cap(data)])
		data = data[:len(data)+n]
		if err == io.EOF {
			return data, nil
		}
		if err != nil {
			return nil, t.failed(name, err)
		}
	}
	return nil, problemAt(name, 0, 0, "has more than the limit of %d bytes a file; "+raiseFile, t.limits.FileBytes)
}

// ReadDir lists a folder, sorted by name. Entries are not followed.
func (t *Tree) ReadDir(name string) ([]fs.DirEntry, error) {
	entries, err := t.readDir(name)
	t.recorder.note(AskListing, name, func() string { return digestListing(entries, err) })
	return entries, err
}

func (t *Tree) readDir(name string) ([]fs.DirEntry, error) {
	real, info, err := t.resolve(name)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return nil, &Problem{Position: fileOnly(name), Reason: "is no folder", cause: syscall.ENOTDIR}
	}
	if inGit(real) {
		return nil, problemAt(name, 0, 0, "is part of Git's own data (.git), which is never entered")
	}
	f, err := t.root.Open(filepath.FromSlash(real))
	if err != nil {
		return nil, t.failed(name, err)
	}
	defer f.Close()
	entries, err := f.ReadDir(-1)
	if err != nil {
		return nil, t.failed(name, err)
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return entries, nil
}

// Resolve follows symlinks and returns the path of what name really is, relative
// to the top, and whether that is a folder. It fails for what is missing and for
// what leaves the repository.
func (t *Tree) Resolve(name string) (real string, dir bool, err error) {
	real, dir, err = t.resolvePath(name)
	t.recorder.note(AskPath, name, func() string { return digestPath(real, dir, err) })
	return real, dir, err
}

func (t *Tree) resolvePath(name string) (real string, dir bool, err error) {
	real, info, err := t.resolve(name)
	if err != nil {
		return "", false, err
	}
	return real, info.IsDir(), nil
}

// Rel makes a path relative to the top of an absolute one, ok telling whether it
// is in the repository at all. Symlinks on the way are not followed.
func (t *Tree) Rel(abs string) (name string, ok bool) {
	for _, top := range []string{t.realTop, t.top} {
		rel, err := filepath.Rel(top, filepath.Clean(abs))
		if err == nil && filepath.IsLocal(rel) {
			return filepath.ToSlash(rel), true
		}
	}
	return "", false
}

func (t *Tree) failed(name string, err error) *Problem {
	reason := err.Error()
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) {
		reason = pathErr.Err.Error()
	}
	if errors.Is(err, fs.ErrNotExist) {
		reason = "does not exist"
	}
	return &Problem{Position: fileOnly(name), Reason: reason, cause: err}
}

func fileOnly(name string) manifest.Position { return manifest.Position{File: path.Clean(name)} }

func inGit(real string) bool {
	return slices.Contains(strings.Split(real, "/"), ".git")
}

func kindOf(mode fs.FileMode) string {
	switch {
	case mode&fs.ModeNamedPipe != 0:
		return "named pipe (FIFO)"
	case mode&fs.ModeSocket != 0:
		return "socket"
	case mode&fs.ModeDevice != 0:
		return "device"
	}
	return "special file"
}
