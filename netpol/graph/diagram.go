package graph

import (
	"fmt"
	"io"
	"strings"
)

// mermaidText escapes a text for a quoted label: whatever is not surely harmless is
// written as an entity of Mermaid's, #NNN;.
func mermaidText(s string) string {
	var out strings.Builder
	for _, r := range printable(s) {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune(" ./:,-=()+_", r) {
			out.WriteRune(r)
		} else {
			fmt.Fprintf(&out, "#%d;", r)
		}
	}
	return out.String()
}

// mermaidLines is a label of several lines.
func mermaidLines(lines ...string) string {
	escaped := make([]string, len(lines))
	for i, line := range lines {
		escaped[i] = mermaidText(line)
	}
	return strings.Join(escaped, "<br/>")
}

// mermaid writes a flowchart, for Markdown.
func (g *Graph) mermaid(out io.Writer) {
	fmt.Fprintln(out, "flowchart LR")
	names, nodes, rest := g.sections()
	node := func(indent string, i int) {
		n := &g.Nodes[i]
		left, right := `["`, `"]`
		if n.Kind != Pods && n.Kind != Host {
			left, right = `(["`, `"])`
		}
		fmt.Fprintf(out, "%sn%d%s%s%s\n", indent, i, left, mermaidLines(append(append([]string{}, n.Names...), n.Notes...)...), right)
	}
	for i, name := range names {
		fmt.Fprintf(out, "  subgraph s%d[\"%s\"]\n", i, mermaidText(namespaceName(name)))
		for _, n := range nodes[name] {
			node("    ", n)
		}
		fmt.Fprintln(out, "  end")
	}
	for _, n := range rest {
		node("  ", n)
	}
	for _, e := range g.Edges {
		arrow := "-->"
		if e.Unsure {
			arrow = "-.->"
		}
		fmt.Fprintf(out, "  n%d %s|\"%s\"| n%d\n", e.From, arrow, mermaidText(e.Label), e.To)
	}
	var open []string
	for i, n := range g.Nodes {
		if n.Open {
			open = append(open, fmt.Sprintf("n%d", i))
		}
	}
	if len(open) > 0 {
		fmt.Fprintf(out, "  classDef open fill:#fff3e6,stroke:#c2570c\n  class %s open\n", strings.Join(open, ","))
	}
}

// dotText quotes a text for Graphviz, a line each.
func dotText(lines ...string) string {
	escaped := make([]string, len(lines))
	for i, line := range lines {
		escaped[i] = strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(printable(line))
	}
	return `"` + strings.Join(escaped, `\n`) + `"`
}

// dot writes a digraph for Graphviz.
func (g *Graph) dot(out io.Writer) {
	fmt.Fprint(out, "digraph network {\n  rankdir=LR\n  node [shape=box fontname=\"Helvetica\"]\n  edge [fontname=\"Helvetica\" fontsize=10]\n")
	names, nodes, rest := g.sections()
	node := func(indent string, i int) {
		n := &g.Nodes[i]
		style := ""
		switch {
		case n.Open:
			style = ` style=filled fillcolor="#fff3e6" color="#c2570c"`
		case n.Kind != Pods && n.Kind != Host:
			style = " style=rounded"
		}
		fmt.Fprintf(out, "%sn%d [label=%s%s]\n", indent, i, dotText(append(append([]string{}, n.Names...), n.Notes...)...), style)
	}
	for i, name := range names {
		fmt.Fprintf(out, "  subgraph cluster_%d {\n    label=%s\n", i, dotText(namespaceName(name)))
		for _, n := range nodes[name] {
			node("    ", n)
		}
		fmt.Fprintln(out, "  }")
	}
	for _, n := range rest {
		node("  ", n)
	}
	for _, e := range g.Edges {
		style := ""
		if e.Unsure {
			style = " style=dashed"
		}
		fmt.Fprintf(out, "  n%d -> n%d [label=%s%s]\n", e.From, e.To, dotText(e.Label), style)
	}
	fmt.Fprintln(out, "}")
}
