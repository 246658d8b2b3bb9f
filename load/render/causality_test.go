package render

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/secgen/secgen/manifest"
)

// TestChangingTheSourceChangesTheValue shows that a position names the cause, not
// just a place that holds the same value: a few scalars of each root are
// changed in the source, and the rendered value must change with them.
func TestChangingTheSourceChangesTheValue(t *testing.T) {
	offline(t)
	const perRoot = 3
	for _, top := range corpusDirs(t) {
		t.Run(filepath.Base(top), func(t *testing.T) {
			tree := openTree(t, top)
			s := &sources{top: top, files: map[string][]string{}}
			changed, refused := 0, 0
			var renderer Renderer // only what was changed is read anew
			for _, dir := range kustomizationDirs(t, top) {
				got := renderer.Render(tree, kustomizeRoot(dir), Options{Trim: true})
				if got.Tainted || len(got.Resources) == 0 {
					continue
				}
				h := fnv.New64a()
				h.Write([]byte(dir))
				random := rand.New(rand.NewPCG(h.Sum64(), 1))
				candidates := s.candidates(t, got)
				for range min(perRoot, len(candidates)) {
					c := candidates[random.IntN(len(candidates))]
					after, ok := s.rerender(t, &renderer, got, dir, c)
					if !ok {
						refused++
						continue
					}
					if after == c.node.Text {
						t.Errorf("%s: %s %s: changing %s does not change the value %q", dir, got.Resources[c.resource].ID, c.path, c.node.Pos, c.node.Text)
					}
					changed++
				}
			}
			t.Logf("%d values changed with their source, %d changes were refused", changed, refused)
			if changed == 0 {
				t.Error("nothing was changed")
			}
		})
	}
}

type candidate struct {
	resource int
	path     manifest.FieldPath
	node     *manifest.Node
}

// candidates are the scalars that stand on one line as they are rendered, and that
// do not identify anything.
func (s *sources) candidates(t *testing.T, got *Result) []candidate {
	var out []candidate
	for i, r := range got.Resources {
		visit(r.Object, nil, func(at manifest.FieldPath, n *manifest.Node) {
			key := lastKey(at)
			if n.Kind >= manifest.List || key == "name" || key == "kind" || key == "apiVersion" || key == "namespace" || strings.HasPrefix(at.String(), "metadata.") ||
				n.Pos.EndLine != n.Pos.Line || s.judge(t, n) != "value" {
				return
			}
			out = append(out, candidate{i, at, n})
		})
	}
	return out
}

// rerender changes the candidate's source in a copy of what the root reads and
// returns the value after. ok is false where kustomize refuses the change.
func (s *sources) rerender(t *testing.T, renderer *Renderer, got *Result, dir string, c candidate) (string, bool) {
	t.Helper()
	top := t.TempDir()
	for _, name := range got.Read {
		data, err := os.ReadFile(filepath.Join(s.top, name))
		if err != nil {
			continue // a folder, or a file that is not there
		}
		if name == c.node.Pos.File {
			data = s.edited(t, c.node)
		}
		to := filepath.Join(top, name)
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	after := renderer.Render(openTree(t, top), kustomizeRoot(dir), Options{Trim: true})
	if len(after.Problems) > 0 || len(after.Resources) != len(got.Resources) {
		return "", false
	}
	n := after.Resources[c.resource].Object.Lookup(c.path)
	if n == nil {
		return "", true // it was the key of a list item, or the like
	}
	return n.Text, true
}

// edited is the file with another value at the node's place.
func (s *sources) edited(t *testing.T, n *manifest.Node) []byte {
	t.Helper()
	lines := append([]string{}, s.files[n.Pos.File]...)
	line := []rune(lines[n.Pos.Line-1])
	value := map[manifest.Kind]string{manifest.Bool: "true", manifest.Int: "4242", manifest.Float: "42.5", manifest.String: "changed", manifest.Null: "changed"}[n.Kind]
	if n.Kind == manifest.Bool {
		value = fmt.Sprint(n.Text != "true")
	}
	lines[n.Pos.Line-1] = string(line[:n.Pos.Column-1]) + value + string(line[n.Pos.EndColumn-1:])
	return []byte(strings.Join(lines, "\n"))
}
