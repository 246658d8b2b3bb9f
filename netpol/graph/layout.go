package graph

import (
	"cmp"
	"slices"
)

// Sizes in pixels.
const (
	nameHeight, noteHeight = 17, 14
	nameWidth, noteWidth   = 8, 5.9 // of a character, on average
	padding                = 10
	rowGap, columnGap      = 26, 120
	boxPad, boxTitle       = 18, 24
	perEdge                = 17 // height that an edge needs on the side of a node
	mostNames              = 6
)

// box is where something stands.
type box struct{ x, y, w, h float64 }

func (b box) right() float64  { return b.x + b.w }
func (b box) bottom() float64 { return b.y + b.h }
func (b box) middle() float64 { return b.y + b.h/2 }

// layout places a graph from left to right: whoever opens connections stands left
// of whom it reaches. Namespaces are boxes one below the other, with the columns
// in common; what belongs to no namespace stands at the left and right edge.
type layout struct {
	g     *Graph
	nodes []box
	// lines of each node, names before notes.
	names, notes [][]string
	column       []int
	spaces       []space
	columns      []box // x and w count
	w, h         float64
}

// space is the box of a namespace.
type space struct {
	name  string
	nodes []int
	box
}

func newLayout(g *Graph) *layout {
	l := &layout{g: g, nodes: make([]box, len(g.Nodes)), column: make([]int, len(g.Nodes))}
	l.measure()
	names, nodes, rest := g.sections()
	for _, name := range names {
		l.spaces = append(l.spaces, space{name: name, nodes: nodes[name]})
	}
	l.layers()
	l.spread()
	l.edges(rest)
	l.stack()
	l.besides(rest)
	return l
}

// measure settles the size of each node.
func (l *layout) measure() {
	in, out := l.degrees()
	for i, n := range l.g.Nodes {
		names := n.Names
		if len(names) > mostNames {
			more := len(names) - mostNames + 1
			names = append(slices.Clone(names[:mostNames-1]), plural(more, "more"))
		}
		b := box{w: 120}
		for _, s := range names {
			b.w = max(b.w, nameWidth*float64(len([]rune(shorten(s, longestName))))+2*padding)
		}
		for _, s := range n.Notes {
			b.w = max(b.w, noteWidth*float64(len([]rune(shorten(s, longestNote))))+2*padding)
		}
		b.h = float64(2*padding-4) + float64(nameHeight*len(names)+noteHeight*len(n.Notes))
		b.h = max(b.h, perEdge*float64(max(in[i], out[i])+1))
		l.nodes[i] = b
		l.names, l.notes = append(l.names, names), append(l.notes, n.Notes)
	}
}

func (l *layout) degrees() (in, out []int) {
	in, out = make([]int, len(l.g.Nodes)), make([]int, len(l.g.Nodes))
	for _, e := range l.g.Edges {
		in[e.To]++
		out[e.From]++
	}
	return in, out
}

// layers gives each node of a namespace a column: one right of the nodes with an
// edge to it. Edges that would close a circle do not count.
func (l *layout) layers() {
	next := make([][]int, len(l.g.Nodes))
	for _, e := range l.g.Edges {
		if l.g.Nodes[e.From].inNamespace() && l.g.Nodes[e.To].inNamespace() {
			next[e.From] = append(next[e.From], e.To)
		}
	}
	state := make([]int, len(l.g.Nodes)) // 1 on the path, 2 done
	var order []int
	forward := make([][]int, len(l.g.Nodes))
	var visit func(int)
	visit = func(i int) {
		state[i] = 1
		for _, j := range next[i] {
			if state[j] == 1 {
				continue
			}
			forward[i] = append(forward[i], j)
			if state[j] == 0 {
				visit(j)
			}
		}
		state[i] = 2
		order = append(order, i)
	}
	for i := range l.g.Nodes {
		if state[i] == 0 {
			visit(i)
		}
	}
	for _, i := range slices.Backward(order) {
		for _, j := range forward[i] {
			l.column[j] = max(l.column[j], l.column[i]+1)
		}
	}
	l.tighten(forward)
}

// tighten moves what nobody calls next to what it calls.
func (l *layout) tighten(forward [][]int) {
	called := make([]bool, len(l.g.Nodes))
	for _, targets := range forward {
		for _, j := range targets {
			called[j] = true
		}
	}
	for i, targets := range forward {
		if called[i] || len(targets) == 0 {
			continue
		}
		l.column[i] = l.column[targets[0]] - 1
		for _, j := range targets {
			l.column[i] = min(l.column[i], l.column[j]-1)
		}
	}
}

