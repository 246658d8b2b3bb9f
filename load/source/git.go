package source

import (
	"io"
	"os"
)

// maxIndex bounds Git's index: 256 MiB are some two million files.
const maxIndex = 256 << 20

// GitIndex returns Git's index of the repository, nil where Git has none yet.
// exists is false where the top holds no folder .git, or the index cannot be read.
func (t *Tree) GitIndex() (data []byte, exists bool) {
	info, err := t.root.Lstat(".git")
	if err != nil || !info.IsDir() {
		return nil, false
	}
	const file = ".git/index"
	info, err = t.root.Lstat(file)
	if os.IsNotExist(err) {
		// A Git folder has a HEAD, even before anything is added.
		if _, err := t.root.Lstat(".git/HEAD"); err != nil {
			return nil, false
		}
		return nil, true
	}
	if err != nil || !info.Mode().IsRegular() || info.Size() > maxIndex {
		return nil, false
	}
	f, err := t.root.Open(file)
	if err != nil {
		return nil, false
	}
	defer f.Close()
	data, err = io.ReadAll(io.LimitReader(f, maxIndex))
	return data, err == nil
}

// GitElsewhere tells whether .git is a file, as in a linked work tree or a
// submodule. It names a folder elsewhere, which is not followed: whoever packed the
// repository could name one that the system mounts from the network, or a file that
// is none of theirs.
func (t *Tree) GitElsewhere() bool {
	info, err := t.root.Lstat(".git")
	return err == nil && info.Mode().IsRegular()
}
