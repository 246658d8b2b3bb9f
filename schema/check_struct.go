package schema

import (
	"regexp"
	"strings"

	"github.com/secgen/secgen/manifest"
)

// structCheck judges a map by its fields. It stands for all that a rule says
// about one map: conjunctions of structs are merged before, since a field that
// one of them implies is present for all the others.
type structCheck struct {
	fields   []fieldCheck
	patterns []patternCheck
	// closed holds, for each closed struct, what it allows.
	closed []allowance
	// others are demands on the map as a whole.
	others []check
	// implied is what the schema itself adds to the map: the others, patterns and
	// closed structs see it. nil where nobody would look.
	implied *manifest.Node
}

type fieldCheck struct {
	name     string
	presence Presence
	check    check
}

type patternCheck struct {
	key   keyCheck
	check check
}

type allowance struct {
	names map[string]bool
	keys  []keyCheck
}

func (a allowance) allows(key string) bool {
	if a.names[key] {
		return true
	}
	for _, k := range a.keys {
		if k.match(key) {
			return true
		}
	}
	return false
}

// emptyMap stands for an implied field that is absent.
var emptyMap = &manifest.Node{Kind: manifest.Map}

// present is the value of a field, nil where it is absent or null.
func present(n *manifest.Node, name string) *manifest.Node {
	if f := n.Field(name); f != nil && !f.Value.IsNull() {
		return f.Value
	}
	return nil
}

func (s *structCheck) eval(n *manifest.Node) verdict {
	if n.Kind != manifest.Map {
		return typeCheck{kindMap}.eval(n)
	}
	n = overlay(n, s.implied)
	result := yes
	for i := range s.fields {
		result = min(result, s.fields[i].eval(n))
		if result == no {
			return no
		}
	}
	if len(s.patterns) > 0 || len(s.closed) > 0 {
		result = min(result, s.evalKeys(n))
	}
	for _, c := range s.others {
		if result == no {
			return no
		}
		result = min(result, c.eval(n))
	}
	return result
}

func (f *fieldCheck) eval(n *manifest.Node) verdict {
	value := present(n, f.name)
	if value != nil {
		return f.check.eval(value)
	}
	switch f.presence {
	case Required:
		return no
	case Implied:
		return f.check.eval(emptyMap)
	}
	return yes
}

func (s *structCheck) evalKeys(n *manifest.Node) verdict {
	result := yes
	for i := range n.Fields {
		f := &n.Fields[i]
		if f.Value.IsNull() {
			continue
		}
		for _, a := range s.closed {
			if !a.allows(f.Key) {
				return no
			}
		}
		for j := range s.patterns {
			if p := &s.patterns[j]; p.key.match(f.Key) {
				if result = min(result, p.check.eval(f.Value)); result == no {
					return no
				}
			}
		}
	}
	return result
}

func (s *structCheck) explain(n *manifest.Node, at manifest.FieldPath, out *[]Violation) {
	if n.Kind != manifest.Map {
		report(out, at, n, "a map")
		return
	}
	whole := overlay(n, s.implied)
	for i := range s.fields {
		if f := &s.fields[i]; f.eval(whole) == no {
			f.explain(whole, at, out)
		}
	}
	for i := range n.Fields {
		f := &n.Fields[i]
		if f.Value.IsNull() {
			continue
		}
		for _, a := range s.closed {
			if !a.allows(f.Key) {
				report(out, at.Field(f.Key), f.Value, "unset")
				break
			}
		}
		for _, p := range s.patterns {
			if p.key.match(f.Key) && p.check.eval(f.Value) == no {
				p.check.explain(f.Value, at.Field(f.Key), out)
			}
		}
	}
	for _, c := range s.others {
		if c.eval(whole) == no {
			c.explain(whole, at, out)
		}
	}
}

func (f *fieldCheck) explain(n *manifest.Node, at manifest.FieldPath, out *[]Violation) {
	at = at.Field(f.name)
	value := present(n, f.name)
	if value == nil {
		if f.presence == Implied {
			f.check.explain(emptyMap, at, out)
			return
		}
		report(out, at, nil, f.check.want())
		return
	}
	before := len(*out)
	f.check.explain(value, at, out)
	if f.presence != Optional {
		return
	}
	for i := before; i < len(*out); i++ {
		if v := &(*out)[i]; len(v.Path) == len(at) && v.Found == value && namesValue(v.Want) {
			v.Want += " or unset"
		}
	}
}

// witness leads to the one field that makes the map what it should not be, or
// stays at the map where that takes several.
func (s *structCheck) witness(n *manifest.Node, at manifest.FieldPath, out *[]Violation) {
	var only *fieldCheck
	var value *manifest.Node
	parts := len(s.others)
	for i := range s.fields {
		if v := present(n, s.fields[i].name); v != nil {
			only, value = &s.fields[i], v
			parts++
		}
	}
	switch {
	case parts == 1 && only != nil:
		only.check.witness(value, at.Field(only.name), out)
	case parts == 1:
		s.others[0].witness(n, at, out)
	default:
		report(out, at, n, negate(s.want()))
	}
}

func (s *structCheck) want() string {
	var parts []string
	for i := range s.fields {
		f := &s.fields[i]
		if f.presence != Optional {
			parts = append(parts, f.name+" "+strings.TrimPrefix(f.check.want(), "a map with "))
		} else if _, ok := f.check.(neverCheck); ok {
			parts = append(parts, "no "+f.name)
		}
	}
	if len(parts) == 0 {
		return "a map"
	}
	return "a map with " + strings.Join(parts, " and ")
}

// overlay adds to a map what the schema implies and the map has not. It makes a
// new map only where something is missing.
func overlay(n, implied *manifest.Node) *manifest.Node {
	if implied == nil || n.Kind != manifest.Map {
		return n
	}
	for i := range implied.Fields {
		f := &implied.Fields[i]
		old := present(n, f.Key)
		if old == nil {
			n = n.With(f.Key, f.Value)
		} else if whole := overlay(old, f.Value); whole != old {
			n = n.With(f.Key, whole)
		}
	}
	return n
}

// keyCheck judges the keys of a map.
type keyCheck interface{ match(key string) bool }

type anyKey struct{}

func (anyKey) match(string) bool { return true }

type exactKey string

func (k exactKey) match(key string) bool { return string(k) == key }

type regexpKey struct {
	re   *regexp.Regexp
	hits bool
}

func (k regexpKey) match(key string) bool { return k.re.MatchString(key) == k.hits }

type otherKey string

func (k otherKey) match(key string) bool { return string(k) != key }

type textKey struct {
	function textFunction
	arg      string
}

func (k textKey) match(key string) bool { return k.function.test(key, k.arg) }

type allKeys []keyCheck

func (k allKeys) match(key string) bool {
	for _, c := range k {
		if !c.match(key) {
			return false
		}
	}
	return true
}

type eitherKey []keyCheck

func (k eitherKey) match(key string) bool {
	for _, c := range k {
		if c.match(key) {
			return true
		}
	}
	return false
}
