package schema

import (
	"fmt"
	"strconv"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/errors"

	"github.com/secgen/secgen/manifest"
)

// reference judges views by CUE itself: Validate(Concrete(true)) of the schema
// and the view, from which nulls were removed. It is slow, can be neither
// cancelled nor bounded, and serves one goroutine.
type reference struct {
	ctx            *cue.Context
	match, require cue.Value
	hasMatch       bool
}

func newReference(ctx *cue.Context, rule *Rule, value cue.Value, parameters *manifest.Node) *reference {
	if len(rule.Parameters) > 0 {
		value = value.FillPath(cue.ParsePath("parameters"), ctx.BuildExpr(exprOf(parameters)))
	}
	r := &reference{ctx: ctx, require: value.LookupPath(cue.ParsePath("require"))}
	r.match = value.LookupPath(cue.ParsePath("match"))
	r.hasMatch = r.match.Exists()
	return r
}

func (r *reference) eval(view *manifest.Node) Result {
	data := r.ctx.BuildExpr(exprOf(view))
	if r.hasMatch {
		if err := r.match.Unify(data).Validate(cue.Concrete(true)); err != nil {
			if unresolvedBelow(r.reasons(r.match, err, view)) {
				return Result{Unknown: countUnresolved(view)}
			}
			return Result{Skipped: true}
		}
	}
	err := r.require.Unify(data).Validate(cue.Concrete(true))
	if err == nil {
		return Result{}
	}
	reasons := r.reasons(r.require, err, view)
	if unresolvedBelow(reasons) {
		return Result{Unknown: countUnresolved(view)}
	}
	return Result{Violations: distinct(reasons)}
}

// reasons turns CUE's errors into violations.
func (r *reference) reasons(schema cue.Value, err error, view *manifest.Node) []Violation {
	skip := len(schema.Path().Selectors())
	var out []Violation
	for _, e := range errors.Errors(err) {
		path := e.Path()
		if len(path) >= skip {
			path = path[skip:]
		} else {
			path = nil
		}
		format, args := e.Msg()
		at, found := follow(view, path)
		report(&out, at, found, fmt.Sprintf("what CUE accepts (%s)", shortened(fmt.Sprintf(format, args...))))
	}
	return out
}

// shortened is a message of CUE's, which prints maps in full, in a sentence's length.
func shortened(text string) string {
	const most = 200
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "..."
	}
	return text
}

// follow makes a field path of CUE's names.
func follow(n *manifest.Node, names []string) (manifest.FieldPath, *manifest.Node) {
	var at manifest.FieldPath
	for _, name := range names {
		if i, err := strconv.Atoi(name); err == nil && n != nil && n.Kind == manifest.List {
			at = at.At(i)
			if i >= 0 && i < len(n.Items) {
				n = n.Items[i]
			} else {
				n = nil
			}
			continue
		}
		if unquoted, err := strconv.Unquote(name); err == nil {
			name = unquoted
		}
		at, n = at.Field(name), present(n, name)
	}
	return at, n
}

// unresolvedBelow tells whether every reason concerns a value that holds an
// unresolved variable somewhere.
func unresolvedBelow(reasons []Violation) bool {
	for _, v := range reasons {
		if !holdsUnresolved(v.Found) {
			return false
		}
	}
	return len(reasons) > 0
}

func holdsUnresolved(n *manifest.Node) bool {
	if n == nil {
		return false
	}
	if n.IsUnresolved() {
		return true
	}
	for _, f := range n.Fields {
		if holdsUnresolved(f.Value) {
			return true
		}
	}
	for _, item := range n.Items {
		if holdsUnresolved(item) {
			return true
		}
	}
	return false
}
