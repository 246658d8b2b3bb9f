package report

import (
	"strings"
	"testing"

	"github.com/secgen/secgen/manifest"
)

func TestExcerpt(t *testing.T) {
	long := strings.Repeat("x", 90)
	tests := []struct {
		name, line string
		p          manifest.Position
		room       int
		text, mark string
	}{
		{"range", "  privileged: true", at("f", 2, 3, 2, 19), 40, "  privileged: true", "  ^~~~~~~~~~~~~~~~"},
		{"point", "  a: b", at("f", 2, 6, 0, 0), 40, "  a: b", "     ^"},
		{"no column", "a: b", at("f", 2, 0, 0, 0), 40, "a: b", ""},
		{"column past the end", "ab", at("f", 2, 9, 0, 0), 40, "ab", "  ^"},
		{"end past the end", "ab", at("f", 2, 2, 2, 99), 40, "ab", " ^"},
		{"end before the start", "abc", at("f", 2, 2, 2, 1), 40, "abc", " ^"},
		{"several lines", "a: |  ", at("f", 2, 4, 5, 2), 40, "a: |", "   ^"},
		{"empty line", "", at("f", 2, 1, 2, 1), 40, "", "^"},
		{"tabs", "a:\tb\tc", at("f", 2, 4, 2, 7), 40, "a:  b   c", "    ^~~~~"},
		{"marked tab", "\tb", at("f", 2, 1, 2, 2), 40, "    b", "^~~~"},
		{"wide", "名: 値x", at("f", 2, 4, 2, 5), 40, "名: 値x", "    ^~"},
		{"combining", "e\u0301: xy", at("f", 2, 5, 2, 6), 40, "e\u0301: xy", "   ^"},
		{"marked combining mark", "e\u0301", at("f", 2, 2, 2, 3), 40, "e\u0301", " ^"},
		{"emoji", "🙂 x", at("f", 2, 3, 2, 4), 40, "🙂 x", "   ^"},
		{"override", "\u202ea b", at("f", 2, 4, 2, 5), 40, `\u202ea b`, "        ^"},
		{"escape", "\x1b[1mx", at("f", 2, 5, 2, 6), 40, `\x1b[1mx`, "       ^"},
		{"bad byte", "\xffx", at("f", 2, 2, 2, 3), 40, `\xffx`, "    ^"},
		{"byte order mark", "\ufeffab", at("f", 1, 2, 1, 3), 40, "ab", " ^"},
		{"carriage return", "ab\r", at("f", 2, 1, 2, 3), 40, "ab", "^~"},
		{"log command", "##[group]x", at("f", 2, 10, 2, 11), 40, `##\x5bgroup]x`, "            ^"},
		{"long, marked early", "a: b " + long, at("f", 2, 4, 2, 5), 30, "a: b " + long[:22] + "...", "   ^"},
		{"long, marked late", long + " b", at("f", 2, 92, 2, 93), 30, "..." + long[:25] + " b", strings.Repeat(" ", 29) + "^"},
		{"long, marked in the middle", long + "b" + long, at("f", 2, 91, 2, 92), 30, "..." + long[:10] + "b" + long[:13] + "...", strings.Repeat(" ", 13) + "^"},
		{"long, all marked", long, at("f", 2, 1, 2, 91), 30, long[:27] + "...", "^" + strings.Repeat("~", 26)},
		{"wide at the cut", strings.Repeat("値", 40), at("f", 2, 1, 2, 2), 20, strings.Repeat("値", 8) + "...", "^~"},
		{"far out", strings.Repeat("x", 5000) + "b" + long, at("f", 2, 5001, 2, 5002), 30, "..." + long[:10] + "b" + long[:13] + "...", strings.Repeat(" ", 13) + "^"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := makeExcerpt(tt.line, tt.p, tt.room)
			mark := ""
			if e.marked > 0 {
				mark = strings.Repeat(" ", e.before) + "^" + strings.Repeat("~", e.marked-1)
			}
			if e.text != tt.text || mark != tt.mark {
				t.Errorf("got\n%s|\n%s|\nwant\n%s|\n%s|", e.text, mark, tt.text, tt.mark)
			}
		})
	}
}

func TestClean(t *testing.T) {
	tests := map[string]string{
		"plain # text [0]":                         "plain # text [0]",
		"r\u00e9sum\u00e9 日本 🙂":                    "r\u00e9sum\u00e9 日本 🙂",
		"a\nb\tc\r":                                `a\nb\tc\r`,
		"\x1b[31m\u009b2J\x7f":                     `\x1b[31m\u009b2J\x7f`,
		"\u202e\u2066\u200b\u2028\u00a0\U000e0041": `\u202e\u2066\u200b\u2028\u00a0\U000e0041`,
		"\xff'\"\\":                                `\xff'"\`,
		"x##[error]y ##vso[task.x]z ## [a]":        `x##\x5berror]y ##vso\x5btask.x]z ## [a]`,
	}
	for in, want := range tests {
		if got := clean(in); got != want {
			t.Errorf("clean(%q) = %s; want %s", in, got, want)
		}
	}
	for in, want := range map[string]string{"a::b": "a::b", "::error::x": "./::error::x", "  ::x": "./  ::x", "<stdin>": "<stdin>"} {
		if got := cleanPath(in); got != want {
			t.Errorf("cleanPath(%q) = %s; want %s", in, got, want)
		}
	}
	for in, want := range map[string]string{"a::b": "a::b", "  ::error::x": `  \x3a:error::x`, "": ""} {
		if got := lineStart(in); got != want {
			t.Errorf("lineStart(%q) = %s; want %s", in, got, want)
		}
	}
}

func TestKeptPrefix(t *testing.T) {
	tests := []struct {
		name, line string
		column     int
		want       string
	}{
		{"at the value", "  password: abc", 13, "  password: "},
		{"at the key", "  password: abc", 3, "  password: "},
		{"elsewhere", "  password: abc", 5, ""},
		{"list item", "  - value: abc", 12, "  - value: "},
		{"list item's key", "  - value: abc", 5, "  - value: "},
		{"quoted key", `  "a.b/c": "abc"`, 12, `  "a.b/c": `},
		{"no key", "  abc", 3, ""},
		{"no space after the colon", "  http://abc", 3, ""},
		{"flow mapping", "{password: abc}", 12, ""},
		{"unknown column", "  password: abc", 0, ""},
		{"past the end", "a: b", 99, ""},
	}
	for _, tt := range tests {
		if got := runesOf(tt.line, 0, keptPrefix(tt.line, tt.column)); got != tt.want {
			t.Errorf("%s: %q may be shown; want %q", tt.name, got, tt.want)
		}
	}
}
