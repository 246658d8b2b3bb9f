package schema

import (
	"cuelang.org/go/cue"
	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/token"

	"github.com/secgen/secgen/manifest"
)

// typeWalk goes through a schema's syntax beside the type of the view, and finds
// fields that the view does not have and fields that are set instead of demanded.
// What it does not understand it leaves alone: it finds mistakes, and proves
// nothing.
type typeWalk struct {
	l        *lowerer
	view     string
	busy     map[ast.Expr]bool
	problems Problems
}

func (w *typeWalk) walk(e ast.Expr, s *scope, at manifest.FieldPath, types cue.Value) {
	if e == nil || w.busy[e] {
		return
	}
	w.busy[e] = true
	defer delete(w.busy, e)
	switch e := e.(type) {
	case *ast.ParenExpr:
		w.walk(e.X, s, at, types)
	case *ast.BinaryExpr:
		w.walk(e.X, s, at, types)
		w.walk(e.Y, s, at, types)
	case *ast.Comprehension:
		w.walk(e.Value, s, at, types)
	case *ast.Ident:
		w.follow(s.lookup(e.Name), at, types)
	case *ast.SelectorExpr:
		if b, ok := w.l.imported(e, place{scope: s}); ok {
			w.follow(b, at, types)
		}
	case *ast.ListLit:
		for _, elt := range e.Elts {
			if rest, ok := elt.(*ast.Ellipsis); ok {
				elt = rest.Type
			}
			w.walk(elt, s, at.At(0), itemType(types))
		}
	case *ast.CallExpr:
		w.call(e, s, at, types)
	case *ast.StructLit:
		w.structLit(e, s, at, types)
	}
}

func (w *typeWalk) follow(b binding, at manifest.FieldPath, types cue.Value) {
	if b.meaning == aLet || b.meaning == aPackage {
		for _, e := range b.exprs {
			w.walk(e.expr, e.scope, at, types)
		}
	}
}

// call walks the schemas among a function's arguments.
func (w *typeWalk) call(e *ast.CallExpr, s *scope, at manifest.FieldPath, types cue.Value) {
	args := e.Args
	switch f := e.Fun.(type) {
	case *ast.Ident:
		switch f.Name {
		case "matchN", "or", "and":
			if len(args) == 0 {
				return
			}
			if list, ok := args[len(args)-1].(*ast.ListLit); ok {
				for _, elt := range list.Elts {
					w.walk(elt, s, at, types)
				}
			}
		case "matchIf", "close":
			for _, arg := range args {
				w.walk(arg, s, at, types)
			}
		}
	case *ast.SelectorExpr:
		if b, ok := w.l.imported(f, place{scope: s}); ok && b.path == "list" && b.name == "MatchN" && len(args) == 2 {
			w.walk(args[1], s, at.At(0), itemType(types))
		}
	}
}

func (w *typeWalk) structLit(e *ast.StructLit, s *scope, at manifest.FieldPath, types cue.Value) {
	inner := s.inside(e.Elts)
	for _, d := range e.Elts {
		switch d := d.(type) {
		case *ast.EmbedDecl:
			w.walk(d.Expr, inner, at, types)
		case *ast.Comprehension:
			w.walk(d.Value, inner, at, types)
		case *ast.Field:
			w.field(d, inner, at, types)
		}
	}
}

func (w *typeWalk) field(f *ast.Field, s *scope, at manifest.FieldPath, types cue.Value) {
	if label, ok := f.Label.(*ast.ListLit); ok {
		if len(label.Elts) == 1 {
			w.walk(f.Value, s, at.Field("*"), types.LookupPath(cue.MakePath(cue.AnyString)))
		}
		return
	}
	name, isIdent, err := ast.LabelName(f.Label)
	if err != nil || isIdent && (isDefinition(name) || name[0] == '_') {
		return
	}
	path := at.Field(name)
	inner, open := fieldType(types, name)
	if !inner.Exists() && !open {
		where := "the view " + quote(w.view)
		if len(at) > 0 {
			where = at.String() + " of " + where
		}
		w.problems = append(w.problems, problemAt(f.Pos(), "%s has no field %q%s", where, name, didYouMean(name, fieldNames(types))))
		return
	}
	if f.Constraint == token.ILLEGAL && !w.isStruct(f.Value, s, 0) {
		w.problems = append(w.problems, problemAt(f.Pos(),
			"%s: sets the field where it is missing instead of demanding something of it; write %s!: to demand the field, or %s?: to judge it where it is there",
			path, name, name))
	}
	w.walk(f.Value, s, path, inner)
}

// isStruct tells whether an expression is a struct by its syntax.
func (w *typeWalk) isStruct(e ast.Expr, s *scope, depth int) bool {
	if depth > 20 {
		return false
	}
	switch e := e.(type) {
	case *ast.StructLit:
		return true
	case *ast.ParenExpr:
		return w.isStruct(e.X, s, depth+1)
	case *ast.BinaryExpr:
		x, y := w.isStruct(e.X, s, depth+1), w.isStruct(e.Y, s, depth+1)
		return e.Op == token.AND && (x || y) || e.Op == token.OR && x && y
	case *ast.CallExpr:
		f, ok := e.Fun.(*ast.Ident)
		return ok && f.Name == "close"
	case *ast.Ident:
		return w.refersToStruct(s.lookup(e.Name), depth)
	case *ast.SelectorExpr:
		b, ok := w.l.imported(e, place{scope: s})
		return ok && w.refersToStruct(b, depth)
	}
	return false
}

func (w *typeWalk) refersToStruct(b binding, depth int) bool {
	if b.meaning != aLet && b.meaning != aPackage {
		return false
	}
	for _, e := range b.exprs {
		if w.isStruct(e.expr, e.scope, depth+1) {
			return true
		}
	}
	return false
}

// fieldType is the type of a field; open says that anything may stand there.
func fieldType(types cue.Value, name string) (inner cue.Value, open bool) {
	if isTop(types) {
		return cue.Value{}, true
	}
	for _, sel := range []cue.Selector{cue.Str(name), cue.Str(name).Optional(), cue.Str(name).Required()} {
		if v := types.LookupPath(cue.MakePath(sel)); v.Exists() {
			return v, isTop(v)
		}
	}
	if any := types.LookupPath(cue.MakePath(cue.AnyString)); any.Exists() {
		return any, isTop(any)
	}
	return cue.Value{}, types.Allows(cue.AnyString)
}

func itemType(types cue.Value) cue.Value { return types.LookupPath(cue.MakePath(cue.AnyIndex)) }

// isTop tells whether a type accepts everything, or is not known.
func isTop(v cue.Value) bool { return !v.Exists() || v.IncompleteKind() == cue.TopKind }

// fieldNames are the fields that a type names.
func fieldNames(types cue.Value) []string {
	var out []string
	fields, err := types.Fields(cue.Optional(true))
	for err == nil && fields.Next() {
		out = append(out, fields.Selector().Unquoted())
	}
	return out
}
