package schema

import (
	"fmt"
	"regexp"
	"slices"

	"github.com/secgen/secgen/manifest"
)

// conjunction is all that a schema says about one value: the structs in it become
// one, since they judge one map together.
type conjunction struct {
	structs  int
	names    []string
	fields   map[string]*conjunct
	patterns []patternCheck
	closed   []allowance
	others   []check
}

// conjunct is all that is said about one field.
type conjunct struct {
	presence Presence
	checks   []looped
}

// looped is a predicate with the values of the loops around it.
type looped struct {
	predicate *Predicate
	vars      []*manifest.Node
}

// vertex makes the check of a conjunction.
func (b *binder) vertex(list ...looped) (check, error) {
	parts := &conjunction{fields: map[string]*conjunct{}}
	outer := b.vars
	defer func() { b.vars = outer }()
	for _, part := range list {
		b.vars = part.vars
		if err := b.gather(part.predicate, parts); err != nil {
			return nil, err
		}
	}
	if parts.structs == 0 {
		switch len(parts.others) {
		case 0:
			return anyCheck{}, nil
		case 1:
			return parts.others[0], nil
		}
		return allCheck(parts.others), nil
	}
	out := &structCheck{patterns: parts.patterns, closed: parts.closed, others: parts.others}
	for _, name := range parts.names {
		f := parts.fields[name]
		c, err := b.field(f)
		if err != nil {
			return nil, err
		}
		out.fields = append(out.fields, fieldCheck{name, f.presence, c})
	}
	if len(out.patterns)+len(out.closed)+len(out.others) > 0 {
		out.implied = impliedFields(out)
	}
	return out, nil
}

func (b *binder) field(f *conjunct) (check, error) {
	if len(f.checks) > 1 {
		return b.vertex(f.checks...)
	}
	outer := b.vars
	defer func() { b.vars = outer }()
	b.vars = f.checks[0].vars
	return b.check(f.checks[0].predicate)
}

func (b *binder) gather(p *Predicate, into *conjunction) error {
	switch p.Op {
	case OpAll:
		return b.expand(p.Args, func(arg *Predicate) error { return b.gather(arg, into) })
	case OpWhen:
		ok, err := b.holds(p.Guard)
		if err != nil || !ok {
			return err
		}
		return b.gather(p.Args[0], into)
	case OpAny:
		return nil
	case OpStruct:
		return b.gatherStruct(p, into)
	}
	c, err := b.check(p)
	into.others = append(into.others, c)
	return err
}

func (b *binder) gatherStruct(p *Predicate, into *conjunction) error {
	into.structs++
	for _, f := range p.Fields {
		old := into.fields[f.Name]
		if old == nil {
			old = &conjunct{presence: f.Presence}
			into.fields[f.Name] = old
			into.names = append(into.names, f.Name)
		}
		if f.Presence == Implied || f.Presence == Required && old.presence == Optional {
			old.presence = f.Presence
		}
		old.checks = append(old.checks, looped{f.Check, slices.Clone(b.vars)})
	}
	allowed := allowance{names: map[string]bool{}}
	for _, pattern := range p.Patterns {
		key, err := b.key(pattern.Key)
		if err != nil {
			return err
		}
		c, err := b.check(pattern.Check)
		if err != nil {
			return err
		}
		into.patterns = append(into.patterns, patternCheck{key, c})
		allowed.keys = append(allowed.keys, key)
	}
	if p.Closed {
		for _, f := range p.Fields {
			allowed.names[f.Name] = true
		}
		into.closed = append(into.closed, allowed)
	}
	return nil
}

// impliedFields is the map that a struct adds up to where nothing is given.
func impliedFields(s *structCheck) *manifest.Node {
	var out *manifest.Node
	for _, f := range s.fields {
		if f.presence != Implied {
			continue
		}
		value := emptyMap
		if inner, ok := inside(f.check).(*structCheck); ok {
			if more := impliedFields(inner); more != nil {
				value = more
			}
		}
		out = out.With(f.name, value)
	}
	return out
}

// inside is the check itself where a test wraps it.
func inside(c check) check {
	if w, ok := c.(interface{ inside() check }); ok {
		return w.inside()
	}
	return c
}

// key makes the check of a map's keys.
func (b *binder) key(p *Predicate) (keyCheck, error) {
	switch p.Op {
	case OpAny, OpType:
		return anyKey{}, nil
	case OpEqual, OpNot, OpMatch, OpNoMat, OpText:
		return b.keyComparison(p)
	case OpAll, OpOr:
		var keys []keyCheck
		err := b.expand(p.Args, func(arg *Predicate) error {
			k, err := b.key(arg)
			keys = append(keys, k)
			return err
		})
		if p.Op == OpAll {
			return allKeys(slices.Clip(keys)), err
		}
		return eitherKey(slices.Clip(keys)), err
	}
	return nil, fmt.Errorf("predicate %q cannot judge keys", p.Op)
}

func (b *binder) keyComparison(p *Predicate) (keyCheck, error) {
	arg, err := b.operand(p.Arg)
	if err != nil {
		return nil, err
	}
	if arg.Kind != manifest.String {
		return nil, fmt.Errorf("parameter %s is %s; it has to be a string", p.Arg, Show(arg))
	}
	switch p.Op {
	case OpEqual:
		return exactKey(arg.Text), nil
	case OpNot:
		return otherKey(arg.Text), nil
	case OpText:
		function, known := textFunctionOf(p.Func)
		if !known {
			return nil, fmt.Errorf("strings.%s is not known to this version of secgen", p.Func)
		}
		return textKey{function, arg.Text}, nil
	}
	re, err := regexp.Compile(arg.Text)
	if err != nil {
		return nil, fmt.Errorf("parameter %s: %w", p.Arg, err)
	}
	return regexpKey{re, p.Op == OpMatch}, nil
}
