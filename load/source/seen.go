package source

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"slices"
	"strings"
	"sync"
)

// Seen is one question that a Tree was asked, with a digest of what it answered.
// A result that was made of nothing but a Tree's answers holds for as long as the
// Tree answers the same.
type Seen struct {
	Ask  Ask
	Path string
	// Answer is a digest: of a file's content, a folder's listing, where a path
	// leads, or of the error.
	Answer string
}

// Ask is a kind of question.
type Ask string

// The kinds of questions.
const (
	AskContent Ask = "content" // ReadFile
	AskListing Ask = "listing" // ReadDir
	AskPath    Ask = "path"    // Resolve
)

// recorder notes questions and answers. A nil recorder notes nothing.
type recorder struct {
	mu   sync.Mutex
	seen map[Seen]bool
}

func (r *recorder) note(ask Ask, path string, answer func() string) {
	if r == nil {
		return
	}
	s := Seen{ask, path, answer()}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.seen[s] = true
}

// Record starts to note what ReadFile, ReadDir and Resolve are asked.
func (t *Tree) Record() { t.recorder = &recorder{seen: map[Seen]bool{}} }

// Seen returns what was noted since Record, sorted. A file that changed meanwhile
// is in it with both answers, so that no state of the tree gives the same.
func (t *Tree) Seen() []Seen {
	t.recorder.mu.Lock()
	defer t.recorder.mu.Unlock()
	out := make([]Seen, 0, len(t.recorder.seen))
	for s := range t.recorder.seen {
		out = append(out, s)
	}
	slices.SortFunc(out, func(a, b Seen) int {
		return strings.Compare(string(a.Ask)+a.Path+a.Answer, string(b.Ask)+b.Path+b.Answer)
	})
	return out
}

// Answer asks a question again and returns the digest of today's answer.
func (t *Tree) Answer(ask Ask, path string) string {
	switch ask {
	case AskContent:
		return digestContent(t.readFile(path))
	case AskListing:
		return digestListing(t.readDir(path))
	case AskPath:
		return digestPath(t.resolvePath(path))
	}
	return ""
}

func digest(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		h.Write([]byte(p))
		h.Write([]byte{0})
	}
	return hex.EncodeToString(h.Sum(nil))
}

func digestContent(data []byte, err error) string {
	if err != nil {
		return digest("error", err.Error())
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

func digestListing(entries []fs.DirEntry, err error) string {
	if err != nil {
		return digest("error", err.Error())
	}
	parts := make([]string, 0, 2*len(entries))
	for _, e := range entries {
		parts = append(parts, e.Name(), e.Type().String())
	}
	return digest(parts...)
}

func digestPath(real string, dir bool, err error) string {
	switch {
	case err != nil:
		return digest("error", err.Error())
	case dir:
		return digest("folder", real)
	}
	return digest("file", real)
}
