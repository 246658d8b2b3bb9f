package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// rule is a rule of a repository's own whose demand is require, with further
// imports.
func rule(require string, imports ...string) string {
	text := "package own\n\nimport \"github.com/secgen/secgen/schema\"\n"
	for _, name := range imports {
		text += "import \"" + name + "\"\n"
	}
	return text + `
"own-rule": schema.#Rule & {
	severity: "low"
	view:     "object"
	title:    "A rule of the repository's own"
	why:      "To see what hostile CUE does."
	remedy:   "None."
	references: ["https://example.com/"]
	require: {` + require + `}
}
`
}

// lets is configuration with n lets, of which each holds the one before it twice.
func lets(n int) string {
	var b strings.Builder
	b.WriteString("profile: \"strict\"\nlet a0 = {x: 1}\n")
	for i := range n {
		fmt.Fprintf(&b, "let a%d = {l: a%d, r: a%d}\n", i+1, i, i)
	}
	fmt.Fprintf(&b, "ruleFolders: [\"a\\(len(a%d))\"]\n", n)
	return b.String()
}

// disjunctions is configuration in which n disjunctions of three meet.
func disjunctions(n int) string {
	var b strings.Builder
	b.WriteString("profile: \"strict\"\nruleFolders: [\"a\\(#all.z)\"]\n#all: {z: string}")
	for i := range n {
		fmt.Fprintf(&b, " & ({a%[1]d: 1, z: =~\"x\"} | {b%[1]d: 1, z: =~\"y\"} | {c%[1]d: 1, z: =~\"z\"})", i)
	}
	return b.String() + "\n"
}

