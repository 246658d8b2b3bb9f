package schema

import (
	"fmt"
	"testing"

	"github.com/secgen/secgen/manifest"
)

// TestUnique: short and long lists are judged alike.
func TestUnique(t *testing.T) {
	same := [][2]any{{1, 1}, {"a", "a"}, {map[string]any{"a": 1, "b": nil}, map[string]any{"a": 1}}, {[]any{1, 2}, []any{1, 2}}, {nil, nil}}
	different := [][2]any{{1, 1.0}, {"1", 1}, {"a", "b"}, {[]any{1, 2}, []any{2, 1}}, {map[string]any{"a": 1}, map[string]any{"b": 1}}, {[]any{"a", "b"}, []any{"ab"}}, {nil, ""}, {[]any{}, map[string]any{}}}
	for _, length := range []int{2, 100} {
		judge := func(pair [2]any) bool {
			list := manifest.Of([]any{pair[0], pair[1]})
			for i := range length - 2 {
				list.Items = append(list.Items, manifest.Of(fmt.Sprint("filler", i)))
			}
			return uniqueLeaf{}.test(list)
		}
		for _, pair := range same {
			if judge(pair) {
				t.Errorf("%v are different in a list of %d", pair, length)
			}
		}
		for _, pair := range different {
			if !judge(pair) {
				t.Errorf("%v are the same in a list of %d", pair, length)
			}
		}
	}
	// Pair by pair, this would take minutes.
	long := &manifest.Node{Kind: manifest.List}
	for i := range 300_000 {
		long.Items = append(long.Items, manifest.Of(i))
	}
	if !(uniqueLeaf{}).test(long) {
		t.Error("a long list of different items is taken for one with equal ones")
	}
}
