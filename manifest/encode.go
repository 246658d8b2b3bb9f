package manifest

import (
	"bytes"
	"strings"

	"go.yaml.in/yaml/v3"
)

// EncodeYAML prints a tree as one YAML document, fields in their order, indented
// by two. Where comment is not nil, what it returns for the position of a scalar
// or an empty collection follows the value as a comment; "" stands for none.
func (n *Node) EncodeYAML(comment func(Position) string) ([]byte, error) {
	var b bytes.Buffer
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	if err := enc.Encode(n.toYAML(comment)); err != nil {
		return nil, err
	}
	if err := enc.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func (n *Node) toYAML(comment func(Position) string) *yaml.Node {
	if n == nil {
		n = &Node{}
	}
	y := &yaml.Node{Kind: yaml.ScalarNode, Value: n.Text}
	switch n.Kind {
	case Null:
		y.Tag, y.Value = "!!null", "null"
	case Bool:
		y.Tag = "!!bool"
	case Int:
		y.Tag = "!!int"
	case Float:
		y.Tag = "!!float"
	case String:
		y.Tag, y.Style = "!!str", styleOf(n.Text)
	case List:
		y = &yaml.Node{Kind: yaml.SequenceNode}
		for _, item := range n.Items {
			y.Content = append(y.Content, item.toYAML(comment))
		}
	case Map:
		y = &yaml.Node{Kind: yaml.MappingNode}
		for _, f := range n.Fields {
			key := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: f.Key, Style: styleOf(f.Key)}
			y.Content = append(y.Content, key, f.Value.toYAML(comment))
		}
	}
	if len(y.Content) == 0 {
		if y.Kind != yaml.ScalarNode {
			y.Style = yaml.FlowStyle // [] and {}
		}
		if comment != nil {
			y.LineComment = comment(n.Pos)
		}
	}
	return y
}

// styleOf quotes a string that a reader of YAML 1.1 or 1.2 would take for
// something else, and prints one of several lines as a block.
func styleOf(text string) yaml.Style {
	if strings.Contains(text, "\n") {
		return yaml.LiteralStyle
	}
	if kind, _ := Resolve(&yaml.Node{Kind: yaml.ScalarNode, Value: text}); kind != String || text == "" {
		return yaml.DoubleQuotedStyle
	}
	return 0
}
