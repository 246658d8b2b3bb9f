package source

import (
	"io"
	"os"
	"path/filepath"
	"strings"
)

// maxIndex bounds Git's index: 256 MiB are some two million files.
const maxIndex = 256 << 20

// GitIndex returns Git's index of the repository, nil where Git has none yet.
// exists is false where the top holds no .git, or the index cannot be read.
//
// In a work tree or submodule .git is a file that names the Git folder elsewhere.
// Git itself writes it and refuses to track one, so it is followed, for the index
// alone: this is the only file outside the repository that is ever opened.
func (t *Tree) GitIndex() (data []byte, exists bool) {
	info, err := t.root.Lstat(".git")
	if err != nil {
		return nil, false
	}
	dir := filepath.Join(t.realTop, ".git")
	if info.Mode().IsRegular() {
		if info.Size() > 4096 {
			return nil, false
		}
		text, err := t.root.ReadFile(".git")
		if err != nil {
			return nil, false
		}
		elsewhere, found := strings.CutPrefix(strings.TrimSpace(string(text)), "gitdir:")
		if !found {
			return nil, false
		}
		dir = strings.TrimSpace(elsewhere)
		if !filepath.IsAbs(dir) {
			dir = filepath.Join(t.realTop, dir)
		}
	} else if !info.IsDir() {
		return nil, false
	}
	file := filepath.Join(dir, "index")
	info, err = os.Lstat(file)
	if os.IsNotExist(err) {
		// A Git folder has a HEAD, even before anything is added.
		if _, err := os.Lstat(filepath.Join(dir, "HEAD")); err != nil {
			return nil, false
		}
		return nil, true
	}
	if err != nil || !info.Mode().IsRegular() || info.Size() > maxIndex {
		return nil, false
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, false
	}
	defer f.Close()
	data, err = io.ReadAll(io.LimitReader(f, maxIndex))
	return data, err == nil
}
