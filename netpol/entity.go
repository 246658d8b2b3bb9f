package netpol

import (
	"strings"

	"github.com/secgen/secgen/manifest"
)

// entity says which endpoints one side of a rule is about. All of its parts have
// to match. The zero entity matches every endpoint.
type entity struct {
	// sel and notSel select endpoints and network sets by labels.
	sel, notSel matcher
	// home is the only namespace whose endpoints sel can match, where anyHome is
	// false.
	home    string
	hasHome bool
	// nets and notNets restrict the addresses; nil does not.
	nets, notNets *Addrs
	// service restricts to the pods behind a service; unknownService says that the
	// service is not among the resources or has no selector.
	service        *service
	unknownService bool
	// key is equal for entities that match the same.
	key string
	// vector has the verdict for each endpoint of the cluster; nil for an entity
	// that matches every one.
	vector []tri
	// namesSets says that network sets may match sel.
	namesSets bool
	// picked and unpicked are the addresses of the network sets that sel and
	// notSel select.
	picked, unpicked setAddrs
}

// setAddrs are addresses that a selector finds for sure, and those that it may.
type setAddrs struct{ sure, perhaps Addrs }

// prepare finds the network sets that the entity's selectors select.
func (e *entity) prepare(w *world) {
	if e.namesSets {
		e.picked, e.unpicked = w.setsOf(e.sel), w.setsOf(e.notSel)
	}
}

func (w *world) setsOf(m matcher) setAddrs {
	var sure, perhaps []span
	for i := range w.sets {
		set := &w.sets[i]
		if m == nil || set.addrs.Empty() {
			continue
		}
		switch m(&set.labels) {
		case yes:
			sure = append(sure, set.addrs.spans...)
		case maybe:
			perhaps = append(perhaps, set.addrs.spans...)
		}
	}
	return setAddrs{sure: addrsOf(sure), perhaps: addrsOf(perhaps)}
}

// has says whether the endpoint's address is one of them.
func (s setAddrs) has(x *Endpoint, family int) tri {
	result := no
	if !s.sure.Empty() {
		result = x.within(s.sure, family)
	}
	if result != yes && !s.perhaps.Empty() {
		result = or(result, and(maybe, x.within(s.perhaps, family)))
	}
	return result
}

// within says whether the endpoint's address is in a set. Of a class of outside
// addresses one stands for all: the classes were made so.
func (x *Endpoint) within(set Addrs, family int) tri {
	if x.Kind == External {
		return truth(set.Has(x.Addrs.First()))
	}
	return set.covers(x.addrs(family))
}

// any tells whether the entity matches every endpoint.
func (e *entity) any() bool {
	return e.sel == nil && e.notSel == nil && e.nets == nil && e.notNets == nil && e.service == nil && !e.unknownService
}

// at is the verdict for the endpoint with an index.
func (e *entity) at(index int) tri {
	if e.vector == nil {
		return yes
	}
	return e.vector[index]
}

// matches computes the verdict for an endpoint. family is that of the rule's
// nets, or of the cluster.
func (e *entity) matches(x *Endpoint, family int) tri {
	result := yes
	if e.sel != nil {
		result = selects(e.sel, e.picked, x, family)
	}
	if result != no && e.notSel != nil {
		result = and(result, selects(e.notSel, e.unpicked, x, family).not())
	}
	if result != no && e.nets != nil {
		result = and(result, x.within(*e.nets, family))
	}
	if result != no && e.notNets != nil {
		result = and(result, x.within(*e.notNets, family).not())
	}
	if result != no && e.service != nil {
		result = and(result, e.service.has(x))
	}
	if e.unknownService {
		result = and(result, maybe)
	}
	return result
}

// addrs are the addresses of one family that the endpoint may have.
func (x *Endpoint) addrs(family int) Addrs {
	if family == 6 {
		return x.v6
	}
	return x.v4
}

// labelled tells whether selectors see the endpoint's labels.
func (x *Endpoint) labelled() bool {
	return x.Kind == Stranger || x.Kind == Host || x.Kind == DNS || x.Kind == Pod && !x.HostNetwork
}

// selects says whether a selector picks the endpoint, by its labels or because
// its address is in a network set that the selector picks.
func selects(m matcher, sets setAddrs, x *Endpoint, family int) tri {
	result := no
	if x.labelled() {
		result = m(&x.all)
	}
	return or(result, sets.has(x, family))
}

func (s *service) has(x *Endpoint) tri {
	switch {
	case s.pods == nil:
		// Its endpoints come from elsewhere: an EndpointSlice that a person or a
		// controller writes.
		return maybe
	case x.Kind == External, x.Kind == Host, x.Namespace != s.namespace:
		return no
	case x.Kind == Node, x.Kind == OwnNode, x.HostNetwork:
		return maybe
	}
	return s.pods(&x.all)
}

// canonical is equal for nodes with the same values.
func canonical(n *manifest.Node) string {
	var b strings.Builder
	writeCanonical(&b, n)
	return b.String()
}

func writeCanonical(b *strings.Builder, n *manifest.Node) {
	if n == nil {
		b.WriteByte('-')
		return
	}
	b.WriteByte('0' + byte(n.Kind))
	switch n.Kind {
	case manifest.List:
		for _, item := range n.Items {
			writeCanonical(b, item)
		}
		b.WriteByte(']')
	case manifest.Map:
		for _, f := range n.Fields {
			b.WriteString(f.Key)
			b.WriteByte('\x00')
			writeCanonical(b, f.Value)
		}
		b.WriteByte('}')
	default:
		b.WriteString(n.Text)
		b.WriteByte('\x00')
	}
}
