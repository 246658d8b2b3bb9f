package schema

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/secgen/secgen/manifest"
)

// binder turns predicates into checks for given parameters.
type binder struct {
	parameters *manifest.Node
	// vars are the current values of the enclosing OpEach, the innermost last.
	vars []*manifest.Node
	// trace, where set, is told every check that a predicate became and gives the
	// check to use. Tests count verdicts with it.
	trace func(*Predicate, check) check
}

// check makes the check of a predicate.
func (b *binder) check(p *Predicate) (check, error) {
	c, err := b.make(p)
	if err == nil && b.trace != nil {
		c = b.trace(p, c)
	}
	return c, err
}

func (b *binder) make(p *Predicate) (check, error) {
	switch p.Op {
	case OpAny:
		return anyCheck{}, nil
	case OpNever:
		return neverCheck{}, nil
	case OpType:
		accepted, err := kindsOf(p.Types)
		return typeCheck{accepted}, err
	case OpUnique:
		return scalar[uniqueLeaf]{}, nil
	case OpEqual, OpNot, OpLess, OpAtMost, OpAbove, OpLeast, OpMatch, OpNoMat, OpText, OpSize, OpHas:
		return b.comparison(p)
	case OpStruct, OpAll, OpWhen:
		return b.vertex(looped{p, b.vars})
	case OpList:
		return b.list(p)
	case OpOr:
		checks, err := b.spread(p.Args)
		if len(checks) == 1 {
			return checks[0], err
		}
		return orCheck(checks), err
	case OpN:
		checks, err := b.spread(p.Args)
		if err != nil {
			return nil, err
		}
		count, err := b.check(p.Count)
		return &numberCheck{checks, count}, err
	case OpItemsN:
		item, err := b.check(p.Args[0])
		if err != nil {
			return nil, err
		}
		count, err := b.check(p.Count)
		return &itemsCheck{item, count}, err
	case OpIf:
		parts, err := b.spread(p.Args)
		if err != nil {
			return nil, err
		}
		return &ifCheck{parts[0], parts[1], parts[2]}, nil
	}
	return nil, fmt.Errorf("predicate %q is not known to this version of secgen", p.Op)
}

func (b *binder) comparison(p *Predicate) (check, error) {
	arg, err := b.operand(p.Arg)
	if err != nil {
		return nil, err
	}
	wrong := func(want string) (check, error) {
		return nil, fmt.Errorf("parameter %s is %s; it has to be %s", p.Arg, Show(arg), want)
	}
	isScalar := arg.Kind != manifest.List && arg.Kind != manifest.Map
	switch p.Op {
	case OpEqual, OpNot, OpHas:
		if !isScalar {
			return wrong("a string, a number or a boolean")
		}
		switch p.Op {
		case OpEqual:
			return scalar[equalLeaf]{equalLeaf{arg}}, nil
		case OpHas:
			return hasCheck{arg}, nil
		}
		if arg.Kind == manifest.Bool {
			return wrong("a string or a number")
		}
		return scalar[differLeaf]{differLeaf{arg}}, nil
	case OpMatch, OpNoMat:
		if arg.Kind != manifest.String {
			return wrong("a regular expression")
		}
		re, err := regexp.Compile(arg.Text)
		if err != nil {
			return nil, fmt.Errorf("parameter %s: %w", p.Arg, err)
		}
		return scalar[matchLeaf]{matchLeaf{re, p.Op == OpMatch}}, nil
	case OpText:
		function, known := textFunctionOf(p.Func)
		if arg.Kind != manifest.String || !known {
			return wrong("a string")
		}
		return scalar[textLeaf]{textLeaf{function, arg.Text}}, nil
	case OpSize:
		function, known := sizeFunctionOf(p.Func)
		limit, ok := arg.Int()
		if !ok || !known || limit < 0 {
			return wrong("a whole number from 0")
		}
		return scalar[sizeLeaf]{sizeLeaf{function, limit}}, nil
	}
	if !isNumber(arg) && arg.Kind != manifest.String {
		return wrong("a number or a string")
	}
	return scalar[boundLeaf]{boundLeaf{p.Op, arg}}, nil
}

// spread makes the checks of a list of predicates, each OpEach among them in as
// many copies as its list has values.
func (b *binder) spread(list []*Predicate) ([]check, error) {
	var out []check
	err := b.expand(list, func(p *Predicate) error {
		c, err := b.check(p)
		out = append(out, c)
		return err
	})
	return out, err
}

