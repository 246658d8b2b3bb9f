package source

import (
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// tight limits are met by small inputs.
func tight() Limits {
	return Limits{FileBytes: 1 << 16, RootBytes: 1 << 20, Depth: 8, AliasNodes: 20, Documents: 10, Nodes: 200}
}

// FuzzCheck checks that what passes is bounded: documents that were split as
// kustomize splits them, with aliases that lead nowhere near themselves and expand
// within the limits.
func FuzzCheck(f *testing.F) {
	for _, c := range refused {
		if len(c.data) < 4096 {
			f.Add([]byte(c.data))
		}
	}
	for _, seed := range []string{"- [a, {b: *c}]\n", "a: \"\n]\n\", &x [[[[[[[[[[1]]]]]]]]]]", "? - ? - : a\n", "--- !x\n", "a: |\n !x\n", "{\n\"\": !x}"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		limits := tight()
		docs, p := Check("f.yaml", data, limits)
		if p != nil {
			return
		}
		if len(docs) > limits.Documents {
			t.Fatalf("%d documents", len(docs))
		}
		split, p := Split("f.yaml", data)
		if p != nil || len(split) != len(docs) {
			t.Fatalf("split into %d documents (%v), checked %d", len(split), p, len(docs))
		}
		for _, d := range docs {
			if root := d.Root(); root != nil {
				if n := expanded(root, 0); n > limits.AliasNodes+limits.Nodes {
					t.Fatalf("expands to %d values", n)
				}
			}
		}
	})
}

// expanded counts the values of a document with its aliases followed, up to a bound
// that no accepted document reaches.
func expanded(n *yaml.Node, depth int) int {
	const most = 10_000
	if depth > 100 {
		return most
	}
	if n.Kind == yaml.AliasNode {
		return expanded(n.Alias, depth+1)
	}
	sum := 1
	for _, c := range n.Content {
		if sum += expanded(c, depth+1); sum > most {
			return most
		}
	}
	return sum
}

// FuzzIndex checks that every value is found, that ranges lie in the file, and
// that a scalar's range, parsed again, is the scalar.
func FuzzIndex(f *testing.F) {
	for _, seed := range []string{
		"a: one two # c\n", "a: one\n  two\n\n  three\nb: 1\n", `a: "x \" y" # c`, "a: 'it''s'\n", "a: |2-\n    x\n  y\nb: > # c\n  d\n",
		"a: &x !!str # c\n  one\nb: *x\n", "a: [1, 'b]', [2], {c: , d}] # ]\n", "\ufeffa: \"x\u2028y\"\r\n---\r\n- - ? b\r\n    : c\n", "[a: 1, ? b : c]", "a:\n- !!map\n  b: 1\n- &q\n  - 1\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		docs, p := Check("f.yaml", data, tight())
		if p != nil {
			return
		}
		x := NewIndex("f.yaml", data, docs)
		for _, m := range x.sorted() {
			start, end, ok := x.extent(m.node)
			if !ok {
				t.Fatalf("no range for %d %q at %d:%d", m.node.Kind, m.node.Value, m.node.Line, m.node.Column)
			}
			if start < 0 || end < start || end > len(data) {
				t.Fatalf("range %d-%d of %q", start, end, m.node.Value)
			}
			again(t, m.node, string(data[start:end]))
		}
	})
}

// again parses the source of a scalar on its own.
func again(t *testing.T, n *yaml.Node, text string) {
	quoted := n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0
	// Kustomize makes LF of CRLF first, and of CR CR LF another CRLF.
	if n.Kind != yaml.ScalarNode || strings.Contains(text, "\r\r\n") || !quoted && (n.Style&^yaml.TaggedStyle != 0 || strings.ContainsAny(text, "\r\n\u0085\u2028\u2029")) {
		return
	}
	if !quoted {
		if slices.Compare(strings.Fields(text), strings.Fields(n.Value)) != 0 {
			t.Fatalf("the source of %q is %q", n.Value, text)
		}
		return
	}
	var parsed yaml.Node
	if err := yaml.Unmarshal([]byte(text), &parsed); err != nil || len(parsed.Content) != 1 || parsed.Content[0].Value != n.Value {
		t.Fatalf("the source of %q is %q: %v", n.Value, text, err)
	}
}
