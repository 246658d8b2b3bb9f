package schema

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp/syntax"
	"strings"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/build"
	"cuelang.org/go/cue/format"
)

// ruleReader turns one field of a package into a rule.
type ruleReader struct {
	*compiler
	inst *build.Instance
	pkg  cue.Value
	name string
	at   *ast.Field
	file *ast.File
	dir  string
}

// members collects the declarations of one of the rule's fields.
func (r *ruleReader) members(name string) ([]member, error) {
	f := &finder{base: modulePath, busy: map[ast.Expr]bool{}}
	var out []member
	for _, d := range topFields(r.inst) {
		if d.name != r.name {
			continue
		}
		more, err := f.field(scoped{expr: d.field.Value, scope: fileScope(r.inst, d.file)}, name)
		if err != nil {
			return nil, err
		}
		out = append(out, more...)
	}
	return out, plainPackage(r.at.Value, fileScope(r.inst, r.inst.Files[0]))
}

func (r *ruleReader) read() (*Rule, cue.Value, Problems) {
	raw := r.pkg.LookupPath(cue.MakePath(cue.Str(r.name)))
	if !raw.Exists() && r.pkg.Err() != nil {
		return nil, raw, problemsOf(r.pkg.Err())
	}
	if problems := r.refusals(raw); len(problems) > 0 {
		return nil, raw, problems
	}
	value := r.rule.Unify(raw)
	if err := value.Validate(); err != nil {
		return nil, value, r.problems(err)
	}
	for _, d := range documentation {
		if !value.LookupPath(cue.ParsePath(d.name)).Exists() {
			return nil, value, Problems{problemAt(r.at.Pos(), "rule %q gives %s no value; write %s: without ? or !", r.name, d.name, d.name)}
		}
	}
	rule := &Rule{ID: r.name, Category: r.inst.PkgName, Position: positionOf(r.at.Pos())}
	var doc struct {
		Severity   Severity
		View       View
		Title      string
		Why        string
		Remedy     string
		Message    string
		At         string
		Secret     bool
		References []string
		Profiles   []string
		Examples   Examples
		Controls   map[string][]any
	}
	for name, into := range map[string]any{"severity": &doc.Severity, "view": &doc.View, "title": &doc.Title, "why": &doc.Why,
		"remedy": &doc.Remedy, "message": &doc.Message, "at": &doc.At, "secret": &doc.Secret, "references": &doc.References,
		"profiles": &doc.Profiles, "examples": &doc.Examples, "controls": &doc.Controls} {
		if field := value.LookupPath(cue.ParsePath(name)); field.Exists() {
			if err := field.Decode(into); err != nil {
				return nil, value, problemsOf(err)
			}
		}
	}
	rule.Severity, rule.View, rule.Title, rule.Why, rule.Remedy = doc.Severity, doc.View, doc.Title, tidy(doc.Why), tidy(doc.Remedy)
	rule.Message, rule.At, rule.Secret = doc.Message, doc.At, doc.Secret
	rule.References, rule.Profiles, rule.Examples = doc.References, doc.Profiles, doc.Examples
	for framework, controls := range doc.Controls {
		for _, control := range controls {
			if rule.Controls == nil {
				rule.Controls = map[string][]string{}
			}
			rule.Controls[framework] = append(rule.Controls[framework], fmt.Sprint(control))
		}
	}
	if rule.Examples.Fails == "" {
		if r.builtin {
			rule.fixtures = r.files
		} else {
			rule.Examples = fixtureExamples(r.files, r.dir)
		}
	}
	parameters, err := r.parameters(value)
	if err != nil {
		return nil, value, Problems{problemAt(r.at.Pos(), "%v", err)}
	}
	rule.Parameters = parameters
	return rule, value, append(append(r.lower(rule), r.refuseKinds(value)...), r.checkRule(rule)...)
}

