package schema

import (
	"math/rand/v2"
	"regexp/syntax"
	"strconv"
	"strings"

	"cuelang.org/go/cue/format"

	"github.com/secgen/secgen/manifest"
)

func formatNode(n *manifest.Node) (string, error) {
	text, err := format.Node(exprOf(n))
	return string(text), err
}

// generator makes documents out of a rule's literals: such that satisfy a part of
// it, and mutations of them.
type generator struct {
	rng        *rand.Rand
	binder     *binder
	predicates []*Predicate
	pool       []*manifest.Node
	keys       []string
}

func newGenerator(rng *rand.Rand, parameters *manifest.Node, predicates ...*Predicate) *generator {
	g := &generator{rng: rng, binder: &binder{parameters: parameters}, keys: []string{"other"}}
	for _, value := range []any{nil, "", "x", 0, 1, -1, 1.5, 1.0, true, false, []any{}, []any{"x"}, map[string]any{}, map[string]any{"other": 1}} {
		g.pool = append(g.pool, manifest.Of(value))
	}
	for _, p := range predicates {
		if p != nil {
			g.predicates = append(g.predicates, p)
			g.collect(p)
		}
	}
	return g
}

// collect gathers the literals and keys of a predicate.
func (g *generator) collect(p *Predicate) {
	if p == nil {
		return
	}
	if p.Arg != nil {
		if value, err := g.binder.operand(p.Arg); err == nil {
			g.pool = append(g.pool, value)
			g.pool = append(g.pool, value.Items...)
		}
	}
	for _, f := range p.Fields {
		g.keys = append(g.keys, f.Name)
		g.collect(f.Check)
	}
	for _, k := range p.Patterns {
		g.collect(k.Key)
		g.collect(k.Check)
	}
	for _, list := range [][]*Predicate{p.Items, p.Args} {
		for _, arg := range list {
			g.collect(arg)
		}
	}
	g.collect(p.Rest)
}

func pick[T any](g *generator, list []T) T { return list[g.rng.IntN(len(list))] }

func (g *generator) chance(percent int) bool { return g.rng.IntN(100) < percent }

// document is a map that satisfies some of the rule's predicates, mutated up to
// four times.
func (g *generator) document() *manifest.Node {
	doc := &manifest.Node{Kind: manifest.Map}
	for _, p := range g.predicates {
		if g.chance(90) {
			doc = merge(doc, g.value(p))
		}
	}
	for range g.rng.IntN(5) {
		doc = g.mutate(doc)
	}
	if doc.Kind != manifest.Map {
		return &manifest.Node{Kind: manifest.Map}
	}
	return doc
}

// value makes something that a predicate is likely to accept.
func (g *generator) value(p *Predicate) *manifest.Node {
	if p == nil || g.chance(4) {
		return pick(g, g.pool)
	}
	switch p.Op {
	case OpType:
		return g.ofType(pick(g, p.Types))
	case OpEqual, OpNot, OpLess, OpAtMost, OpAbove, OpLeast, OpMatch, OpNoMat, OpText, OpSize, OpHas:
		arg, err := g.binder.operand(p.Arg)
		if err != nil {
			return pick(g, g.pool)
		}
		return g.near(p, arg)
	case OpStruct:
		return g.structure(p)
	case OpList:
		out := &manifest.Node{Kind: manifest.List}
		for _, item := range p.Items {
			out.Items = append(out.Items, g.value(item))
		}
		for range g.rng.IntN(3) {
			out.Items = append(out.Items, g.value(p.Rest))
		}
		return out
	case OpItemsN:
		out := &manifest.Node{Kind: manifest.List}
		for range g.rng.IntN(4) {
			out.Items = append(out.Items, g.value(p.Args[0]))
		}
		return out
	case OpAll, OpWhen, OpEach, OpOr, OpN, OpIf:
		return g.composite(p)
	}
	return pick(g, g.pool)
}

