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

func fineIndex(proto uint8) int {
	switch proto {
	case ProtoTCP:
		return 0
	case ProtoUDP:
		return 1
	case ProtoSCTP:
		return 2
	case ProtoICMP:
		return 3
	case ProtoICMPv6:
		return 4
	}
	return -1
}

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
// made, and cheap to copy.
type Conns struct{ set *connSet }

type connSet struct {
	fine [len(structured)]ranges
	// rest has a bit for each other protocol.
	rest [4]uint64
}

// value is the set itself, empty for the zero value.
func (c Conns) value() connSet {
	if c.set == nil {
		return connSet{}
	}
	return *c.set
}

// conns makes a handle; that of an empty set is always nil.
func (s connSet) conns() Conns {
	for _, r := range s.fine {
		if len(r) > 0 {
			return Conns{&s}
		}
	}
	if s.rest == [4]uint64{} {
		return Conns{}
	}
	return Conns{&s}
}

var allConns = everyConn()

func everyConn() Conns {
	var c connSet
	for i := range c.fine {
		c.fine[i] = allRanges
	}
	for p := range 256 {
		if fineIndex(uint8(p)) < 0 {
			c.rest[p/64] |= 1 << (p % 64)
		}
	}
	return c.conns()
}

// AllConns returns every connection.
func AllConns() Conns { return allConns }

// protoConns returns every connection of a protocol.
func protoConns(proto uint8) Conns { return rangeConns(proto, allRanges) }

// rangeConns returns the connections of a protocol with the given ports or ICMP
// messages. For a protocol without them only the whole or nothing makes sense.
func rangeConns(proto uint8, r ranges) Conns {
	var c connSet
	if i := fineIndex(proto); i >= 0 {
		c.fine[i] = r
	} else if len(r) > 0 {
		c.rest[proto/64] |= 1 << (proto % 64)
	}
	return c.conns()
}

// Empty tells whether there is no connection in the set.
func (c Conns) Empty() bool { return c.set == nil }

// All tells whether every connection is in the set.
func (c Conns) All() bool { return c.set == allConns.set || allConns.Minus(c).Empty() }

// Union returns the connections of either set.
func (c Conns) Union(d Conns) Conns {
	switch {
	case c.set == nil || d.set == allConns.set || c.set == d.set:
		return d
	case d.set == nil || c.set == allConns.set:
		return c
	}
	out := *c.set
	for i := range out.fine {
		out.fine[i] = out.fine[i].union(d.set.fine[i])
	}
	for i := range out.rest {
		out.rest[i] |= d.set.rest[i]
	}
	return out.conns()
}

// Intersect returns the connections of both sets.
func (c Conns) Intersect(d Conns) Conns {
	switch {
	case c.set == nil || d.set == nil:
		return Conns{}
	case c.set == allConns.set || c.set == d.set:
		return d
	case d.set == allConns.set:
		return c
	}
	out := *c.set
	for i := range out.fine {
		out.fine[i] = out.fine[i].intersect(d.set.fine[i])
	}
	for i := range out.rest {
		out.rest[i] &= d.set.rest[i]
	}
	return out.conns()
}

// Minus returns the connections of c that are not in d.
func (c Conns) Minus(d Conns) Conns {
	switch {
	case c.set == nil || c.set == d.set || d.set == allConns.set:
		return Conns{}
	case d.set == nil:
		return c
	}
	out := *c.set
	for i := range out.fine {
		out.fine[i] = out.fine[i].minus(d.set.fine[i])
	}
	for i := range out.rest {
		out.rest[i] &^= d.set.rest[i]
	}
	return out.conns()
}

// Equal tells whether both sets hold the same connections.
func (c Conns) Equal(d Conns) bool {
	if c.set == d.set {
		return true
	}
	a, b := c.value(), d.value()
	for i := range a.fine {
		if !slices.Equal(a.fine[i], b.fine[i]) {
			return false
		}
	}
	return a.rest == b.rest
}

// Has tells whether the set holds the connections of a port.
func (c Conns) Has(p Port) bool {
	if c.set == nil {
		return false
	}
	if i := fineIndex(p.Protocol); i >= 0 {
		return c.set.fine[i].has(p.number())
	}
	return c.set.rest[p.Protocol/64]&(1<<(p.Protocol%64)) != 0
}

// First returns a port of the set, the smallest of the first protocol in the
// order TCP, UDP, SCTP, ICMP, ICMPv6, others by number; ok is false for an
// empty set.
func (c Conns) First() (p Port, ok bool) {
	v := c.value()
	for i, r := range v.fine {
		if len(r) == 0 {
			continue
		}
		p = Port{Protocol: structured[i], Number: r[0].lo}
		if p.isICMP() {
			p = Port{Protocol: structured[i], Type: uint8(r[0].lo >> 8), Code: uint8(r[0].lo)}
		}
		return p, true
	}
	for i, word := range v.rest {
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
	v := c.value()
	for i, r := range v.fine {
		if len(r) > 0 {
			parts = append(parts, fineString(structured[i], r))
		}
	}
	if v.rest == allConns.set.rest {
		return strings.Join(append(parts, "other protocols"), "; ")
	}
	for p := range 256 {
		if v.rest[p/64]&(1<<(p%64)) != 0 {
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
	v := c.value()
	for _, r := range v.fine {
		b = append(b, byte(len(r)), byte(len(r)>>8))
		for _, i := range r {
			b = append(b, byte(i.lo), byte(i.lo>>8), byte(i.hi), byte(i.hi>>8))
		}
	}
	for _, w := range v.rest {
		for s := 0; s < 64; s += 8 {
			b = append(b, byte(w>>s))
		}
	}
	return string(b)
}
