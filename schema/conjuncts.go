package schema

import (
	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/build"
	"cuelang.org/go/cue/token"
)

// declared is a field of a package's top.
type declared struct {
	name  string
	field *ast.Field
	file  *ast.File
}

// topFields lists the data fields at the top of a package's files.
func topFields(pkg *build.Instance) []declared {
	var out []declared
	for _, file := range pkg.Files {
		for _, d := range file.Decls {
			f, ok := d.(*ast.Field)
			if !ok {
				continue
			}
			name, isIdent, err := ast.LabelName(f.Label)
			if err != nil || isIdent && (isDefinition(name) || name[0] == '_') {
				continue
			}
			out = append(out, declared{name, f, file})
		}
	}
	return out
}

// finder collects the expressions that a field of a rule is made of.
type finder struct {
	// base is the package of #Rule, which itself says nothing about require.
	base string
	busy map[ast.Expr]bool
}

// field collects what an expression says about one of its fields.
func (f *finder) field(e scoped, name string) ([]member, error) {
	if f.busy[e.expr] {
		return nil, refuse(e.expr, "it refers to itself")
	}
	f.busy[e.expr] = true
	defer delete(f.busy, e.expr)
	switch x := e.expr.(type) {
	case *ast.ParenExpr:
		return f.field(scoped{expr: x.X, scope: e.scope, closed: e.closed}, name)
	case *ast.BinaryExpr:
		if x.Op != token.AND {
			break
		}
		left, err := f.field(scoped{expr: x.X, scope: e.scope, closed: e.closed}, name)
		if err != nil {
			return nil, err
		}
		right, err := f.field(scoped{expr: x.Y, scope: e.scope, closed: e.closed}, name)
		return append(left, right...), err
	case *ast.Ident:
		b := e.scope.lookup(x.Name)
		if b.meaning == aLet || b.meaning == aPackage {
			return f.fields(b.exprs, name)
		}
	case *ast.SelectorExpr:
		return f.selected(x, e, name)
	case *ast.StructLit:
		return f.structField(x, e, name)
	}
	return nil, refuse(e.expr, "the rule is put together in a way that is not known to the rule compiler")
}

func (f *finder) fields(list []scoped, name string) ([]member, error) {
	var out []member
	for _, e := range list {
		more, err := f.field(e, name)
		if err != nil {
			return nil, err
		}
		out = append(out, more...)
	}
	return out, nil
}

func (f *finder) selected(x *ast.SelectorExpr, e scoped, name string) ([]member, error) {
	b, ok := (&lowerer{}).imported(x, place{scope: e.scope})
	if !ok || b.meaning != aPackage {
		return nil, refuse(x, "the rule is put together in a way that is not known to the rule compiler")
	}
	if b.name == "#Rule" && plainPath(b.exprs[0].scope.pkg.ImportPath) == f.base {
		return nil, nil
	}
	return f.fields(b.exprs, name)
}

// member is one declaration of a field.
type member struct {
	scoped
	field *ast.Field
}

func (f *finder) structField(x *ast.StructLit, e scoped, name string) ([]member, error) {
	inner := e.scope.inside(x.Elts)
	inner.rule = true
	var out []member
	for _, d := range x.Elts {
		switch d := d.(type) {
		case *ast.Field:
			label, _, err := ast.LabelName(d.Label)
			if err != nil {
				return nil, refuse(d, "the rule has a computed field")
			}
			if label == name {
				out = append(out, member{scoped{expr: d.Value, scope: inner, closed: e.closed}, d})
			}
		case *ast.EmbedDecl:
			more, err := f.field(scoped{expr: d.Expr, scope: inner, closed: e.closed}, name)
			if err != nil {
				return nil, err
			}
			out = append(out, more...)
		case *ast.LetClause, *ast.CommentGroup, *ast.Ellipsis:
		default:
			return nil, refuse(d, "the rule is put together in a way that is not known to the rule compiler")
		}
	}
	return out, nil
}

func exprsOf(list []member) []scoped {
	out := make([]scoped, len(list))
	for i, m := range list {
		out[i] = m.scoped
	}
	return out
}
