package report

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"

	"github.com/secgen/secgen/manifest"
)

// excerpt is a source line as it is shown, with where the marker goes.
type excerpt struct {
	text string
	// before is how many terminal columns stand left of the marker, and marked how
	// many it covers; 0 where there is nothing to mark.
	before, marked int
}

const (
	tabStop  = 4
	ellipsis = "..."
)

// makeExcerpt shows a source line in at most room terminal columns, cut around
// what p marks. Of a range over several lines the first line's part is marked.
func makeExcerpt(line string, p manifest.Position, room int) excerpt {
	line = strings.TrimRight(line, " \t\r\n")
	if p.Line == 1 {
		line = strings.TrimPrefix(line, "\ufeff") // no parser counts it as a column
	}
	room = max(room, 20)
	part, p := clip(line, p, 4*room)
	cells := layOut(part.text)
	from, to := markedCells(cells, p)
	cells, from, to = part.window(cells, from, to, room)
	var b strings.Builder
	var e excerpt
	for i, c := range cells {
		b.WriteString(c.text)
		switch {
		case i < from:
			e.before += c.width
		case i < to:
			e.marked += c.width
		}
	}
	e.text = b.String()
	if p.Column > 0 {
		e.marked = max(e.marked, 1)
	}
	return e
}

// part is a piece of a line, and whether something stood before and after it.
type part struct {
	text        string
	left, right bool
}

// clip takes from a line what stands within reach runes of the marker, since
// lines of generated files may be megabytes long, and makes p fit to it.
func clip(line string, p manifest.Position, reach int) (part, manifest.Position) {
	skip := max(0, p.Column-1-reach)
	start := runeOffset(line, skip)
	if start == len(line) {
		skip, start = 0, 0 // the column is past the end: show the line's beginning
	}
	end := start + runeOffset(line[start:], 3*reach)
	if p.Column > 0 {
		p.Column -= skip
	}
	if p.EndColumn > 0 {
		p.EndColumn -= skip
	}
	return part{text: line[start:end], left: start > 0, right: end < len(line)}, p
}

// runeOffset is the byte at which rune n of s starts, or the length of s.
func runeOffset(s string, n int) int {
	for i := range s {
		if n == 0 {
			return i
		}
		n--
	}
	return len(s)
}

// cell is one rune of the source as it is shown.
type cell struct {
	text  string
	width int
}

func layOut(line string) []cell {
	cells := make([]cell, 0, len(line))
	at := 0
	for i := 0; i < len(line); {
		r, size := utf8.DecodeRuneInString(line[i:])
		c := cell{text: line[i : i+size], width: 1}
		switch {
		case r == '\t':
			c.width = tabStop - at%tabStop
			c.text = strings.Repeat(" ", c.width)
		case r == '[' && endsInLogCommand(line[:i]):
			c.text = `\x5b`
			c.width = len(c.text)
		case r < utf8.RuneSelf && unicode.IsPrint(r):
		default:
			c.text = cleanRune(r, c.text)
			c.width = runeWidth(r, c.text, size)
		}
		cells = append(cells, c)
		at += c.width
		i += size
	}
	return cells
}

// endsInLogCommand tells whether a [ after s would make a command of logCommand.
func endsInLogCommand(s string) bool {
	return strings.HasSuffix(strings.TrimRightFunc(s, func(r rune) bool {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
	}), "##")
}

// runeWidth is how many columns a terminal gives to a rune that is shown as text
// and takes size bytes in the source.
func runeWidth(r rune, text string, size int) int {
	if len(text) != size || r == utf8.RuneError {
		return utf8.RuneCountInString(text) // escaped
	}
	if unicode.In(r, unicode.Mn, unicode.Me) {
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// markedCells are the indices of the first cell that p marks and of the one
// after the last.
func markedCells(cells []cell, p manifest.Position) (from, to int) {
	if p.Column <= 0 {
		return len(cells), len(cells)
	}
	from = min(p.Column-1, len(cells))
	switch {
	case p.EndLine > p.Line:
		to = len(cells)
	case p.EndLine == p.Line && p.EndColumn > p.Column:
		to = min(p.EndColumn-1, len(cells))
	default:
		to = from + 1
	}
	return from, max(from, min(to, len(cells)))
}

// window cuts cells to at most room columns, with the marked ones in sight, and
// dots where something was cut. from and to are returned for what is left.
func (p part) window(cells []cell, from, to, room int) ([]cell, int, int) {
	if !p.left && !p.right && columns(cells) <= room {
		return cells, from, to
	}
	dots := cell{text: ellipsis, width: len(ellipsis)}
	start := 0
	if p.left || columns(cells[:to]) > room-dots.width {
		// Show a third of the room before the marker, more where the line ends soon.
		start = from
		for lead := room / 3; start > 0 && cells[start-1].width <= lead; start-- {
			lead -= cells[start-1].width
		}
		for !p.right && start > 0 && columns(cells[start-1:]) <= room-dots.width {
			start--
		}
	}
	var out []cell
	left := room
	if p.left || start > 0 {
		out = append(out, dots)
		left -= dots.width
	}
	if p.right || columns(cells[start:]) > left {
		left -= dots.width
	}
	end := start
	for end < len(cells) && cells[end].width <= left {
		left -= cells[end].width
		end++
	}
	shift := len(out) - start
	out = append(out, cells[start:end]...)
	if p.right || end < len(cells) {
		out = append(out, dots)
	}
	return out, max(0, min(from, end)+shift), max(0, min(to, end)+shift)
}

func columns(cells []cell) int {
	n := 0
	for _, c := range cells {
		n += c.width
	}
	return n
}
