// Package cel evaluates the expressions that compile writes into admission
// policies, so that the proof can ask what a printed policy decides instead of
// trusting whoever printed it.
//
// It knows a small part of the language: literals of strings, whole numbers, lists
// and messages, fields and keys, has(), exists(), in, ==, !=, +, !, &&, ||, ?:.
// As in CEL, a field that is not there is an error, which && and || take away
// where the other side decides. Whatever else an expression holds is an error:
// nothing is judged that was not understood. A test holds it against google/cel-go,
// which would make the program an eighth larger.
package cel

import (
	"fmt"
	"reflect"
	"slices"
)

// Program is a parsed expression.
type Program struct{ root expr }

// Parse reads an expression. The error names what is not understood.
func Parse(text string) (*Program, error) {
	tokens, err := scan(text)
	if err != nil {
		return nil, err
	}
	p := &parser{tokens: tokens}
	root, err := p.ternary()
	if err != nil {
		return nil, err
	}
	if p.peek() != "" {
		return nil, fmt.Errorf("%q is left over", p.peek())
	}
	return &Program{root}, nil
}

// Eval evaluates the expression over variables: strings, int64, bools, nil,
// []any and map[string]any.
func (p *Program) Eval(vars map[string]any) (any, error) { return p.root.eval(vars) }

// Bool is Eval for a condition.
func (p *Program) Bool(vars map[string]any) (bool, error) {
	v, err := p.root.eval(vars)
	if err != nil {
		return false, err
	}
	b, ok := v.(bool)
	if !ok {
		return false, fmt.Errorf("the expression is %v, no condition", v)
	}
	return b, nil
}

type expr interface {
	eval(vars map[string]any) (any, error)
}

type literal struct{ value any }

func (e literal) eval(map[string]any) (any, error) { return e.value, nil }

type variable string

func (e variable) eval(vars map[string]any) (any, error) {
	v, ok := vars[string(e)]
	if !ok {
		return nil, fmt.Errorf("there is no variable %s", string(e))
	}
	return v, nil
}

type list []expr

func (e list) eval(vars map[string]any) (any, error) {
	out := []any{}
	for _, item := range e {
		v, err := item.eval(vars)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

// message is a typed object, whose type does not matter here.
type message struct {
	keys   []string
	values []expr
}

func (e message) eval(vars map[string]any) (any, error) {
	out := map[string]any{}
	for i, key := range e.keys {
		v, err := e.values[i].eval(vars)
		if err != nil {
			return nil, err
		}
		out[key] = v
	}
	return out, nil
}

// get is a field or the value of a key; test is has().
type get struct {
	of, key expr
	test    bool
}

func (e get) eval(vars map[string]any) (any, error) {
	of, err := e.of.eval(vars)
	if err != nil {
		return nil, err
	}
	key, err := e.key.eval(vars)
	if err != nil {
		return nil, err
	}
	m, isMap := of.(map[string]any)
	name, isName := key.(string)
	if !isMap || !isName {
		return nil, fmt.Errorf("%v has no keys, such as %v", of, key)
	}
	v, ok := m[name]
	switch {
	case e.test:
		return ok && v != nil, nil
	case !ok:
		return nil, fmt.Errorf("no such key: %s", name)
	}
	return v, nil
}

type unary struct{ of expr }

func (e unary) eval(vars map[string]any) (any, error) {
	v, err := condition(e.of, vars)
	return !v, err
}

func condition(e expr, vars map[string]any) (bool, error) {
	return (&Program{e}).Bool(vars)
}

type binary struct {
	op          string
	left, right expr
}

func (e binary) eval(vars map[string]any) (any, error) {
	if e.op == "&&" || e.op == "||" {
		return e.logic(vars)
	}
	left, err := e.left.eval(vars)
	if err != nil {
		return nil, err
	}
	right, err := e.right.eval(vars)
	if err != nil {
		return nil, err
	}
	switch e.op {
	case "==":
		return reflect.DeepEqual(left, right), nil
	case "!=":
		return !reflect.DeepEqual(left, right), nil
	}
	a, listA := left.([]any)
	b, listB := right.([]any)
	if e.op == "+" {
		if !listA || !listB {
			return nil, fmt.Errorf("%v + %v are no lists", left, right)
		}
		return slices.Concat(a, b), nil
	}
	if m, ok := right.(map[string]any); ok {
		name, _ := left.(string)
		_, found := m[name]
		return found, nil
	}
	if !listB {
		return nil, fmt.Errorf("%v is neither list nor map", right)
	}
	return slices.ContainsFunc(b, func(v any) bool { return reflect.DeepEqual(v, left) }), nil
}

// logic decides by one side where it can, whatever the other is.
func (e binary) logic(vars map[string]any) (any, error) {
	decisive := e.op == "||"
	left, errLeft := condition(e.left, vars)
	if errLeft == nil && left == decisive {
		return decisive, nil
	}
	right, errRight := condition(e.right, vars)
	if errRight == nil && right == decisive {
		return decisive, nil
	}
	if errLeft != nil {
		return nil, errLeft
	}
	return right, errRight
}

type ternary struct{ when, yes, no expr }

func (e ternary) eval(vars map[string]any) (any, error) {
	v, err := condition(e.when, vars)
	switch {
	case err != nil:
		return nil, err
	case v:
		return e.yes.eval(vars)
	}
	return e.no.eval(vars)
}

// exists is list.exists(name, test).
type exists struct {
	of   expr
	name string
	test expr
}

func (e exists) eval(vars map[string]any) (any, error) {
	of, err := e.of.eval(vars)
	if err != nil {
		return nil, err
	}
	items, ok := of.([]any)
	if !ok {
		return nil, fmt.Errorf("%v is no list", of)
	}
	inner := map[string]any{}
	for key, value := range vars {
		inner[key] = value
	}
	var failed error
	for _, item := range items {
		inner[e.name] = item
		found, err := condition(e.test, inner)
		if err != nil {
			failed = err
		} else if found {
			return true, nil
		}
	}
	return false, failed
}
