package schema

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/token"

	"github.com/secgen/secgen/manifest"
)

// nodeOf makes a node of a concrete CUE value.
func nodeOf(v cue.Value) (*manifest.Node, error) {
	switch v.Kind() {
	case cue.NullKind:
		return manifest.Of(nil), nil
	case cue.BoolKind:
		b, err := v.Bool()
		return manifest.Of(b), err
	case cue.StringKind:
		s, err := v.String()
		return manifest.Of(s), err
	case cue.IntKind:
		i, err := v.Int(nil)
		if err != nil {
			return nil, err
		}
		return &manifest.Node{Kind: manifest.Int, Text: i.String()}, nil
	case cue.FloatKind:
		return floatOf(v)
	case cue.ListKind:
		out := &manifest.Node{Kind: manifest.List, Items: []*manifest.Node{}}
		items, err := v.List()
		for err == nil && items.Next() {
			var item *manifest.Node
			item, err = nodeOf(items.Value())
			out.Items = append(out.Items, item)
		}
		return out, err
	case cue.StructKind:
		out := &manifest.Node{Kind: manifest.Map}
		fields, err := v.Fields()
		for err == nil && fields.Next() {
			var value *manifest.Node
			value, err = nodeOf(fields.Value())
			out.Fields = append(out.Fields, manifest.Field{Key: fields.Selector().Unquoted(), Value: value})
		}
		return out, err
	}
	if err := v.Err(); err != nil {
		return nil, err
	}
	return nil, fmt.Errorf("%v is no value but a %s", v, v.IncompleteKind())
}

// floatOf refuses numbers that a float64 does not hold exactly as written, since
// data are read as float64.
func floatOf(v cue.Value) (*manifest.Node, error) {
	text, err := v.MarshalJSON()
	if err != nil {
		return nil, err
	}
	f, err := strconv.ParseFloat(string(text), 64)
	short := strconv.FormatFloat(f, 'g', -1, 64)
	p, okP := new(big.Rat).SetString(string(text))
	q, okQ := new(big.Rat).SetString(short)
	if err != nil || !okP || !okQ || p.Cmp(q) != 0 {
		return nil, fmt.Errorf("%s has more digits than a number in YAML keeps", text)
	}
	return &manifest.Node{Kind: manifest.Float, Text: short}, nil
}

// exprOf writes a node as CUE data: nulls in maps are left out, as the API server
// does.
func exprOf(n *manifest.Node) ast.Expr {
	if n == nil {
		return ast.NewNull()
	}
	switch n.Kind {
	case manifest.Bool:
		return ast.NewBool(n.Text == "true")
	case manifest.Int:
		return numberExpr(token.INT, n.Text)
	case manifest.Float:
		text := n.Text
		if !strings.ContainsAny(text, ".eE") {
			text += ".0"
		}
		return numberExpr(token.FLOAT, text)
	case manifest.String:
		return ast.NewString(n.Text)
	case manifest.List:
		out := &ast.ListLit{}
		for _, item := range n.Items {
			out.Elts = append(out.Elts, exprOf(item))
		}
		return out
	case manifest.Map:
		out := &ast.StructLit{}
		for _, f := range n.Fields {
			if !f.Value.IsNull() {
				out.Elts = append(out.Elts, &ast.Field{Label: ast.NewString(f.Key), Value: exprOf(f.Value)})
			}
		}
		return out
	}
	return ast.NewNull()
}

func numberExpr(kind token.Token, text string) ast.Expr {
	if rest, negative := strings.CutPrefix(text, "-"); negative {
		return &ast.UnaryExpr{Op: token.SUB, X: &ast.BasicLit{Kind: kind, Value: rest}}
	}
	return &ast.BasicLit{Kind: kind, Value: text}
}
