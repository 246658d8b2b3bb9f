package graph

import (
	"cmp"
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strings"
)

// The longest name and note in characters.
const longestName, longestNote = 44, 64

// shorten cuts a text that would not fit, in the middle, since names differ at
// their ends.
func shorten(s string, longest int) string {
	r := []rune(printable(s))
	if len(r) <= longest {
		return string(r)
	}
	return string(r[:longest/2]) + "..." + string(r[len(r)-longest/2+3:])
}

func plural(n int, word string) string { return fmt.Sprintf("and %d %s", n, word) }

// svgText escapes a text for XML.
func svgText(s string) string {
	var out strings.Builder
	// The error is that of the writer, and a Builder has none.
	_ = xml.EscapeText(&out, []byte(printable(s)))
	return out.String()
}

const svgStyle = `<style>
text { font-family: "DejaVu Sans", Verdana, Arial, sans-serif; fill: #1f2933 }
.space { fill: #f5f7fa; stroke: #b8c2cc }
.space-name { font-size: 13px; font-weight: bold; fill: #52606d }
.node { fill: #ffffff; stroke: #2f6690; stroke-width: 1.5 }
.open { fill: #fff3e6; stroke: #c2570c }
.whole { fill: #e4e7eb; stroke: #7b8794 }
.name { font-size: 12px; font-weight: bold }
.note { font-size: 10px }
.edge { fill: none; stroke: #2f6690; stroke-width: 1.5 }
.unsure { stroke-dasharray: 5 4 }
.label { font-size: 10px; fill: #243b53; stroke: #ffffff; stroke-width: 3px; paint-order: stroke }
</style>
<defs><marker id="tip" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0L10 5L0 10z" fill="#2f6690"/></marker></defs>
`

