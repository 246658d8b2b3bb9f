package schema

import (
	"fmt"
	"strings"

	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/format"
	"cuelang.org/go/cue/parser"
)

const policyHead = `# The policy of secgen compile

What no manifest says and ` + "`secgen compile`" + ` has to know stands in ` + "`secgen.cue`" + `, under ` + "`policy`" + `, or under
` + "`environments: NAME: policy`" + ` for one cluster. All of it is optional: what is missing and needed is a question that names the line
to write. An environment's policy is over the one for all, field by field.

This page is written from [schema/policy.cue](../schema/policy.cue), whose types secgen checks; ` + "`name!`" + ` has to be there.
`

// PolicyPage is the documentation of the policy, from the comments and types of
// policy.cue.
func PolicyPage() ([]byte, error) {
	text, err := module.ReadFile("policy.cue")
	if err != nil {
		return nil, err
	}
	file, err := parser.ParseFile("policy.cue", text, parser.ParseComments)
	if err != nil {
		return nil, err
	}
	var b strings.Builder
	b.WriteString(policyHead)
	for _, decl := range file.Decls {
		f, ok := decl.(*ast.Field)
		if !ok {
			continue
		}
		name, _, err := ast.LabelName(f.Label)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&b, "\n## %s\n", strings.TrimPrefix(name, "#"))
		if doc := docOf(f); doc != "" {
			fmt.Fprintf(&b, "\n%s\n", strings.TrimPrefix(doc, "#"))
		}
		if s, ok := f.Value.(*ast.StructLit); ok {
			if rows := policyRows("", s.Elts); len(rows) > 1 || len(rows) == 1 && rows[0][0] != "`NAME`" {
				b.WriteString("\n" + table(append([][]string{{"field", "type", "meaning"}}, rows...)) + "\n")
				continue
			}
		}
		fmt.Fprintf(&b, "\n```cue\n%s\n```\n", typeText(f.Value))
	}
	return []byte(b.String()), nil
}

// policyRows are the fields of a struct and of those in it, by their path.
func policyRows(path string, decls []ast.Decl) [][]string {
	var rows [][]string
	for _, decl := range decls {
		f, ok := decl.(*ast.Field)
		if !ok {
			continue
		}
		name, _, err := ast.LabelName(f.Label)
		if err != nil {
			name = "NAME" // a pattern, for every name
		}
		at := strings.TrimPrefix(path+"."+name, ".")
		inner, kind := insideOf(f.Value, &at)
		if kind == "" {
			kind = "`" + cell(typeText(f.Value)) + "`"
		}
		mark := ""
		if f.Constraint.String() == "!" {
			mark = "!"
		}
		rows = append(rows, []string{"`" + at + mark + "`", kind, cell(docOf(f))})
		rows = append(rows, policyRows(at, inner)...)
	}
	return rows
}

// insideOf is the fields in a value, where it holds some, and what to call it; at
// becomes the path of what is in it.
func insideOf(value ast.Expr, at *string) ([]ast.Decl, string) {
	switch v := value.(type) {
	case *ast.StructLit:
		if len(v.Elts) == 1 {
			if f, ok := v.Elts[0].(*ast.Field); ok {
				if _, _, err := ast.LabelName(f.Label); err != nil {
					// name: [pattern]: value
					*at += ".NAME"
					if inner, kind := insideOf(f.Value, at); kind != "" {
						return inner, kind
					}
					return nil, "`" + cell(typeText(f.Value)) + "`"
				}
			}
		}
		return v.Elts, "fields"
	case *ast.ListLit:
		for _, e := range v.Elts {
			if more, ok := e.(*ast.Ellipsis); ok {
				if s, ok := more.Type.(*ast.StructLit); ok {
					*at += "[]"
					return s.Elts, "list"
				}
			}
		}
	}
	return nil, ""
}

// typeText is a type as it is written, on one line.
func typeText(value ast.Expr) string {
	ast.SetComments(value, nil)
	text, err := format.Node(value)
	if err != nil {
		return ""
	}
	return strings.Join(strings.Fields(string(text)), " ")
}

// docOf is the comment above a field.
func docOf(f *ast.Field) string {
	var lines []string
	for _, group := range ast.Comments(f) {
		if group.Doc {
			lines = append(lines, strings.TrimSpace(group.Text()))
		}
	}
	return strings.ReplaceAll(strings.Join(lines, " "), "\n", " ")
}
