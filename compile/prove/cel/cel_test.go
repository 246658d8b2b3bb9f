package cel_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/secgen/secgen/compile/prove/cel"
)

// What google/cel-go answers to the same expressions.
func TestEval(t *testing.T) {
	vars := map[string]any{"object": map[string]any{
		"name": "a", "n": int64(3), "on": true, "none": nil,
		"list":   []any{"x", "y"},
		"labels": map[string]any{"example.com/tenant": "bank"},
		"items":  []any{map[string]any{"key": "a"}, map[string]any{"key": "b", "value": "c"}},
	}, "oldObject": nil}
	for text, want := range map[string]any{
		`object.name == 'a' && object.n == 3`:                               true,
		`object.name != "a" || !object.on`:                                  false,
		`'x' in object.list && !('z' in object.list)`:                       true,
		`'example.com/tenant' in object.labels`:                             true,
		`object.labels['example.com/tenant']`:                               "bank",
		`has(object.name) && !has(object.nope)`:                             true,
		`has(object.none)`:                                                  false,
		`object.items.exists(i, has(i.value) && i.value == 'c')`:            true,
		`object.items.exists(i, i.key == 'c')`:                              false,
		`object.items.exists(i, i.value == 'c')`:                            true,
		`oldObject == null ? ['old'] : ['new', object.name]`:                []any{"old"},
		`true ? false ? 1 : 2 : 3`:                                          int64(2),
		`[1] + [2, 3]`:                                                      []any{int64(1), int64(2), int64(3)},
		`[]`:                                                                []any{},
		`object.nope == 'a' || true`:                                        true,
		`true || object.nope == 'a'`:                                        true,
		`object.nope == 'a' && false`:                                       false,
		`true || false && false`:                                            true,
		`JSONPatch{op: 'add', value: Object.spec.taints{key: object.name}}`: map[string]any{"op": "add", "value": map[string]any{"key": "a"}},
		`(has(object.value) ? object.value : '') == ''`:                     true,
		`!has(object.list) || !object.list.exists(l, l in ['a', 'b', 'x'])`: false,
		`object.on && object.items.exists(i, i.key == 'b') == true`:         true,
		`object.name in ['a'] && object.n in [1, 3]`:                        true,
		"object\n.name  ==\t'a'":                                            true,
	} {
		p, err := cel.Parse(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got, err := p.Eval(vars); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v, %v; want %v", text, got, err, want)
		}
	}
}

func TestWhatFails(t *testing.T) {
	for text, want := range map[string]string{
		`object.name`:                          "no condition",
		`object.nope`:                          "no such key: nope",
		`nobody == 1`:                          "no variable nobody",
		`object.name.size() == 1`:              `function "size" is not known`,
		`size(object.name) == 1`:               "is not understood",
		`object.name == 'a`:                    "is not understood",
		`object.name == 'a\'`:                  "is not understood",
		`object.n > 1`:                         "is not understood",
		`object.name == 'a' 'b'`:               "left over",
		`has('a')`:                             "wants a field",
		`[1, 2`:                                `"" where "," is wanted`,
		`object{a: 1} == null`:                 "left over",
		`object.list.exists(1, true)`:          "where a variable is wanted",
		`object.name.exists(x, true)`:          "is no list",
		`object.nope == 1 && true`:             "no such key",
		`'a' in object.name`:                   "neither list nor map",
		`object.list.name == 1`:                "has no keys",
		`object.n + 1 == 4`:                    "are no lists",
		strings.Repeat("(", 200) + "true":      "too deep",
		`true ? true`:                          `where ":" is wanted`,
		`object.list.exists(x, x == 1) ? 1 : `: "is not understood",
	} {
		p, err := cel.Parse(text)
		if err == nil {
			_, err = p.Bool(map[string]any{"object": map[string]any{"name": "a", "n": int64(1), "list": []any{"x"}}})
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(`!has(object.a) || object.a.exists(t, t.key == 'x') ? [] : [JSONPatch{op: 'add'}]`)
	f.Fuzz(func(t *testing.T, text string) {
		if p, err := cel.Parse(text); err == nil {
			_, _ = p.Eval(map[string]any{"object": map[string]any{"a": []any{"b"}}})
		}
	})
}
