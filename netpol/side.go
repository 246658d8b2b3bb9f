package netpol

// side is what one endpoint's policies make of its connections with a peer. A
// connection that is in both sets may be either: it is not known.
type side struct{ allow, deny Conns }

// everything is the side of an endpoint on which nothing is enforced.
func everything() side { return side{allow: AllConns()} }

// join is what two sides make of a connection that has to pass both.
func (s side) join(t side) side {
	return side{allow: s.allow.Intersect(t.allow), deny: s.deny.Union(t.deny)}
}

// either is what is known if one of two sides applies, and not which.
func (s side) either(t side) side {
	return side{allow: s.allow.Union(t.allow), deny: s.deny.Union(t.deny)}
}

// Certain are the connections that are allowed for sure, Unknown those that may
// be.
func (s side) certain() Conns { return s.allow.Minus(s.deny) }
func (s side) unknown() Conns { return s.allow.Intersect(s.deny) }

// walker is the walk of a plan over a set of connections.
type walker struct {
	side
	// match says whether a rule is about the two endpoints.
	match func(*rule) tri
	// conns says which connections the rule is about.
	conns func(*rule) Conns
	// took is told what each rule decides; may be nil.
	took func(*rule, Conns)
}

// run walks the plan over all connections.
func (w *walker) run(pl *plan) side {
	rest := AllConns()
	if !pl.failsafe.Empty() {
		w.allow = w.allow.Union(pl.failsafe)
		rest = rest.Minus(pl.failsafe)
	}
	for i := range pl.steps {
		rest = w.tier(&pl.steps[i], rest)
		if rest.Empty() {
			return w.side
		}
	}
	switch pl.last {
	case profileDeny:
		w.deny = w.deny.Union(rest)
	case profileUnknown:
		w.allow, w.deny = w.allow.Union(rest), w.deny.Union(rest)
	default:
		w.allow = w.allow.Union(rest)
	}
	return w.side
}

// tier walks one tier and returns the connections that go on to the next.
func (w *walker) tier(t *planTier, rest Conns) (onward Conns) {
	if t.foreign != nil {
		w.allow, w.deny = w.allow.Union(rest), w.deny.Union(rest)
		return rest
	}
	applies, undecided := no, rest
	for i := range t.policies {
		p := &t.policies[i]
		applies = or(applies, p.applies)
		for _, r := range p.rules {
			var passed Conns
			undecided, passed = w.rule(r, p.applies, undecided)
			onward = onward.Union(passed)
		}
	}
	switch {
	case !t.ends || t.pass || applies == maybe && undecided.Empty():
		onward = onward.Union(undecided)
	case applies == maybe:
		onward = onward.Union(undecided)
		w.deny = w.deny.Union(undecided)
	default:
		w.deny = w.deny.Union(undecided)
	}
	return onward
}

// rule lets one rule decide. What it decides for sure is no longer undecided.
func (w *walker) rule(r *rule, applies tri, undecided Conns) (still, passed Conns) {
	match := and(w.match(r), applies)
	if r.action == actionLog || match == no {
		return undecided, passed
	}
	hit := w.conns(r).Intersect(undecided)
	if w.took != nil {
		w.took(r, hit)
	}
	if hit.Empty() {
		return undecided, passed
	}
	switch r.action {
	case actionAllow:
		w.allow = w.allow.Union(hit)
	case actionDeny:
		w.deny = w.deny.Union(hit)
	case actionPass:
		passed = hit
	default:
		w.allow, w.deny, passed = w.allow.Union(hit), w.deny.Union(hit), hit
	}
	if match == yes && r.certain() {
		undecided = undecided.Minus(hit)
	}
	return undecided, passed
}

// certain tells whether the rule decides whatever it matches.
func (r *rule) certain() bool {
	return len(r.vague) == 0 && len(r.clients) == 0 && r.action != actionUnknown
}
