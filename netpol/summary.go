package netpol

import (
	"crypto/sha256"
	"encoding/binary"
)

// Group is endpoints that no connection tells apart: every other endpoint may do
// the same to all of them, and they may do the same to it and to each other.
type Group struct{ Members []*Endpoint }

// GroupFlow is what every member of one group may do to every member of another,
// by their places in the list of groups.
type GroupFlow struct {
	From, To         int
	Allowed, Unknown Conns
}

// Summary is Connections in the fewest words: the groups of endpoints, in the
// order of their first members, and the flows between them that are open.
func (c *Cluster) Summary() ([]Group, []GroupFlow) {
	v := newEvaluator(c)
	endpoints := c.Endpoints()
	n := len(endpoints)
	ids, table := map[*side]uint32{}, make([]uint32, n*n)
	var sides []*side
	for i, from := range endpoints {
		for j, to := range endpoints {
			if !related(from, to) {
				continue // 0 stands for pairs that nobody asks about
			}
			s := v.pair(from, to)
			id, ok := ids[s]
			if !ok {
				sides = append(sides, s)
				id = uint32(len(sides))
				ids[s] = id
			}
			table[i*n+j] = id
		}
	}
	groups, first := grouped(endpoints, table)
	var flows []GroupFlow
	for g, i := range first {
		for h, j := range first {
			id := table[i*n+j]
			if id == 0 {
				continue
			}
			s := sides[id-1]
			if f := (GroupFlow{From: g, To: h, Allowed: s.certain(), Unknown: s.unknown()}); !f.Allowed.Empty() || !f.Unknown.Empty() {
				flows = append(flows, f)
			}
		}
	}
	return groups, flows
}

// grouped puts endpoints with equal rows and columns together. first has the
// place of each group's first member.
func grouped(endpoints []*Endpoint, table []uint32) (groups []Group, first []int) {
	n := len(endpoints)
	known := map[[sha256.Size]byte]int{}
	line := make([]byte, 0, 8*n+1)
	for i, e := range endpoints {
		line = append(line[:0], byte(e.Kind))
		for j := range n {
			line = binary.LittleEndian.AppendUint32(line, table[i*n+j])
			line = binary.LittleEndian.AppendUint32(line, table[j*n+i])
		}
		key := sha256.Sum256(line)
		g, ok := known[key]
		if !ok {
			g = len(groups)
			known[key] = g
			groups = append(groups, Group{})
			first = append(first, i)
		}
		groups[g].Members = append(groups[g].Members, e)
	}
	return groups, first
}

// related tells whether a connection between two endpoints is worth asking about:
// one of them must have policies, and only pods have a node of their own.
func related(from, to *Endpoint) bool {
	if !from.labelled() && !to.labelled() {
		return false
	}
	pods := func(e *Endpoint) bool { return e.Kind == Pod || e.Kind == Stranger }
	return !(to.Kind == OwnNode && !pods(from)) && !(from.Kind == OwnNode && !pods(to))
}
