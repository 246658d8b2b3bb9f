package render

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

const deepCRD = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: a.example.com}
spec:
  versions:
  - name: v1
    schema:
      openAPIV3Schema:
        description: |-
          # a text

          properties:
        properties:
          apiVersion: {type: string}
          "spec":
            properties:
              list:
                # why
                items:
                  description: |
                    one

                    # two
                  required:
                  - a
                  - b
                minItems: 1
              other:
                description: >-
                  folded
                required:
                - x
            oneOf:
            - required:
              - list
            - type: string
        type: object
    served: true
`

func TestSkeleton(t *testing.T) {
	got := string(trimmed("a.yaml", []byte(deepCRD), [][]string{
		{"properties", "spec", "properties", "list", "items", "required"}, {"properties", "spec", "properties", "list", "maxItems"}, {"properties", "spec", "oneOf", "0", "required"},
	}))
	want := `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: a.example.com}
spec:
  versions:
  - name: v1
    schema:
      openAPIV3Schema:
        description:  {}



        properties:
          apiVersion:  {}
          "spec":
            properties:
              list:

                items:
                  description:  {}



                  required:
                  - a
                  - b
                minItems:  {}
              other: {}




            oneOf:
            - required:
              - list
            - type: string
        type:  {}
    served: true
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestPatchesInSchemas renders a definition under patches into its schema, without
// schemas and in full: whatever a patch does, or fails to do, is the same.
func TestPatchesInSchemas(t *testing.T) {
	const at = "/spec/versions/0/schema/openAPIV3Schema"
	op := func(name, path string, more ...string) string {
		return fmt.Sprintf("- {op: %s, path: %s%s%s}\n", name, at, path, strings.Join(append([]string{""}, more...), ", "))
	}
	const list = "/properties/spec/properties/list"
	served := "- {op: replace, path: /spec/versions/0/served, value: false}\n"
	for _, row := range []struct {
		name, patch string
		// part says that a part of the schema is enough.
		part bool
	}{
		{"replace", op("replace", list+"/items/required", "value: [a]"), true},
		{"replace a scalar", op("replace", list+"/minItems", "value: 2"), true},
		{"replace what is missing", op("replace", list+"/maxItems", "value: 2"), true}, // which kustomize adds
		{"replace below what is missing", op("replace", list+"/missing/maxItems", "value: 2"), false},
		{"add a field", op("add", list+"/maxItems", "value: 2"), true},
		{"add a field at the top", op("add", "/minProperties", "value: 2"), true},
		{"add below what was added", op("add", "/properties/new", "value: {properties: {}}") + op("add", "/properties/new/properties/x", "value: {}"), true},
		{"add into a scalar", op("add", list+"/minItems/x", "value: 2"), false},
		{"add into a flow map", op("add", "/properties/apiVersion/pattern", "value: x"), true},
		{"add to a list", op("add", list+"/items/required/-", "value: c"), true},
		{"add behind a list", op("add", list+"/items/required/7", "value: c"), false},
		{"add into an item", op("add", "/properties/spec/oneOf/0/type", "value: object"), true},
		{"remove", op("remove", list+"/items"), true},
		{"remove what is missing", op("remove", list+"/missing"), false},
		{"remove twice", op("remove", list+"/items") + op("remove", list+"/items/required"), false},
		{"remove an item", op("remove", list+"/items/required/1"), true},
		{"test what holds", op("test", list+"/minItems", "value: 1"), true},
		{"test a text", op("test", list+"/items/description", `value: "one\n\n# two\n"`), true},
		{"test what does not hold", op("test", list+"/minItems", "value: 2"), false},
		{"replace the schema", op("replace", "", "value: {type: object}"), false},
		{"copy", op("copy", "/properties/new", "from: "+at+list), false},
		{"copy out of the schema", "- {op: copy, path: /metadata/labels, from: " + at + list + "/minItems}\n", false},
		{"many", strings.Repeat(op("add", list+"/maxItems", "value: 2"), maxSchemaPaths), true},
		{"too many", strings.Repeat(op("add", list+"/maxItems", "value: 2"), maxSchemaPaths+1), false},
		{"a merge", "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: a.example.com}\n" +
			"spec:\n  versions:\n  - name: v1\n    served: false\n    schema: {openAPIV3Schema: {type: string}}\n", false},
	} {
		t.Run(row.name, func(t *testing.T) {
			if row.patch[0] == '-' {
				row.patch += served
			}
			top := writeRepo(t, "-- kustomization.yaml --\nresources: [crd.yaml]\npatches: [{path: patch.yaml, target: {kind: CustomResourceDefinition}}]\n"+
				"-- patch.yaml --\n"+row.patch+"-- crd.yaml --\n"+deepCRD)
			tree := openTree(t, top)
			full := Render(tree, kustomizeRoot("."), Options{})
			got := Render(tree, kustomizeRoot("."), Options{Trim: true})
			if len(full.Problems) > 0 {
				if diff := cmp.Diff(fmt.Sprint(full.Problems), fmt.Sprint(got.Problems)); diff != "" {
					t.Errorf("-full +trimmed:\n%s", diff)
				}
				return
			}
			compareTrimmed(t, ".", got, full)
			if value := got.Resources[0].Object.Get("spec", "versions").Items[0].Get("served"); value.Text != "false" {
				t.Errorf("served is %s", value.Text)
			}
			if schema := got.Resources[0].Object.Get("spec", "versions").Items[0].Get("schema", "openAPIV3Schema"); schema != nil && len(schema.Fields) > 0 {
				t.Errorf("the schema has %d fields", len(schema.Fields))
			}
			r := new(Renderer).newRepo(tree, true)
			first := r.kustomize(".")
			r = new(Renderer).newRepo(tree, true)
			r.bare, r.keep = true, first.keep
			if part := len(first.keep) > 0 && !r.kustomize(".").inFull; part != row.part {
				t.Errorf("a part of the schema is enough: %t; paths %v", part, first.keep)
			}
		})
	}
}

