package schema

import (
	"slices"
	"strconv"

	"github.com/secgen/secgen/manifest"
)

// allCheck accepts what all its parts accept.
type allCheck []check

func (a allCheck) eval(n *manifest.Node) verdict {
	result := yes
	for _, c := range a {
		if result = min(result, c.eval(n)); result == no {
			return no
		}
	}
	return result
}

func (a allCheck) explain(n *manifest.Node, at manifest.FieldPath, out *[]Violation) {
	for _, c := range a {
		if c.eval(n) == no {
			c.explain(n, at, out)
		}
	}
}

func (a allCheck) witness(n *manifest.Node, at manifest.FieldPath, out *[]Violation) {
	var telling []check
	for _, c := range a {
		switch c.(type) {
		case anyCheck, typeCheck:
		default:
			telling = append(telling, c)
		}
	}
	if len(telling) == 1 {
		telling[0].witness(n, at, out)
		return
	}
	report(out, at, n, negate(a.want()))
}

func (a allCheck) want() string { return both(a) }

// orCheck accepts what one of its alternatives accepts.
type orCheck []check

func (o orCheck) eval(n *manifest.Node) verdict {
	result := no
	for _, c := range o {
		if result = max(result, c.eval(n)); result == yes {
			return yes
		}
	}
	return result
}

func (o orCheck) explain(n *manifest.Node, at manifest.FieldPath, out *[]Violation) {
	explainNearest(o, n, at, either(o), out)
}

func (o orCheck) witness(n *manifest.Node, at manifest.FieldPath, out *[]Violation) {
	for _, c := range o {
		if c.eval(n) == yes {
			c.witness(n, at, out)
			return
		}
	}
}

func (o orCheck) want() string { return either(o) }

// explainNearest says why none of several alternatives holds: in one sentence
// where all of them judge the value itself, otherwise by the alternative that
// fails deepest and with the fewest reasons.
func explainNearest(alternatives []check, n *manifest.Node, at manifest.FieldPath, want string, out *[]Violation) {
	var best []Violation
	tied := false
	for _, c := range alternatives {
		if c.eval(n) == yes {
			continue
		}
		var reasons []Violation
		c.explain(n, at, &reasons)
		switch order := nearer(reasons, best); {
		case best == nil || order > 0:
			best, tied = reasons, false
		case order == 0:
			tied = true
		}
	}
	if len(best) == 0 || tied || len(best[0].Path) == len(at) {
		report(out, at, n, want)
		return
	}
	*out = append(*out, best...)
}

// nearer compares two lists of reasons: those that lie deeper, then the shorter
// list, are nearer to being no reasons at all.
func nearer(a, b []Violation) int {
	depth := func(list []Violation) int {
		deepest := 0
		for _, v := range list {
			d := 2 * len(v.Path)
			if v.Found != nil {
				d++
			}
			deepest = max(deepest, d)
		}
		return deepest
	}
	if d := depth(a) - depth(b); d != 0 {
		return d
	}
	return len(b) - len(a)
}

// numberCheck judges how many of its parts hold.
type numberCheck struct {
	parts []check
	count check
}

func (c *numberCheck) eval(n *manifest.Node) verdict {
	sure, open := 0, 0
	for _, part := range c.parts {
		switch part.eval(n) {
		case yes:
			sure++
		case unknown:
			open++
		}
	}
	return evalCount(c.count, sure, open)
}

func (c *numberCheck) explain(n *manifest.Node, at manifest.FieldPath, out *[]Violation) {
	var held []check
	for _, part := range c.parts {
		if part.eval(n) == yes {
			held = append(held, part)
		}
	}
	if wantsMore(c.count, len(held), len(c.parts)) {
		explainNearest(c.parts, n, at, c.want(), out)
		return
	}
	for _, part := range held {
		part.witness(n, at, out)
	}
	if len(held) == 0 {
		report(out, at, n, c.want())
	}
}

func (c *numberCheck) witness(n *manifest.Node, at manifest.FieldPath, out *[]Violation) {
	for _, part := range c.parts {
		if part.eval(n) == yes {
			part.witness(n, at, out)
			return
		}
	}
	explainNearest(c.parts, n, at, negate(c.want()), out)
}

func (c *numberCheck) want() string {
	none := c.count.eval(number(0)) == yes
	one := c.count.eval(number(1)) == yes
	switch {
	case none && !one && len(c.parts) == 1:
		return negate(c.parts[0].want())
	case none && !one:
		return "neither " + either(c.parts)
	case !none && one:
		return either(c.parts)
	}
	return c.count.want() + " of: " + either(c.parts)
}

// ifCheck demands one thing where a condition holds and another elsewhere.
type ifCheck struct{ condition, then, otherwise check }

func (c *ifCheck) eval(n *manifest.Node) verdict {
	switch c.condition.eval(n) {
	case yes:
		return c.then.eval(n)
	case no:
		return c.otherwise.eval(n)
	}
	then, otherwise := c.then.eval(n), c.otherwise.eval(n)
	if then == otherwise {
		return then
	}
	return unknown
}

func (c *ifCheck) explain(n *manifest.Node, at manifest.FieldPath, out *[]Violation) {
	if c.condition.eval(n) == no {
		c.otherwise.explain(n, at, out)
		return
	}
	c.then.explain(n, at, out)
}

func (c *ifCheck) witness(n *manifest.Node, at manifest.FieldPath, out *[]Violation) {
	if c.condition.eval(n) == no {
		c.otherwise.witness(n, at, out)
		return
	}
	c.then.witness(n, at, out)
}

func (c *ifCheck) want() string { return c.then.want() }

// evalCount judges a number of which only a range is known.
func evalCount(count check, sure, open int) verdict {
	result := count.eval(smallNumber(sure))
	for i := 1; i <= open; i++ {
		if count.eval(smallNumber(sure+i)) != result {
			return unknown
		}
	}
	return result
}

// wantsMore tells whether a larger count, up to most, would be accepted.
func wantsMore(count check, have, most int) bool {
	for i := have + 1; i <= most; i++ {
		if count.eval(smallNumber(i)) == yes {
			return true
		}
	}
	return false
}

func number(i int) *manifest.Node {
	return &manifest.Node{Kind: manifest.Int, Text: strconv.Itoa(i)}
}

// smallNumbers are made once so that counting allocates nothing.
var smallNumbers = slices.Collect(func(yield func(*manifest.Node) bool) {
	for i := range 64 {
		if !yield(number(i)) {
			return
		}
	}
})

func smallNumber(i int) *manifest.Node {
	if i < len(smallNumbers) {
		return smallNumbers[i]
	}
	return number(i)
}
