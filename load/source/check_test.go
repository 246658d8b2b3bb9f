package source

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"
)

// bomb is the billion laughs: nine levels of nine aliases each.
func bomb() string {
	var b strings.Builder
	b.WriteString("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: bomb}\na: &a [x, x, x, x, x, x, x, x, x]\n")
	for c := 'b'; c <= 'i'; c++ {
		fmt.Fprintf(&b, "%c: &%c [%s*%c]\n", c, c, strings.Repeat(fmt.Sprintf("*%c, ", c-1), 8), c-1)
	}
	return b.String()
}

// chain nests deeper than the limit, but only once its aliases are expanded.
func chain() string {
	var b strings.Builder
	b.WriteString("a0: &a0 [x]\n")
	for i := 1; i < 150; i++ {
		fmt.Fprintf(&b, "a%d: &a%d [*a%d]\n", i, i, i-1)
	}
	return b.String()
}

func staircase(levels int) string {
	var b strings.Builder
	for i := range levels {
		fmt.Fprintf(&b, "%sa:\n", strings.Repeat(" ", i))
	}
	return b.String()
}

var refused = []struct {
	name, data string
	want       string // part of the reason
	line       int
}{
	{"alias bomb", bomb(), "alias expansion > 100000 nodes", 9},
	{"alias bomb in a kustomization", "resources: [a.yaml]\n" + bomb(), "alias expansion > 100000 nodes", 10},
	{"alias bomb in JSON", "{\"a\": &a [" + strings.Repeat("1,", 999) + "1], \"b\": [" + strings.Repeat("*a,", 200) + "*a]}", "alias expansion > 100000 nodes", 1},
	{"alias bomb in the second document", "a: 1\n---\n" + bomb(), "alias expansion > 100000 nodes", 11},
	{"merge key bomb", "a: &a {" + strings.Repeat("k: [1, 1], ", 1) + "l: 1}\n" + strings.Repeat("- x\n", 0) + "b: [" + strings.Repeat("{<<: *a}, ", 30000) + "1]\n", "alias expansion > 100000 nodes", 2},
	{"self alias", "d: &d {a: *d}\n", "alias *d stands inside the value that it names", 1},
	{"self alias in a list", "- &l\n  - *l\n", "alias *l stands inside", 2},
	{"self alias in JSON", "{\"a\": &a [*a]}", "alias *a stands inside", 1},
	{"self alias through a merge key", "a: &a\n  <<: *a\n", "alias *a stands inside", 2},
	{"deep through aliases", chain(), "nested more than 100 levels deep once the alias", 100},
	{"deep flow, 9,000", strings.Repeat("[", 9000) + strings.Repeat("]", 9000), "nested more than 100 levels", 1},
	{"deep flow, 100,000", strings.Repeat("[", 100_000), "exceeded max depth", 1},
	{"deep maps in flow", strings.Repeat("{a: ", 200) + "1" + strings.Repeat("}", 200), "nested more than 100 levels", 1},
	{"deep flow over lines with quotes that hide brackets", strings.Repeat("[\n\"]\",\n", 200) + strings.Repeat("]", 200), "nested more than 100 levels", 201},
	{"deep dashes", strings.Repeat("- ", 200) + "a", "nested more than 100 levels", 1},
	{"deep question marks", strings.Repeat("? ", 200) + "a", "nested more than 100 levels", 1},
	{"deep staircase", staircase(200), "nested more than 100 levels", 101},
	{"deep behind lone CRs", strings.ReplaceAll(staircase(200), "\n", "\r"), "nested more than 100 levels", 1},
	{"NUL", "a: 1\nb: \x00\n", "NUL byte at offset 8", 2},
	{"invalid UTF-8", "a: 1\nbé: \xff\n", "byte 0xff at offset 10", 2},
	{"UTF-16", "\xff\xfea\x00:\x00", "is UTF-16; save it as UTF-8", 1},
	{"too many documents", strings.Repeat("a: 1\n---\n", 10_001), "more than the limit of 10000", 20000},
	{"too large", strings.Repeat("a", 5<<20+1), "more than the limit of 5242880 bytes", 0},
	{"too many values", "[" + strings.Repeat("[],", 1_000_000/2) + "]", "more than 1000000 values", 0},
	{"unknown tag", "a: 1\nb: !secret x\n", "tag !secret", 2},
	{"unknown tag at a line's start", "a:\n  !secret x\n", "tag !secret", 2},
	{"unknown tag on a key", "!x key: 1\n", "tag !x", 1},
	{"unknown tag in flow", "a: [1, !x 2]\n", "tag !x", 1},
	{"unknown tag in flow over lines", "a: [\"1\n]\",\n!x 2]\n", "tag !x", 3},
	{"unknown tag behind a dash", "- !x 2\n", "tag !x", 1},
	{"unknown tag behind a comment", "a: # why\n  !x 2\n", "tag !x", 2},
	{"verbatim tag", "a: !<tag:x> 2\n", "tag", 1},
	{"binary", "a: !!binary aGk=\n", "tag !!binary", 1},
	{"content after dots", "a: 1\n...\nb: 2\n", "kustomize reads nothing of what follows", 2},
	{"content after a last separator without line break", "a: 1\n--- {b: 2}", "kustomize reads nothing of what follows", 2},
	{"content behind a separator", "a: 1\n--- {b: 2}\nc: 3\n", "nothing but a comment may follow", 2},
	{"duplicate key", "a: 1\nb: 2\na: 3\n", `"a" stands in this map twice, in lines 1 and 3`, 3},
	{"duplicate key among many", "x:\n" + keys(20) + "  k3: 1\n", `"k3" stands in this map twice, in lines 5 and 22`, 22},
	{"duplicate key in JSON", `{"a": 1, "a": 2}`, `"a" stands in this map twice`, 1},
	{"integer key", "a: 1\n8080: 1\n", `the key 8080 is read as a number, and keys must be strings; quote it: "8080"`, 2},
	{"boolean key", "true: 1\n", "the key true is read as a boolean", 1},
	{"complex key", "? {a: 1}\n: 2\n", "a key of a map must be a string", 1},
	{"infinity", "a: .inf\n", ".inf is no number that JSON can hold", 1},
	{"not a number", "a: 1\nb: .nan\n", ".nan is no number", 2},
	{"tab", "a:\n\tb: 1\n", "indented with a tab", 2},
	{"conflict", "a: 1\n<<<<<<< HEAD\nb: 2\n=======\nb: 3\n>>>>>>> x\n", "merge conflict marker", 2},
	{"template", "a: 1\nb: {{ .Values.x }}\n", "unrendered template", 2},
	{"template in a block", "a: 1\n{{- if x }}\nb: 2\n{{- end }}\n", "unrendered template", 2},
	{"Git LFS pointer", "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n", "Git LFS pointer", 1},
	{"broken YAML", "a: [1\nb: 2\n", "no valid YAML", 1},
	{"broken YAML in the third document", "a: 1\n---\nb: 1\n---\nc: 1\nd: \"\n", "no valid YAML", 6},
	{"unknown anchor", "a: *nowhere\n", "unknown anchor 'nowhere'", 1},
}

