package netpol

import (
	"slices"
	"strconv"
	"strings"
)

// interval is an inclusive range of 16-bit numbers.
type interval struct{ lo, hi uint16 }

// ranges is a set of 16-bit numbers: sorted, disjoint, not adjacent intervals.
// Values are never changed once made. Ports use it as they are; an ICMP message
// is its type in the high byte and its code in the low one.
type ranges []interval

var allRanges = ranges{{0, 65535}}

func oneRange(lo, hi uint16) ranges { return ranges{{lo, hi}} }

// rangesOf makes a set of intervals in any order.
func rangesOf(list []interval) ranges {
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b interval) int { return int(a.lo) - int(b.lo) })
	var out ranges
	for _, i := range list {
		if n := len(out); n > 0 && int(i.lo) <= int(out[n-1].hi)+1 {
			out[n-1].hi = max(out[n-1].hi, i.hi)
		} else {
			out = append(out, i)
		}
	}
	return out
}

func (r ranges) full() bool { return len(r) == 1 && r[0] == allRanges[0] }

func (r ranges) has(n uint16) bool {
	for _, i := range r {
		if n <= i.hi {
			return n >= i.lo
		}
	}
	return false
}

func (r ranges) union(s ranges) ranges {
	switch {
	case len(r) == 0 || s.full():
		return s
	case len(s) == 0 || r.full():
		return r
	}
	return rangesOf(append(slices.Clone([]interval(r)), s...))
}

func (r ranges) complement() ranges {
	var out ranges
	next := 0
	for _, i := range r {
		if int(i.lo) > next {
			out = append(out, interval{uint16(next), i.lo - 1})
		}
		next = int(i.hi) + 1
	}
	if next <= 65535 {
		out = append(out, interval{uint16(next), 65535})
	}
	return out
}

func (r ranges) intersect(s ranges) ranges {
	switch {
	case len(r) == 0 || len(s) == 0:
		return nil
	case r.full():
		return s
	case s.full():
		return r
	}
	var out ranges
	for i, j := 0, 0; i < len(r) && j < len(s); {
		if lo, hi := max(r[i].lo, s[j].lo), min(r[i].hi, s[j].hi); lo <= hi {
			out = append(out, interval{lo, hi})
		}
		if r[i].hi < s[j].hi {
			i++
		} else {
			j++
		}
	}
	return out
}

func (r ranges) minus(s ranges) ranges {
	if len(r) == 0 || len(s) == 0 {
		return r
	}
	return r.intersect(s.complement())
}

func (r ranges) String() string {
	parts := make([]string, len(r))
	for i, v := range r {
		parts[i] = strconv.Itoa(int(v.lo))
		if v.hi != v.lo {
			parts[i] += "-" + strconv.Itoa(int(v.hi))
		}
	}
	return strings.Join(parts, ",")
}
