package view

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"io"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/schema"
	"github.com/secgen/secgen/workload"
)

// resources reads YAML documents as rendered objects of the file "test.yaml".
func resources(t testing.TB, text string) []*manifest.Resource {
	t.Helper()
	var out []*manifest.Resource
	decoder := yaml.NewDecoder(strings.NewReader(text))
	for {
		var doc yaml.Node
		err := decoder.Decode(&doc)
		if err == io.EOF {
			return out
		}
		if err != nil {
			t.Fatalf("bad YAML in the test: %v\n%s", err, text)
		}
		object, err := manifest.FromYAML(&doc, func(y *yaml.Node) manifest.Position {
			return manifest.Position{File: "test.yaml", Line: y.Line, Column: y.Column}
		})
		if err != nil {
			t.Fatal(err)
		}
		id := manifest.IDOf(object)
		out = append(out, &manifest.Resource{ID: id, Object: object, Origin: manifest.Origin{Position: object.Pos, ID: id}})
	}
}

func env(t testing.TB) Env {
	t.Helper()
	table, err := workload.NewTable(workload.BuiltIn())
	if err != nil {
		t.Fatal(err)
	}
	return Env{Workloads: table, Network: true, Heads: true, Clusters: true}
}

// viewsOf returns the views of one kind of the first document.
func viewsOf(t testing.TB, kind schema.View, text string) []View {
	t.Helper()
	var out []View
	for _, v := range env(t).Of(resources(t, text)[0]) {
		if v.Kind == kind {
			out = append(out, v)
		}
	}
	return out
}

// fact prints a fact as JSON, "absent" where there is none.
func fact(t testing.TB, v View, path string) string {
	t.Helper()
	p, err := manifest.ParsePath("facts." + path)
	if err != nil {
		t.Fatal(err)
	}
	n := v.Node.Lookup(p)
	if n == nil {
		return "absent"
	}
	text, err := json.Marshal(n.Value())
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// digest makes the digest of a root and sends it through gob.
func digest(t testing.TB, root, text string) Digest {
	t.Helper()
	var buffer bytes.Buffer
	if err := gob.NewEncoder(&buffer).Encode(env(t).DigestOf(root, resources(t, text))); err != nil {
		t.Fatal(err)
	}
	var d Digest
	if err := gob.NewDecoder(&buffer).Decode(&d); err != nil {
		t.Fatal(err)
	}
	return d
}

func print(t testing.TB, n *manifest.Node) string {
	t.Helper()
	text, err := json.Marshal(n.Value())
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// whole makes the views of one kind of what the digests make up.
func whole(t testing.TB, kind schema.View, digests []Digest, environments []Environment) []View {
	t.Helper()
	return Whole{Digests: digests, Landscape: Landscape{Environments: environments}, Workloads: env(t).Workloads, Only: []schema.View{kind}, Network: true}.Views()
}
