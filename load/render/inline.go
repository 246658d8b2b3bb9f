package render

import (
	"bytes"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/secgen/secgen/load/source"
	"github.com/secgen/secgen/manifest"
)

// inline parses the text of a patch that stands in a kustomization. trim says
// that kustomize trims it first, as it does for `patches` and does not for
// `patchesStrategicMerge`.
func (r *repo) inline(k *kustomization, value *manifest.Node, trim bool) ([]*doc, *source.Problem) {
	text := value.Str()
	skipped := ""
	if trim {
		trimmed := strings.TrimSpace(text)
		skipped = text[:strings.Index(text, trimmed)]
		text = trimmed
	}
	line, column, exact := k.file.locate(value.Pos, text, skipped)
	docs, p := r.check(k.file.path, []byte(text))
	if p != nil {
		at := value.Pos
		if exact && p.Position.Line > 0 {
			at = manifest.Position{File: k.file.path, Line: p.Position.Line + line - 1}
			if p.Position.Column > 0 {
				at.Column = p.Position.Column + column
			}
		}
		return nil, &source.Problem{Position: at, Reason: p.Reason}
	}
	var out []*doc
	for _, d := range docs {
		inner := &doc{file: k.file, text: d.Text, line: value.Pos.Line}
		if exact {
			inner.line, inner.column = line+d.Line-1, column
			if d.Node != nil {
				move(d.Node, line-1, column)
			}
			inner.index = source.NewIndex(k.file.path, k.file.data, []source.Document{d})
		}
		inner.node = d.Root()
		out = append(out, inner)
	}
	return out, nil
}

func move(n *yaml.Node, lines, columns int) {
	n.Line += lines
	n.Column += columns
	for _, c := range n.Content {
		move(c, lines, columns)
	}
}

// locate finds where the text of a scalar at pos stands in the file as it is:
// the line of its first line and the number of columns before each line. skipped
// is what was trimmed from its front. It is not found in folded text and in
// quoted text with escapes or line breaks.
func (f *file) locate(pos manifest.Position, text, skipped string) (line, column int, ok bool) {
	lines := f.textLines()
	if pos.Line < 1 || pos.Line > len(lines) {
		return 0, 0, false
	}
	first := []rune(lines[pos.Line-1])
	if pos.Column < 1 || pos.Column > len(first) {
		return 0, 0, false
	}
	want := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	switch c := first[pos.Column-1]; {
	case c == '|':
		breaks := strings.Count(skipped, "\n")
		lead := skipped[strings.LastIndex(skipped, "\n")+1:]
		line = pos.Line + 1 + breaks
		if line > len(lines) || len(lines[line-1]) < len(want[0]) {
			return 0, 0, false
		}
		column = len(lines[line-1]) - len(want[0])
		if lead != "" && len(want) > 1 {
			// The first line stands further in than the others.
			if want[0][0] != '#' || !strings.HasSuffix(lines[line-1], lead+want[0]) {
				return 0, 0, false
			}
			column -= len(lead)
			want[0] = lead + want[0]
		}
	case len(want) == 1 && skipped == "":
		line, column = pos.Line, pos.Column-1
		if c == '"' || c == '\'' {
			column++
		}
		rest := string(first[column:])
		return line, column, strings.HasPrefix(rest, text)
	default:
		return 0, 0, false
	}
	for i, w := range want {
		if line-1+i >= len(lines) {
			return 0, 0, false
		}
		have := lines[line-1+i]
		if w == "" && strings.TrimSpace(have) == "" {
			continue
		}
		if column < 0 || column > len(have) || have[column:] != w || strings.TrimLeft(have[:column], " ") != "" {
			return 0, 0, false
		}
	}
	return line, column, true
}

// textLines are the file's lines without their ends and without its byte order
// mark.
func (f *file) textLines() []string {
	if f.lines == nil {
		data := bytes.TrimPrefix(f.data, []byte("\ufeff"))
		f.lines = strings.Split(strings.ReplaceAll(string(data), "\r\n", "\n"), "\n")
	}
	return f.lines
}
