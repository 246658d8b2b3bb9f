package report

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// clean makes foreign text fit to be shown on one line of a terminal or a log:
// everything that does not print (control characters, line ends, text direction
// overrides, invisible characters, bytes that are no UTF-8) is escaped visibly.
func clean(s string) string {
	if isClean(s) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		b.WriteString(cleanRune(r, s[i:i+size]))
		i += size
	}
	return logCommand.ReplaceAllStringFunc(b.String(), func(found string) string {
		return strings.TrimSuffix(found, "[") + `\x5b`
	})
}

// logCommand is what log readers of CI systems take for a command wherever it
// stands in a line: ##[...] of GitHub, ##vso[...] of Azure, ##teamcity[...].
var logCommand = regexp.MustCompile(`##[A-Za-z]*\[`)

func isClean(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < ' ' || c > '~' || c == '#' {
			return false
		}
	}
	return true
}

// cleanRune is how one rune is shown; raw are its bytes.
func cleanRune(r rune, raw string) string {
	switch {
	case r == utf8.RuneError && len(raw) == 1:
		return fmt.Sprintf(`\x%02x`, raw[0])
	case strconv.IsPrint(r):
		return raw
	}
	return strings.Trim(strconv.QuoteRuneToASCII(r), "'")
}

// cleanLines is clean for text that may have several lines, such as the errors
// of other libraries. Empty lines and space at the ends are dropped.
func cleanLines(s string) []string {
	var lines []string
	for line := range strings.SplitSeq(s, "\n") {
		line = strings.ReplaceAll(strings.TrimRight(line, " \t\r"), "\t", "    ")
		if line != "" {
			lines = append(lines, clean(line))
		}
	}
	if lines == nil {
		lines = []string{""}
	}
	return lines
}

// cleanPath is clean for a path that may stand at the start of a line, see
// lineStart.
func cleanPath(path string) string {
	if trimmed := strings.TrimLeft(path, " "); strings.HasPrefix(trimmed, ":") || trimmed != path {
		path = "./" + path
	}
	return clean(path)
}

// lineStart escapes the "::" that a clean text at the start of a line begins
// with: GitHub's log reader takes it for a command, after spaces too.
func lineStart(text string) string {
	trimmed := strings.TrimLeft(text, " ")
	if !strings.HasPrefix(trimmed, ":") {
		return text
	}
	return text[:len(text)-len(trimmed)] + `\x3a` + trimmed[1:]
}

// cut shortens s to n characters.
func cut(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n-3]) + "..."
}

// count is "1 root", "2 roots".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}
