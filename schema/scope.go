package schema

import (
	"strings"

	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/ast/astutil"
	"cuelang.org/go/cue/build"
)

// scope resolves names as CUE does: from the innermost struct or loop outwards
// to the file's imports and the package.
type scope struct {
	up *scope
	// pkg and file are set on the outermost scope only.
	pkg  *build.Instance
	file *ast.File
	// decls are those of a struct.
	decls []ast.Decl
	// rule marks a struct that is the rule itself: its parameters are slots.
	rule bool
	// loop is the variable of a comprehension, loopKey its key.
	loop, loopKey string
}

// meaning is what a name stands for.
type meaning int

const (
	unresolved meaning = iota
	aSlot              // the rule's parameters
	aLoop              // the variable of a comprehension
	aLet               // a let clause: one expression
	aField             // a field of an enclosing struct: depends on the data
	aPackage           // a field of the package: all its declarations
	anImport
)

type binding struct {
	meaning meaning
	// exprs with the scopes in which they stand.
	exprs []scoped
	// depth counts the loops inside the one that binds a loop variable, plus one.
	depth int
	// path of an import.
	path string
	name string
}

// scoped is an expression and where its names are to be looked up.
type scoped struct {
	expr  ast.Expr
	scope *scope
	// closed: the expression stands in a definition.
	closed bool
}

func fileScope(pkg *build.Instance, file *ast.File) *scope {
	return &scope{pkg: pkg, file: file}
}

func (s *scope) inside(decls []ast.Decl) *scope { return &scope{up: s, decls: decls} }

// root is the outermost scope.
func (s *scope) root() *scope {
	for s.up != nil {
		s = s.up
	}
	return s
}

// lookup says what an identifier stands for.
func (s *scope) lookup(name string) binding {
	depth := 1
	for at := s; at != nil; at = at.up {
		switch {
		case at.loop != "":
			if at.loop == name {
				return binding{meaning: aLoop, depth: depth, name: name}
			}
			if at.loopKey == name {
				return binding{meaning: aField, name: name}
			}
			depth++
		case at.file != nil:
			return at.lookupFile(name)
		default:
			if b := at.lookupStruct(name); b.meaning != unresolved {
				return b
			}
		}
	}
	return binding{}
}

func (s *scope) lookupStruct(name string) binding {
	for _, d := range s.decls {
		switch d := d.(type) {
		case *ast.LetClause:
			if d.Ident.Name == name {
				return binding{meaning: aLet, exprs: []scoped{{expr: d.Expr, scope: s}}, name: name}
			}
		case *ast.Alias:
			if d.Ident.Name == name {
				return binding{meaning: aField, name: name}
			}
		case *ast.Field:
			if !declares(d, name) {
				continue
			}
			if s.rule && name == "parameters" {
				return binding{meaning: aSlot, name: name}
			}
			return binding{meaning: aField, name: name}
		}
	}
	return binding{}
}

// declares tells whether a field brings a name into its scope: by its label
// where that is an identifier, or by an alias.
func declares(f *ast.Field, name string) bool {
	label := f.Label
	if a, ok := label.(*ast.Alias); ok {
		if a.Ident.Name == name {
			return true
		}
		label, _ = a.Expr.(ast.Label)
	}
	if ident, ok := label.(*ast.Ident); ok && ident.Name == name {
		return true
	}
	if list, ok := label.(*ast.ListLit); ok {
		for _, e := range list.Elts {
			if a, ok := e.(*ast.Alias); ok && a.Ident.Name == name {
				return true
			}
		}
	}
	if a, ok := f.Value.(*ast.Alias); ok && a.Ident.Name == name {
		return true
	}
	return f.Alias != nil && (f.Alias.Field.Name == name || f.Alias.Label != nil && f.Alias.Label.Name == name)
}

func (s *scope) lookupFile(name string) binding {
	for _, d := range s.file.Decls {
		if let, ok := d.(*ast.LetClause); ok && let.Ident.Name == name {
			return binding{meaning: aLet, exprs: []scoped{{expr: let.Expr, scope: s}}, name: name}
		}
	}
	if b := packageField(s.pkg, name); b.meaning != unresolved {
		return b
	}
	for spec := range s.file.ImportSpecs() {
		info, err := astutil.ParseImportSpec(spec)
		if err == nil && info.Ident == name {
			return binding{meaning: anImport, path: info.ID, name: name}
		}
	}
	return binding{}
}

// packageField finds all declarations of a package's field.
func packageField(pkg *build.Instance, name string) binding {
	b := binding{name: name}
	for _, file := range pkg.Files {
		for _, d := range file.Decls {
			f, ok := d.(*ast.Field)
			if !ok {
				continue
			}
			if ident, ok := f.Label.(*ast.Ident); ok && ident.Name == name {
				b.meaning = aPackage
				b.exprs = append(b.exprs, scoped{expr: f.Value, scope: fileScope(pkg, file), closed: isDefinition(name)})
			}
		}
	}
	return b
}

func isDefinition(name string) bool {
	return strings.HasPrefix(name, "#") || strings.HasPrefix(name, "_#")
}

// importOf is the package that a file of pkg imports under a path, nil for CUE's
// own packages.
func importOf(pkg *build.Instance, path string) *build.Instance {
	for _, inst := range pkg.Imports {
		if plainPath(inst.ImportPath) == plainPath(path) {
			return inst
		}
	}
	return nil
}

// plainPath drops the package name and the major version from an import path.
func plainPath(path string) string {
	path, _, _ = strings.Cut(path, ":")
	path, _, _ = strings.Cut(path, "@")
	return path
}
