package schema

import (
	"fmt"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/token"

	"github.com/secgen/secgen/manifest"
)

// lowerer turns CUE's syntax into predicates. It is sound or refuses: every
// construct that it does not know ends in a refusal, and the rule is left to CUE.
type lowerer struct {
	ctx *cue.Context
	// pkg is the value of the rule's package, in which constants are folded.
	pkg cue.Value
	// busy holds the references being followed, so that a cycle ends.
	busy map[string]bool
	// values: the schema is a parameter's type, where regular fields are demands
	// and * marks the default.
	values bool
}

// refusal says why an expression was not lowered.
type refusal struct {
	pos    token.Pos
	reason string
}

func (r *refusal) Error() string {
	if p := r.pos.Position(); p.Line > 0 {
		return fmt.Sprintf("%s (line %d)", r.reason, p.Line)
	}
	return r.reason
}

func refuse(n ast.Node, format string, args ...any) error {
	return &refusal{pos: n.Pos(), reason: fmt.Sprintf(format, args...)}
}

// place is where an expression stands.
type place struct {
	*scope
	// closed: in a definition, whose structs refuse fields that they do not name.
	closed bool
	// isMap: the value is known to be a map, as a view is.
	isMap bool
}

func (p place) in(s *scope) place { p.scope = s; return p }

// below is the place of a part of a value.
func (p place) below() place { p.isMap = false; return p }

// schema lowers the conjunction of the expressions that make up a rule's require
// or match.
func (l *lowerer) schema(list []scoped) (*Predicate, error) {
	var args []*Predicate
	for _, s := range list {
		p, err := l.lower(s.expr, place{scope: s.scope, closed: s.closed, isMap: true})
		if err != nil {
			return nil, err
		}
		args = append(args, p)
	}
	whole := conjoin(args)
	return whole, checkImplied(whole, false, false)
}

func conjoin(args []*Predicate) *Predicate {
	if len(args) == 1 && args[0].Op != OpEach {
		return args[0]
	}
	return &Predicate{Op: OpAll, Args: args}
}

func (l *lowerer) lower(e ast.Expr, at place) (*Predicate, error) {
	switch e := e.(type) {
	case *ast.ParenExpr:
		return l.lower(e.X, at)
	case *ast.BottomLit:
		return &Predicate{Op: OpNever}, nil
	case *ast.BasicLit:
		return l.constant(e, at)
	case *ast.Ident:
		return l.ident(e, at)
	case *ast.SelectorExpr:
		return l.selector(e, at)
	case *ast.UnaryExpr:
		return l.unary(e, at)
	case *ast.BinaryExpr:
		switch e.Op {
		case token.AND:
			return l.and(e, at)
		case token.OR:
			return l.or(e, at)
		}
	case *ast.StructLit:
		return l.structLit(e, at)
	case *ast.ListLit:
		return l.listLit(e, at)
	case *ast.CallExpr:
		return l.call(e, at)
	}
	return l.constant(e, at)
}

// constant lowers an expression that CUE can evaluate without parameters or data.
func (l *lowerer) constant(e ast.Expr, at place) (*Predicate, error) {
	value, err := l.fold(e, at)
	if err != nil {
		return nil, err
	}
	return &Predicate{Op: OpEqual, Arg: &Operand{Const: value}}, nil
}

func (l *lowerer) and(e *ast.BinaryExpr, at place) (*Predicate, error) {
	x, err := l.lower(e.X, at)
	if err != nil {
		return nil, err
	}
	y, err := l.lower(e.Y, at)
	if err != nil {
		return nil, err
	}
	if at.closed && x.Op != OpAny && y.Op != OpAny && accepts(x)&accepts(y)&kindMap != 0 {
		return nil, refuse(e, "a definition joins several structs, whose closedness only CUE can tell")
	}
	return conjoin(append(flatten(OpAll, x), flatten(OpAll, y)...)), nil
}

func (l *lowerer) or(e *ast.BinaryExpr, at place) (*Predicate, error) {
	x, err := l.lower(e.X, at)
	if err != nil {
		return nil, err
	}
	y, err := l.lower(e.Y, at)
	if err != nil {
		return nil, err
	}
	args := append(flatten(OpOr, x), flatten(OpOr, y)...)
	if l.values {
		return &Predicate{Op: OpOr, Args: args}, nil
	}
	return disjoin(e, args)
}

func flatten(op Op, p *Predicate) []*Predicate {
	if p.Op == op {
		return p.Args
	}
	return []*Predicate{p}
}

// disjoin makes a disjunction. CUE keeps all alternatives that a struct or list
// satisfies and calls the value incomplete where they differ, so that at most one
// alternative may take structs, and one lists.
func disjoin(at ast.Node, args []*Predicate) (*Predicate, error) {
	var structs, lists int
	for _, p := range args {
		weight := 1
		if p.Op == OpEach {
			weight = 2
		}
		if accepts(p)&kindMap != 0 {
			structs += weight
		}
		if accepts(p)&kindList != 0 {
			lists += weight
		}
	}
	if structs > 1 || lists > 1 {
		return nil, refuse(at, "a disjunction of several structs or lists is incomplete in CUE where more than one"+
			" of them may hold; write matchN(>=1, [...]) instead")
	}
	return &Predicate{Op: OpOr, Args: args}, nil
}

func (l *lowerer) unary(e *ast.UnaryExpr, at place) (*Predicate, error) {
	op, ok := map[token.Token]Op{token.LSS: OpLess, token.LEQ: OpAtMost, token.GTR: OpAbove, token.GEQ: OpLeast,
		token.NEQ: OpNot, token.MAT: OpMatch, token.NMAT: OpNoMat}[e.Op]
	if !ok {
		if e.Op == token.MUL && l.values {
			return l.lower(e.X, at)
		}
		if e.Op == token.MUL {
			return nil, refuse(e, "a default (*) has no meaning in a demand")
		}
		return l.constant(e, at)
	}
	arg, err := l.operand(e.X, at)
	if err != nil {
		return nil, err
	}
	if c := arg.Const; c != nil {
		fits := c.Kind == manifest.String
		switch op {
		case OpNot:
			fits = fits || isNumber(c.node()) || c.Kind == manifest.Null
		case OpLess, OpAtMost, OpAbove, OpLeast:
			fits = fits || isNumber(c.node())
		}
		if !fits {
			return nil, refuse(e, "%s does not go with %s", e.Op, Show(c.node()))
		}
	}
	return &Predicate{Op: op, Arg: arg}, nil
}

func (l *lowerer) listLit(e *ast.ListLit, at place) (*Predicate, error) {
	out := &Predicate{Op: OpList}
	for i, elt := range e.Elts {
		if rest, ok := elt.(*ast.Ellipsis); ok {
			if i != len(e.Elts)-1 {
				return nil, refuse(e, "... has to be the last of a list")
			}
			out.Rest = &Predicate{Op: OpAny}
			if rest.Type != nil {
				p, err := l.lower(rest.Type, at.below())
				if err != nil {
					return nil, err
				}
				out.Rest = p
			}
			continue
		}
		if _, ok := elt.(*ast.Comprehension); ok {
			return nil, refuse(elt, "a list is made by a loop")
		}
		p, err := l.lower(elt, at.below())
		if err != nil {
			return nil, err
		}
		out.Items = append(out.Items, p)
	}
	return out, nil
}
