package schema

import (
	"encoding/json"

	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/parser"
)

// HasListOf tells whether the policy has a list already where a line of secgen.cue,
// "policy: ...", has one: CUE takes two of them for a conflict, so that the items
// belong into the one that is there. A nil policy has none.
func (p *Policy) HasListOf(line string) bool {
	file, err := parser.ParseFile("", line)
	if err != nil || p == nil {
		return false
	}
	data, err := json.Marshal(map[string]*Policy{"policy": p})
	if err != nil {
		return false
	}
	var value any
	if err := json.Unmarshal(data, &value); err != nil {
		return false
	}
	return listsMeet(&ast.StructLit{Elts: file.Decls}, value)
}

func listsMeet(e ast.Expr, value any) bool {
	switch e := e.(type) {
	case *ast.ListLit:
		items, _ := value.([]any)
		return len(items) > 0
	case *ast.StructLit:
		fields, _ := value.(map[string]any)
		for _, decl := range e.Elts {
			f, ok := decl.(*ast.Field)
			if !ok {
				continue
			}
			if name, _, err := ast.LabelName(f.Label); err == nil && listsMeet(f.Value, fields[name]) {
				return true
			}
		}
	}
	return false
}
