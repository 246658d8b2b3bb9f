package source

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
	"sigs.k8s.io/kustomize/kyaml/kio"

	"github.com/secgen/secgen/manifest"
)

// ranges prints a position as line:column-line:column.
func ranges(p manifest.Position) string {
	return fmt.Sprintf("%d:%d-%d:%d", p.Line, p.Column, p.EndLine, p.EndColumn)
}

// cut is the source of a range.
func cut(x *Index, p manifest.Position) string {
	from, _ := x.offset(p.Line, p.Column)
	to, ok := x.offset(p.EndLine, p.EndColumn)
	if !ok {
		return "?"
	}
	return string(x.data[from:to])
}

// find walks keys and list indexes (as "0") down the first document with content.
func find(docs []Document, path string) *yaml.Node {
	var n *yaml.Node
	for _, d := range docs {
		if n = d.Root(); n != nil {
			break
		}
	}
	for step := range strings.FieldsSeq(path) {
		switch n.Kind {
		case yaml.SequenceNode:
			var i int
			fmt.Sscan(step, &i)
			n = n.Content[i]
		default:
			for i := 0; i < len(n.Content); i += 2 {
				if n.Content[i].Value == step {
					n = n.Content[i+1]
					break
				}
			}
		}
	}
	return n
}

func TestIndexSpans(t *testing.T) {
	for _, c := range []struct{ name, data, path, span, text string }{
		{"plain", "a: one two # c\n", "a", "1:4-1:11", "one two"},
		{"plain over lines", "a: one\n  two\n\n  three\nb: 1\n", "a", "1:4-4:8", "one\n  two\n\n  three"},
		{"double quotes", `a: "x \" y" # c`, "a", "1:4-1:12", `"x \" y"`},
		{"double quotes over lines", "a: \"x\n  y\"\n", "a", "1:4-2:5", "\"x\n  y\""},
		{"single quotes", "a: 'it''s'\n", "a", "1:4-1:11", "'it''s'"},
		{"code points", "é: ü世界 # c\n", "é", "1:4-1:7", "ü世界"},
		{"literal", "a: |\n  x\n\n  y\n\nb: 1\n", "a", "1:4-4:4", "|\n  x\n\n  y"},
		{"literal with an indicator", "a: |2-\n    x\n  y\nb: 1\n", "a", "1:4-3:4", "|2-\n    x\n  y"},
		{"folded with a comment", "a: > # why\n  x\n  y\n", "a", "1:4-3:4", "> # why\n  x\n  y"},
		{"empty literal", "a: |\nb: 1\n", "a", "1:4-1:5", "|"},
		{"null", "a:\nb: 1\n", "a", "1:3-1:3", ""},
		{"anchor", "a: &x one\n", "a", "1:7-1:10", "one"},
		{"anchor and tag over lines", "a: &x !!str # c\n  one\n", "a", "2:3-2:6", "one"},
		{"non-specific tag", "a: ! one\n", "a", "1:6-1:9", "one"},
		{"anchor of nothing", "a: &x\nb: 1\n", "a", "1:6-1:6", ""},
		{"alias", "a: &x 1\nb: *x\n", "b", "2:4-2:6", "*x"},
		{"flow list", "a: [1, 'b]', [2]] # ]\n", "a", "1:4-1:18", "[1, 'b]', [2]]"},
		{"flow list over lines", "a: [1, # ]\n  2,\n ]\n", "a", "1:4-3:3", "[1, # ]\n  2,\n ]"},
		{"flow map with an empty value", "a: {b: , c: }\n", "a", "1:4-1:14", "{b: , c: }"},
		{"empty flow", "a: { }\n", "a", "1:4-1:7", "{ }"},
		{"block list", "a:\n- x\n- y: 1\n  z: two\nb: 1\n", "a", "2:1-4:9", "- x\n- y: 1\n  z: two"},
		{"block map", "a:\n  b: 1\n  c: 2 # x\n", "a", "2:3-3:7", "b: 1\n  c: 2"},
		{"item", "a:\n- x\n- y: 1\n  z: two\n", "a 1", "3:3-4:9", "y: 1\n  z: two"},
		{"byte order mark", "\ufeffa: one\n", "a", "1:4-1:7", "one"},
		{"CRLF", "a: one\r\nb: |\r\n  x\r\n  y\r\nc: 1\r\n", "b", "2:4-4:4", "|\r\n  x\r\n  y"},
		{"second document", "---\n# c\n---\n\na: one\n", "a", "5:4-5:7", "one"},
		{"second document, CRLF", "# c\r\n--- # d\r\na: one\r\n", "a", "3:4-3:7", "one"},
		{"behind a line separator", "a: \"x\u2028y\"\nb: one\n", "b", "2:4-2:7", "one"},
		{"two values around a line separator", "[one,\u2028two]\n", "1", "1:7-1:10", "two"},
		{"lone CR", "a: one\rb: two\r\nc: 3\n", "b", "1:11-1:14", "two"},
		{"byte order mark in the second document", "#\n---\n\ufeffa: one\n", "a", "3:5-3:8", "one"},
		{"JSON", `{"a": {"b": [1, "x"]}}`, "a b 1", "1:17-1:20", `"x"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			docs, p := Check("f.yaml", []byte(c.data), DefaultLimits())
			if p != nil {
				t.Fatal(p)
			}
			x := NewIndex("f.yaml", []byte(c.data), docs)
			n := find(docs, c.path)
			span := x.Span(n)
			if got := ranges(span); got != c.span || cut(x, span) != c.text {
				t.Errorf("%s spans %s %q; want %s %q", c.path, got, cut(x, span), c.span, c.text)
			}
			e, ok := x.At(n.Line, n.Column, n.Kind)
			if !ok || e.Node != n {
				t.Errorf("At(%d, %d) = %v, %v; want the node", n.Line, n.Column, e.Node, ok)
			}
		})
	}
}

func TestIndexAt(t *testing.T) {
	data := []byte("a:\n  - b: one\n    c: {d: 2}\n---\ne: f\n")
	docs, p := Check("f.yaml", data, DefaultLimits())
	if p != nil {
		t.Fatal(p)
	}
	x := NewIndex("f.yaml", data, docs)
	for _, c := range []struct {
		line, column    int
		kind            yaml.Kind
		key, value, doc string
	}{
		{2, 8, yaml.ScalarNode, "2:5-2:6", "2:8-2:11", "0"},
		{2, 5, yaml.MappingNode, "0:0-0:0", "2:5-3:14", "0"},
		{2, 5, yaml.ScalarNode, "0:0-0:0", "2:5-2:6", "0"},
		{2, 5, 0, "0:0-0:0", "2:5-2:6", "0"},
		{3, 8, yaml.MappingNode, "3:5-3:6", "3:8-3:14", "0"},
		{3, 12, 0, "3:9-3:10", "3:12-3:13", "0"},
		{5, 4, 0, "5:1-5:2", "5:4-5:5", "1"},
	} {
		e, ok := x.At(c.line, c.column, c.kind)
		if !ok || ranges(e.Key) != c.key || ranges(e.Value) != c.value || fmt.Sprint(e.Document) != c.doc {
			t.Errorf("At(%d, %d, %d) = key %s, value %s, document %d, %v; want %s, %s, %s",
				c.line, c.column, c.kind, ranges(e.Key), ranges(e.Value), e.Document, ok, c.key, c.value, c.doc)
		}
	}
	for _, at := range [][2]int{{0, 0}, {1, 2}, {4, 1}, {9, 9}} {
		if e, ok := x.At(at[0], at[1], 0); ok {
			t.Errorf("At(%v) = %v; want nothing", at, e)
		}
	}
	if got := x.Line(2); got != "  - b: one" {
		t.Errorf("Line(2) = %q", got)
	}
}

func TestSplitAsKustomize(t *testing.T) {
	for _, c := range []struct {
		name, data string
		lines      []int
		texts      []string
	}{
		{"one", "a: 1\n", []int{1}, []string{"a: 1\n"}},
		{"leading separator", "---\na: 1\n", []int{1}, []string{"---\na: 1\n"}},
		{"two", "a: 1\n---\nb: 1\n", []int{1, 3}, []string{"a: 1\n", "b: 1\n"}},
		{"separator with a comment, CRLF", "a: 1\r\n--- # x\r\nb: 1\r\n", []int{1, 3}, []string{"a: 1\n", "b: 1\n"}},
		{"two separators in a row", "a\n---\n---\nb\n", []int{1, 3}, []string{"a\n", "---\nb\n"}},
		{"separator at the end", "a\n---\n", []int{1, 3}, []string{"a\n", ""}},
		{"separator without a line break", "a\n---", []int{1}, []string{"a\n---"}},
		{"indented dashes", "a: |\n  ---\n", []int{1}, []string{"a: |\n  ---\n"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			docs, p := Split("f.yaml", []byte(c.data))
			if p != nil || len(docs) != len(c.texts) {
				t.Fatalf("%d documents, %v; want %d", len(docs), p, len(c.texts))
			}
			asKustomize(t, []byte(c.data))
			for i, d := range docs {
				if d.Line != c.lines[i] || string(d.Text) != c.texts[i] {
					t.Errorf("document %d: line %d, %q; want %d, %q", i, d.Line, d.Text, c.lines[i], c.texts[i])
				}
			}
		})
	}
}

// asKustomize compares the documents that Check finds with those of kustomize.
func asKustomize(t *testing.T, data []byte) {
	t.Helper()
	docs, p := Check("f.yaml", data, DefaultLimits())
	nodes, err := (&kio.ByteReader{Reader: bytes.NewReader(data), OmitReaderAnnotations: true, DisableUnwrapping: true}).Read()
	if p != nil || err != nil {
		t.Fatalf("Check: %v; kustomize: %v", p, err)
	}
	var roots []*yaml.Node
	for _, d := range docs {
		if d.Root() != nil {
			roots = append(roots, d.Root())
		}
	}
	if len(roots) != len(nodes) {
		t.Fatalf("%d documents; kustomize reads %d", len(roots), len(nodes))
	}
	for i, n := range nodes {
		if a, b := roots[i], n.YNode(); a.Kind != b.Kind || a.Value != b.Value || len(a.Content) != len(b.Content) {
			t.Errorf("document %d differs from kustomize's: %v, %v", i, a, b)
		}
	}
}

func TestCorpusSplitsAsKustomize(t *testing.T) {
	for name, data := range corpusFiles(t) {
		if !bytes.Contains(data, []byte("{{")) {
			t.Run(name, func(t *testing.T) { asKustomize(t, data) })
		}
	}
}
