package schema

import (
	"cuelang.org/go/cue"
	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/format"
	"cuelang.org/go/cue/parser"
)

func (l *lowerer) call(e *ast.CallExpr, at place) (*Predicate, error) {
	switch f := e.Fun.(type) {
	case *ast.Ident:
		if at.lookup(f.Name).meaning == unresolved {
			return l.builtin(f.Name, e, at)
		}
	case *ast.SelectorExpr:
		if b, ok := l.imported(f, at); ok && b.meaning == anImport {
			return l.library(b.path+"."+b.name, b.name, e, at)
		}
	}
	return l.constant(e, at)
}

// builtin lowers CUE's predeclared functions.
func (l *lowerer) builtin(name string, e *ast.CallExpr, at place) (*Predicate, error) {
	if at.closed && (name == "matchN" || name == "matchIf") {
		return nil, refuse(e, "%s in a definition; use let or a hidden field for it", name)
	}
	switch {
	case name == "close" && len(e.Args) == 1:
		return l.close(e, at)
	case name == "or" && len(e.Args) == 1:
		args, err := l.predicates(e.Args[0], at)
		if err != nil {
			return nil, err
		}
		return disjoin(e, args)
	case name == "and" && len(e.Args) == 1 && !at.closed:
		args, err := l.predicates(e.Args[0], at)
		return &Predicate{Op: OpAll, Args: args}, err
	case name == "matchN" && len(e.Args) == 2:
		count, err := l.lower(e.Args[0], at.below())
		if err != nil {
			return nil, err
		}
		args, err := l.predicates(e.Args[1], at)
		return &Predicate{Op: OpN, Count: count, Args: args}, err
	case name == "matchIf" && len(e.Args) == 3:
		out := &Predicate{Op: OpIf}
		for _, arg := range e.Args {
			p, err := l.lower(arg, at)
			if err != nil {
				return nil, err
			}
			out.Args = append(out.Args, p)
		}
		return out, nil
	}
	return l.constant(e, at)
}

func (l *lowerer) close(e *ast.CallExpr, at place) (*Predicate, error) {
	lit, ok := e.Args[0].(*ast.StructLit)
	if !ok {
		return nil, refuse(e, "close of something other than a struct")
	}
	p, err := l.lower(lit, at)
	if err != nil {
		return nil, err
	}
	if p.Op != OpStruct {
		return nil, refuse(e, "close of a struct that embeds something")
	}
	for _, d := range lit.Elts {
		if _, open := d.(*ast.Ellipsis); open {
			return p, nil
		}
	}
	p.Closed = true
	return p, nil
}

// library lowers the functions of CUE's packages that judge a value.
func (l *lowerer) library(path, name string, e *ast.CallExpr, at place) (*Predicate, error) {
	switch path {
	case "strings.HasPrefix", "strings.HasSuffix", "strings.Contains", "strings.ContainsAny":
		if len(e.Args) != 1 {
			break
		}
		arg, err := l.operand(e.Args[0], at)
		return &Predicate{Op: OpText, Func: name, Arg: arg}, err
	case "strings.MinRunes", "strings.MaxRunes", "list.MinItems", "list.MaxItems", "struct.MinFields", "struct.MaxFields":
		if len(e.Args) != 1 {
			break
		}
		arg, err := l.operand(e.Args[0], at)
		return &Predicate{Op: OpSize, Func: name, Arg: arg}, err
	case "list.UniqueItems":
		if len(e.Args) != 0 {
			break
		}
		return &Predicate{Op: OpUnique}, nil
	case "list.Contains":
		if len(e.Args) != 1 {
			break
		}
		arg, err := l.operand(e.Args[0], at)
		return &Predicate{Op: OpHas, Arg: arg}, err
	case "list.MatchN":
		if len(e.Args) != 2 || at.closed {
			break
		}
		count, err := l.lower(e.Args[0], at.below())
		if err != nil {
			return nil, err
		}
		item, err := l.lower(e.Args[1], at.below())
		return &Predicate{Op: OpItemsN, Count: count, Args: []*Predicate{item}}, err
	}
	if p, err := l.constant(e, at); err == nil {
		return p, nil
	}
	return nil, refuse(e, "%s is not known to the rule compiler", path)
}

