package discover

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Locate finds the repository of the paths that the user gave, which are
// relative to the working directory cwd, and returns its top, absolute and without
// symlinks, and the paths relative to it with "/". The repository is root where
// that is not "", or else the nearest folder upward that holds .git. A path that
// does not exist, one outside the repository, and paths of two repositories are
// errors. Without paths, the working directory stands for itself.
func Locate(cwd, root string, paths []string) (top string, rel []string, err error) {
	if len(paths) == 0 {
		paths = []string{"."}
	}
	if root != "" {
		if top, err = real(cwd, root); err != nil {
			return "", nil, err
		}
		if info, err := os.Stat(top); err != nil || !info.IsDir() {
			return "", nil, fmt.Errorf("%s is no folder; --root takes the repository's top folder", root)
		}
	}
	first := ""
	for _, given := range paths {
		abs, err := real(cwd, given)
		if err != nil {
			return "", nil, err
		}
		in := top
		if root == "" {
			if in = upward(abs); in == "" {
				return "", nil, fmt.Errorf("%s is in no Git repository (no .git upward of it); name the repository's top with --root", given)
			}
		}
		if top == "" {
			top, first = in, given
		}
		if in != top {
			return "", nil, fmt.Errorf("%s is in the repository %s and %s in %s; lint one repository at a time", first, top, given, in)
		}
		name, err := filepath.Rel(top, abs)
		if err != nil || !filepath.IsLocal(name) {
			return "", nil, fmt.Errorf("%s is outside the repository %s", given, top)
		}
		rel = append(rel, filepath.ToSlash(name))
	}
	return top, rel, nil
}

// real makes an absolute path without symlinks of one that exists.
func real(cwd, given string) (string, error) {
	abs := given
	if !filepath.IsAbs(abs) {
		abs = filepath.Join(cwd, given)
	}
	out, err := filepath.EvalSymlinks(abs)
	if errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("%s does not exist", given)
	}
	if err != nil {
		return "", fmt.Errorf("%s: %w", given, err)
	}
	return out, nil
}

// upward is the nearest folder, at or above a path, that holds .git, or "".
func upward(abs string) string {
	for dir := abs; ; dir = filepath.Dir(dir) {
		if _, err := os.Lstat(filepath.Join(dir, ".git")); err == nil && !strings.HasSuffix(dir, string(filepath.Separator)+".git") {
			return dir
		}
		if dir == filepath.Dir(dir) {
			return ""
		}
	}
}
