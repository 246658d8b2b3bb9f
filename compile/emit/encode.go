package emit

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"

	"github.com/secgen/secgen/manifest"
)

// Marker is the first line of every file that secgen writes. Files without it
// belong to somebody else.
const Marker = "# Written by secgen compile, which writes it again: change the repository or secgen.cue instead.\n"

// encode prints objects as the documents of one file, and reads them back to see
// that they say the same.
func encode(objects []Object) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString(Marker)
	for i, o := range objects {
		text, err := document(o)
		if err != nil {
			return nil, fmt.Errorf("print %s: %w", manifest.IDOf(o.Node), err)
		}
		if i > 0 {
			b.WriteString("---\n")
		}
		b.Write(text)
	}
	return b.Bytes(), nil
}

func document(o Object) ([]byte, error) {
	plain, err := o.Node.EncodeYAML(nil)
	if err != nil {
		return nil, err
	}
	var y yaml.Node
	if err := yaml.Unmarshal(plain, &y); err != nil {
		return nil, err
	}
	top := y.Content[0]
	if !strings.HasPrefix(o.Node.Get("apiVersion").Str(), "kustomize.") {
		shorten(top)
	}
	for text, lines := range o.Comments {
		path, err := manifest.ParsePath(text)
		if err != nil {
			return nil, err
		}
		at := locate(top, path)
		if at == nil {
			return nil, fmt.Errorf("there is no field %s to comment", text)
		}
		at.HeadComment = comment(lines)
	}
	var b bytes.Buffer
	if len(o.Head) > 0 {
		b.WriteString(comment(o.Head) + "\n")
	}
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	if err := enc.Encode(top); err != nil {
		return nil, err
	}
	if err := enc.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), same(o.Node, b.Bytes())
}

// lineLength is how long a list on one line may be.
const lineLength = 60

// shorten puts short lists of plain values on one line: [get, list, watch].
func shorten(y *yaml.Node) {
	length := 0
	for _, item := range y.Content {
		shorten(item)
		length += len(item.Value) + 2
		if item.Kind != yaml.ScalarNode {
			length += lineLength
		}
	}
	if y.Kind == yaml.SequenceNode && length <= lineLength {
		y.Style = yaml.FlowStyle
	}
}

// same reads a document back and holds it against what was to be printed.
func same(want *manifest.Node, text []byte) error {
	dec := yaml.NewDecoder(bytes.NewReader(text))
	var y, more yaml.Node
	if err := dec.Decode(&y); err != nil {
		return fmt.Errorf("what was printed does not parse: %w", err)
	}
	got, err := manifest.FromYAML(&y, nil)
	if err != nil {
		return err
	}
	if dec.Decode(&more) == nil || !reflect.DeepEqual(got.Value(), want.Value()) {
		return fmt.Errorf("what was printed reads back as something else")
	}
	return nil
}

// locate finds what carries the comment of a field: the key of a map, the item of
// a list.
func locate(y *yaml.Node, path manifest.FieldPath) *yaml.Node {
	carrier := y
	for _, step := range path {
		if step.IsIndex {
			if y.Kind != yaml.SequenceNode || step.Index >= len(y.Content) {
				return nil
			}
			y = y.Content[step.Index]
			carrier = y
			continue
		}
		found := false
		for i := 0; i+1 < len(y.Content); i += 2 {
			if y.Content[i].Value == step.Key {
				carrier, y, found = y.Content[i], y.Content[i+1], true
				break
			}
		}
		if !found {
			return nil
		}
	}
	return carrier
}

// comment makes lines a YAML comment. What came from a manifest cannot end it:
// control characters and those that turn the direction of text are replaced.
func comment(lines []string) string {
	out := make([]string, len(lines))
	for i, line := range lines {
		out[i] = strings.TrimRight("# "+strings.Map(harmless, line), " ")
	}
	return strings.Join(out, "\n")
}

func harmless(r rune) rune {
	if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029' || r == unicode.ReplacementChar {
		return '?'
	}
	return r
}
