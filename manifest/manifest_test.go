package manifest

import (
	"reflect"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

func parse(t *testing.T, text string) *Node {
	t.Helper()
	var y yaml.Node
	if err := yaml.Unmarshal([]byte(text), &y); err != nil {
		t.Fatal(err)
	}
	n, err := FromYAML(&y, nil)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestScalarsAreWhatTheAPIServerReads(t *testing.T) {
	for text, want := range map[string]any{
		"true": true, "yes": true, "On": true, "n": false, "OFF": false, `"yes"`: "yes", "'no'": "no", "!!str on": "on",
		"017": int64(15), "0o17": int64(15), "0x1F": int64(31), "1_000": int64(1000), "+5": int64(5), "-3": int64(-3),
		"1.5": 1.5, "1e3": 1000.0, "1.0": 1.0, "2001-01-01": "2001-01-01", "~": nil, "": nil, "null": nil,
		"hello": "hello", "yesterday": "yesterday", "100m": "100m", "1:30": "1:30",
		"99999999999999999999": 1e20, "18446744073709551615": 1.8446744073709552e19,
	} {
		if got := parse(t, "x: "+text).Get("x").Value(); got != want {
			t.Errorf("%s: got %#v, want %#v", text, got, want)
		}
	}
}

const merged = `base: &b
  image: a
  ports: [80]
web:
  <<: *b
  image: c
copy: *b
`

func TestMergeKeysAndAliases(t *testing.T) {
	n := parse(t, merged)
	if got, want := n.Get("web").Value(), map[string]any{"image": "c", "ports": []any{int64(80)}}; !reflect.DeepEqual(got, want) {
		t.Errorf("merged to %v, want %v", got, want)
	}
	ports := n.Get("web", "ports")
	if ports.Pos.Line != 3 || len(ports.Related) != 1 || ports.Related[0].Position.Line != 5 {
		t.Errorf("a merged value has position %v and related %v", ports.Pos, ports.Related)
	}
	copied := n.Get("copy")
	if len(copied.Related) != 1 || copied.Related[0].Position.Line != 7 || !strings.Contains(copied.Related[0].Message, "*b") {
		t.Errorf("an alias has related %v", copied.Related)
	}
	if len(n.Get("base").Related) != 0 || len(n.Get("base", "ports").Related) != 0 {
		t.Error("the anchor's own value became related to its use")
	}
}

func TestLocate(t *testing.T) {
	n := parse(t, "spec:\n  containers:\n  - name: a\n    securityContext: {}\n  - name: b\n")
	for path, want := range map[string]string{
		"spec.containers[0].name":                       "3:5",
		"spec.containers[0].securityContext.privileged": "4:5",
		"spec.containers[1].securityContext.privileged": "5:5",
		"spec.containers[7]":                            "2:3",
		"metadata.name":                                 "1:1",
		"":                                              "1:1",
	} {
		p, err := ParsePath(path)
		if err != nil {
			t.Fatal(err)
		}
		pos, _ := n.Locate(p)
		pos.File = "f"
		if got := strings.TrimPrefix(pos.String(), "f:"); got != want {
			t.Errorf("%s: got %s, want %s", path, got, want)
		}
	}
}

func TestPaths(t *testing.T) {
	path := Path("metadata", "annotations", "a.b/c").Join(Path("x").At(3))
	text := `metadata.annotations["a.b/c"].x[3]`
	if got := path.String(); got != text {
		t.Errorf("prints %s, want %s", got, text)
	}
	back, err := ParsePath(text)
	if err != nil || !reflect.DeepEqual(back, path) {
		t.Errorf("reads back as %v, %v", back, err)
	}
	for _, bad := range []string{"a..b", "a[", "a[x]", `a["x`, ".a", "a b", "a[-1]", `a["x"`} {
		if p, err := ParsePath(bad); err == nil {
			t.Errorf("%q was read as %v", bad, p)
		}
	}
	parent := Path("a", "b")
	first, second := parent.Field("c"), parent.Field("d")
	if first.String() != "a.b.c" || second.String() != "a.b.d" {
		t.Errorf("siblings share memory: %v, %v", first, second)
	}
}

func TestOfAndValue(t *testing.T) {
	in := map[string]any{"a": int64(1), "b": []any{true, "x", nil, 0.5}, "c": map[string]any{}}
	if got := Of(in).Value(); !reflect.DeepEqual(got, in) {
		t.Errorf("got %v", got)
	}
	base := Of(map[string]any{"a": "x"})
	with := base.With("facts", Of(true))
	if base.Has("facts") || !with.Has("facts") || with.Get("a").Str() != "x" {
		t.Errorf("With changed %v into %v", base.Value(), with.Value())
	}
}

func TestNilNodesAreAbsentValues(t *testing.T) {
	var n *Node
	if n.Get("a") != nil || n.Str() != "" || n.Has("a") || !n.IsNull() || n.Lookup(Path("a")) != nil || n.Value() != nil || n.StringMap() != nil {
		t.Error("a nil node answered something")
	}
	if pos, _ := n.Locate(Path("a")); !pos.IsZero() {
		t.Errorf("a nil node stands at %v", pos)
	}
}
