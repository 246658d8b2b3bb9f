package source

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// corpusFiles reads the YAML and JSON files of the corpus, which is not part of
// the repository.
func corpusFiles(t testing.TB) map[string][]byte {
	dir := os.Getenv("SECGEN_CORPUS")
	if dir == "" {
		t.Skip("SECGEN_CORPUS is not set: the corpus of real repositories is not here")
	}
	files := map[string][]byte{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		switch filepath.Ext(path) {
		case ".yaml", ".yml", ".json":
			data, err := os.ReadFile(path)
			files[strings.TrimPrefix(path, dir+"/")] = data
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 100 {
		t.Fatalf("SECGEN_CORPUS=%s holds %d files; expected hundreds", dir, len(files))
	}
	return files
}

// TestCorpusPasses checks that real files are not refused, and that every scalar is
// found where its node says.
func TestCorpusPasses(t *testing.T) {
	files := corpusFiles(t)
	limits := DefaultLimits()
	var bytes, values, lost int
	for name, data := range files {
		bytes += len(data)
		docs, problem := Check(name, data, limits)
		if problem != nil {
			if strings.Contains(problem.Reason, "template") {
				continue
			}
			t.Errorf("%v", problem)
			continue
		}
		x := NewIndex(name, data, docs)
		for _, m := range x.sorted() {
			values++
			if _, _, ok := x.extent(m.node); !ok {
				lost++
				t.Errorf("%s:%d:%d: no span for %q (style %d)", name, m.node.Line, m.node.Column, clip([]byte(m.node.Value)), m.node.Style)
			}
			if m.node.Kind == yaml.ScalarNode && m.node.Style == 0 && !strings.ContainsAny(m.node.Value, " \n") {
				if p := x.Span(m.node); p.Line == p.EndLine && p.EndColumn-p.Column != len([]rune(m.node.Value)) {
					t.Errorf("%v: %q spans %d columns", p, m.node.Value, p.EndColumn-p.Column)
				}
			}
		}
	}
	t.Logf("%d files, %d bytes; %d values, %d without a span", len(files), bytes, values, lost)
}

// BenchmarkParse is the floor under Check: the YAML parser alone.
func BenchmarkParse(b *testing.B) {
	files := corpusFiles(b)
	var total int64
	for _, data := range files {
		total += int64(len(data))
	}
	b.SetBytes(total)
	for b.Loop() {
		for name, data := range files {
			docs, _ := Split(name, data)
			for _, d := range docs {
				var n yaml.Node
				// Templates are in the corpus; Check refuses them at the same cost.
				_ = yaml.Unmarshal(d.Text, &n)
			}
		}
	}
}

func BenchmarkIndex(b *testing.B) {
	files := corpusFiles(b)
	type parsed struct {
		data []byte
		docs []Document
	}
	all := map[string]parsed{}
	var total int64
	for name, data := range files {
		if docs, p := Check(name, data, DefaultLimits()); p == nil {
			all[name] = parsed{data, docs}
			total += int64(len(data))
		}
	}
	b.SetBytes(total)
	for b.Loop() {
		for name, p := range all {
			NewIndex(name, p.data, p.docs).At(1, 1, 0)
		}
	}
}

func BenchmarkCheck(b *testing.B) {
	files := corpusFiles(b)
	limits := DefaultLimits()
	var total int64
	for _, data := range files {
		total += int64(len(data))
	}
	b.SetBytes(total)
	for b.Loop() {
		for name, data := range files {
			Check(name, data, limits)
		}
	}
}
