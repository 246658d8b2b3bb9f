package source

import (
	"bytes"
	"cmp"
	"slices"
	"sync"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/secgen/secgen/manifest"
)

// Entry is a value of a file, or a key, with the places that belong to it.
type Entry struct {
	// Node is as parsed; its Line and Column are where its anchor or tag begins,
	// if it has one.
	Node *yaml.Node
	// Value is the exact range of the value, without anchor, tag or comments. A
	// value that nobody wrote (`key:`) covers nothing.
	Value manifest.Position
	// Key is the range of the map key beside the value; zero for items of lists,
	// whole documents and keys.
	Key manifest.Position
	// IsKey says that the entry is itself a key of a map.
	IsKey bool
	// Document is the number of the YAML document, from 0, empty ones counted.
	Document int
}

// Index finds the values of one file by position. It is safe for concurrent use.
type Index struct {
	file  string
	data  []byte
	lines []int // offset of each line's first byte, BOM excluded
	docs  []Document

	once  sync.Once
	marks []mark // made when first asked for; see sorted
}

type mark struct {
	node     *yaml.Node
	key      *yaml.Node
	isKey    bool
	document int
}

// NewIndex makes the index of a file from its bytes and its documents as Check
// returned them.
func NewIndex(file string, data []byte, docs []Document) *Index {
	return &Index{file: file, data: data, docs: docs, lines: lineStarts(data)}
}

// sorted returns all values and keys by line and column, of those that start at
// one place the outermost first.
func (x *Index) sorted() []mark {
	x.once.Do(func() {
		for i, d := range x.docs {
			if d.Node != nil {
				for _, top := range d.Node.Content {
					x.add(top, nil, false, i)
				}
			}
		}
		order := func(a, b mark) int {
			return cmp.Or(cmp.Compare(a.node.Line, b.node.Line), cmp.Compare(a.node.Column, b.node.Column))
		}
		if !slices.IsSortedFunc(x.marks, order) {
			slices.SortStableFunc(x.marks, order)
		}
	})
	return x.marks
}

// bom is the byte order mark of UTF-8. Editors do not count it as a column.
const bom = "\ufeff"

func lineStarts(data []byte) []int {
	first := 0
	if len(data) >= len(bom) && string(data[:len(bom)]) == bom {
		first = len(bom)
	}
	lines := make([]int, 1, bytes.Count(data, newline)+1)
	lines[0] = first
	for at := 0; ; {
		i := bytes.IndexByte(data[at:], '\n')
		if i < 0 {
			return lines
		}
		at += i + 1
		lines = append(lines, at)
	}
}

func (x *Index) add(n, key *yaml.Node, isKey bool, document int) {
	x.marks = append(x.marks, mark{node: n, key: key, isKey: isKey, document: document})
	switch n.Kind {
	case yaml.SequenceNode:
		for _, c := range n.Content {
			x.add(c, nil, false, document)
		}
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			x.add(n.Content[i], nil, true, document)
			x.add(n.Content[i+1], n.Content[i], false, document)
		}
	}
}

// Documents are those that the index was made of.
func (x *Index) Documents() []Document { return x.docs }

// At finds what starts at a line and column as the YAML parser counts them (at
// the anchor or tag, where there is one). Several values may start at one place,
// the outermost first: a map, its first key. kind picks among them; 0 takes the
// innermost.
func (x *Index) At(line, column int, kind yaml.Kind) (Entry, bool) {
	marks := x.sorted()
	i, _ := slices.BinarySearchFunc(marks, 0, func(m mark, _ int) int {
		return cmp.Or(cmp.Compare(m.node.Line, line), cmp.Compare(m.node.Column, column), 1)
	})
	found := -1
	for ; i < len(marks) && marks[i].node.Line == line && marks[i].node.Column == column; i++ {
		if kind == 0 || marks[i].node.Kind == kind {
			found = i
			if kind != 0 {
				break
			}
		}
	}
	if found < 0 {
		return Entry{}, false
	}
	m := marks[found]
	entry := Entry{Node: m.node, Value: x.Span(m.node), IsKey: m.isKey, Document: m.document}
	if m.key != nil {
		entry.Key = x.Span(m.key)
	}
	return entry, true
}

// Place is a manifest.Placer for the nodes of the index's documents.
func (x *Index) Place(n *yaml.Node) manifest.Position { return x.Span(n) }

// Span is the exact range of a node of the index's documents in the source:
// scalars with their quotes, block scalars from their | or > to the end of their
// last line, block collections from their first to their last value. Where the
// source does not hold what the node says (which happens for nodes of other
// files only), the range is the starting point.
func (x *Index) Span(n *yaml.Node) manifest.Position {
	start, end, ok := x.extent(n)
	if !ok {
		return manifest.Position{File: x.file, Line: n.Line, Column: n.Column}
	}
	p := manifest.Position{File: x.file}
	p.Line, p.Column = x.position(start)
	p.EndLine, p.EndColumn = x.position(end)
	return p
}

// offset is the byte at a line and column, both 1-based.
func (x *Index) offset(line, column int) (int, bool) {
	if line < 1 || line > len(x.lines) || column < 1 {
		return 0, false
	}
	at := x.lines[line-1]
	for ; column > 1; column-- {
		if at >= len(x.data) || x.data[at] == '\n' {
			return 0, false
		}
		_, size := utf8.DecodeRune(x.data[at:])
		at += size
	}
	return at, true
}

func (x *Index) position(offset int) (line, column int) {
	i, exact := slices.BinarySearch(x.lines, offset)
	if !exact {
		i--
	}
	if i < 0 {
		return 1, 1
	}
	return i + 1, utf8.RuneCount(x.data[x.lines[i]:offset]) + 1
}

// Line is the text of a line, without its break, for reports.
func (x *Index) Line(line int) string {
	if line < 1 || line > len(x.lines) {
		return ""
	}
	text := x.data[x.lines[line-1]:]
	for i, c := range text {
		if c == '\n' {
			text = text[:i]
			break
		}
	}
	if len(text) > 0 && text[len(text)-1] == '\r' {
		text = text[:len(text)-1]
	}
	return string(text)
}
