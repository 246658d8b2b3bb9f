package manifest

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Placer says where a YAML node stands. It returns the zero Position where it
// does not know.
type Placer func(*yaml.Node) Position

// FromYAML makes a tree of a YAML node as the Kubernetes API server would read
// it. Aliases and merge keys are expanded: the caller bounds their number first.
// Keys must be scalars; of two equal keys the later one wins.
func FromYAML(y *yaml.Node, place Placer) (*Node, error) {
	if place == nil {
		place = func(y *yaml.Node) Position { return Position{Line: y.Line, Column: y.Column} }
	}
	return fromYAML(y, place, 0)
}

// maxDepth bounds the recursion of a tree that no pre-check has seen.
const maxDepth = 1000

func fromYAML(y *yaml.Node, place Placer, depth int) (*Node, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("line %d: nested deeper than %d", y.Line, maxDepth)
	}
	switch y.Kind {
	case yaml.DocumentNode:
		if len(y.Content) == 0 {
			return &Node{}, nil
		}
		return fromYAML(y.Content[0], place, depth)
	case yaml.AliasNode:
		n, err := fromYAML(y.Alias, place, depth+1)
		if err != nil {
			return nil, err
		}
		n.relate(Related{Position: place(y), Message: "used here through the alias *" + y.Value})
		return n, nil
	case yaml.ScalarNode:
		kind, text := Resolve(y)
		return &Node{Kind: kind, Text: text, Pos: place(y)}, nil
	case yaml.SequenceNode:
		n := &Node{Kind: List, Pos: place(y), Items: make([]*Node, len(y.Content))}
		for i, c := range y.Content {
			item, err := fromYAML(c, place, depth+1)
			if err != nil {
				return nil, err
			}
			n.Items[i] = item
		}
		return n, nil
	case yaml.MappingNode:
		return mapFromYAML(y, place, depth)
	}
	return &Node{Pos: place(y)}, nil
}

func mapFromYAML(y *yaml.Node, place Placer, depth int) (*Node, error) {
	n := &Node{Kind: Map, Pos: place(y), Fields: make([]Field, 0, len(y.Content)/2)}
	set := func(f Field, override bool) {
		if old := n.Field(f.Key); old == nil {
			n.Fields = append(n.Fields, f)
		} else if override {
			*old = f
		}
	}
	var merges []*yaml.Node
	for i := 0; i+1 < len(y.Content); i += 2 {
		key, value := y.Content[i], y.Content[i+1]
		if isMerge(key) {
			merges = append(merges, value)
			continue
		}
		if key.Kind == yaml.AliasNode {
			key = key.Alias
		}
		if key.Kind != yaml.ScalarNode {
			return nil, fmt.Errorf("line %d: a key of a map must be a string", key.Line)
		}
		child, err := fromYAML(value, place, depth+1)
		if err != nil {
			return nil, err
		}
		field := Field{Key: key.Value, Value: child}
		if value.Kind != yaml.AliasNode { // its value stands elsewhere, under another key
			field.KeyPos = place(key)
		}
		set(field, true)
	}
	for _, m := range merges {
		sources := []*yaml.Node{m}
		if list := target(m); list.Kind == yaml.SequenceNode {
			sources = list.Content
		}
		for _, s := range sources {
			source, err := fromYAML(target(s), place, depth+1)
			if err != nil {
				return nil, err
			}
			for _, f := range source.Fields {
				f.Value.relate(Related{Position: place(m), Message: "merged in here through <<"})
				set(f, false)
			}
		}
	}
	return n, nil
}

// target is the value that an alias names.
func target(y *yaml.Node) *yaml.Node {
	for y.Kind == yaml.AliasNode {
		y = y.Alias
	}
	return y
}

// relate adds a related position to a value that was just made, and to all in it.
func (n *Node) relate(r Related) {
	n.Related = append(n.Related, r)
	for _, f := range n.Fields {
		f.Value.relate(r)
	}
	for _, item := range n.Items {
		item.relate(r)
	}
}

func isMerge(key *yaml.Node) bool {
	return key.Kind == yaml.ScalarNode && key.Value == "<<" && (key.Tag == "" || key.Tag == "!" || key.ShortTag() == "!!merge")
}

// yaml11 is the booleans of YAML 1.1 that kubectl and the API server's clients
// read as such and YAML 1.2 does not.
var yaml11 = map[string]bool{
	"y": true, "Y": true, "yes": true, "Yes": true, "YES": true, "on": true, "On": true, "ON": true,
	"n": false, "N": false, "no": false, "No": false, "NO": false, "off": false, "Off": false, "OFF": false,
}

// Resolve tells the kind and the canonical text of a scalar. Unquoted words such
// as yes and off are booleans, 017 is fifteen, and timestamps are strings, as
// sigs.k8s.io/yaml has it, through which every client of Kubernetes reads YAML.
func Resolve(y *yaml.Node) (Kind, string) {
	if y.Kind != yaml.ScalarNode {
		return Null, ""
	}
	if y.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) != 0 && y.Style&yaml.TaggedStyle == 0 {
		return String, y.Value
	}
	tag := y.ShortTag()
	if tag == "!!str" && y.Style == 0 {
		if b, ok := yaml11[y.Value]; ok {
			return Bool, strconv.FormatBool(b)
		}
	}
	switch tag {
	case "!!null":
		return Null, ""
	case "!!bool":
		return Bool, strings.ToLower(y.Value)
	case "!!int":
		return resolveInt(y.Value)
	case "!!float":
		f, err := strconv.ParseFloat(strings.ReplaceAll(y.Value, "_", ""), 64)
		if err != nil || math.IsInf(f, 0) || math.IsNaN(f) {
			return String, y.Value
		}
		return Float, strconv.FormatFloat(f, 'g', -1, 64)
	}
	return String, y.Value
}

func resolveInt(text string) (Kind, string) {
	plain := strings.ReplaceAll(strings.TrimPrefix(text, "+"), "_", "")
	if i, err := strconv.ParseInt(plain, 0, 64); err == nil {
		return Int, strconv.FormatInt(i, 10)
	}
	if u, err := strconv.ParseUint(plain, 0, 64); err == nil {
		return Int, strconv.FormatUint(u, 10)
	}
	if f, err := strconv.ParseFloat(plain, 64); err == nil && !math.IsInf(f, 0) {
		return Float, strconv.FormatFloat(f, 'g', -1, 64)
	}
	return String, text
}
