package source

import (
	"bytes"
)

// checkPointer recognises a Git LFS pointer: valid YAML that says nothing.
func checkPointer(file string, data []byte) *Problem {
	if bytes.HasPrefix(data, []byte("version https://git-lfs.github.com/spec/")) {
		return problemAt(file, 1, 1, "is a Git LFS pointer, not the file itself; run git lfs pull before secgen")
	}
	return nil
}

// likelyCause replaces a parser's complaint by what commonly leads to it, where
// the text shows that.
func likelyCause(file string, data []byte, complaint *Problem) *Problem {
	line := 0
	for rest := data; len(rest) > 0; {
		line++
		text, after, _ := bytes.Cut(rest, newline)
		rest = after
		if isConflict(text) {
			return problemAt(file, line, 1, "holds a merge conflict marker (%s); resolve the conflict", text[:7])
		}
	}
	line = 0
	for rest := data; len(rest) > 0; {
		line++
		text, after, _ := bytes.Cut(rest, newline)
		rest = after
		if i := bytes.Index(text, []byte("{{")); i >= 0 {
			return problemAt(file, line, len([]rune(string(text[:i])))+1,
				"holds an unrendered template ({{ ... }}), which is no YAML: render it first (%s)", complaint.Reason)
		}
	}
	line = 0
	for rest := data; len(rest) > 0; {
		line++
		text, after, _ := bytes.Cut(rest, newline)
		rest = after
		blank := text[:len(text)-len(bytes.TrimLeft(text, " \t"))]
		if i := bytes.IndexByte(blank, '\t'); i >= 0 && len(blank) < len(text) {
			return problemAt(file, line, i+1, "is indented with a tab, which YAML forbids; use spaces (%s)", complaint.Reason)
		}
	}
	return complaint
}

// isConflict recognises the lines that git writes around the sides of a conflict.
func isConflict(line []byte) bool {
	return bytes.HasPrefix(line, []byte("<<<<<<< ")) || bytes.HasPrefix(line, []byte(">>>>>>> ")) ||
		bytes.HasPrefix(line, []byte("||||||| "))
}
