package render

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/secgen/secgen/manifest"
)

const crd = `# licence
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: a.example.com
spec:
  versions:
  - name: v1
    schema:
      openAPIV3Schema: # of v1
        description: |-
          text

          more: text
        type: object
    served: true
  - name: v2
    schema:
      openAPIV3Schema:
        type: object
    storage: true
`

func TestTrimmed(t *testing.T) {
	got := string(trimmed("a.yaml", []byte(crd), nil))
	want := `# licence
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: a.example.com
spec:
  versions:
  - name: v1
    schema:
      openAPIV3Schema: {}





    served: true
  - name: v2
    schema:
      openAPIV3Schema: {}

    storage: true
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestNotTrimmed lists what only looks like a schema, or is needed elsewhere.
func TestNotTrimmed(t *testing.T) {
	for name, text := range map[string]string{
		"text of a ConfigMap":      "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  x: |\n" + indent(crd),
		"text in a definition":     strings.Replace(crd, "spec:\n", "  annotations:\n    x: |\n"+indent(crd)+"spec:\n", 1),
		"anchor used elsewhere":    strings.Replace(crd, "type: object\n    served", "type: &t object\n    served", 1) + "x: *t\n",
		"not below schema":         strings.ReplaceAll(crd, "schema:\n", "other:\n"),
		"schema on the same line":  "apiVersion: a/v1\nkind: CustomResourceDefinition\nspec:\n  schema:\n    openAPIV3Schema: {type: object}\n",
		"kind of another document": "kind: CustomResourceDefinition\n---\nspec:\n  schema:\n    openAPIV3Schema:\n      type: object\n",
	} {
		if got := string(trimmed("a.yaml", []byte(text), nil)); got != text {
			t.Errorf("%s: trimmed to\n%s", name, got)
		}
	}
}

func indent(text string) string {
	return "      " + strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n      ") + "\n"
}

// FuzzTrimmed: whatever parses means the same without its schemas, line by line.
func FuzzTrimmed(f *testing.F) {
	f.Add(crd)
	f.Add(strings.ReplaceAll(crd, "\n", "\r\n"))
	f.Add(strings.Replace(crd, "served: true", "served: \"a\n\n  b\"", 1))
	f.Fuzz(func(t *testing.T, text string) {
		odd := strings.Contains(strings.ReplaceAll(text, "\r\n", ""), "\r") || strings.ContainsAny(text, "\u0085\u2028\u2029")
		if odd || strings.Contains(text, "\n---") {
			return // line breaks that only YAML counts, and several documents
		}
		before, ok := parsed(text)
		if !ok {
			return
		}
		after, ok := parsed(string(trimmed("a.yaml", []byte(text), nil)))
		if !ok {
			t.Fatal("what parsed does not parse any more")
		}
		if diff := cmp.Diff(withoutSchemas(before, false), withoutSchemas(after, false)); diff != "" {
			t.Error(diff)
		}
	})
}

func parsed(text string) (*manifest.Node, bool) {
	var n yaml.Node
	if err := yaml.Unmarshal([]byte(strings.ReplaceAll(text, "\r\n", "\n")), &n); err != nil {
		return nil, false
	}
	object, err := manifest.FromYAML(&n, nil)
	return object, err == nil
}

// TestPatchedSchema: a root whose patch reaches into a schema builds, at the first
// attempt, and its result has the schemas of no definition.
func TestPatchedSchema(t *testing.T) {
	top := writeRepo(t, "-- kustomization.yaml --\nresources: [crd.yaml]\npatches:\n- target: {kind: CustomResourceDefinition}\n  patch: |-\n"+
		"    - op: add\n      path: /spec/versions/0/schema/openAPIV3Schema/minProperties\n      value: 1\n"+
		"    - op: replace\n      path: /spec/versions/0/served\n      value: false\n-- crd.yaml --\n"+crd)
	got := Render(openTree(t, top), kustomizeRoot("."), Options{Trim: true})
	if len(got.Problems) > 0 || len(got.Resources) != 1 || got.Tainted {
		t.Fatalf("%d resources, tainted: %t, %v", len(got.Resources), got.Tainted, got.Problems)
	}
	object := got.Resources[0].Object
	for i, version := range object.Get("spec", "versions").Items {
		if schema := version.Get("schema", "openAPIV3Schema"); schema == nil || len(schema.Fields) > 0 {
			t.Errorf("version %d has the schema %v", i, schema)
		}
	}
	served := object.Get("spec", "versions").Items[0].Get("served")
	if served.Text != "false" || served.Pos.File != "kustomization.yaml" || served.Pos.Line != 10 {
		t.Errorf("served is %s, from %s", served.Text, served.Pos)
	}
	full := Render(openTree(t, top), kustomizeRoot("."), Options{})
	if min := full.Resources[0].Object.Get("spec", "versions").Items[0].Get("schema", "openAPIV3Schema", "minProperties"); min == nil || min.Text != "1" {
		t.Errorf("in full, minProperties is %v", min)
	}
}