// composite makes a value for one of several predicates, or for all together.
func (g *generator) composite(p *Predicate) *manifest.Node {
	var args []*Predicate
	var values []*manifest.Node
	if p.Op == OpEach {
		list, err := g.binder.operand(p.Arg)
		if err != nil || len(list.Items) == 0 {
			return pick(g, g.pool)
		}
		g.binder.vars = append(g.binder.vars, pick(g, list.Items))
		defer func() { g.binder.vars = g.binder.vars[:len(g.binder.vars)-1] }()
		return g.value(p.Args[0])
	}
	args = p.Args
	if len(args) == 0 {
		return pick(g, g.pool)
	}
	if p.Op == OpOr || p.Op == OpN && g.chance(60) {
		return g.value(pick(g, args))
	}
	for _, arg := range args {
		if g.chance(85) {
			values = append(values, g.value(arg))
		}
	}
	if len(values) == 0 {
		return pick(g, g.pool)
	}
	g.rng.Shuffle(len(values), func(i, j int) { values[i], values[j] = values[j], values[i] })
	out := values[0]
	for _, v := range values[1:] {
		if out.Kind == manifest.String && v.Kind == manifest.String && g.chance(50) {
			out = manifest.Of(out.Text + "," + v.Text)
			continue
		}
		out = merge(out, v)
	}
	return out
}

func (g *generator) structure(p *Predicate) *manifest.Node {
	out := &manifest.Node{Kind: manifest.Map}
	for _, f := range p.Fields {
		if g.chance(80) {
			out = out.With(f.Name, g.value(f.Check))
		}
	}
	for _, k := range p.Patterns {
		for range g.rng.IntN(3) {
			key := g.value(k.Key)
			if key.Kind == manifest.String {
				out = out.With(key.Text, g.value(k.Check))
			}
		}
	}
	if g.chance(10) {
		out = out.With(pick(g, g.keys), pick(g, g.pool))
	}
	return out
}

func (g *generator) ofType(name string) *manifest.Node {
	want, err := kindsOf([]string{name})
	for range 50 {
		if n := pick(g, g.pool); err == nil && kindOf(n)&want != 0 {
			return n
		}
	}
	return pick(g, g.pool)
}

// near makes a value at, just above or just below what a predicate compares with.
func (g *generator) near(p *Predicate, arg *manifest.Node) *manifest.Node {
	if (p.Op == OpNot || p.Op == OpNoMat) && g.chance(50) {
		return pick(g, g.pool)
	}
	switch p.Op {
	case OpMatch, OpNoMat:
		if re, err := syntax.Parse(arg.Text, syntax.Perl); err == nil {
			var b strings.Builder
			g.matching(re.Simplify(), &b)
			return manifest.Of(b.String())
		}
	case OpText:
		other := pick(g, []string{"", "x", "/"})
		return manifest.Of(pick(g, []string{arg.Text, arg.Text + other, other + arg.Text, other}))
	case OpHas:
		return manifest.Of([]any{arg, pick(g, g.pool)}[g.rng.IntN(2):])
	case OpSize:
		size, _ := arg.Int()
		n := max(0, int(size)+g.rng.IntN(3)-1)
		switch {
		case strings.HasSuffix(p.Func, "Runes"):
			return manifest.Of(strings.Repeat("é", n))
		case strings.HasSuffix(p.Func, "Items"):
			out := &manifest.Node{Kind: manifest.List}
			for range n {
				out.Items = append(out.Items, pick(g, g.pool))
			}
			return out
		}
		out := &manifest.Node{Kind: manifest.Map}
		for i := range n {
			out = out.With("k"+strconv.Itoa(i), pick(g, g.pool))
		}
		return out
	}
	if i, ok := arg.Int(); ok && g.chance(60) {
		return manifest.Of(i + int64(g.rng.IntN(3)) - 1)
	}
	if i, ok := arg.Int(); ok && g.chance(30) {
		return manifest.Of(float64(i) + pick(g, []float64{-0.5, 0, 0.5}))
	}
	if arg.Kind == manifest.List || arg.Kind == manifest.Map {
		return pick(g, g.pool)
	}
	return arg
}

