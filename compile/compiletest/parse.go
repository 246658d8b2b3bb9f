// Package compiletest makes resources of YAML for the tests of compile.
package compiletest

import (
	"errors"
	"io"
	"net/netip"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/secgen/secgen/manifest"
)

// Resources reads the documents of a file, with positions in it.
func Resources(t testing.TB, file, text string) []*manifest.Resource {
	t.Helper()
	var out []*manifest.Resource
	dec := yaml.NewDecoder(strings.NewReader(text))
	for {
		var y yaml.Node
		err := dec.Decode(&y)
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		object, err := manifest.FromYAML(&y, func(n *yaml.Node) manifest.Position {
			return manifest.Position{File: file, Line: n.Line, Column: n.Column}
		})
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		id := manifest.IDOf(object)
		out = append(out, &manifest.Resource{ID: id, Object: object, Origin: manifest.Origin{Position: object.Pos, ID: id}})
	}
}

// Prefix reads a CIDR.
func Prefix(t testing.TB, text string) netip.Prefix {
	t.Helper()
	p, err := netip.ParsePrefix(text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}
