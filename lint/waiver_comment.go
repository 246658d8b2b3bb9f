package lint

import (
	"bytes"
	"regexp"
	"strings"

	"github.com/secgen/secgen/manifest"
)

// waiverWord starts an exception in a comment or, with a rule behind it, in an
// annotation's key.
const waiverWord = "secgen:ignore"

var (
	waiverComment = regexp.MustCompile(`(?:^|\s)#\s*secgen:ignore(?:\s+(\S+))?(?:\s+(.*))?$`)
	waiverSetting = regexp.MustCompile(`(?:^|\s)(owner|expires)=(\S+)`)
	blockScalar   = regexp.MustCompile(`(?:^|[:\-]\s+)(?:[&!]\S+\s+)*[|>][+\-0-9]*\s*(?:#.*)?$`)
)

// CommentWaivers finds the comments of the form
//
//	# secgen:ignore RULE reason [owner=NAME] [expires=YYYY-MM-DD]
//
// in a YAML file. One that stands on a line of its own covers the node that
// starts on the next line: a whole object above its first line, a container or
// any list item above its dash, a field above its key. One behind a value covers
// the node that starts on that line. Text inside block scalars is no comment.
func CommentWaivers(file string, data []byte) []Waiver {
	if !bytes.Contains(data, []byte(waiverWord)) {
		return nil
	}
	lines := strings.Split(strings.TrimPrefix(string(data), "\ufeff"), "\n")
	var out []Waiver
	block := -1 // the indentation of the block scalar that the line is in, or -1
	for i, line := range lines {
		line = strings.TrimRight(line, "\r")
		indent := indentOf(line)
		if block >= 0 && (strings.TrimSpace(line) == "" || indent > block) {
			continue
		}
		block = -1
		if m := waiverComment.FindStringSubmatchIndex(line); m != nil {
			out = append(out, commentWaiver(file, lines, i, m))
		}
		if !strings.HasPrefix(strings.TrimSpace(line), "#") && blockScalar.MatchString(line) {
			block = indent
		}
	}
	return out
}

// commentWaiver reads the comment on line i (from 0), whose match is m.
func commentWaiver(file string, lines []string, i int, m []int) Waiver {
	line := strings.TrimRight(lines[i], "\r")
	group := func(n int) string {
		if m[2*n] < 0 {
			return ""
		}
		return line[m[2*n]:m[2*n+1]]
	}
	start := m[0] + strings.IndexByte(line[m[0]:], '#')
	w := Waiver{Rule: group(1), Exception: parseReason(group(2))}
	w.Position = manifest.Position{
		File: file, Line: i + 1, Column: len([]rune(line[:start])) + 1,
		EndLine: i + 1, EndColumn: len([]rune(line)) + 1,
	}
	target := i
	if strings.TrimSpace(line[:start]) == "" {
		target = nextContent(lines, i+1)
	}
	w.Scope = Scope{Files: []string{file}, FirstLine: target + 1, LastLine: lastLine(lines, target) + 1}
	return w
}

// parseReason takes owner and expiry out of the words behind the rule's name.
func parseReason(text string) Exception {
	var e Exception
	for _, m := range waiverSetting.FindAllStringSubmatch(text, -1) {
		if m[1] == "owner" {
			e.Owner = m[2]
		} else {
			e.Expires = m[2]
		}
	}
	e.Reason = strings.TrimSpace(waiverSetting.ReplaceAllString(text, ""))
	return e
}

func indentOf(line string) int { return len(line) - len(strings.TrimLeft(line, " ")) }

// isContent tells whether a line holds more than a comment or a separator.
func isContent(line string) bool {
	text := strings.TrimSpace(line)
	return text != "" && text[0] != '#' && !isSeparator(line)
}

func isSeparator(line string) bool {
	return strings.HasPrefix(line, "---") || strings.TrimRight(line, " \r") == "..."
}

// nextContent returns the first line with content from line i on, or i where
// there is none.
func nextContent(lines []string, i int) int {
	for j := i; j < len(lines); j++ {
		if isContent(lines[j]) {
			return j
		}
	}
	return i
}

// lastLine returns the last line of the node that starts on line i: the whole
// document for its first line, otherwise what is indented deeper. The items of
// a list may stand below their key without further indentation.
func lastLine(lines []string, i int) int {
	if i >= len(lines) {
		return i
	}
	first := true
	for j := i - 1; j >= 0 && !isSeparator(lines[j]); j-- {
		if isContent(lines[j]) {
			first = false
			break
		}
	}
	indent := indentOf(lines[i])
	item := strings.HasPrefix(strings.TrimSpace(lines[i]), "-")
	last := i
	for j := i + 1; j < len(lines) && !isSeparator(lines[j]); j++ {
		if !isContent(lines[j]) {
			continue
		}
		deeper := indentOf(lines[j]) > indent
		listBelow := !item && indentOf(lines[j]) == indent && strings.HasPrefix(strings.TrimSpace(lines[j]), "- ")
		if !first && !deeper && !listBelow {
			break
		}
		last = j
	}
	return last
}