// problems are CUE's errors about the rule, each at its line of the rule rather
// than of #Rule.
func (r *ruleReader) problems(err error) Problems {
	at := placesOf(r.file, 1)
	at.base = "\x00" + r.name
	problems := problemsIn(err, at)
	for _, p := range problems {
		p.Message = strings.TrimPrefix(p.Message, "rule.")
	}
	return problems
}

// tidy joins the lines of a text that was broken for reading.
func tidy(text string) string { return strings.TrimSpace(text) }

// fixtureExamples are the fixtures of a rule's folder without their marks.
func fixtureExamples(fsys fs.FS, dir string) Examples {
	return Examples{Fails: readFixture(fsys, path.Join(dir, "fail.yaml")), Passes: readFixture(fsys, path.Join(dir, "pass.yaml"))}
}

func readFixture(fsys fs.FS, name string) string {
	data, err := fs.ReadFile(fsys, name)
	if err != nil {
		return ""
	}
	return withoutWants(string(data))
}

// lower compiles the rule, or says in it why it is left to CUE. It returns what CUE
// would not get right either.
func (r *ruleReader) lower(rule *Rule) Problems {
	l := &lowerer{ctx: r.ctx, pkg: r.pkg, busy: map[string]bool{}}
	for _, part := range []struct {
		name string
		into **Predicate
	}{{"match", &rule.Match}, {"require", &rule.Require}} {
		members, err := r.members(part.name)
		if err == nil && len(members) == 0 && part.name == "match" {
			continue
		}
		var p *Predicate
		if err == nil {
			p, err = l.schema(exprsOf(members))
		}
		if err == nil {
			_, err = (&binder{parameters: rule.defaults()}).check(p)
		}
		var pattern *syntax.Error
		if errors.As(err, &pattern) {
			return Problems{problemAt(members[0].expr.Pos(), "%s: %v", part.name, err)}
		}
		if err != nil {
			rule.Match, rule.Require, rule.NotLowered = nil, nil, part.name+": "+err.Error()
			return nil
		}
		*part.into = p
	}
	return nil
}

// parameters reads the rule's parameters with their defaults.
func (r *ruleReader) parameters(value cue.Value) ([]Parameter, error) {
	all := value.LookupPath(cue.ParsePath("parameters"))
	if !all.Exists() {
		return nil, nil
	}
	members, err := r.members("parameters")
	if err != nil {
		return nil, err
	}
	fields, err := all.Fields()
	if err != nil {
		return nil, err
	}
	var out []Parameter
	for fields.Next() {
		p := Parameter{Name: fields.Selector().Unquoted()}
		concrete, _ := fields.Value().Default()
		if p.Default, err = nodeOf(concrete); err != nil {
			return nil, fmt.Errorf("parameter %q has no default: write *value | type (%v)", p.Name, err)
		}
		if err := r.parameterType(&p, exprsOf(members)); err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}

// parameterType reads what a parameter may be.
func (r *ruleReader) parameterType(p *Parameter, parameters []scoped) error {
	f := &finder{base: modulePath, busy: map[ast.Expr]bool{}}
	declarations, err := f.fields(parameters, p.Name)
	if err != nil {
		return fmt.Errorf("parameter %q: %w", p.Name, err)
	}
	var types []string
	for _, d := range declarations {
		text, err := format.Node(d.expr)
		if err != nil {
			return fmt.Errorf("parameter %q: %w", p.Name, err)
		}
		types = append(types, string(text))
		for _, group := range ast.Comments(d.field) {
			if group.Doc {
				p.Doc = strings.TrimSpace(group.Text())
			}
		}
	}
	p.Type = strings.Join(types, " & ")
	l := &lowerer{ctx: r.ctx, pkg: r.pkg, busy: map[string]bool{}, values: true}
	if p.Check, err = l.schema(exprsOf(declarations)); err != nil {
		return fmt.Errorf("parameter %q: its type %s is not understood: %w", p.Name, p.Type, err)
	}
	return nil
}
