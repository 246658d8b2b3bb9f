package schema

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/cuecontext"

	"github.com/secgen/secgen/manifest"
)

// Set is rules in order of their IDs. It is plain data; a Set that LoadRules made
// also holds the CUE values, which stay in the process.
type Set struct {
	Rules []*Rule `json:"rules,omitempty"`
	// Profiles are those of the built-in module.
	Profiles []Profile `json:"profiles"`
	// Frameworks are the lists of controls that rules name, by name.
	Frameworks []Framework `json:"frameworks"`

	// cue holds the rules' values, where CUE was run.
	cue map[string]cue.Value
}

// With returns the rules of both sets. Profiles and frameworks are those of s.
func (s *Set) With(other *Set) *Set {
	out := &Set{Rules: slices.Concat(s.Rules, other.Rules), Profiles: s.Profiles, Frameworks: s.Frameworks, cue: map[string]cue.Value{}}
	slices.SortFunc(out.Rules, func(a, b *Rule) int { return strings.Compare(a.ID, b.ID) })
	maps.Copy(out.cue, s.cue)
	maps.Copy(out.cue, other.cue)
	return out
}

// Rule returns the rule with an ID, or nil.
func (s *Set) Rule(id string) *Rule {
	for _, r := range s.Rules {
		if r.ID == id {
			return r
		}
	}
	return nil
}

// Bound is a rule with its parameters, ready to judge views. It may be used by
// several goroutines at once where the rule is lowered.
type Bound struct {
	Rule       *Rule
	Parameters *manifest.Node

	match, require check
	reference      *reference
}

// Bind makes a rule ready. Parameters that are not given have their defaults;
// those that the rule does not know, or that are of the wrong type, are an error.
// A rule that is not lowered needs a Set from LoadRules or CompileBuiltin.
func (s *Set) Bind(rule *Rule, given Parameters) (*Bound, error) {
	if rule.Lowered() {
		return rule.Bind(given)
	}
	value, ok := s.cue[rule.ID]
	if !ok {
		return nil, fmt.Errorf("rule %q is evaluated by CUE, which was not loaded", rule.ID)
	}
	parameters, err := rule.fill(given)
	if err != nil {
		return nil, err
	}
	return &Bound{Rule: rule, Parameters: parameters, reference: newReference(cuecontext.New(), rule, value, parameters)}, nil
}

// BindCUE makes a rule ready to be judged by CUE itself, whether it is lowered or
// not: the reference that predicates are tested against.
func (s *Set) BindCUE(rule *Rule, given Parameters) (*Bound, error) {
	unlowered := *rule
	unlowered.NotLowered = "CUE was asked for"
	bound, err := s.Bind(&unlowered, given)
	if err == nil {
		bound.Rule = rule
	}
	return bound, err
}

// Bind makes a lowered rule ready. See Set.Bind.
func (r *Rule) Bind(given Parameters) (*Bound, error) {
	return r.bind(given, nil)
}

func (r *Rule) bind(given Parameters, trace func(*Predicate, check) check) (*Bound, error) {
	if !r.Lowered() {
		return nil, fmt.Errorf("rule %q is not lowered: %s", r.ID, r.NotLowered)
	}
	parameters, err := r.fill(given)
	if err != nil {
		return nil, err
	}
	b := &binder{parameters: parameters, trace: trace}
	out := &Bound{Rule: r, Parameters: parameters}
	if r.Match != nil {
		if out.match, err = b.check(r.Match); err != nil {
			return nil, fmt.Errorf("rule %q: %w", r.ID, err)
		}
	}
	if out.require, err = b.check(r.Require); err != nil {
		return nil, fmt.Errorf("rule %q: %w", r.ID, err)
	}
	return out, nil
}

// defaults are the parameters where nobody sets one.
func (r *Rule) defaults() *manifest.Node {
	out := &manifest.Node{Kind: manifest.Map}
	for _, p := range r.Parameters {
		out.Fields = append(out.Fields, manifest.Field{Key: p.Name, Value: p.Default})
	}
	return out
}

// CheckParameter judges a value for one of the rule's parameters.
func (r *Rule) CheckParameter(name string, value *manifest.Node) error {
	var names []string
	for _, p := range r.Parameters {
		if p.Name != name {
			names = append(names, p.Name)
			continue
		}
		c, err := (&binder{}).check(p.Check)
		if err != nil {
			return fmt.Errorf("rule %q: parameter %q: %w", r.ID, name, err)
		}
		if c.eval(value) == yes {
			return nil
		}
		var reasons []Violation
		c.explain(value, manifest.Path(name), &reasons)
		if len(reasons) == 0 {
			return fmt.Errorf("rule %q: parameter %q may hold no ${VARIABLE}", r.ID, name)
		}
		return fmt.Errorf("rule %q: parameter %s is %s; want %s", r.ID, reasons[0].Path, Show(reasons[0].Found), reasons[0].Want)
	}
	return fmt.Errorf("rule %q has no parameter %q%s", r.ID, name, didYouMean(name, names))
}

func (r *Rule) fill(given Parameters) (*manifest.Node, error) {
	for name, value := range given {
		if err := r.CheckParameter(name, value); err != nil {
			return nil, err
		}
	}
	out := r.defaults()
	for i := range out.Fields {
		if value, ok := given[out.Fields[i].Key]; ok {
			out.Fields[i].Value = value
		}
	}
	return out, nil
}

// Eval judges a view.
func (b *Bound) Eval(view *manifest.Node) Result {
	if b.reference != nil {
		return b.reference.eval(view)
	}
	if b.match != nil {
		switch b.match.eval(view) {
		case no:
			return Result{Skipped: true}
		case unknown:
			return Result{Unknown: countUnresolved(view)}
		}
	}
	switch b.require.eval(view) {
	case yes:
		return Result{}
	case unknown:
		return Result{Unknown: countUnresolved(view)}
	}
	var out Result
	b.require.explain(view, nil, &out.Violations)
	if len(out.Violations) == 0 {
		report(&out.Violations, nil, view, b.require.want())
	}
	out.Violations = distinct(out.Violations)
	return out
}

// distinct drops what is said twice about one value.
func distinct(list []Violation) []Violation {
	seen := map[string]bool{}
	out := list[:0]
	for _, v := range list {
		if key := v.Path.String() + "\x00" + v.Want; !seen[key] {
			seen[key] = true
			out = append(out, v)
		}
	}
	return out
}

// countUnresolved counts the values with an unresolved variable, at least one.
func countUnresolved(n *manifest.Node) int {
	var count func(n *manifest.Node) int
	count = func(n *manifest.Node) int {
		switch {
		case n == nil:
			return 0
		case n.IsUnresolved():
			return 1
		}
		sum := 0
		for _, f := range n.Fields {
			sum += count(f.Value)
		}
		for _, item := range n.Items {
			sum += count(item)
		}
		return sum
	}
	return max(1, count(n))
}

// Problem is what is wrong with a rule or a configuration, for its author: an
// error that names file, line and the way out. File is relative to the fs.FS
// that was read.
type Problem struct {
	Rule     string
	Position manifest.Position
	Message  string
}

func (p *Problem) Error() string {
	if p.Position.IsZero() {
		return p.Message
	}
	return fmt.Sprintf("%s: %s", p.Position, p.Message)
}

// Problems is one error of several problems, in order of their positions.
type Problems []*Problem

func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, problem := range p {
		lines[i] = problem.Error()
	}
	return strings.Join(lines, "\n")
}