// matching writes a text that a regular expression matches.
func (g *generator) matching(re *syntax.Regexp, b *strings.Builder) {
	switch re.Op {
	case syntax.OpLiteral:
		b.WriteString(string(re.Rune))
	case syntax.OpCharClass:
		if i := 2 * g.rng.IntN(max(1, len(re.Rune)/2)); i+1 < len(re.Rune) {
			b.WriteRune(re.Rune[i] + rune(g.rng.IntN(min(20, int(re.Rune[i+1]-re.Rune[i])+1))))
		}
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		b.WriteRune(rune('a' + g.rng.IntN(26)))
	case syntax.OpStar, syntax.OpPlus, syntax.OpQuest:
		least, most := 0, 2
		if re.Op == syntax.OpPlus {
			least = 1
		}
		if re.Op == syntax.OpQuest {
			most = 1
		}
		for range least + g.rng.IntN(most-least+1) {
			g.matching(re.Sub[0], b)
		}
	case syntax.OpAlternate:
		g.matching(pick(g, re.Sub), b)
	default:
		for _, sub := range re.Sub {
			g.matching(sub, b)
		}
	}
}

// mutate changes one place of a tree.
func (g *generator) mutate(n *manifest.Node) *manifest.Node {
	if g.chance(25) {
		return g.replacement(n)
	}
	switch {
	case n.Kind == manifest.Map && len(n.Fields) > 0:
		f := pick(g, n.Fields)
		switch g.rng.IntN(6) {
		case 0:
			return without(n, f.Key)
		case 1:
			return n.With(pick(g, g.keys), f.Value)
		case 2:
			return n.With(f.Key, &manifest.Node{})
		}
		return n.With(f.Key, g.mutate(f.Value))
	case n.Kind == manifest.List && len(n.Items) > 0:
		items := append([]*manifest.Node{}, n.Items...)
		i := g.rng.IntN(len(items))
		switch g.rng.IntN(5) {
		case 0:
			items = append(items[:i], items[i+1:]...)
		case 1:
			items = append(items, items[i])
		case 2:
			items = append(items, pick(g, g.pool))
		default:
			items[i] = g.mutate(items[i])
		}
		return &manifest.Node{Kind: manifest.List, Items: items}
	}
	return g.replacement(n)
}

func (g *generator) replacement(n *manifest.Node) *manifest.Node {
	switch {
	case n.Kind == manifest.Map && g.chance(70):
		return n.With(pick(g, g.keys), pick(g, g.pool))
	case n.Kind == manifest.String && g.chance(50):
		return manifest.Of(n.Text + pick(g, []string{"x", "-", " ", "é", "/a"}))
	case n.Kind == manifest.Int && g.chance(50):
		return &manifest.Node{Kind: manifest.Float, Text: n.Text}
	}
	return pick(g, g.pool)
}

func without(n *manifest.Node, key string) *manifest.Node {
	out := &manifest.Node{Kind: manifest.Map}
	for _, f := range n.Fields {
		if f.Key != key {
			out.Fields = append(out.Fields, f)
		}
	}
	return out
}

// merge joins two maps; of other values it takes the first.
func merge(a, b *manifest.Node) *manifest.Node {
	if a.Kind != manifest.Map || b.Kind != manifest.Map {
		if a.Kind == manifest.List && b.Kind == manifest.List {
			return &manifest.Node{Kind: manifest.List, Items: append(a.Items[:len(a.Items):len(a.Items)], b.Items...)}
		}
		return a
	}
	for _, f := range b.Fields {
		if old := a.Get(f.Key); old != nil {
			a = a.With(f.Key, merge(old, f.Value))
		} else {
			a = a.With(f.Key, f.Value)
		}
	}
	return a
}
