package schema

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"
)

// FuzzLoadConfig: whatever text a repository's configuration holds, reading it
// ends in a configuration or in problems that say where and what, without a
// panic, and twice in the same. What CUE takes too long for is the worker's
// deadline to end (package isolate), so texts that can only be slow are left out.
func FuzzLoadConfig(f *testing.F) {
	for _, seed := range []string{
		"package secgen\n", "profile: \"strict\"\n", "package secgen\nrules: \"node-port\": off: \"why\"\n",
		"package secgen\nexceptions: [{rule: \"host-path\", reason: \"x\", files: [\"a/**\"], expires: \"2027-01-31\"}]\n",
		"package secgen\nenvironments: prod: roots: [\"overlays/prod\"]\ndemand: owner: true\n",
		"package secgen\nimport \"strings\"\nprofile: strings.ToLower(\"ALL\")\n",
		"package secgen\npolicy: {cluster: nodes: 3, defaults: headroom: 1.5}\n",
		"package secgen\nworkloads: [{group: \"example.com\", kind: \"App\", template: \"spec.pod\"}]\nruleFolders: [\"policy\"]\n",
		"@embed()\n", "import \"tool/exec\"\n", "{", "\x00", "profile: _|_", "#a: #a", "x: [for y in x {y}]",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 600 || strings.Contains(text, "for") || strings.Contains(text, "let") || strings.Contains(text, "Lsh") || strings.Contains(text, "Repeat") || strings.Count(text, "*") > 6 {
			t.Skip("may take long, which is not what this looks for")
		}
		first, err := LoadConfig(fstest.MapFS{}, []byte(text))
		second, again := LoadConfig(fstest.MapFS{}, []byte(text))
		if (err == nil) != (again == nil) || err != nil && err.Error() != again.Error() || !reflect.DeepEqual(first, second) {
			t.Fatalf("read twice, it differs: %v; %v", err, again)
		}
		if err == nil {
			return
		}
		var problems Problems
		var one *Problem
		if errors.As(err, &one) {
			problems = Problems{one}
		} else if !errors.As(err, &problems) || len(problems) == 0 {
			t.Fatalf("an error that names no place: %v", err)
		}
		for _, p := range problems {
			if p.Message == "" {
				t.Errorf("a problem that says nothing: %v", p.Position)
			}
			if file := p.Position.File; file != ConfigFile && file != "" {
				t.Errorf("a problem of %q: %s", file, p.Message)
			}
		}
	})
}
