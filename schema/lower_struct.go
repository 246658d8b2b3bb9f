package schema

import (
	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/token"
)

func (l *lowerer) structLit(e *ast.StructLit, at place) (*Predicate, error) {
	inner := at.in(at.inside(e.Elts))
	out := &Predicate{Op: OpStruct, Closed: at.closed}
	var parts []*Predicate
	plain := len(e.Elts) == 0
	for _, d := range e.Elts {
		switch d := d.(type) {
		case *ast.Field:
			plain = true
			if err := l.field(d, inner, out); err != nil {
				return nil, err
			}
		case *ast.Ellipsis:
			if d.Type != nil {
				return nil, refuse(d, "...T in a struct")
			}
			plain = true
			out.Closed = false
		case *ast.EmbedDecl:
			p, err := l.lower(d.Expr, inner)
			if err != nil {
				return nil, err
			}
			parts = append(parts, p)
		case *ast.Comprehension:
			p, err := l.comprehension(d, inner)
			if err != nil {
				return nil, err
			}
			parts = append(parts, p)
		case *ast.LetClause, *ast.CommentGroup:
		default:
			return nil, refuse(d, "a %T is not known to the rule compiler", d)
		}
	}
	if len(parts) == 0 {
		return out, nil
	}
	if at.closed {
		return nil, refuse(e, "a definition embeds something, so that only CUE can tell what it allows")
	}
	// What is embedded keeps CUE from taking the literal for a struct, unless it is
	// one itself; a condition or loop may add nothing.
	structs := true
	for _, p := range parts {
		structs = structs && p.Op != OpEach && accepts(p) == kindMap
	}
	switch {
	case !plain:
		// Where a condition adds nothing, the literal accepts anything.
		return conjoin(parts), nil
	case structs || at.isMap:
		return conjoin(append([]*Predicate{out}, parts...)), nil
	}
	return nil, refuse(e, "a struct embeds what is no struct; join the two with & instead")
}

func (l *lowerer) field(f *ast.Field, at place, into *Predicate) error {
	if len(f.Attrs) > 0 {
		return refuse(f, "a field has an attribute")
	}
	if list, ok := f.Label.(*ast.ListLit); ok {
		return l.pattern(f, list, at, into)
	}
	name, isIdent, err := ast.LabelName(f.Label)
	switch l := f.Label.(type) {
	case *ast.Ident, *ast.BasicLit:
	default:
		return refuse(l, "a label is computed or has an alias")
	}
	if err != nil || isIdent && (isDefinition(name) || name[0] == '_') {
		return refuse(f, "a hidden field or definition stands in the schema; use let")
	}
	value, err := l.lower(f.Value, at.below())
	if err != nil {
		return err
	}
	check := FieldCheck{Name: name, Check: value}
	switch f.Constraint {
	case token.OPTION:
	case token.NOT:
		check.Presence = Required
	default:
		if l.values {
			check.Presence = Required
			break
		}
		if accepts(value) != kindMap {
			return refuse(f, "%s: sets a value", name)
		}
		check.Presence = Implied
	}
	into.Fields = append(into.Fields, check)
	return nil
}

func (l *lowerer) pattern(f *ast.Field, label *ast.ListLit, at place, into *Predicate) error {
	if len(label.Elts) != 1 || f.Constraint != token.ILLEGAL {
		return refuse(f, "a pattern of an unknown form")
	}
	if _, ok := label.Elts[0].(*ast.Alias); ok {
		return refuse(f, "a pattern has an alias")
	}
	key, err := l.lower(label.Elts[0], at.below())
	if err != nil {
		return err
	}
	if !judgesKeys(key) {
		return refuse(f, "a pattern of an unknown form")
	}
	value, err := l.lower(f.Value, at.below())
	if err != nil {
		return err
	}
	into.Patterns = append(into.Patterns, KeyCheck{key, value})
	return nil
}

// judgesKeys tells whether a predicate can be run on the keys of a map.
func judgesKeys(p *Predicate) bool {
	switch p.Op {
	case OpAny, OpMatch, OpNoMat, OpText:
		return true
	case OpType:
		return accepts(p) == kindString
	case OpEqual, OpNot:
		return accepts(p)&kindString != 0
	case OpAll, OpOr:
		for _, arg := range p.Args {
			if !judgesKeys(arg) {
				return false
			}
		}
		return true
	}
	return false
}

// comprehension lowers `if` on parameters and `for` over a parameter's list.
func (l *lowerer) comprehension(c *ast.Comprehension, at place) (*Predicate, error) {
	if len(c.Clauses) != 1 || c.Fallback != nil {
		return nil, refuse(c, "a comprehension with several clauses")
	}
	switch clause := c.Clauses[0].(type) {
	case *ast.IfClause:
		guard, err := l.guard(clause.Condition, at)
		if err != nil {
			return nil, err
		}
		body, err := l.lower(c.Value, at)
		return &Predicate{Op: OpWhen, Guard: guard, Args: []*Predicate{body}}, err
	case *ast.ForClause:
		return l.each(clause, c.Value, at)
	}
	return nil, refuse(c, "a comprehension of an unknown form")
}

// each lowers `for v in parameters.list {...}`.
func (l *lowerer) each(clause *ast.ForClause, body ast.Expr, at place) (*Predicate, error) {
	source, ok := l.slot(clause.Source, at)
	if !ok {
		return nil, refuse(clause, "a loop over something other than a parameter")
	}
	loop := &scope{up: at.scope, loop: clause.Value.Name}
	if clause.Key != nil {
		loop.loopKey = clause.Key.Name
	}
	p, err := l.lower(body, at.in(loop))
	return &Predicate{Op: OpEach, Arg: source, Args: []*Predicate{p}}, err
}

func (l *lowerer) guard(e ast.Expr, at place) (*Guard, error) {
	switch e := e.(type) {
	case *ast.ParenExpr:
		return l.guard(e.X, at)
	case *ast.UnaryExpr:
		if e.Op == token.NOT {
			inner, err := l.guard(e.X, at)
			return &Guard{Op: "not", Args: []*Guard{inner}}, err
		}
	case *ast.BinaryExpr:
		return l.guardPair(e, at)
	}
	if operand, ok := l.slot(e, at); ok {
		return &Guard{Op: "slot", Left: operand}, nil
	}
	return nil, refuse(e, "a condition on something other than parameters")
}

func (l *lowerer) guardPair(e *ast.BinaryExpr, at place) (*Guard, error) {
	switch e.Op {
	case token.LAND, token.LOR:
		left, err := l.guard(e.X, at)
		if err != nil {
			return nil, err
		}
		right, err := l.guard(e.Y, at)
		op := map[token.Token]string{token.LAND: "and", token.LOR: "or"}[e.Op]
		return &Guard{Op: op, Args: []*Guard{left, right}}, err
	case token.EQL, token.NEQ, token.LSS, token.LEQ, token.GTR, token.GEQ:
	default:
		return nil, refuse(e, "a condition of an unknown form")
	}
	guard := &Guard{Op: e.Op.String()}
	left := e.X
	if call, ok := e.X.(*ast.CallExpr); ok && len(call.Args) == 1 {
		if f, ok := call.Fun.(*ast.Ident); ok && f.Name == "len" && at.lookup("len").meaning == unresolved {
			guard.Len, left = true, call.Args[0]
		}
	}
	operand, ok := l.slot(left, at)
	if !ok {
		return nil, refuse(e, "a condition on something other than parameters")
	}
	guard.Left = operand
	right, err := l.operand(e.Y, at)
	guard.Right = right
	return guard, err
}
