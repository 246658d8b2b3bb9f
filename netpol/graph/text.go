package graph

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// printable replaces what would move a terminal's cursor, or hide.
func printable(s string) string {
	var out strings.Builder
	for _, r := range s {
		if unicode.IsPrint(r) {
			out.WriteRune(r)
		} else {
			quoted := strconv.QuoteRuneToASCII(r)
			out.WriteString(quoted[1 : len(quoted)-1])
		}
	}
	return out.String()
}

// title names a node in one line.
func (n *Node) title() string { return strings.Join(n.Names, ", ") }

// inNamespace tells whether the node is pods of one namespace.
func (n *Node) inNamespace() bool { return n.Kind == Pods || n.Kind == Others || n.Kind == Namespace }

// sections are the namespaces in order, each with the places of its nodes; what
// belongs to none comes last.
func (g *Graph) sections() (names []string, nodes map[string][]int, rest []int) {
	nodes = map[string][]int{}
	for i, n := range g.Nodes {
		if !n.inNamespace() {
			rest = append(rest, i)
			continue
		}
		if len(nodes[n.Namespace]) == 0 {
			names = append(names, n.Namespace)
		}
		nodes[n.Namespace] = append(nodes[n.Namespace], i)
	}
	slices.Sort(names)
	return names, nodes, rest
}

// peer names the other end of an edge, with its namespace where that is another.
func (g *Graph) peer(i int, home string) string {
	n := &g.Nodes[i]
	if n.inNamespace() && n.Namespace != home {
		return n.title() + " of " + namespaceName(n.Namespace)
	}
	return n.title()
}

// text writes a paragraph for each namespace, and below each of its nodes who may
// reach it and what it may reach.
func (g *Graph) text(out io.Writer) {
	names, nodes, rest := g.sections()
	for i, name := range names {
		if i > 0 {
			fmt.Fprintln(out)
		}
		fmt.Fprintln(out, printable(namespaceName(name)))
		for _, n := range nodes[name] {
			g.textOf(out, n)
		}
	}
	for _, n := range rest {
		if g.Nodes[n].Kind == Host {
			fmt.Fprintln(out)
			g.textOf(out, n)
		}
	}
	if len(g.Nodes) == 0 {
		fmt.Fprintln(out, "no pods and no host endpoints")
	}
}

func (g *Graph) textOf(out io.Writer, i int) {
	n := &g.Nodes[i]
	if n.Kind == Namespace && len(n.Covers) > 0 {
		return // said at the nodes that it covers
	}
	is := func(j int) bool { return j == i || slices.Contains(g.Nodes[j].Covers, i) }
	fmt.Fprintf(out, "  %s\n", printable(n.title()))
	var lines []string
	for _, e := range g.Edges {
		switch {
		case e.From == i && e.To == i:
		case is(e.To) && e.From != i:
			lines = append(lines, fmt.Sprintf("from %s: %s", g.peer(e.From, n.Namespace), e.Label))
		case is(e.From) && e.To != i:
			lines = append(lines, fmt.Sprintf("to %s: %s", g.peer(e.To, n.Namespace), e.Label))
		}
	}
	slices.Sort(lines)
	for _, line := range append(slices.Compact(lines), n.Notes...) {
		fmt.Fprintf(out, "    %s\n", printable(line))
	}
}
