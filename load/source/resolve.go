package source

import (
	"io/fs"
	"path"
	"path/filepath"
	"strings"
	"syscall"
)

// maxLinks bounds the symlinks on the way to one file, as Linux does.
const maxLinks = 40

// resolve is find, remembered where the tree keeps what it found.
func (t *Tree) resolve(name string) (string, fs.FileInfo, error) {
	r, ok := t.kept.path(name)
	if !ok {
		r.real, r.info, r.err = t.find(name)
		t.kept.putPath(name, r)
	}
	return r.real, r.info, r.err
}

// find walks a path part by part, so that it can say which link leads out of
// the repository, and so that absolute links inside it are followed, which
// os.Root alone refuses.
func (t *Tree) find(name string) (string, fs.FileInfo, error) {
	clean := path.Clean(filepath.ToSlash(name))
	if path.IsAbs(clean) || clean == ".." || strings.HasPrefix(clean, "../") {
		return "", nil, outside(path.Clean(name), "is outside the repository, of which nothing is read")
	}
	todo := strings.Split(clean, "/")
	if clean == "." {
		todo = nil
	}
	at, links := ".", 0
	for len(todo) > 0 {
		part := todo[0]
		todo = todo[1:]
		switch part {
		case "", ".":
			continue
		case "..":
			if at == "." {
				return "", nil, outside(path.Clean(name), "leads out of the repository, of which nothing is read")
			}
			at = path.Dir(at)
			continue
		}
		next := path.Join(at, part)
		if len(todo) > 0 && t.isPlainDir(next) {
			at = next
			continue
		}
		info, err := t.root.Lstat(filepath.FromSlash(next))
		if err != nil {
			return "", nil, t.failed(name, err)
		}
		switch {
		case info.Mode()&fs.ModeSymlink != 0:
			if links++; links > maxLinks {
				return "", nil, problemAt(name, 0, 0, "more than %d symlinks on the way; they may form a circle", maxLinks)
			}
			target, base, err := t.readLink(next)
			if err != nil {
				return "", nil, err
			}
			at = base
			todo = append(strings.Split(target, "/"), todo...)
		case len(todo) == 0:
			return next, info, nil
		case !info.IsDir():
			return "", nil, &Problem{Position: fileOnly(name), Reason: next + " is no folder", cause: syscall.ENOTDIR}
		default:
			t.setPlainDir(next)
			at = next
		}
	}
	info, err := t.root.Lstat(filepath.FromSlash(at))
	if err != nil {
		return "", nil, t.failed(name, err)
	}
	return at, info, nil
}

// readLink returns the link's target relative to base, both inside the
// repository as far as names tell.
func (t *Tree) readLink(link string) (target, base string, err error) {
	raw, err := t.root.Readlink(filepath.FromSlash(link))
	if err != nil {
		return "", "", t.failed(link, err)
	}
	if filepath.IsAbs(raw) {
		rel, ok := t.Rel(raw)
		if !ok {
			return "", "", leaves(link, raw)
		}
		return rel, ".", nil
	}
	target = filepath.ToSlash(raw)
	// Go up no further than the top. A folder in the middle may itself be a link,
	// in which case resolve notices later.
	if joined := path.Join(path.Dir(link), target); joined == ".." || strings.HasPrefix(joined, "../") {
		return "", "", leaves(link, raw)
	}
	return target, path.Dir(link), nil
}

func leaves(link, target string) *Problem {
	return outside(link, "is a symlink to %s, which is outside the repository; nothing outside is read", target)
}

func (t *Tree) isPlainDir(name string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.plain[name]
}

func (t *Tree) setPlainDir(name string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.plain[name] = true
}
