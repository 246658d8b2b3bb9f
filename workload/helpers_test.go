package workload

import (
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/secgen/secgen/manifest"
)

// parse reads one YAML document.
func parse(t testing.TB, text string) *manifest.Node {
	t.Helper()
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
		t.Fatalf("bad YAML in the test: %v\n%s", err, text)
	}
	n, err := manifest.FromYAML(&doc, nil)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func object(t testing.TB, text string) *manifest.Resource {
	t.Helper()
	object := parse(t, text)
	return &manifest.Resource{ID: manifest.IDOf(object), Object: object}
}

func table(t testing.TB, more ...Shape) *Table {
	t.Helper()
	table, err := NewTable(append(BuiltIn(), more...))
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// pod reads the spec of a pod.
func pod(t testing.TB, spec string) Pod {
	t.Helper()
	return Pod{Spec: parse(t, spec)}
}
