package schema

import (
	"strconv"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/ast"

	"github.com/secgen/secgen/manifest"
)

// places says where in a file the parts of its value are written: fields at
// their label, items of lists where they start. The value itself cannot tell,
// since it is also made of the types that it was unified with.
type places struct {
	file string
	at   map[string]manifest.Position
	// prefix is how many steps at the start of a value's path do not stand in the
	// file, and base the path that stands there instead.
	prefix int
	base   string
}

func placesOf(file *ast.File, prefix int) *places {
	p := &places{file: fileOf(file.Filename), at: map[string]manifest.Position{}, prefix: prefix}
	p.decls(file.Decls, "")
	return p
}

func (p *places) decls(decls []ast.Decl, path string) {
	for _, d := range decls {
		switch d := d.(type) {
		case *ast.EmbedDecl:
			p.expr(d.Expr, path)
		case *ast.Field:
			if name, _, err := ast.LabelName(d.Label); err == nil {
				inner := path + "\x00" + name
				p.set(inner, d)
				p.expr(d.Value, inner)
			}
		}
	}
}

func (p *places) expr(e ast.Expr, path string) {
	switch e := e.(type) {
	case *ast.ParenExpr:
		p.expr(e.X, path)
	case *ast.BinaryExpr:
		p.expr(e.X, path)
		p.expr(e.Y, path)
	case *ast.StructLit:
		p.decls(e.Elts, path)
	case *ast.ListLit:
		for i, item := range e.Elts {
			inner := path + "\x00" + strconv.Itoa(i)
			p.set(inner, item)
			p.expr(item, inner)
		}
	}
}

func (p *places) set(path string, n ast.Node) {
	if _, known := p.at[path]; !known {
		p.at[path] = positionOf(n.Pos())
	}
}

// of is where a value is written.
func (p *places) of(v cue.Value) manifest.Position {
	path := p.base
	for _, sel := range v.Path().Selectors()[p.prefix:] {
		if sel.LabelType() == cue.IndexLabel {
			path += "\x00" + strconv.Itoa(sel.Index())
		} else {
			path += "\x00" + sel.Unquoted()
		}
	}
	if pos, ok := p.at[path]; ok {
		return pos
	}
	return positionOf(v.Pos())
}

// nearest is where the innermost part of a path is written that is written at
// all; the path is one of CUE's errors.
func (p *places) nearest(names []string) manifest.Position {
	for end := len(names); end >= p.prefix; end-- {
		path := p.base
		for _, name := range names[p.prefix:end] {
			if unquoted, err := strconv.Unquote(name); err == nil {
				name = unquoted
			}
			path += "\x00" + name
		}
		if pos, ok := p.at[path]; ok {
			return pos
		}
	}
	return manifest.Position{File: p.file, Line: 1, Column: 1}
}
