package admission_test

import (
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/secgen/secgen/manifest"
)

// resources reads one document of a file.
func resources(t testing.TB, file, text string) []*manifest.Resource {
	t.Helper()
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	object, err := manifest.FromYAML(&doc, nil)
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	id := manifest.IDOf(object)
	return []*manifest.Resource{{ID: id, Object: object, Origin: manifest.Origin{ID: id}}}
}