// predicates lowers a list of schemas: a literal, with loops over parameters, or
// a parameter that is a list of values.
func (l *lowerer) predicates(e ast.Expr, at place) ([]*Predicate, error) {
	if source, ok := l.slot(e, at); ok {
		value := &Predicate{Op: OpEqual, Arg: &Operand{Var: 1}}
		return []*Predicate{{Op: OpEach, Arg: source, Args: []*Predicate{value}}}, nil
	}
	if ident, ok := e.(*ast.Ident); ok {
		b := at.lookup(ident.Name)
		if (b.meaning == aLet || b.meaning == aPackage) && len(b.exprs) == 1 && !l.busy[ident.Name] {
			if err := plainPackage(e, at.root()); err != nil {
				return nil, err
			}
			l.busy[ident.Name] = true
			defer delete(l.busy, ident.Name)
			s := b.exprs[0]
			return l.predicates(s.expr, place{scope: s.scope, closed: at.closed || s.closed, isMap: at.isMap})
		}
	}
	list, ok := e.(*ast.ListLit)
	if !ok {
		return nil, refuse(e, "a list of schemas is neither a literal nor a parameter")
	}
	out := []*Predicate{}
	for _, elt := range list.Elts {
		var p *Predicate
		var err error
		if c, ok := elt.(*ast.Comprehension); ok {
			loop, isFor := c.Clauses[0].(*ast.ForClause)
			if !isFor || len(c.Clauses) != 1 || c.Fallback != nil {
				return nil, refuse(c, "a list is made by a condition")
			}
			p, err = l.each(loop, c.Value, at)
		} else if _, open := elt.(*ast.Ellipsis); open {
			return nil, refuse(elt, "an open list of schemas")
		} else {
			p, err = l.lower(elt, at)
		}
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}

// operand lowers what a comparison compares with.
func (l *lowerer) operand(e ast.Expr, at place) (*Operand, error) {
	if slot, ok := l.slot(e, at); ok {
		return slot, nil
	}
	value, err := l.fold(e, at)
	return &Operand{Const: value}, err
}

// slot recognises parameters.a.b, a loop's variable v or v.a, and lets for them.
func (l *lowerer) slot(e ast.Expr, at place) (*Operand, bool) {
	switch e := e.(type) {
	case *ast.ParenExpr:
		return l.slot(e.X, at)
	case *ast.SelectorExpr:
		name, _, err := ast.LabelName(e.Sel)
		inner, ok := l.slotOrRoot(e.X, at)
		if !ok || err != nil {
			return nil, false
		}
		path := append(inner.Slot[:len(inner.Slot):len(inner.Slot)], name)
		return &Operand{Slot: path, Var: inner.Var}, true
	case *ast.Ident:
		b := at.lookup(e.Name)
		if b.meaning == aLoop {
			return &Operand{Var: b.depth}, true
		}
		if b.meaning == aLet {
			s := b.exprs[0]
			operand, ok := l.slot(s.expr, at.in(s.scope))
			return operand, ok && operand.Var == 0
		}
	}
	return nil, false
}

func (l *lowerer) slotOrRoot(e ast.Expr, at place) (*Operand, bool) {
	if ident, ok := e.(*ast.Ident); ok && at.lookup(ident.Name).meaning == aSlot {
		return &Operand{}, true
	}
	return l.slot(e, at)
}

// fold lets CUE evaluate an expression that depends on literals and the package
// alone, and returns its value, a scalar.
func (l *lowerer) fold(e ast.Expr, at place) (*Scalar, error) {
	var bad error
	ast.Walk(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.StructLit, *ast.Comprehension, *ast.BottomLit:
			bad = refuse(n, "it is computed in a way that is not known to the rule compiler")
		case *ast.Ident:
			switch b := at.lookup(n.Name); b.meaning {
			case aPackage:
				if b.exprs[0].scope.pkg != at.root().pkg {
					bad = refuse(n, "it depends on %q", n.Name)
				}
			case anImport:
				if b.path != b.name {
					bad = refuse(n, "it depends on package %q", b.path)
				}
			case unresolved:
			default:
				bad = refuse(n, "it depends on %q", n.Name)
			}
		case *ast.SelectorExpr:
			// The name after the point is no reference.
			if inner, ok := n.X.(ast.Node); ok && bad == nil {
				if ident, isIdent := n.X.(*ast.Ident); isIdent {
					if b := at.lookup(ident.Name); b.meaning != aPackage && (b.meaning != anImport || b.path != b.name) {
						bad = refuse(inner, "it depends on %q", ident.Name)
					}
					return false
				}
			}
		}
		return bad == nil
	}, nil)
	if bad != nil {
		return nil, bad
	}
	// The expression is parsed anew, since its names were resolved in its own file.
	text, err := format.Node(e)
	if err != nil {
		return nil, refuse(e, "it cannot be printed: %v", err)
	}
	fresh, err := parser.ParseExpr("constant", text)
	if err != nil {
		return nil, refuse(e, "it cannot be evaluated on its own: %v", err)
	}
	value := l.ctx.BuildExpr(fresh, cue.Scope(l.pkg), cue.ImportPath(at.root().pkg.ID()), cue.InferBuiltins(true))
	if err := value.Validate(cue.Concrete(true)); err != nil {
		return nil, refuse(e, "it is computed in a way that is not known to the rule compiler")
	}
	if k := value.Kind(); k == cue.ListKind || k == cue.StructKind {
		return nil, refuse(e, "a constant of kind %s", k)
	}
	node, err := nodeOf(value)
	if err != nil {
		return nil, refuse(e, "%v", err)
	}
	return &Scalar{node.Kind, node.Text}, nil
}
