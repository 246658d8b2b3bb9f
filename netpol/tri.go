package netpol

// Answer is a truth value with a third state for what cannot be known.
type Answer uint8

// The answers. Their order is that of truth, so that "and" is the smaller one.
const (
	No Answer = iota
	Maybe
	Yes
)

func (a Answer) String() string { return [...]string{"no", "maybe", "yes"}[a] }

// tri is the name of an Answer while matching.
type tri = Answer

const (
	no    = No
	maybe = Maybe
	yes   = Yes
)

func truth(b bool) tri {
	if b {
		return yes
	}
	return no
}

func (a Answer) not() Answer { return yes - a }

func and(a, b tri) tri { return min(a, b) }

func or(a, b tri) tri { return max(a, b) }
