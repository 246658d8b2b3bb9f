package graph

import (
	"slices"
	"strings"

	"github.com/secgen/secgen/netpol"
)

// fromWholes replaces equal links from all pods of a namespace, or of the cluster,
// by one.
func (b *builder) fromWholes() {
	b.links = b.whole(b.links, func(l *link) (own, peer *end) { return &l.from, &l.to }, sourceOpen)
}

// toWholes does the same for links to all pods.
func (b *builder) toWholes() {
	b.links = b.whole(b.links, func(l *link) (own, peer *end) { return &l.to, &l.from }, targetOpen)
}

// sourceOpen and targetOpen tell whether nothing restricts a unit in a direction.
func sourceOpen(u unit) bool {
	_, out := u.closed()
	return !out && u.egress != netpol.Maybe
}

func targetOpen(u unit) bool {
	in, _ := u.closed()
	return !in && u.ingress != netpol.Maybe
}

// whole joins the links whose own ends make up a whole. ends tells the two ends of
// a link apart; open is for units that nothing isolates in the direction of their
// own end: any pod is all of those.
func (b *builder) whole(links []link, ends func(*link) (own, peer *end), open func(unit) bool) []link {
	type bundle struct {
		peer   end
		label  string
		unsure bool
	}
	members := map[bundle]map[end]bool{}
	var order []bundle
	for i := range links {
		own, peer := ends(&links[i])
		if own.kind != Pods && own.kind != Others {
			continue
		}
		k := bundle{*peer, links[i].label, links[i].unsure}
		if members[k] == nil {
			members[k] = map[end]bool{}
			order = append(order, k)
		}
		members[k][*own] = true
	}
	var made []link
	gone := map[bundle]map[end]bool{}
	for _, k := range order {
		gone[k] = map[end]bool{}
		for _, w := range b.wholes(open) {
			if !w.within(members[k], k.peer) {
				continue
			}
			for _, u := range w.units {
				gone[k][u] = true
			}
			l := link{label: k.label, unsure: k.unsure}
			own, peer := ends(&l)
			*own, *peer = w.end, k.peer
			made = append(made, l)
			if w.end.kind == AnyPod {
				break
			}
		}
	}
	kept := slices.DeleteFunc(slices.Clone(links), func(l link) bool {
		own, peer := ends(&l)
		return gone[bundle{*peer, l.label, l.unsure}][*own]
	})
	return append(kept, made...)
}

// whole is units that one end may stand for.
type whole struct {
	end   end
	units []end
}

// within tells whether the links have all units of the whole, but for the peer
// itself. A single unit is no whole.
func (w whole) within(have map[end]bool, peer end) bool {
	n := 0
	for _, u := range w.units {
		if u == peer {
			continue
		}
		if !have[u] {
			return false
		}
		n++
	}
	return n > 1
}

// wholes are any pod, and each namespace with the pods that nobody renders.
func (b *builder) wholes(open func(unit) bool) []whole {
	anyPod := whole{end: end{kind: AnyPod}}
	byName := map[string]*whole{}
	var names []string
	for _, u := range b.units {
		if u.end.kind != Pods && u.end.kind != Others || u.host {
			continue
		}
		if open(u) {
			anyPod.units = append(anyPod.units, u.end)
		}
		w := byName[u.end.namespace]
		if w == nil {
			w = &whole{end: end{kind: Namespace, namespace: u.end.namespace}}
			byName[u.end.namespace] = w
			names = append(names, u.end.namespace)
		}
		w.units = append(w.units, u.end)
	}
	slices.SortFunc(names, strings.Compare)
	var out []whole
	if len(names) > 1 { // otherwise it would be the one namespace
		out = append(out, anyPod)
	}
	for _, name := range names {
		out = append(out, *byName[name])
	}
	return out
}
