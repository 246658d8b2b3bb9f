package emit

import (
	"strings"
	"testing"
)

func FuzzEncode(f *testing.F) {
	for _, seed := range []string{"plain", "x\n---\nkind: Secret", "# no\r\nkind: Secret", "yes", "\u2028b", "\u202e", "a: b", "- x", "\x85c", "*x", "'", "\\", "{{ }}", "\t"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		valid := strings.ToValidUTF8(s, "?")
		o := Object{
			Node:     object("v1", "ConfigMap", "ns", "name", "data", fields("a", valid, "list", []string{valid, "b"}, "n", 1)),
			Head:     []string{s, "second " + s},
			Comments: map[string][]string{"data.a": {s}, "data.list[0]": {s, s}, "data.n": {"end: " + s}},
		}
		text, err := encode([]Object{o, o})
		if err != nil {
			t.Fatalf("%q: %v", s, err) // encode reads back what it printed
		}
		if !strings.HasPrefix(string(text), Marker) {
			t.Errorf("%q: no marker", s)
		}
	})
}

func TestACommentNeedsItsField(t *testing.T) {
	_, err := encode([]Object{{Node: object("v1", "ConfigMap", "ns", "name"), Comments: map[string][]string{"data.a": {"x"}}}})
	if err == nil || !strings.Contains(err.Error(), "no field data.a") {
		t.Errorf("error %v", err)
	}
}

func TestReadingBackSeesADifference(t *testing.T) {
	want := fields("a", "b")
	for text, ok := range map[string]bool{"a: b\n": true, "a: c\n": false, "a: b\n---\nc: d\n": false, "a: b\nc: d\n": false, "a: [": false} {
		if err := same(want, []byte(text)); (err == nil) != ok {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestDashed(t *testing.T) {
	seen := map[string]string{}
	for _, name := range []string{"web", "Web.", "web.", "a/b", "a-b", "ä", strings.Repeat("x", 300), strings.Repeat("x", 301), "../..", "web-1"} {
		got := dashed("secgen", "deployment", name)
		if old, ok := seen[got]; ok {
			t.Errorf("%q and %q are both %q", old, name, got)
		}
		seen[got] = name
		if len(got) > 253 || strings.ContainsAny(got, "./ ") || got != strings.ToLower(got) {
			t.Errorf("%q makes %q", name, got)
		}
	}
	if got := dashed("secgen", "deployment", "web"); got != "secgen-deployment-web" {
		t.Errorf("got %q", got)
	}
}

func TestLinesKeepToThemselves(t *testing.T) {
	if got := comment([]string{"a\nb", "c\u2029d\x00"}); got != "# a?b\n# c?d?" {
		t.Errorf("got %q", got)
	}
}
