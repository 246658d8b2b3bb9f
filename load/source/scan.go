package source

import "bytes"

// scanner bounds nesting and looks for anchors, aliases and tags without parsing.
// It reads every line as if it were structure, block scalars and quoted text too,
// so its bounds err on the high side; a file that it cannot clear is parsed.
type scanner struct {
	data     []byte
	maxDepth int

	columns  []int // of the open block levels, rising
	open     int   // flow collections that may be open
	opened   int   // those of them that the current line opened
	peak     int   // the most that were open at once on the current line
	lastOpen int   // where the last bracket stands that opened one
	// last is the content of the last line that had any; nil at the start of a
	// document. The next line may begin with the value of an entry that it ends in.
	last       []byte
	suspicious bool
}

// class sorts bytes by what they may start.
var class = [256]uint8{'&': ref, '*': ref, '!': tag, '[': opens, '{': opens, ']': closes, '}': closes, '"': quote, '\'': quote, '#': quote}

const (
	plain uint8 = iota
	ref
	tag
	opens
	closes
	quote
)

func (s *scanner) run() {
	data := s.data
	for at := 0; at < len(data) && !s.suspicious; {
		end := bytes.IndexByte(data[at:], '\n')
		if end < 0 {
			end = len(data)
		} else {
			end += at
		}
		s.line(at, end)
		at = end + 1
	}
}

// line looks at data[from:end], one line without its break.
func (s *scanner) line(from, end int) {
	data := s.data
	at := from
	for at < end && (data[at] == ' ' || data[at] == '\t') {
		at++
	}
	if at == end || data[at] == '#' || data[at] == '\r' {
		return
	}
	if at == from && end-at >= 3 && data[at] == '-' && data[at+1] == '-' && data[at+2] == '-' {
		// A separator ends every level. It may be followed by content on the first
		// line of a file, which the rest of this function sees.
		s.columns, s.open, s.last = s.columns[:0], 0, nil
	}
	s.opened, s.peak, s.lastOpen = 0, 0, -1
	first := at
	at = s.block(from, at, end)
	s.tokens(from, first, at, end)
	// Each column may hold a map and a list (a list may stand at its key's column),
	// and each pair in a flow list may be a map of its own.
	if 2*len(s.columns)+2*(s.open+s.peak)+1 > s.maxDepth {
		s.suspicious = true
	}
	s.open += s.opened
	s.last = data[at:end]
}

// endsOpen tells whether a line's content ends where a value is due, or in a
// comment that may hide that.
func endsOpen(content []byte) bool {
	content = bytes.TrimRight(content, " \t\r")
	if len(content) == 0 {
		return true
	}
	switch last := content[len(content)-1]; last {
	case ':':
		return true
	case '-', '?':
		// An indicator stands alone; the - of |- does not.
		if len(content) == 1 || isBlank(content[len(content)-2]) {
			return true
		}
		// So does a separator: the next line may begin with anything.
		if bytes.HasPrefix(content, []byte("---")) {
			return true
		}
	}
	return bytes.Contains(content, []byte(" #")) || bytes.Contains(content, []byte("\t#"))
}

// tokens looks for what may start an anchor, alias, tag or flow collection in
// the content of a line, data[at:end], whose first character, perhaps a marker
// such as "- ", is at first.
func (s *scanner) tokens(from, first, at, end int) {
	data := s.data
	quoted := false
	for i := at; i < end; i++ {
		switch class[data[i]] {
		case plain:
		case ref:
			if i+1 < end && isWord(data[i+1]) && s.startsToken(from, i) {
				s.suspicious = true
				return
			}
		case tag:
			if s.startsToken(from, i) && (i > first || s.mayStartValue(data[i:end])) {
				s.suspicious = true
				return
			}
		case opens:
			if i+1 < end && class[data[i+1]] == closes {
				i++ // {} and [] hold nothing
			} else if s.startsToken(from, i) {
				s.opened++
				s.peak = max(s.peak, s.opened)
				s.lastOpen = i
			}
		case closes:
			// What a line opened it may close, if no quotes or comments hide which
			// bracket is text.
			if !quoted && s.opened > 0 {
				s.opened--
			}
		case quote:
			quoted = true
		}
	}
}

// mayStartValue tells whether a tag that begins a line may be one: the value of
// the entry before, in a flow collection, or before a key. Expressions such as
// !has(self.x) in the descriptions of CRDs are none of these.
func (s *scanner) mayStartValue(content []byte) bool {
	return endsOpen(s.last) || s.open > 0 || bytes.Contains(content, []byte(": ")) || bytes.Contains(content, []byte(":\t")) ||
		endsOpen(content)
}

// block updates the open block levels for a line whose first character is at
// data[at], and returns where its content begins, after markers such as "- - ".
func (s *scanner) block(from, at, end int) int {
	first := true
	for {
		column := at - from
		if first {
			for len(s.columns) > 0 && s.columns[len(s.columns)-1] >= column {
				s.columns = s.columns[:len(s.columns)-1]
			}
			first = false
		}
		s.columns = append(s.columns, column)
		if len(s.columns) > s.maxDepth {
			s.suspicious = true
			return at
		}
		c := s.data[at]
		if (c != '-' && c != '?' && c != ':') || at+1 >= end || !isBlank(s.data[at+1]) {
			return at
		}
		next := at + 1
		for next < end && isBlank(s.data[next]) {
			next++
		}
		if next == end {
			return at + 1
		}
		at = next
	}
}

// startsToken tells whether a token of YAML may start at data[i]: nothing but
// blanks lie between it and the line's start or an indicator.
func (s *scanner) startsToken(from, i int) bool {
	for i--; i >= from; i-- {
		switch c := s.data[i]; {
		case isBlank(c):
		case c == ':' || c == '-' || c == '?' || c >= 0x80:
			return true
		case c == ',':
			return s.open+s.opened > 0
		case c == '[' || c == '{':
			return i == s.lastOpen
		default:
			return false
		}
	}
	return true
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' }

// isWord tells whether the byte may be part of an anchor's name.
func isWord(c byte) bool {
	return '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z' || c == '_' || c == '-'
}
