package schema

import (
	"regexp"
	"strings"
)

// wantComment is the mark of an offending line: # want rule-id ["regexp"] ...
var wantComment = regexp.MustCompile(`[ \t]*# want( .*)$`)

// withoutWants drops the marks from a fixture, so that it can be shown.
func withoutWants(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = wantComment.ReplaceAllString(line, "")
	}
	return strings.Join(lines, "\n")
}