func keys(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "  k%d: 1\n", i)
	}
	return b.String()
}

func TestRefused(t *testing.T) {
	for _, c := range refused {
		t.Run(c.name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := time.Now()
			_, p := Check("f.yaml", []byte(c.data), DefaultLimits())
			took := time.Since(start)
			runtime.ReadMemStats(&after)
			if mb := (after.TotalAlloc - before.TotalAlloc) >> 20; mb > 100 {
				t.Errorf("allocated %d MB; at most 100 is allowed", mb)
			}
			// It takes some milliseconds; the rest is for busy machines.
			if took > 3*time.Second {
				t.Errorf("took %v", took)
			}
			switch {
			case p == nil:
				t.Errorf("accepted; want %q", c.want)
			case !strings.Contains(p.Reason, c.want):
				t.Errorf("says %q; want %q", p.Reason, c.want)
			case p.Position.File != "f.yaml" || p.Position.Line != c.line:
				t.Errorf("names %v; want line %d", p.Position, c.line)
			}
		})
	}
}

func TestAccepted(t *testing.T) {
	for _, c := range []struct {
		name, data string
		documents  int // that are not empty
	}{
		{"empty", "", 0},
		{"comment only", "# nothing\n", 0},
		{"separators only", "---\n---\n---\n", 0},
		{"null document", "null\n---\na: 1\n", 1},
		{"separator with a comment", "a: 1\n--- # next\nb: 1\n", 2},
		{"dots at the end", "a: 1\n...\n", 1},
		{"dots and a separator", "a: 1\n...\n---\nb: 1\n", 2},
		{"byte order mark", "\ufeffa: 1\n", 1},
		{"byte order mark in a later document", "a: 1\n---\n\ufeffb: 1\n", 2},
		{"CRLF", "a: 1\r\n---\r\nb: 1\r\n", 2},
		{"alias", "a: &a {b: 1}\nc: *a\nd: {<<: *a}\n", 1},
		{"two merge keys", "a: &a {b: 1}\nd:\n  <<: *a\n  <<: *a\n", 1},
		{"known tags", "a: !!str 1\nb: ! 2\nc: !!map {}\n", 1},
		{"braces in quotes", `a: "{{ $labels.pod }}"` + "\n", 1},
		{"template in a block scalar", "a: |\n  {{ .x }}\n  <<<<<<< y\n", 1},
		{"many flow lists", "a:\n" + strings.Repeat("- [\"x\", 'y']\n", 500), 1},
		{"script", "a: |\n  if [ ! -f x ] && !has(y); then *z; fi\n  !x\n", 1},
		{"JSON", "{\"a\": {\"b\": [1, 2, {\"c\": null}]}}", 1},
		{"JSON with tabs", "{\n\t\"a\": 1\n}\n", 1},
		{"80 levels", staircase(80), 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			docs, p := Check("f.yaml", []byte(c.data), DefaultLimits())
			if p != nil {
				t.Fatalf("Check refuses: %v", p)
			}
			n := 0
			for _, d := range docs {
				if d.Root() != nil {
					n++
				}
			}
			if n != c.documents {
				t.Errorf("%d documents; want %d", n, c.documents)
			}
		})
	}
}

