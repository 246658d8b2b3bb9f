package schema

import (
	"math/big"
	"strconv"

	"github.com/secgen/secgen/manifest"
)

// verdict is what a check says about a node, ordered so that the verdict on a
// conjunction is the least of its parts, and on a disjunction the greatest.
type verdict int8

const (
	no verdict = iota
	// unknown: it hangs on a value with an unresolved ${VARIABLE}.
	unknown
	yes
)

func holds(ok bool) verdict {
	if ok {
		return yes
	}
	return no
}

// check is a predicate with its operands filled in, ready to judge nodes. eval
// never allocates on the way to yes. explain is called where eval said no and
// adds the reasons; witness where it said yes but should not have.
type check interface {
	eval(n *manifest.Node) verdict
	explain(n *manifest.Node, at manifest.FieldPath, out *[]Violation)
	witness(n *manifest.Node, at manifest.FieldPath, out *[]Violation)
	// want says in words what is accepted: `at most 3`.
	want() string
}

// scalar makes a check of a leaf.
type scalar[L interface {
	test(n *manifest.Node) bool
	words() string
}] struct{ leaf L }

func (s scalar[L]) eval(n *manifest.Node) verdict {
	if n.Kind == manifest.String && manifest.Unresolved(n.Text) {
		return unknown
	}
	return holds(s.leaf.test(n))
}

func (s scalar[L]) explain(n *manifest.Node, at manifest.FieldPath, out *[]Violation) {
	report(out, at, n, s.want())
}

func (s scalar[L]) witness(n *manifest.Node, at manifest.FieldPath, out *[]Violation) {
	report(out, at, n, negate(s.want()))
}

func (s scalar[L]) want() string { return s.leaf.words() }

func report(out *[]Violation, at manifest.FieldPath, n *manifest.Node, want string) {
	*out = append(*out, Violation{Path: at, Found: n, Want: want})
}

// compareNumbers orders two numbers exactly; ok is false where one is none.
func compareNumbers(a, b *manifest.Node) (order int, ok bool) {
	if !isNumber(a) || !isNumber(b) {
		return 0, false
	}
	if a.Kind == manifest.Int && b.Kind == manifest.Int {
		x, errX := strconv.ParseInt(a.Text, 10, 64)
		y, errY := strconv.ParseInt(b.Text, 10, 64)
		if errX == nil && errY == nil {
			return compareOrdered(x, y), true
		}
	}
	x, errX := strconv.ParseFloat(a.Text, 64)
	y, errY := strconv.ParseFloat(b.Text, 64)
	if errX != nil || errY != nil {
		return 0, false
	}
	// Two numbers this far apart are so in decimals too; nearer ones are compared
	// digit by digit, as CUE does.
	const near = 1e-9
	if gap := x - y; gap > near*(abs(x)+abs(y)) || -gap > near*(abs(x)+abs(y)) {
		return compareOrdered(x, y), true
	}
	if a.Text == b.Text {
		return 0, true
	}
	p, okP := new(big.Rat).SetString(a.Text)
	q, okQ := new(big.Rat).SetString(b.Text)
	if !okP || !okQ {
		return 0, false
	}
	return p.Cmp(q), true
}

func compareOrdered[T int64 | float64](x, y T) int {
	switch {
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return 0
}

func abs(x float64) float64 {
	if x < 0 {
		return -x
	}
	return x
}

func isNumber(n *manifest.Node) bool { return n.Kind == manifest.Int || n.Kind == manifest.Float }

// equalNodes tells whether two values are equal as CUE has it: integers differ
// from numbers with a point, lists have an order, maps have none, and a null in a
// map counts as absent.
func equalNodes(a, b *manifest.Node) bool {
	if a.IsNull() || b.IsNull() {
		return a.IsNull() && b.IsNull()
	}
	if a.Kind != b.Kind {
		return false
	}
	switch a.Kind {
	case manifest.List:
		if len(a.Items) != len(b.Items) {
			return false
		}
		for i := range a.Items {
			if !equalNodes(a.Items[i], b.Items[i]) {
				return false
			}
		}
		return true
	case manifest.Map:
		if countFields(a) != countFields(b) {
			return false
		}
		for i := range a.Fields {
			f := &a.Fields[i]
			if f.Value.IsNull() {
				continue
			}
			other := b.Get(f.Key)
			if other.IsNull() || !equalNodes(f.Value, other) {
				return false
			}
		}
		return true
	case manifest.Float:
		order, ok := compareNumbers(a, b)
		return ok && order == 0
	}
	return a.Text == b.Text
}

// countFields is the number of a map's entries that are not null.
func countFields(n *manifest.Node) int {
	count := 0
	for i := range n.Fields {
		if !n.Fields[i].Value.IsNull() {
			count++
		}
	}
	return count
}
