package render

import (
	"bytes"

	"github.com/secgen/secgen/load/source"
)

// Renderer renders roots, one after the other. It remembers the files that it has
// checked and parsed: most are read by several roots, and a file that says the same
// means the same. Its zero value is ready.
type Renderer struct {
	files map[checkedKey]*checkedFile
	// bytes is the length of what the remembered files hold.
	bytes int
}

// checkedKey is what a check depends on beside the content.
type checkedKey struct {
	path   string
	trim   bool
	limits source.Limits
}

// checkedFile is a file as it was read and what the check made of it, which nobody
// changes.
type checkedFile struct {
	content []byte
	docs    []source.Document
	index   *source.Index
	problem *source.Problem
	// trimmed says that schemas were left out.
	trimmed bool
}

// maxRemembered bounds the bytes of the files that a Renderer remembers; parsed they
// take some twenty times as much.
const maxRemembered = 512 << 10

// recall returns what is known of a file, if it still says the same.
func (r *Renderer) recall(key checkedKey, content []byte) *checkedFile {
	if c := r.files[key]; c != nil && bytes.Equal(c.content, content) {
		return c
	}
	return nil
}

func (r *Renderer) remember(key checkedKey, c *checkedFile, parsed int) {
	if parsed > maxRemembered/4 {
		return
	}
	if r.bytes += parsed; r.bytes > maxRemembered || r.files == nil {
		r.files, r.bytes = map[checkedKey]*checkedFile{}, parsed
	}
	r.files[key] = c
}
