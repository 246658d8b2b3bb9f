package render

import (
	"bytes"
	"cmp"
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/secgen/secgen/load/source"
)

// tag is the lines that kustomize's parser sees for one reading of a document: the
// text's own, moved down by pad empty lines.
//
// Patches come first, each with lines of its own, so that every node of a
// resource that a patch brought in is known by its line. Behind them the documents of
// resources overlap: only the line of the top value is one's own, which tells
// which document the resource is, and thereby what its other lines mean. A List
// has all its lines for itself, since each item is a resource. So the padding
// of n documents and patches of p lines in all is about n*(p+n/2) lines, where
// ranges of their own would cost n/2 times all lines.
type tag struct {
	patch *patch // nil for a resource's document
	list  bool
	// padded says that pad was assigned, at the offset insert of the text.
	padded      bool
	pad, insert int
	lines       int
}

// rootKey is the line and column of a resource's top value as kustomize sees it.
type rootKey struct{ line, column int }

// maxPadding bounds the empty lines of one build; each costs some 15 nanoseconds
// in the parser.
const maxPadding = 8 << 20

// firstTag keeps the lines free that kustomize itself gives: 0 to what
// transformers set, and the first few to what generators print and read back.
const firstTag = 10

// tags is the assignment of lines for a build.
type tags struct {
	// patches are sorted by their first line; low is the first line behind them.
	patches []*use
	first   int
	low     int
	roots   map[rootKey]*record
	// off says that the padding would be too long, and nothing was padded.
	off bool
}

// assign gives every document of a plan its lines.
func (p *plan) assign() *tags {
	t := &tags{roots: map[rootKey]*record{}}
	low := p.reprinted()
	for _, uses := range p.reads {
		for _, u := range slices.Concat(uses...) {
			u.lines = u.doc.lineCount()
			u.insert = insertion(u.doc.text)
		}
	}
	for _, u := range p.patches {
		u.lines, u.insert = u.doc.lineCount(), insertion(u.doc.text)
	}
	for name, uses := range p.reads {
		// A file of which some document cannot be padded is handed out as it is;
		// its lines must not be taken for another's.
		all := slices.Concat(uses...)
		if !slices.ContainsFunc(all, func(u *use) bool { return u.insert < 0 }) {
			continue
		}
		p.raw[name] = true
	}
	for name := range p.raw {
		for _, uses := range p.reads[name] {
			for _, u := range uses {
				low = max(low, u.lines+1)
			}
		}
	}
	slices.SortStableFunc(p.patches, func(a, b *use) int { return cmp.Compare(a.lines, b.lines) })
	t.first = low
	padding := 0
	for _, u := range p.patches {
		u.pad = low
		low += u.lines + 1
		if u.patch.json || !u.patch.inline && p.raw[u.doc.file.path] {
			continue
		}
		u.padded = u.insert >= 0
		padding += u.pad
	}
	t.patches, t.low = p.patches, low
	padding += t.assignRoots(p, low)
	t.off = padding > p.maxPadding
	return t
}

// assignRoots gives resources' documents their lines and returns the padding.
func (t *tags) assignRoots(p *plan, low int) int {
	var traced []*record
	for _, rec := range p.records {
		if rec.traced && rec.use != nil && !p.raw[rec.use.doc.file.path] {
			traced = append(traced, rec)
		}
	}
	slices.SortStableFunc(traced, func(a, b *record) int {
		if a.use.list != b.use.list {
			if a.use.list {
				return 1
			}
			return -1
		}
		if a.use.list && a.use != b.use {
			return cmp.Compare(a.use.lines, b.use.lines)
		}
		return cmp.Compare(a.local(), b.local())
	})
	next, padding := low, 0
	for _, rec := range traced {
		u := rec.use
		if !u.padded {
			next = max(next, rec.local())
			u.pad, u.padded = next-rec.local(), true
			padding += u.pad
			next++
			if u.list {
				next = u.pad + u.lines + 1
			}
		}
		t.roots[rootKey{u.pad + rec.local(), rec.node.Column}] = rec
	}
	return padding
}

// local is the line of a record's top value in its document's text.
func (rec *record) local() int { return rec.node.Line - rec.use.doc.line + 1 }

// insertion is the offset at which empty lines can be put into a document without
// changing what it says or how its file is split: the start, or behind a first
// line of --- alone. It is -1 where there is none.
func insertion(text []byte) int {
	at := 0
	if bytes.HasPrefix(text, byteOrderMark) {
		at = len(byteOrderMark)
	}
	if bytes.HasPrefix(text[at:], []byte("---")) {
		end := bytes.IndexByte(text[at:], '\n')
		if end < 0 {
			return -1
		}
		if rest := bytes.TrimSpace(text[at+3 : at+end]); len(rest) > 0 && rest[0] != '#' {
			return -1
		}
		at += end + 1
	}
	for line := range bytes.Lines(text[at:]) {
		if line = bytes.TrimSpace(line); len(line) > 0 && line[0] != '#' {
			if line[0] == '%' {
				return -1 // a directive
			}
			break
		}
	}
	return at
}

var byteOrderMark = []byte("\ufeff")

// padded is the text of a file whose documents are moved to their lines.
func padded(uses []*use) []byte {
	var b bytes.Buffer
	for i, u := range uses {
		if i > 0 {
			b.WriteString("---\n")
		}
		if !u.padded {
			b.Write(u.doc.text)
			continue
		}
		// Empty lines in front of a byte order mark would make it text.
		b.Write(bytes.TrimPrefix(u.doc.text[:u.insert], byteOrderMark))
		for range u.pad {
			b.WriteByte('\n')
		}
		b.Write(u.doc.text[u.insert:])
	}
	return b.Bytes()
}

// find says which document's line a node's line is, for a node of a resource
// that came from base. It returns nil for lines that nothing was given.
func (t *tags) find(base *use, line int) (u *use, fileLine int) {
	if line < t.first || t.off {
		return nil, 0
	}
	if line < t.low {
		i, _ := slices.BinarySearchFunc(t.patches, line, func(u *use, line int) int { return cmp.Compare(u.pad+1, line) })
		if i == len(t.patches) || t.patches[i].pad+1 > line {
			i--
		}
		if i < 0 {
			return nil, 0
		}
		u = t.patches[i]
	} else {
		u = base
	}
	if u == nil || u.patch == nil && !u.padded || line <= u.pad || line > u.pad+u.lines {
		return nil, 0
	}
	return u, u.doc.line + line - u.pad - 1
}

// source finds what the source holds at the place of a rendered node. Lines below
// floor mean nothing.
func (t *tags) source(base *use, n *yaml.Node, floor int) (*use, source.Entry, bool) {
	if n.Line < floor {
		return nil, source.Entry{}, false
	}
	u, line := t.find(base, n.Line)
	if u == nil || u.doc.index == nil {
		return nil, source.Entry{}, false
	}
	e, ok := u.doc.index.At(line, n.Column+u.doc.column, n.Kind)
	return u, e, ok
}