// FuzzSkeleton: whatever parses means the same outside its schemas, and at the end
// of a path that is kept.
func FuzzSkeleton(f *testing.F) {
	f.Add(deepCRD, "properties/spec/properties/list/items/required")
	f.Add(strings.ReplaceAll(deepCRD, "description", "'list'"), "properties/spec/oneOf/0")
	f.Add(strings.ReplaceAll(deepCRD, "list:", "list: |\n"), "properties/spec/properties/list")
	f.Add(strings.ReplaceAll(crd, "type", "? type\n          "), "type")
	f.Fuzz(func(t *testing.T, text, kept string) {
		odd := strings.Contains(strings.ReplaceAll(text, "\r\n", ""), "\r") || strings.ContainsAny(text, "\u0085\u2028\u2029")
		path := strings.Split(kept, "/")
		if odd || strings.Contains(text, "\n---") || kept == "" {
			return
		}
		before, ok := nodeOf(text)
		if !ok {
			return
		}
		if _, ok := parsed(text); !ok {
			return
		}
		short := string(trimmed("a.yaml", []byte(text), [][]string{path}))
		after, ok := nodeOf(short)
		if !ok {
			return // and the whole schemas are read instead
		}
		a, _ := parsed(text)
		b, ok := parsed(short)
		if !ok {
			return
		}
		if diff := cmp.Diff(withoutSchemas(a, false), withoutSchemas(b, false)); diff != "" {
			t.Error(diff)
		}
		was, is := schemasOf(before), schemasOf(after)
		if len(was) != len(is) {
			t.Fatalf("%d schemas, then %d", len(was), len(is))
		}
		for i := range was {
			if diff := cmp.Diff(plainValue(walk(was[i], path)), plainValue(walk(is[i], path))); diff != "" {
				t.Error(diff)
			}
		}
	})
}

func nodeOf(text string) (*yaml.Node, bool) {
	var n yaml.Node
	err := yaml.Unmarshal([]byte(strings.ReplaceAll(text, "\r\n", "\n")), &n)
	return &n, err == nil && len(n.Content) > 0
}

// schemasOf are the schemas that dropSchemas would empty.
func schemasOf(n *yaml.Node) (out []*yaml.Node) {
	spec := child(n.Content[0], "spec")
	parents := []*yaml.Node{child(spec, "validation")}
	if versions := child(spec, "versions"); versions != nil && versions.Kind == yaml.SequenceNode {
		for _, v := range versions.Content {
			parents = append(parents, child(v, "schema"))
		}
	}
	for _, p := range parents {
		if schema := child(p, string(schemaName)); schema != nil {
			out = append(out, schema)
		}
	}
	return out
}

func plainValue(n *yaml.Node) any {
	if n == nil {
		return nil
	}
	var out any
	if err := n.Decode(&out); err != nil {
		return err.Error()
	}
	return out
}
