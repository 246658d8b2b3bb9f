package schema

import (
	"slices"
	"strings"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/literal"
	"cuelang.org/go/cue/token"

	"github.com/secgen/secgen/manifest"
)

// documentation says what each field of a rule is for that it cannot do without.
var documentation = []struct{ name, what string }{
	{"severity", "critical, high, medium or low"},
	{"view", "what the rule judges, such as \"container\""},
	{"title", "in a few words, what is wrong where the rule is broken"},
	{"why", "what an attacker or an accident makes of it"},
	{"remedy", "in a sentence, what to change"},
	{"references", "a list of https:// addresses where to read on"},
	{"require", "the schema that the view must satisfy"},
}

// refusals finds what is wrong with a rule before CUE judges it, in words that
// tell the way out.
func (r *ruleReader) refusals(raw cue.Value) Problems {
	var problems Problems
	for _, d := range documentation {
		members, err := r.members(d.name)
		if err == nil && len(members) == 0 && !raw.LookupPath(cue.ParsePath(d.name)).Exists() {
			problems = append(problems, problemAt(r.at.Pos(), "rule %q has no %s; say %s", r.name, d.name, d.what))
		}
	}
	problems = append(problems, r.refuseNames()...)
	if len(problems) > 0 {
		return problems
	}
	view := r.literal("view")
	types := r.views.LookupPath(cue.MakePath(cue.Str(view)))
	for _, part := range []string{"match", "require"} {
		members, err := r.members(part)
		if err != nil {
			continue
		}
		w := &typeWalk{l: &lowerer{ctx: r.ctx, pkg: r.pkg}, view: view, busy: map[ast.Expr]bool{}}
		for _, m := range members {
			w.walk(m.expr, m.scope, nil, types)
		}
		problems = append(problems, w.problems...)
	}
	return problems
}

// refuseNames checks fields, severity, view and profiles, whose names people
// misspell.
func (r *ruleReader) refuseNames() Problems {
	var problems Problems
	known := fieldNames(r.rule)
	if lit, ok := r.at.Value.(*ast.BinaryExpr); ok {
		if body, ok := lit.Y.(*ast.StructLit); ok {
			for _, d := range body.Elts {
				f, ok := d.(*ast.Field)
				if !ok {
					continue
				}
				name, isIdent, err := ast.LabelName(f.Label)
				if err == nil && !slices.Contains(known, name) && !(isIdent && (isDefinition(name) || name[0] == '_')) {
					problems = append(problems, problemAt(f.Pos(), "a rule has no field %q%s", name, didYouMean(name, known)))
				}
			}
		}
	}
	var severities []string
	for _, s := range Severities() {
		severities = append(severities, string(s))
	}
	for _, c := range []struct {
		field, noun string
		known       []string
	}{{"severity", "severity", severities}, {"view", "view", fieldNames(r.views)}, {"profiles", "profile", fieldNames(r.profiles)}} {
		members, err := r.members(c.field)
		if err != nil {
			continue
		}
		for _, m := range members {
			for _, lit := range stringLiterals(m.expr) {
				if name, err := literal.Unquote(lit.Value); err == nil && !slices.Contains(c.known, name) {
					problems = append(problems, problemAt(lit.Pos(), "there is no %s %q%s", c.noun, name, didYouMean(name, c.known)))
				}
			}
		}
	}
	return problems
}

// refuseKinds refuses a schema that no view satisfies, since every view is a map.
func (r *ruleReader) refuseKinds(rule cue.Value) Problems {
	var problems Problems
	for _, part := range []string{"match", "require"} {
		kind := rule.LookupPath(cue.ParsePath(part)).IncompleteKind()
		if members, err := r.members(part); err == nil && len(members) > 0 && kind != cue.BottomKind && kind&cue.StructKind == 0 {
			problems = append(problems, problemAt(members[0].expr.Pos(), "%s is a %s; a view is a map, so want {...}", part, kind))
		}
	}
	return problems
}

// literal is the text of one of the rule's fields where it is written out.
func (r *ruleReader) literal(field string) string {
	members, _ := r.members(field)
	for _, m := range members {
		for _, lit := range stringLiterals(m.expr) {
			if text, err := literal.Unquote(lit.Value); err == nil {
				return text
			}
		}
	}
	return ""
}

// stringLiterals are the strings of a literal or a list of literals.
func stringLiterals(e ast.Expr) []*ast.BasicLit {
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind == token.STRING {
			return []*ast.BasicLit{e}
		}
	case *ast.ListLit:
		var out []*ast.BasicLit
		for _, elt := range e.Elts {
			out = append(out, stringLiterals(elt)...)
		}
		return out
	}
	return nil
}

// checkRule finds what is wrong with a rule's texts.
func (r *ruleReader) checkRule(rule *Rule) Problems {
	var problems Problems
	types := r.views.LookupPath(cue.MakePath(cue.Str(string(rule.View))))
	wrong := func(field, format string, args ...any) {
		pos := r.at.Pos()
		if members, err := r.members(field); err == nil && len(members) > 0 {
			pos = members[0].expr.Pos()
		}
		problems = append(problems, problemAt(pos, format, args...))
	}
	if rule.At != "" {
		if at, err := manifest.ParsePath(rule.At); err != nil {
			wrong("at", "%v", err)
		} else if message := misses(types, at, string(rule.View)); message != "" {
			wrong("at", "at: %s", message)
		}
	}
	slots, err := slotsOf(rule.Message)
	if err != nil {
		wrong("message", "message: %v", err)
	}
	for _, slot := range slots {
		if message := rule.unknownSlot(slot, types); message != "" {
			wrong("message", "message: {%s}: %s", slot, message)
		}
	}
	for _, p := range rule.Parameters {
		if err := rule.CheckParameter(p.Name, p.Default); err != nil {
			wrong("parameters", "the default is not of the parameter's own type: %v", err)
		}
	}
	for _, message := range unknownControls(rule, r.known) {
		wrong("controls", "controls: %s", message)
	}
	return problems
}

// unknownSlot says what is wrong with a slot of the message, or "".
func (rule *Rule) unknownSlot(slot string, types cue.Value) string {
	if slot == "found" || slot == "want" || slot == "path" || slot == "item" {
		return ""
	}
	path, err := manifest.ParsePath(slot)
	if err != nil {
		return err.Error()
	}
	if path[0].Key == "parameters" {
		var names []string
		for _, p := range rule.Parameters {
			names = append(names, p.Name)
		}
		if len(path) < 2 || !slices.Contains(names, path[1].Key) {
			return "the rule has no such parameter" + didYouMean(strings.TrimPrefix(slot, "parameters."), names)
		}
		return ""
	}
	return misses(types, path, string(rule.View))
}

// misses says which step of a path a view's type does not have, or "".
func misses(types cue.Value, path manifest.FieldPath, view string) string {
	for i, step := range path {
		var next cue.Value
		var open bool
		if step.IsIndex {
			next, open = types.LookupPath(cue.MakePath(cue.AnyIndex)), isTop(types)
		} else {
			next, open = fieldType(types, step.Key)
		}
		if open {
			return ""
		}
		if !next.Exists() {
			where := "the view " + quote(view)
			if i > 0 {
				where = path[:i].String() + " of " + where
			}
			return where + " has no field " + quote(step.Key) + didYouMean(step.Key, fieldNames(types))
		}
		types = next
	}
	return ""
}