// TestHostileCUE runs configuration and rules that a stranger wrote: it must end
// with status 2, name the file, open nothing, run nothing and read nothing outside.
func TestHostileCUE(t *testing.T) {
	withRules := "ruleFolders: [\"policy\"]\n"
	doubling := "ruleFolders: [for x in #l9 {\"a\"}]\n#l0: [1, 2, 3, 4, 5, 6, 7, 8]\n"
	for i := range 9 {
		n, m := string(rune('0'+i)), string(rune('1'+i))
		doubling += "#l" + m + ": [for a in #l" + n + " for b in #l" + n + " {a}]\n"
	}
	tests := []struct {
		name  string
		files files
		make  func(t *testing.T, top, outside string)
		args  []string
		says  []string
	}{
		{"38 a syntax error", files{"secgen.cue": "profile: \"strict\"\nrules: {\n"}, nil, nil, []string{"secgen.cue:", "expected"}},
		{"38 a conflict", files{"secgen.cue": "profile: \"strict\"\nprofile: \"recommended\"\n"}, nil, nil, []string{"secgen.cue:", "profile", "conflict"}},
		{"38 a field that is not there", files{"secgen.cue": "profil: \"strict\"\n"}, nil, nil, []string{"secgen.cue:1:1", "profil", "profile"}},
		{"38 a type that does not fit", files{"secgen.cue": "profile: 3\n"}, nil, nil, []string{"secgen.cue:1:", "profile"}},
		{"38 a profile that is not there", files{"secgen.cue": "profile: \"none\"\n"}, nil, nil, []string{"secgen.cue", "none", "recommended"}},
		{"38 a rule that is not there", files{"secgen.cue": "rules: \"no-such-rule\": off: \"why\"\n"}, nil, nil, []string{"secgen.cue", "no-such-rule"}},
		{"38 an unknown import", files{"secgen.cue": "import \"example.com/x\"\nprofile: x.y\n"}, nil, nil, []string{"secgen.cue:1:", "example.com/x"}},
		{"38 a structural cycle", files{"secgen.cue": "profile: \"strict\"\n#a: b: #a\nrules: x: parameters: #a\n"}, nil, nil, []string{"secgen.cue:", "cycle"}},
		{"38 a rule with a syntax error", files{"secgen.cue": withRules, "policy/own.cue": "package own\n\"own-rule\": #Rule & {\n"}, nil, nil, []string{"policy/own.cue:"}},
		{"38 a rule that sets what it means to demand", files{"secgen.cue": withRules, "policy/own.cue": rule("spec?: replicas: 3")}, nil, nil, []string{"policy/own.cue:", "replicas"}},
		{"38 a folder of rules that is not there", files{"secgen.cue": "ruleFolders: [\"nowhere\"]\n"}, nil, nil, []string{"nowhere"}},
		{"38 a folder of rules outside the repository", files{"secgen.cue": "ruleFolders: [\"../outside\"]\n"}, nil, nil, []string{"secgen.cue:", "../outside"}},
		{"39 comprehensions in each other", files{"secgen.cue": doubling}, nil, []string{"--timeout", "5s"}, []string{"secgen.cue", "--"}},
		{"39 a long comprehension", files{"secgen.cue": "import \"list\"\nprofile: \"strict\"\n#x: [for a in list.Range(0, 3000, 1) for b in list.Range(0, 3000, 1) {a * b}]\nruleFolders: [\"a\\(len(#x))\"]\n"}, nil, []string{"--timeout", "5s"}, []string{"secgen.cue", "--"}},
		{"39 a rule that does not end", files{"secgen.cue": withRules, "policy/own.cue": rule("metadata?: name?: strings.MinRunes(len(#x))", "list", "strings") +
			"#x: [for a in list.Range(0, 3000, 1) for b in list.Range(0, 3000, 1) {a * b}]\n"}, nil, []string{"--timeout", "5s"}, []string{"secgen.cue", "--timeout"}},
		{"39 lets that hold each other twice", files{"secgen.cue": lets(30)}, nil, []string{"--timeout", "5s"}, []string{"secgen.cue", "--"}},
		{"39 twelve disjunctions", files{"secgen.cue": disjunctions(12)}, nil, []string{"--timeout", "5s"}, []string{"secgen.cue", "--timeout"}},
		{"40 a number without end", files{"secgen.cue": "import \"math/bits\"\nprofile: \"a\\(bits.Lsh(1, 100000000000))\"\n"}, nil, []string{"--timeout", "20s"}, []string{"secgen.cue", "--memory"}},
		{"41 an embedded file of the machine", files{"secgen.cue": "@extern(embed)\nprofile: _ @embed(file=host, type=text)\n"},
			func(t *testing.T, top, outside string) {
				files{"host": "hunter2"}.write(t, outside)
				link(t, "../outside/host", filepath.Join(top, "host"))
			}, nil, []string{"secgen.cue:1:", "embed"}},
		{"41 configuration that is a symlink to the machine", files{},
			func(t *testing.T, top, outside string) {
				files{"host": "profile: \"hunter2\""}.write(t, outside)
				link(t, "../outside/host", filepath.Join(top, "secgen.cue"))
			}, nil, []string{"secgen.cue", "outside the repository"}},
		{"41 configuration that is a FIFO", files{}, func(t *testing.T, top, _ string) { fifo(t, filepath.Join(top, "secgen.cue")) }, nil, []string{"secgen.cue", "FIFO"}},
		{"42 dependencies of a module", files{"secgen.cue": "import \"example.com/x@v0\"\nprofile: x.y\n",
			"cue.mod/module.cue": "module: \"example.com/me@v0\"\nlanguage: version: \"v0.9.0\"\ndeps: \"example.com/x@v0\": v: \"v0.1.0\"\n"}, nil, nil, []string{"secgen.cue:1:", "example.com/x"}},
		{"42 dependencies of rules", files{"secgen.cue": withRules, "policy/own.cue": rule("metadata?: name?: x.y", "example.com/x@v0"),
			"cue.mod/module.cue": "module: \"example.com/me@v0\"\nlanguage: version: \"v0.9.0\"\ndeps: \"example.com/x@v0\": v: \"v0.1.0\"\n"}, nil, nil, []string{"cue.mod/module.cue:1:1", "example.com/x", "opens no connection"}},
		{"43 a tool that runs programs", files{"secgen.cue": "import \"tool/exec\"\nprofile: \"strict\"\n#run: exec.Run & {cmd: \"git version\"}\n"}, nil, nil, []string{"secgen.cue:1:", "tool/exec"}},
		{"43 a rule with a tool that dials", files{"secgen.cue": withRules, "policy/own.cue": rule("metadata?: name?: \"a\"", "tool/http") + "#get: http.Get & {url: \"http://LISTENER/\"}\n"}, nil, nil, []string{"policy/own.cue:", "tool/http"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if raceDetector && strings.HasPrefix(test.name, "40 ") {
				t.Skip("there is no memory cap under the race detector")
			}
			trap := newTrap(t)
			named := files{}
			for name, text := range test.files {
				named[name] = strings.ReplaceAll(text, "LISTENER", trap.address)
			}
			top := repository(t, named.with(healthy()))
			outside := filepath.Join(filepath.Dir(top), "outside")
			if err := os.Mkdir(outside, 0o755); err != nil {
				t.Fatal(err)
			}
			if test.make != nil {
				test.make(t, top, outside)
			}
			o := invocation{dir: top, args: append([]string{"lint"}, test.args...), env: append(trap.env, "CUE_REGISTRY="+trap.address, "HOME="+outside)}.run(t)
			trap.check(t)
			o.clean(t, top)
			if o.status != 2 || !strings.HasPrefix(o.stderr, "secgen: ") && o.stdout == "" {
				t.Errorf("exit status %d\n%s%s", o.status, o.stdout, o.stderr)
			}
			for _, text := range test.says {
				if !strings.Contains(o.stderr+o.stdout, text) {
					t.Errorf("the message does not say %q: %s", text, o.stderr)
				}
			}
			if strings.Contains(o.stderr+o.stdout, "hunter2") || strings.Contains(o.stderr, top) {
				t.Errorf("the message shows what it must not: %s", o.stderr)
			}
			if o.peak > (1024+512)<<20 && !raceDetector {
				t.Errorf("took %d MiB of memory", o.peak>>20)
			}
			t.Logf("%s, %d MiB: %s", o.elapsed.Round(1e6), o.peak>>20, o.stderr)
		})
	}
}
