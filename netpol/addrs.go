package netpol

import (
	"net/netip"
	"slices"
	"strings"
)

// span is an inclusive range of addresses of one family.
type span struct{ lo, hi netip.Addr }

// Addrs is a set of IPv4 and IPv6 addresses: sorted, disjoint, not adjacent
// spans. The zero value is empty. Values are never changed once made.
type Addrs struct{ spans []span }

// AddrsOf makes the set of all addresses of the prefixes.
func AddrsOf(prefixes ...netip.Prefix) Addrs {
	spans := make([]span, 0, len(prefixes))
	for _, p := range prefixes {
		if p.IsValid() {
			spans = append(spans, prefixSpan(p))
		}
	}
	return addrsOf(spans)
}

func prefixSpan(p netip.Prefix) span {
	if p.Addr().Is4In6() && p.Bits() >= 96 {
		p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
	}
	p = p.Masked()
	bytes := p.Addr().AsSlice()
	for i := range bytes {
		ones := min(max(p.Bits()-8*i, 0), 8)
		bytes[i] |= 0xff >> ones
	}
	hi, _ := netip.AddrFromSlice(bytes)
	return span{p.Addr(), hi}
}

func addrsOf(spans []span) Addrs {
	slices.SortFunc(spans, func(a, b span) int { return a.lo.Compare(b.lo) })
	var out []span
	for _, s := range spans {
		if n := len(out); n > 0 && follows(out[n-1].hi, s.lo) {
			if out[n-1].hi.Less(s.hi) {
				out[n-1].hi = s.hi
			}
		} else {
			out = append(out, s)
		}
	}
	return Addrs{out}
}

// follows tells whether lo continues or overlaps a span that ends at hi.
func follows(hi, lo netip.Addr) bool {
	if hi.BitLen() != lo.BitLen() {
		return false
	}
	next := hi.Next()
	return !next.IsValid() || !next.Less(lo)
}

var (
	everyIPv4 = netip.MustParsePrefix("0.0.0.0/0")
	everyIPv6 = netip.MustParsePrefix("::/0")
)

// everyAddr is all addresses of a family, 4 or 6.
func everyAddr(family int) Addrs {
	if family == 6 {
		return AddrsOf(everyIPv6)
	}
	return AddrsOf(everyIPv4)
}

// Empty tells whether the set has no address.
func (a Addrs) Empty() bool { return len(a.spans) == 0 }

// Has tells whether the set has the address.
func (a Addrs) Has(ip netip.Addr) bool {
	ip = ip.Unmap().WithZone("")
	i, found := slices.BinarySearchFunc(a.spans, ip, func(s span, ip netip.Addr) int { return s.lo.Compare(ip) })
	if found {
		return true
	}
	return i > 0 && a.spans[i-1].hi.BitLen() == ip.BitLen() && !a.spans[i-1].hi.Less(ip)
}

// Union returns the addresses of either set.
func (a Addrs) Union(b Addrs) Addrs {
	return addrsOf(append(slices.Clone(a.spans), b.spans...))
}

// Intersect returns the addresses of both sets.
func (a Addrs) Intersect(b Addrs) Addrs {
	var out []span
	for i, j := 0, 0; i < len(a.spans) && j < len(b.spans); {
		s, t := a.spans[i], b.spans[j]
		lo, hi := s.lo, s.hi
		if lo.Less(t.lo) {
			lo = t.lo
		}
		if t.hi.Less(hi) {
			hi = t.hi
		}
		if !hi.Less(lo) {
			out = append(out, span{lo, hi})
		}
		if s.hi.Less(t.hi) {
			i++
		} else {
			j++
		}
	}
	return Addrs{out}
}

// Minus returns the addresses of a that are not in b.
func (a Addrs) Minus(b Addrs) Addrs {
	var out []span
	j := 0
	for _, s := range a.spans {
		lo, done := s.lo, false
		for j < len(b.spans) && b.spans[j].hi.Less(lo) {
			j++
		}
		for k := j; k < len(b.spans) && !s.hi.Less(b.spans[k].lo) && !done; k++ {
			if t := b.spans[k]; lo.Less(t.lo) {
				out = append(out, span{lo, t.lo.Prev()})
			}
			if s.hi.Less(b.spans[k].hi) || s.hi == b.spans[k].hi {
				done = true
			} else {
				lo = b.spans[k].hi.Next()
			}
		}
		if !done && !s.hi.Less(lo) {
			out = append(out, span{lo, s.hi})
		}
	}
	return Addrs{out}
}

// Family returns the addresses of one family, 4 or 6.
func (a Addrs) Family(family int) Addrs {
	var out []span
	for _, s := range a.spans {
		if s.lo.Is4() == (family == 4) {
			out = append(out, s)
		}
	}
	return Addrs{out}
}

// covers says whether an unknown address of a is in b: yes if all of them are,
// no if none is.
func (b Addrs) covers(a Addrs) tri {
	common := b.Intersect(a)
	switch {
	case common.Empty():
		return no
	case slices.Equal(common.spans, a.spans):
		return yes
	}
	return maybe
}

// First is the lowest address.
func (a Addrs) First() netip.Addr {
	if len(a.spans) == 0 {
		return netip.Addr{}
	}
	return a.spans[0].lo
}

// Prefixes returns the fewest prefixes that make up the set, in order.
func (a Addrs) Prefixes() []netip.Prefix {
	var out []netip.Prefix
	for _, s := range a.spans {
		lo := s.lo
		for {
			bits := lo.BitLen()
			for bits > 0 {
				wider := netip.PrefixFrom(lo, bits-1)
				if wider.Masked().Addr() != lo || s.hi.Less(prefixSpan(wider).hi) {
					break
				}
				bits--
			}
			p := netip.PrefixFrom(lo, bits)
			out = append(out, p)
			hi := prefixSpan(p).hi
			if hi == s.hi {
				break
			}
			lo = hi.Next()
		}
	}
	return out
}

// String lists the prefixes, the first few of many.
func (a Addrs) String() string {
	const most = 4
	prefixes := a.Prefixes()
	var parts []string
	for i, p := range prefixes {
		if i == most {
			return strings.Join(parts, ", ") + ", ..."
		}
		parts = append(parts, p.String())
	}
	return strings.Join(parts, ", ")
}
