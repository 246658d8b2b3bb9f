package schema

import "github.com/secgen/secgen/manifest"

// listCheck judges the items of a list.
type listCheck struct {
	first []check
	// rest judges the items after the first ones; nil where there must be none.
	rest check
}

func (l *listCheck) eval(n *manifest.Node) verdict {
	if n.Kind != manifest.List {
		return typeCheck{kindList}.eval(n)
	}
	if len(n.Items) < len(l.first) || l.rest == nil && len(n.Items) > len(l.first) {
		return no
	}
	result := yes
	for i, item := range n.Items {
		if result = min(result, l.at(i).eval(item)); result == no {
			return no
		}
	}
	return result
}

func (l *listCheck) at(i int) check {
	if i < len(l.first) {
		return l.first[i]
	}
	return l.rest
}

func (l *listCheck) explain(n *manifest.Node, at manifest.FieldPath, out *[]Violation) {
	if n.Kind != manifest.List || len(n.Items) < len(l.first) || l.rest == nil && len(n.Items) > len(l.first) {
		report(out, at, n, l.want())
		return
	}
	for i, item := range n.Items {
		if c := l.at(i); c.eval(item) == no {
			c.explain(item, at.At(i), out)
		}
	}
}

func (l *listCheck) witness(n *manifest.Node, at manifest.FieldPath, out *[]Violation) {
	report(out, at, n, negate(l.want()))
}

func (l *listCheck) want() string {
	switch {
	case l.rest == nil && len(l.first) == 0:
		return "an empty list"
	case l.rest == nil:
		return "a list of " + count(int64(len(l.first)), "item")
	case len(l.first) > 0:
		return "a list of at least " + count(int64(len(l.first)), "item")
	}
	return "a list"
}

// itemsCheck judges how many items of a list satisfy a check.
type itemsCheck struct {
	item  check
	count check
}

func (c *itemsCheck) eval(n *manifest.Node) verdict {
	if n.Kind != manifest.List {
		return typeCheck{kindList}.eval(n)
	}
	sure, open := 0, 0
	for _, item := range n.Items {
		switch c.item.eval(item) {
		case yes:
			sure++
		case unknown:
			open++
		}
	}
	return evalCount(c.count, sure, open)
}

func (c *itemsCheck) explain(n *manifest.Node, at manifest.FieldPath, out *[]Violation) {
	if n.Kind != manifest.List {
		report(out, at, n, "a list")
		return
	}
	sure := 0
	for _, item := range n.Items {
		if c.item.eval(item) == yes {
			sure++
		}
	}
	if wantsMore(c.count, sure, len(n.Items)+1) || sure == 0 {
		report(out, at, n, c.want())
		return
	}
	for i, item := range n.Items {
		if c.item.eval(item) == yes {
			c.item.witness(item, at.At(i), out)
		}
	}
}

func (c *itemsCheck) witness(n *manifest.Node, at manifest.FieldPath, out *[]Violation) {
	for i, item := range n.Items {
		if c.item.eval(item) == yes {
			c.item.witness(item, at.At(i), out)
			return
		}
	}
	report(out, at, n, negate(c.want()))
}

func (c *itemsCheck) want() string {
	return c.count.want() + " of its items to be " + c.item.want()
}

// hasCheck accepts lists that contain a value.
type hasCheck struct{ value *manifest.Node }

func (h hasCheck) eval(n *manifest.Node) verdict {
	if n.Kind != manifest.List {
		return typeCheck{kindList}.eval(n)
	}
	result := no
	for _, item := range n.Items {
		if equalNodes(item, h.value) {
			return yes
		}
		if item.IsUnresolved() {
			result = unknown
		}
	}
	return result
}

func (h hasCheck) explain(n *manifest.Node, at manifest.FieldPath, out *[]Violation) {
	report(out, at, n, h.want())
}

func (h hasCheck) witness(n *manifest.Node, at manifest.FieldPath, out *[]Violation) {
	for i, item := range n.Items {
		if equalNodes(item, h.value) {
			report(out, at.At(i), item, "not "+Show(h.value))
			return
		}
	}
}

func (h hasCheck) want() string { return "to contain " + Show(h.value) }
