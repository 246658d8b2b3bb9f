package leak

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/secgen/secgen/manifest"
)

// corpus reads the objects of the repositories in SECGEN_CORPUS, as they stand.
func corpus(t testing.TB) []*manifest.Node {
	t.Helper()
	dir := os.Getenv("SECGEN_CORPUS")
	if dir == "" {
		t.Skip("SECGEN_CORPUS names no folder of repositories")
	}
	var out []*manifest.Node
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".yaml" {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		decoder := yaml.NewDecoder(bytes.NewReader(data))
		for {
			var doc yaml.Node
			if decoder.Decode(&doc) != nil {
				return nil // the end, or no YAML: templates and the like
			}
			object, err := manifest.FromYAML(&doc, func(y *yaml.Node) manifest.Position {
				return manifest.Position{File: path, Line: y.Line, Column: y.Column}
			})
			if err == nil && object.Has("kind") && object.Has("metadata") {
				out = append(out, object)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func BenchmarkFind(b *testing.B) {
	objects := corpus(b)
	b.ReportAllocs()
	for b.Loop() {
		for _, o := range objects {
			Find(o)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*len(objects)), "µs/object")
}
