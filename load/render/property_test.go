package render

import (
	"encoding/base64"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/secgen/secgen/manifest"
)

// sources reads positions back from the files, by means of their text alone.
type sources struct {
	top   string
	files map[string][]string
}

// text is what a position covers, or the rest of the line for one without an end.
func (s *sources) text(t *testing.T, p manifest.Position) (string, bool) {
	lines, ok := s.files[p.File]
	if !ok {
		data, err := os.ReadFile(filepath.Join(s.top, p.File))
		if err != nil {
			t.Fatal(err)
		}
		content := strings.ReplaceAll(strings.TrimPrefix(string(data), "\ufeff"), "\r\n", "\n")
		lines = strings.Split(content, "\n")
		s.files[p.File] = lines
	}
	if p.Line < 1 || p.Line > len(lines) || p.EndLine > len(lines) {
		return "", false
	}
	first := []rune(lines[p.Line-1])
	if p.Column < 1 || p.Column > len(first)+1 {
		return "", false
	}
	if p.EndLine == 0 {
		return string(first[p.Column-1:]), true
	}
	covered := slices.Clone(lines[p.Line-1 : p.EndLine])
	last := []rune(covered[len(covered)-1])
	if p.EndColumn < 1 || p.EndColumn > len(last)+1 {
		return "", false
	}
	covered[len(covered)-1] = string(last[:p.EndColumn-1])
	covered[0] = string([]rune(covered[0])[p.Column-1:])
	return strings.Join(covered, "\n"), true
}

// decode reads the text of one scalar.
func decode(text string) (manifest.Kind, string, bool) {
	var n yaml.Node
	if strings.HasPrefix(text, "|") || strings.HasPrefix(text, ">") {
		text = "k: " + text + "\n"
	} else {
		text = "k: " + text
	}
	if err := yaml.Unmarshal([]byte(text), &n); err != nil || len(n.Content) == 0 || len(n.Content[0].Content) != 2 {
		return 0, "", false
	}
	kind, value := resolve(n.Content[0].Content[1])
	return kind, value, true
}

// TestEveryPosition holds each scalar of each rendered resource, whose position is
// claimed to be exact, against the source's text: it must be the value, or what
// made it.
func TestEveryPosition(t *testing.T) {
	offline(t)
	for _, top := range corpusDirs(t) {
		t.Run(filepath.Base(top), func(t *testing.T) {
			tree := openTree(t, top)
			s := &sources{top: top, files: map[string][]string{}}
			counts := map[string]int{}
			var renderer Renderer
			for _, dir := range kustomizationDirs(t, top) {
				got := renderer.Render(tree, kustomizeRoot(dir), Options{Trim: true})
				for _, r := range got.Resources {
					visit(r.Object, nil, func(at manifest.FieldPath, n *manifest.Node) {
						if n.Kind >= manifest.List {
							return
						}
						how := s.judge(t, n)
						if how == "wrong" {
							if text, _ := s.text(t, n.Pos); fits(text, r.Object, at, true) {
								how = "replaced" // the path of a replacement's target
							}
						}
						counts[how]++
						if how == "wrong" {
							text, _ := s.text(t, n.Pos)
							t.Errorf("%s: %s %s is %q, but %s holds %q", dir, r.ID, at, n.Text, n.Pos, text)
						}
					})
					s.keys(t, dir, r)
				}
			}
			total := 0
			for _, n := range counts {
				total += n
			}
			t.Logf("%d scalars: %v", total, counts)
			if lost := counts["approximate"]; lost*50 > total {
				t.Errorf("%d of %d scalars have no exact position", lost, total)
			}
		})
	}
}

// judge sorts a scalar by how its position explains it.
func (s *sources) judge(t *testing.T, n *manifest.Node) string {
	if n.Pos.IsZero() || n.Pos.Approximate {
		return "approximate"
	}
	text, ok := s.text(t, n.Pos)
	if !ok {
		return "wrong"
	}
	kind, value, ok := decode(text)
	inKustomization := slices.Contains(kustomizationNames, path.Base(n.Pos.File))
	switch {
	case ok && kind == n.Kind && value == n.Text:
		return "value"
	case ok && strings.HasPrefix(text, "|") && value == n.Text+"\n":
		return "value" // at the end of a file without a line break
	case inKustomization && n.Pos.EndLine == 0:
		return "entry" // a generator, for what it gives all its objects
	case inKustomization && ok && value == n.Text:
		return "entry" // 1 where a label "1" is wanted
	case inKustomization && ok && strings.Contains(n.Text, value):
		return "part" // a prefix, a tag, a digest
	case inKustomization && ok && strings.Contains(value, "=") && literalHolds(value, n.Text):
		return "literal"
	case ok && variable.MatchString(value):
		return "variable"
	case ok && strings.Contains(n.Text, value):
		return "renamed"
	case len(n.Related) > 0 && n.Related[0].Message == "read in here":
		return "read"
	}
	return "wrong"
}

func literalHolds(literal, text string) bool {
	_, v, _ := strings.Cut(literal, "=")
	return unquote(v) == text || v == text || base64.StdEncoding.EncodeToString([]byte(v)) == text
}

// keys checks that the position of each key holds the key.
func (s *sources) keys(t *testing.T, dir string, r *manifest.Resource) {
	visit(r.Object, nil, func(at manifest.FieldPath, n *manifest.Node) {
		for _, f := range n.Fields {
			if f.KeyPos.IsZero() || f.KeyPos.Approximate {
				continue
			}
			text, ok := s.text(t, f.KeyPos)
			_, key, decoded := decode(text)
			entry := slices.Contains(kustomizationNames, path.Base(f.KeyPos.File))
			if !ok || !decoded || key != f.Key && !entry {
				t.Errorf("%s: %s %s: the key %q is claimed at %s, which holds %q", dir, r.ID, at, f.Key, f.KeyPos, text)
			}
		}
	})
}
