package manifest

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
)

// Of makes a node without positions from a Go value: nil, bool, any integer,
// float64, string, *Node, []string, []any, map[string]string, map[string]any or
// []Field. Keys of maps are sorted. It is meant for facts and panics on other
// types, since those are programming errors.
func Of(value any) *Node {
	switch v := value.(type) {
	case nil:
		return &Node{Kind: Null}
	case *Node:
		return v
	case bool:
		return &Node{Kind: Bool, Text: strconv.FormatBool(v)}
	case int:
		return &Node{Kind: Int, Text: strconv.Itoa(v)}
	case int32:
		return &Node{Kind: Int, Text: strconv.FormatInt(int64(v), 10)}
	case int64:
		return &Node{Kind: Int, Text: strconv.FormatInt(v, 10)}
	case float64:
		return &Node{Kind: Float, Text: strconv.FormatFloat(v, 'g', -1, 64)}
	case string:
		return &Node{Kind: String, Text: v}
	case []Field:
		return &Node{Kind: Map, Fields: v}
	case []string:
		return listOf(v)
	case []any:
		return listOf(v)
	case []*Node:
		return &Node{Kind: List, Items: v}
	case map[string]string:
		return mapOf(v)
	case map[string]any:
		return mapOf(v)
	case map[string]*Node:
		return mapOf(v)
	}
	panic(fmt.Sprintf("manifest.Of: no node for a %T", value))
}

func listOf[T any](items []T) *Node {
	n := &Node{Kind: List, Items: make([]*Node, len(items))}
	for i, item := range items {
		n.Items[i] = Of(item)
	}
	return n
}

func mapOf[T any](m map[string]T) *Node {
	n := &Node{Kind: Map, Fields: make([]Field, 0, len(m))}
	for _, key := range slices.Sorted(maps.Keys(m)) {
		n.Fields = append(n.Fields, Field{Key: key, Value: Of(m[key])})
	}
	return n
}

// With returns a map that has the entries of n, and value under key. n stays as
// it was; the new map has n's position.
func (n *Node) With(key string, value *Node) *Node {
	out := &Node{Kind: Map}
	if n != nil {
		out.Pos, out.Related = n.Pos, n.Related
		out.Fields = make([]Field, 0, len(n.Fields)+1)
		for _, f := range n.Fields {
			if f.Key != key {
				out.Fields = append(out.Fields, f)
			}
		}
	}
	out.Fields = append(out.Fields, Field{Key: key, Value: value})
	return out
}
