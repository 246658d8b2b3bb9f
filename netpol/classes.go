package netpol

import (
	"net/netip"
	"slices"
)

// addressClasses cuts all addresses of both families into the classes that no
// given set tells apart: two addresses of a class are in the same sets. Each
// class is one Addrs; they are ordered by their lowest address.
func addressClasses(sets []Addrs) []Addrs {
	type edge struct {
		at  netip.Addr
		tag [2]uint64
	}
	var edges []edge
	for i, set := range sets {
		tag := [2]uint64{mix(uint64(2*i + 1)), mix(uint64(2*i + 2))}
		for _, s := range set.spans {
			edges = append(edges, edge{s.lo, tag})
			if next := s.hi.Next(); next.IsValid() {
				edges = append(edges, edge{next, tag})
			}
		}
	}
	slices.SortFunc(edges, func(a, b edge) int { return a.at.Compare(b.at) })

	var order [][2]uint64
	spans := map[[2]uint64][]span{}
	for _, whole := range []netip.Prefix{everyIPv4, everyIPv6} {
		all := prefixSpan(whole)
		// The family is part of the signature, so that no class has both.
		sign := [2]uint64{mix(uint64(all.lo.BitLen())), 0}
		lo := all.lo
		emit := func(hi netip.Addr) {
			if _, ok := spans[sign]; !ok {
				order = append(order, sign)
			}
			spans[sign] = append(spans[sign], span{lo, hi})
		}
		for _, e := range edges {
			if e.at.BitLen() != lo.BitLen() {
				continue
			}
			if lo.Less(e.at) {
				emit(e.at.Prev())
				lo = e.at
			}
			// Entering and leaving a set both flip its tag.
			sign[0] ^= e.tag[0]
			sign[1] ^= e.tag[1]
		}
		emit(all.hi)
	}
	out := make([]Addrs, len(order))
	for i, sign := range order {
		out[i] = addrsOf(spans[sign])
	}
	return out
}

// mix spreads a number over 64 bits (the finaliser of SplitMix64).
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
