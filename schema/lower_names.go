package schema

import (
	"fmt"

	"cuelang.org/go/cue/ast"

	"github.com/secgen/secgen/manifest"
)

func (l *lowerer) ident(e *ast.Ident, at place) (*Predicate, error) {
	if e.Name == "_" {
		return &Predicate{Op: OpAny}, nil
	}
	b := at.lookup(e.Name)
	switch b.meaning {
	case aSlot:
		return nil, refuse(e, "the parameters as a whole are no schema")
	case aLoop:
		return &Predicate{Op: OpEqual, Arg: &Operand{Var: b.depth}}, nil
	case aLet, aPackage:
		return l.follow(e, b, at)
	case aField:
		return nil, refuse(e, "it refers to %q, another field", e.Name)
	case unresolved:
		return predeclared(e)
	}
	return nil, refuse(e, "%q is no schema", e.Name)
}

// predeclared lowers the names that CUE itself knows.
func predeclared(e *ast.Ident) (*Predicate, error) {
	switch name := e.Name; name {
	case "string", "int", "float", "number", "bool":
		return &Predicate{Op: OpType, Types: []string{name}}, nil
	case "uint":
		return intFrom("0", ""), nil
	case "uint8":
		return intFrom("0", "255"), nil
	case "uint16":
		return intFrom("0", "65535"), nil
	case "uint32":
		return intFrom("0", "4294967295"), nil
	case "int32":
		return intFrom("-2147483648", "2147483647"), nil
	case "int64":
		return intFrom("-9223372036854775808", "9223372036854775807"), nil
	case "true", "false":
		return &Predicate{Op: OpEqual, Arg: &Operand{Const: &Scalar{manifest.Bool, name}}}, nil
	}
	return nil, refuse(e, "%q is not known to the rule compiler", e.Name)
}

func intFrom(low, high string) *Predicate {
	args := []*Predicate{{Op: OpType, Types: []string{"int"}}, bound(OpLeast, low)}
	if high != "" {
		args = append(args, bound(OpAtMost, high))
	}
	return conjoin(args)
}

func bound(op Op, text string) *Predicate {
	return &Predicate{Op: op, Arg: &Operand{Const: &Scalar{manifest.Int, text}}}
}

// follow lowers what a name stands for.
func (l *lowerer) follow(e ast.Expr, b binding, at place) (*Predicate, error) {
	var args []*Predicate
	for _, s := range b.exprs {
		key := fmt.Sprint(s.expr.Pos().Position())
		if l.busy[key] {
			return nil, refuse(e, "%q refers to itself", b.name)
		}
		l.busy[key] = true
		p, err := l.lower(s.expr, place{scope: s.scope, closed: at.closed || s.closed, isMap: at.isMap})
		delete(l.busy, key)
		if err != nil {
			return nil, err
		}
		args = append(args, p)
	}
	if b.meaning == aPackage {
		if err := plainPackage(e, b.exprs[0].scope); err != nil {
			return nil, err
		}
		if len(args) > 1 && accepts(args[0])&kindMap != 0 {
			return nil, refuse(e, "%q is declared in several places", b.name)
		}
	}
	return conjoin(args), nil
}

// plainPackage refuses packages whose fields may come from elsewhere than their
// declarations.
func plainPackage(e ast.Node, s *scope) error {
	for _, file := range s.pkg.Files {
		for _, d := range file.Decls {
			switch d := d.(type) {
			case *ast.EmbedDecl, *ast.Comprehension:
				return refuse(e, "the package embeds something at its top, which may add to any field")
			case *ast.Field:
				if _, _, err := ast.LabelName(d.Label); err != nil {
					return refuse(d, "the package has a pattern at its top, which may add to any field")
				}
			}
		}
	}
	return nil
}

func (l *lowerer) selector(e *ast.SelectorExpr, at place) (*Predicate, error) {
	if operand, ok := l.slot(e, at); ok {
		return &Predicate{Op: OpEqual, Arg: operand}, nil
	}
	if b, ok := l.imported(e, at); ok {
		if b.path == "list" && b.name == "UniqueItems" {
			return &Predicate{Op: OpUnique}, nil
		}
		if b.meaning == aPackage {
			return l.follow(e, b, at)
		}
	}
	return l.constant(e, at)
}

// imported resolves package.Name: to a field of a package, or, where the package
// is one of CUE's own, to its path and name.
func (l *lowerer) imported(e *ast.SelectorExpr, at place) (binding, bool) {
	pkg, ok := e.X.(*ast.Ident)
	if !ok {
		return binding{}, false
	}
	b := at.lookup(pkg.Name)
	name, isIdent, err := ast.LabelName(e.Sel)
	if b.meaning != anImport || !isIdent || err != nil {
		return binding{}, false
	}
	inst := importOf(at.root().pkg, b.path)
	if inst == nil {
		return binding{meaning: anImport, path: plainPath(b.path), name: name}, true
	}
	return packageField(inst, name), true
}
