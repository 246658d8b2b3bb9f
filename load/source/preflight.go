package source

import (
	"bytes"
	"unicode/utf8"
)

// preflight checks what bounds the cost of all that follows, the parse included.
func preflight(file string, data []byte, limits Limits) *Problem {
	if int64(len(data)) > limits.FileBytes {
		return problemAt(file, 0, 0, "has %d bytes, more than the limit of %d bytes a file; "+raiseFile, len(data), limits.FileBytes)
	}
	if p := checkEncoding(file, data); p != nil {
		return p
	}
	if n := bytes.Count(data, separator) + 1; n > limits.Documents {
		at := 0
		for range limits.Documents {
			at += bytes.Index(data[at:], separator) + 1
		}
		line, _ := place(data, at)
		return problemAt(file, line, 1, "holds %d YAML documents, more than the limit of %d a file", n, limits.Documents)
	}
	// Each value but the first follows a line break, a comma or a bracket, or else
	// nests deeper, which the parser bounds.
	n := 0
	for _, c := range []string{"\n", ",", "[", "{"} {
		n += bytes.Count(data, []byte(c))
	}
	if n > limits.Nodes {
		return problemAt(file, 0, 0, "holds more than %d values", limits.Nodes)
	}
	return nil
}

// checkEncoding refuses what is no UTF-8 and what holds NUL.
func checkEncoding(file string, data []byte) *Problem {
	for _, mark := range []struct{ bytes, name string }{
		{"\xff\xfe\x00\x00", "UTF-32"}, {"\x00\x00\xfe\xff", "UTF-32"}, {"\xff\xfe", "UTF-16"}, {"\xfe\xff", "UTF-16"},
	} {
		if bytes.HasPrefix(data, []byte(mark.bytes)) {
			return problemAt(file, 1, 1, "is %s; save it as UTF-8", mark.name)
		}
	}
	if i := bytes.IndexByte(data, 0); i >= 0 {
		line, column := place(data, i)
		return problemAt(file, line, column, "holds a NUL byte at offset %d, which YAML forbids (UTF-16 without a byte order mark looks like that: save it as UTF-8)", i)
	}
	if utf8.Valid(data) {
		return nil
	}
	for i := 0; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && size == 1 {
			line, column := place(data, i)
			return problemAt(file, line, column, "is not UTF-8: byte 0x%02x at offset %d; save it as UTF-8", data[i], i)
		}
		i += size
	}
	return nil
}

// place is the line and column of an offset.
func place(data []byte, offset int) (line, column int) {
	start := bytes.LastIndexByte(data[:offset], '\n') + 1
	return bytes.Count(data[:start], newline) + 1, utf8.RuneCount(data[start:offset]) + 1
}

// oddBreaks tells whether the text holds a line break that YAML 1.1 knows and
// editors do not: a lone CR, NEL, LS or PS. Line by line scanning cannot be
// trusted there.
func oddBreaks(data []byte) bool {
	for i := 0; ; i++ {
		j := bytes.IndexByte(data[i:], '\r')
		if j < 0 {
			break
		}
		i += j
		if i+1 == len(data) || data[i+1] != '\n' {
			return true
		}
	}
	return bytes.Contains(data, []byte("\u2028")) || bytes.Contains(data, []byte("\u2029")) || bytes.Contains(data, []byte("\u0085"))
}