// svg draws the graph.
func (g *Graph) svg(out io.Writer) {
	l := newLayout(g)
	legend := l.h + 4
	w, h := max(l.w, 640), legend+34
	fmt.Fprintf(out, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %.0f" width="%.0f" height="%.0f" role="img">`+"\n", w, h, w, h)
	fmt.Fprint(out, "<title>Who may talk to whom</title>\n", svgStyle)
	fmt.Fprintf(out, `<rect width="%.0f" height="%.0f" fill="#ffffff"/>`+"\n", w, h)
	for _, s := range l.spaces {
		fmt.Fprintf(out, `<rect class="space" x="%.0f" y="%.0f" width="%.0f" height="%.0f" rx="8"/>`+"\n", s.x, s.y, s.w, s.h)
		fmt.Fprintf(out, `<text class="space-name" x="%.0f" y="%.0f">%s</text>`+"\n", s.x+padding, s.y+18, svgText(shorten(namespaceName(s.name), longestName)))
	}
	ends := l.attach()
	for i, e := range g.Edges {
		class := "edge"
		if e.Unsure {
			class += " unsure"
		}
		fmt.Fprintf(out, `<path class="%s" d="%s" marker-end="url(#tip)"><title>%s</title></path>`+"\n", class, l.route(i, ends[i]),
			svgText(fmt.Sprintf("%s to %s: %s", g.Nodes[e.From].title(), g.Nodes[e.To].title(), e.Label)))
	}
	for i := range g.Nodes {
		l.drawNode(out, i)
	}
	for i, e := range g.Edges {
		fmt.Fprintf(out, `<text class="label" x="%.0f" y="%.0f">%s</text>`+"\n", l.nodes[e.From].right()+6, ends[i].from-4, svgText(shortLabel(e.Label)))
	}
	l.legend(out, legend)
	fmt.Fprintln(out, "</svg>")
}

// shortLabel fits ports into the gap between two columns; the rest is in the
// edge's title.
func shortLabel(s string) string {
	const most = 22
	if r := []rune(printable(s)); len(r) > most {
		return string(r[:most-3]) + "..."
	}
	return s
}

func (l *layout) drawNode(out io.Writer, i int) {
	n, b := &l.g.Nodes[i], l.nodes[i]
	class, round := "node", 4.0
	switch {
	case n.Open:
		class += " open"
	case n.Kind != Pods && n.Kind != Host:
		class, round = "node whole", b.h/2
	}
	fmt.Fprintf(out, `<g><title>%s</title><rect class="%s" x="%.0f" y="%.0f" width="%.0f" height="%.0f" rx="%.0f"/>`+"\n",
		svgText(n.title()), class, b.x, b.y, b.w, b.h, min(round, 18))
	text := float64(nameHeight*len(l.names[i]) + noteHeight*len(l.notes[i]))
	y := b.y + (b.h-text)/2
	for _, s := range l.names[i] {
		y += nameHeight
		fmt.Fprintf(out, `<text class="name" x="%.0f" y="%.0f">%s</text>`+"\n", b.x+padding, y-4, svgText(shorten(s, longestName)))
	}
	for _, s := range l.notes[i] {
		y += noteHeight
		fmt.Fprintf(out, `<text class="note" x="%.0f" y="%.0f">%s</text>`+"\n", b.x+padding, y-4, svgText(shorten(s, longestNote)))
	}
	fmt.Fprintln(out, "</g>")
}

// attachment is the heights at which an edge leaves and arrives.
type attachment struct{ from, to float64 }

// attach spreads the edges of a node along its sides, in the order of their other
// ends, so that few cross.
func (l *layout) attach() []attachment {
	out := make([]attachment, len(l.g.Edges))
	for i, b := range l.nodes {
		var leaving, arriving []int
		for k, e := range l.g.Edges {
			if e.From == i {
				leaving = append(leaving, k)
			}
			if e.To == i {
				arriving = append(arriving, k)
			}
		}
		slices.SortStableFunc(leaving, func(a, c int) int {
			return cmp.Compare(l.nodes[l.g.Edges[a].To].middle(), l.nodes[l.g.Edges[c].To].middle())
		})
		slices.SortStableFunc(arriving, func(a, c int) int {
			return cmp.Compare(l.nodes[l.g.Edges[a].From].middle(), l.nodes[l.g.Edges[c].From].middle())
		})
		for at, k := range leaving {
			out[k].from = b.y + b.h*float64(at+1)/float64(len(leaving)+1)
		}
		for at, k := range arriving {
			out[k].to = b.y + b.h*float64(at+1)/float64(len(arriving)+1)
		}
	}
	return out
}

// route is the path of an edge: a curve from column to column, around the nodes
// between, or back around the right side where the other end is not further right.
func (l *layout) route(i int, a attachment) string {
	e := l.g.Edges[i]
	from, to := l.nodes[e.From], l.nodes[e.To]
	var path strings.Builder
	fmt.Fprintf(&path, "M%.0f %.0f", from.right(), a.from)
	// Past the other nodes of the column, which may be wider.
	x, y := max(from.right(), l.columns[l.column[e.From]].right()), a.from
	fmt.Fprintf(&path, " H%.0f", x)
	curve := func(toX, toY float64) {
		bend := (toX - x) / 2
		fmt.Fprintf(&path, " C%.0f %.0f %.0f %.0f %.0f %.0f", x+bend, y, toX-bend, toY, toX, toY)
		x, y = toX, toY
	}
	if l.column[e.To] <= l.column[e.From] {
		out := x + columnGap*2/3
		fmt.Fprintf(&path, " C%.0f %.0f %.0f %.0f %.0f %.0f", out, a.from, out, a.to, to.right(), a.to)
		return path.String()
	}
	for c := l.column[e.From] + 1; c < l.column[e.To]; c++ {
		if l.columns[c].w == 0 {
			continue
		}
		share := (l.columns[c].x + l.columns[c].w/2 - x) / (to.x - x)
		lane := l.lane(c, y+(a.to-y)*share)
		curve(l.columns[c].x, lane)
		x = l.columns[c].x + l.columns[c].w
		fmt.Fprintf(&path, " L%.0f %.0f", x, lane)
	}
	curve(to.x, a.to)
	return path.String()
}

// lane is the height nearest to y at which no node stands in a column.
func (l *layout) lane(column int, y float64) float64 {
	const clear = 10
	best, found := y, false
	candidates := []float64{y}
	for i, b := range l.nodes {
		if l.column[i] == column {
			candidates = append(candidates, b.y-clear, b.bottom()+clear)
		}
	}
	for _, c := range candidates {
		blocked := false
		for i, b := range l.nodes {
			blocked = blocked || l.column[i] == column && c > b.y-clear && c < b.bottom()+clear
		}
		if !blocked && (!found || abs(c-y) < abs(best-y)) {
			best, found = c, true
		}
	}
	return best
}

func abs(f float64) float64 { return max(f, -f) }

func (l *layout) legend(out io.Writer, y float64) {
	x := float64(boxPad)
	for _, item := range []struct{ class, text string }{
		{"node", "policies decide"}, {"node open", "open in some direction"}, {"node whole", "many pods, or addresses"},
	} {
		fmt.Fprintf(out, `<rect class="%s" x="%.0f" y="%.0f" width="18" height="12" rx="3"/><text class="note" x="%.0f" y="%.0f">%s</text>`+"\n",
			item.class, x, y, x+24, y+10, item.text)
		x += 24 + noteWidth*float64(len(item.text)) + 26
	}
	fmt.Fprintf(out, `<path class="edge" d="M%.0f %.0f h24" marker-end="url(#tip)"/><text class="note" x="%.0f" y="%.0f">may open connections</text>`+"\n", x, y+6, x+30, y+10)
}