func (b *binder) expand(list []*Predicate, use func(*Predicate) error) error {
	for _, p := range list {
		if p.Op != OpEach {
			if err := use(p); err != nil {
				return err
			}
			continue
		}
		values, err := b.operand(p.Arg)
		if err != nil {
			return err
		}
		if values.Kind != manifest.List {
			return fmt.Errorf("parameter %s is %s; it has to be a list", p.Arg, Show(values))
		}
		for _, value := range values.Items {
			b.vars = append(b.vars, value)
			err := b.expand(p.Args, use)
			b.vars = b.vars[:len(b.vars)-1]
			if err != nil {
				return err
			}
		}
	}
	return nil
}

func (b *binder) list(p *Predicate) (check, error) {
	first, err := b.spread(p.Items)
	if err != nil || p.Rest == nil {
		return &listCheck{first: first}, err
	}
	rest, err := b.check(p.Rest)
	return &listCheck{first: first, rest: rest}, err
}

func (b *binder) operand(o *Operand) (*manifest.Node, error) {
	if o == nil {
		return nil, errors.New("predicate without its operand")
	}
	if o.Const != nil {
		return o.Const.node(), nil
	}
	from := b.parameters
	if o.Var > 0 {
		if o.Var > len(b.vars) {
			return nil, fmt.Errorf("%s: no such loop", o)
		}
		from = b.vars[len(b.vars)-o.Var]
	}
	value := from.Get(o.Slot...)
	if value == nil {
		return nil, fmt.Errorf("parameter %s has no value", o)
	}
	return value, nil
}

// String names the operand for a message.
func (o *Operand) String() string {
	switch {
	case o.Const != nil:
		return Show(o.Const.node())
	case o.Var > 0:
		return strings.Join(append([]string{"item"}, o.Slot...), ".")
	}
	return strconv.Quote(strings.Join(o.Slot, "."))
}

// holds judges a guard by the parameters.
func (b *binder) holds(g *Guard) (bool, error) {
	switch g.Op {
	case "and", "or":
		for _, arg := range g.Args {
			ok, err := b.holds(arg)
			if err != nil || ok == (g.Op == "or") {
				return ok, err
			}
		}
		return g.Op == "and", nil
	case "not":
		ok, err := b.holds(g.Args[0])
		return !ok, err
	}
	left, err := b.operand(g.Left)
	if err != nil {
		return false, err
	}
	if g.Op == "slot" {
		value, ok := left.Bool()
		if !ok {
			return false, fmt.Errorf("parameter %s is %s; it has to be true or false", g.Left, Show(left))
		}
		return value, nil
	}
	if g.Len {
		if left.Kind != manifest.List {
			return false, fmt.Errorf("parameter %s is %s; it has to be a list", g.Left, Show(left))
		}
		left = number(len(left.Items))
	}
	right, err := b.operand(g.Right)
	if err != nil {
		return false, err
	}
	return compareGuard(g.Op, left, right)
}

func compareGuard(op string, left, right *manifest.Node) (bool, error) {
	order, ok := compareNumbers(left, right)
	if !ok {
		if left.Kind != right.Kind || left.Kind == manifest.List || left.Kind == manifest.Map ||
			left.Kind != manifest.String && op != "==" && op != "!=" {
			return false, fmt.Errorf("%s and %s cannot be compared with %s", Show(left), Show(right), op)
		}
		order = strings.Compare(left.Text, right.Text)
	}
	switch op {
	case "==":
		return order == 0, nil
	case "!=":
		return order != 0, nil
	case "<":
		return order < 0, nil
	case "<=":
		return order <= 0, nil
	case ">":
		return order > 0, nil
	case ">=":
		return order >= 0, nil
	}
	return false, fmt.Errorf("comparison %q is not known to this version of secgen", op)
}

func kindsOf(names []string) (kinds, error) {
	var set kinds
	for _, name := range names {
		k, ok := map[string]kinds{"null": kindNull, "bool": kindBool, "int": kindInt, "float": kindFloat,
			"number": kindNumber, "string": kindString, "list": kindList, "struct": kindMap}[name]
		if !ok {
			return 0, fmt.Errorf("type %q is not known to this version of secgen", name)
		}
		set |= k
	}
	return set, nil
}
