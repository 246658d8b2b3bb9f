package manifest

import (
	"reflect"
	"strings"
	"testing"
)

func TestEncodeYAMLReadsBackAsTheSame(t *testing.T) {
	want := map[string]any{
		"a": "yes", "b": "12", "c": "", "d": "two\nlines\n", "e": " padded ", "f": "x: y # z", "on": "key",
		"g": []any{int64(1), true, nil, 1.5, "null", "~", "0x10", "1e3", "2001-01-01", "---", "- x", "[", "\ttab", "\x00nul", "\u202e", "trailing \nspace"},
		"h": map[string]any{}, "i": []any{}, "j": []any{map[string]any{"k": "v", "l": []any{[]any{"m"}}}},
		"n": "x\n---\nkind: Secret", "o": "\r\n", "p": "\n", "q": "a\n\n", "r": "*alias", "s": "&anchor", "t": "!tag", "u": "%",
	}
	text, err := Of(want).EncodeYAML(nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := parse(t, string(text)).Value(); !reflect.DeepEqual(got, want) {
		t.Errorf("reads back as\n%v\nwant\n%v\nfrom\n%s", got, want, text)
	}
}

func TestEncodeYAMLComments(t *testing.T) {
	n := parse(t, "kind: Pod\nspec:\n  containers: []\n  hostPID: true\n")
	text, err := n.EncodeYAML(func(p Position) string { return p.String() })
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"kind: Pod # -:1:7", "containers: [] # -:3:15", "hostPID: true # -:4:12"} {
		if !strings.Contains(strings.ReplaceAll(string(text), "# :", "# -:"), want) {
			t.Errorf("%q is missing in\n%s", want, text)
		}
	}
}
