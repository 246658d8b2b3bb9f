package schema

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/secgen/secgen/manifest"
)

// parameterJSON is a parameter with its default as JSON.
type parameterJSON struct {
	*plainParameter
	Default constant `json:"default"`
}

type plainParameter Parameter

// MarshalJSON implements json.Marshaler.
func (p Parameter) MarshalJSON() ([]byte, error) {
	return json.Marshal(parameterJSON{(*plainParameter)(&p), constant{p.Default}})
}

// UnmarshalJSON implements json.Unmarshaler.
func (p *Parameter) UnmarshalJSON(data []byte) error {
	short := parameterJSON{plainParameter: (*plainParameter)(p)}
	err := json.Unmarshal(data, &short)
	p.Default = short.Default.Node
	return err
}

// constant is a node in JSON as the value that it is. A number with a point or an
// exponent is a float, any other an integer.
type constant struct{ *manifest.Node }

// MarshalJSON implements json.Marshaler.
func (c constant) MarshalJSON() ([]byte, error) {
	n := c.Node
	switch {
	case n.IsNull():
		return []byte("null"), nil
	case n.Kind == manifest.Int || n.Kind == manifest.Bool:
		return []byte(n.Text), nil
	case n.Kind == manifest.Float:
		if strings.ContainsAny(n.Text, ".e") {
			return []byte(n.Text), nil
		}
		return []byte(n.Text + ".0"), nil
	case n.Kind == manifest.String:
		return json.Marshal(n.Text)
	case n.Kind == manifest.List:
		items := make([]constant, len(n.Items))
		for i, item := range n.Items {
			items[i] = constant{item}
		}
		return json.Marshal(items)
	}
	fields := make(map[string]constant, len(n.Fields))
	for _, f := range n.Fields {
		fields[f.Key] = constant{f.Value}
	}
	return json.Marshal(fields)
}

// UnmarshalJSON implements json.Unmarshaler.
func (c *constant) UnmarshalJSON(data []byte) error {
	text := string(data)
	switch text[0] {
	case 'n':
		c.Node = manifest.Of(nil)
	case 't', 'f':
		c.Node = &manifest.Node{Kind: manifest.Bool, Text: text}
	case '"':
		c.Node = &manifest.Node{Kind: manifest.String}
		return json.Unmarshal(data, &c.Node.Text)
	case '[':
		var items []constant
		if err := json.Unmarshal(data, &items); err != nil {
			return err
		}
		c.Node = &manifest.Node{Kind: manifest.List, Items: []*manifest.Node{}}
		for _, item := range items {
			c.Node.Items = append(c.Node.Items, item.Node)
		}
	case '{':
		var fields map[string]constant
		if err := json.Unmarshal(data, &fields); err != nil {
			return err
		}
		values := map[string]*manifest.Node{}
		for key, value := range fields {
			values[key] = value.Node
		}
		c.Node = manifest.Of(values)
	default:
		if !strings.ContainsAny(text, ".eE") {
			c.Node = &manifest.Node{Kind: manifest.Int, Text: text}
			return nil
		}
		var f float64
		if err := json.Unmarshal(data, &f); err != nil {
			return fmt.Errorf("constant %s: %w", text, err)
		}
		c.Node = manifest.Of(f)
	}
	return nil
}
