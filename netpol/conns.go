package netpol

import (
	"fmt"
	"math/bits"
	"slices"
	"strconv"
	"strings"
)

// The IP protocols that have a name or a finer structure here.
const (
	ProtoICMP    uint8 = 1
	ProtoTCP     uint8 = 6
	ProtoUDP     uint8 = 17
	ProtoICMPv6  uint8 = 58
	ProtoSCTP    uint8 = 132
	ProtoUDPLite uint8 = 136
)

// structured are the protocols whose connections differ by a 16-bit number, in
// the order of Conns.fine.
var structured = [...]uint8{ProtoTCP, ProtoUDP, ProtoSCTP, ProtoICMP, ProtoICMPv6}

func fineIndex(proto uint8) int { return slices.Index(structured[:], proto) }

func protoName(proto uint8) string {
	switch proto {
	case ProtoTCP:
		return "TCP"
	case ProtoUDP:
		return "UDP"
	case ProtoSCTP:
		return "SCTP"
	case ProtoICMP:
		return "ICMP"
	case ProtoICMPv6:
		return "ICMPv6"
	case ProtoUDPLite:
		return "UDPLite"
	}
	return "protocol " + strconv.Itoa(int(proto))
}

// Conns is an exact set of connections between two endpoints: destination ports
// of TCP, UDP and SCTP, types and codes of ICMP and ICMPv6, and the other IP
// protocols as wholes. The zero value is empty. Values are never changed once
// made.
type Conns struct {
	fine [len(structured)]ranges
	// rest has a bit for each other protocol.
	rest [4]uint64
}

// AllConns returns every connection.
func AllConns() Conns {
	var c Conns
	for i := range c.fine {
		c.fine[i] = allRanges
	}
	for p := range 256 {
		if fineIndex(uint8(p)) < 0 {
			c.rest[p/64] |= 1 << (p % 64)
		}
	}
	return c
}

// protoConns returns every connection of a protocol.
func protoConns(proto uint8) Conns { return rangeConns(proto, allRanges) }

// rangeConns returns the connections of a protocol with the given ports or ICMP
// messages. For a protocol without them only the whole or nothing makes sense.
func rangeConns(proto uint8, r ranges) Conns {
	var c Conns
	if i := fineIndex(proto); i >= 0 {
		c.fine[i] = r
	} else if len(r) > 0 {
		c.rest[proto/64] |= 1 << (proto % 64)
	}
	return c
}

// Empty tells whether there is no connection in the set.
func (c Conns) Empty() bool {
	for _, r := range c.fine {
		if len(r) > 0 {
			return false
		}
	}
	return c.rest == [4]uint64{}
}

// All tells whether every connection is in the set.
func (c Conns) All() bool { return AllConns().Minus(c).Empty() }

// Union returns the connections of either set.
func (c Conns) Union(d Conns) Conns {
	for i := range c.fine {
		c.fine[i] = c.fine[i].union(d.fine[i])
	}
	for i := range c.rest {
		c.rest[i] |= d.rest[i]
	}
	return c
}

// Intersect returns the connections of both sets.
func (c Conns) Intersect(d Conns) Conns {
	for i := range c.fine {
		c.fine[i] = c.fine[i].intersect(d.fine[i])
	}
	for i := range c.rest {
		c.rest[i] &= d.rest[i]
	}
	return c
}

// Minus returns the connections of c that are not in d.
func (c Conns) Minus(d Conns) Conns {
	for i := range c.fine {
		c.fine[i] = c.fine[i].minus(d.fine[i])
	}
	for i := range c.rest {
		c.rest[i] &^= d.rest[i]
	}
	return c
}

// Equal tells whether both sets hold the same connections.
func (c Conns) Equal(d Conns) bool {
	for i := range c.fine {
		if !slices.Equal(c.fine[i], d.fine[i]) {
			return false
		}
	}
	return c.rest == d.rest
}

// Has tells whether the set holds the connections of a port.
func (c Conns) Has(p Port) bool {
	if i := fineIndex(p.Protocol); i >= 0 {
		return c.fine[i].has(p.number())
	}
	return c.rest[p.Protocol/64]&(1<<(p.Protocol%64)) != 0
}

// First returns a port of the set, the smallest of the first protocol in the
// order TCP, UDP, SCTP, ICMP, ICMPv6, others by number; ok is false for an
// empty set.
func (c Conns) First() (p Port, ok bool) {
	for i, r := range c.fine {
		if len(r) == 0 {
			continue
		}
		p = Port{Protocol: structured[i], Number: r[0].lo}
		if p.isICMP() {
			p = Port{Protocol: structured[i], Type: uint8(r[0].lo >> 8), Code: uint8(r[0].lo)}
		}
		return p, true
	}
	for i, word := range c.rest {
		if word != 0 {
			return Port{Protocol: uint8(i*64 + bits.TrailingZeros64(word))}, true
		}
	}
	return Port{}, false
}

// String is "all", "none", or such as "TCP 80,8000-8080; UDP 53; ICMP".
func (c Conns) String() string {
	if c.Empty() {
		return "none"
	}
	if c.All() {
		return "all"
	}
	var parts []string
	for i, r := range c.fine {
		if len(r) > 0 {
			parts = append(parts, fineString(structured[i], r))
		}
	}
	others := AllConns().rest
	if c.rest == others {
		return strings.Join(append(parts, "other protocols"), "; ")
	}
	for p := range 256 {
		if c.rest[p/64]&(1<<(p%64)) != 0 {
			parts = append(parts, protoName(uint8(p)))
		}
	}
	return strings.Join(parts, "; ")
}

func fineString(proto uint8, r ranges) string {
	if r.full() {
		return protoName(proto)
	}
	if proto != ProtoICMP && proto != ProtoICMPv6 {
		return protoName(proto) + " " + r.String()
	}
	parts := make([]string, 0, len(r))
	for _, i := range r {
		switch {
		case i.lo == i.hi:
			parts = append(parts, fmt.Sprintf("type %d code %d", i.lo>>8, i.lo&255))
		case i.lo&255 == 0 && i.hi&255 == 255 && i.lo>>8 == i.hi>>8:
			parts = append(parts, fmt.Sprintf("type %d", i.lo>>8))
		default:
			parts = append(parts, fmt.Sprintf("type %d code %d to type %d code %d", i.lo>>8, i.lo&255, i.hi>>8, i.hi&255))
		}
	}
	return protoName(proto) + " " + strings.Join(parts, ", ")
}

// key is equal for equal sets, for use in maps.
func (c Conns) key() string {
	b := make([]byte, 0, 64)
	for _, r := range c.fine {
		b = append(b, byte(len(r)), byte(len(r)>>8))
		for _, i := range r {
			b = append(b, byte(i.lo), byte(i.lo>>8), byte(i.hi), byte(i.hi>>8))
		}
	}
	for _, w := range c.rest {
		for s := 0; s < 64; s += 8 {
			b = append(b, byte(w>>s))
		}
	}
	return string(b)
}