// spread puts nodes without edges into several columns, since one below the other
// they would make a namespace a tower.
func (l *layout) spread() {
	in, out := l.degrees()
	const wide = 4
	for _, s := range l.spaces {
		first, last := -1, 0
		for _, i := range s.nodes {
			if in[i]+out[i] > 0 {
				if first < 0 || l.column[i] < first {
					first = l.column[i]
				}
				last = max(last, l.column[i])
			}
		}
		if first < 0 {
			first, last = 0, wide-1
		}
		at := 0
		for _, i := range s.nodes {
			if in[i]+out[i] == 0 {
				l.column[i] = first + at%(max(last-first, 1)+1)
				at++
			}
		}
	}
}

// edges makes room: column 0 is for what leads into the namespaces, the last one
// for where they lead out to.
func (l *layout) edges(rest []int) {
	last := 0
	for _, s := range l.spaces {
		for _, i := range s.nodes {
			l.column[i]++
			last = max(last, l.column[i])
		}
	}
	in, _ := l.degrees()
	for _, i := range rest {
		if in[i] > 0 {
			l.column[i] = last + 1
		} else {
			l.column[i] = 0
		}
	}
	l.columns = make([]box, last+2)
	for i, b := range l.nodes {
		c := &l.columns[l.column[i]]
		c.w = max(c.w, b.w)
	}
	x := float64(2 * boxPad)
	for i := range l.columns {
		l.columns[i].x = x
		if l.columns[i].w > 0 {
			x += l.columns[i].w + columnGap
		}
	}
	l.w = x - columnGap + 2*boxPad
	for i := range l.nodes {
		l.nodes[i].x = l.columns[l.column[i]].x
	}
}

// stack puts the namespaces one below the other, and in each the nodes of a column.
func (l *layout) stack() {
	slices.SortStableFunc(l.spaces, func(a, b space) int { return cmp.Compare(l.first(a), l.first(b)) })
	y := float64(boxPad)
	for s := range l.spaces {
		sp := &l.spaces[s]
		byColumn := make([][]int, len(l.columns))
		for _, i := range sp.nodes {
			byColumn[l.column[i]] = append(byColumn[l.column[i]], i)
		}
		height := 0.0
		for _, column := range byColumn {
			height = max(height, l.tall(column))
		}
		sp.x, sp.y = l.w, y
		for _, column := range byColumn {
			slices.SortStableFunc(column, func(a, b int) int { return cmp.Compare(l.pull(a), l.pull(b)) })
			at := y + boxTitle + (height-l.tall(column))/2 + boxPad/2
			for _, i := range column {
				l.nodes[i].y = at
				at += l.nodes[i].h + rowGap
				sp.x = min(sp.x, l.nodes[i].x-boxPad)
				sp.w = max(sp.w, l.nodes[i].right()+boxPad)
			}
		}
		sp.w -= sp.x
		sp.w = max(sp.w, nameWidth*float64(len([]rune(shorten(namespaceName(sp.name), longestName))))+2*padding)
		sp.h = height + boxTitle + boxPad + boxPad/2
		y += sp.h + rowGap
	}
	l.h = y
}

func (l *layout) first(s space) int {
	first := len(l.columns)
	for _, i := range s.nodes {
		first = min(first, l.column[i])
	}
	return first
}

func (l *layout) tall(column []int) float64 {
	h := 0.0
	for _, i := range column {
		h += l.nodes[i].h + rowGap
	}
	return max(h-rowGap, 0)
}

// pull is the height at which a node's callers stand, as far as they are placed.
func (l *layout) pull(i int) float64 {
	sum, n := 0.0, 0.0
	for _, e := range l.g.Edges {
		if e.To == i && l.nodes[e.From].y > 0 {
			sum, n = sum+l.nodes[e.From].middle(), n+1
		}
	}
	if n == 0 {
		return 0
	}
	return sum / n
}

// besides places what belongs to no namespace at the height of what it is connected
// with, or lower where something stands there.
func (l *layout) besides(rest []int) {
	free := make([]float64, len(l.columns))
	for i := range free {
		free[i] = boxPad
	}
	height := func(i int) float64 {
		sum, n := 0.0, 0.0
		for _, e := range l.g.Edges {
			for _, pair := range [][2]int{{e.From, e.To}, {e.To, e.From}} {
				if pair[0] == i && l.g.Nodes[pair[1]].inNamespace() {
					sum, n = sum+l.nodes[pair[1]].middle(), n+1
				}
			}
		}
		return sum / max(n, 1)
	}
	slices.SortStableFunc(rest, func(a, b int) int { return cmp.Compare(height(a), height(b)) })
	for _, i := range rest {
		c := l.column[i]
		y := max(free[c], height(i)-l.nodes[i].h/2)
		l.nodes[i].y = y
		free[c] = y + l.nodes[i].h + rowGap
		l.h = max(l.h, free[c])
	}
}