func TestNotStrings(t *testing.T) {
	for _, c := range []struct{ name, data, want string }{
		{"name", "metadata: {name: n}", "metadata.name must be a string, and unquoted n is a boolean in YAML 1.1; quote it: \"n\""},
		{"namespace", "metadata: {namespace: no}", "metadata.namespace must be a string, and unquoted no is a boolean"},
		{"label", "metadata: {labels: {v: 1.0}}", "metadata.labels.v must be a string, and unquoted 1.0 is a number"},
		{"annotation", "metadata: {annotations: {a: true}}", "metadata.annotations.a must be a string, and unquoted true is a boolean"},
		{"octal", "metadata: {name: 017}", "metadata.name must be a string, and unquoted 017 is an integer"},
		{"env", "spec: {template: {spec: {containers: [{env: [{name: A, value: 8080}]}]}}}", "env[].value must be a string, and unquoted 8080 is an integer"},
		{"args", "spec: {jobTemplate: {spec: {template: {spec: {containers: [{args: [on]}]}}}}}", "args[] must be a string, and unquoted on is a boolean"},
		{"config map", "kind: ConfigMap\ndata: {a: yes}", "data.a must be a string, and unquoted yes is a boolean"},
		{"list", "kind: List\nitems: [{metadata: {name: y}}]", "metadata.name must be a string, and unquoted y is a boolean"},
		{"kind", "kind: 5", "kind must be a string, and unquoted 5 is an integer"},
		{"quoted", `metadata: {name: "n", labels: {a: 'no', b: "1.0"}}`, ""},
		{"plain words", "metadata: {name: nope, labels: {a: 2020-01-01, b: 1.2.3, c: null}}", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			docs, p := Check("f.yaml", []byte(c.data), DefaultLimits())
			if p != nil {
				t.Fatal(p)
			}
			problems := NotStrings("f.yaml", docs[0])
			if c.want == "" && len(problems) == 0 {
				return
			}
			if len(problems) != 1 || !strings.Contains(problems[0].Reason, c.want) || c.want == "" {
				t.Errorf("NotStrings: %v; want %q", problems, c.want)
			}
		})
	}
}
