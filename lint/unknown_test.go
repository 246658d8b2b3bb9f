package lint

import (
	"strings"
	"testing"

	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/workload"
)

func TestUnknownPods(t *testing.T) {
	table, err := workload.NewTable(workload.BuiltIn())
	if err != nil {
		t.Fatal(err)
	}
	containers := []any{map[string]any{"name": "a", "image": "a:1"}}
	object := func(apiVersion, kind string, spec any) *manifest.Resource {
		o := manifest.Of(map[string]any{"apiVersion": apiVersion, "kind": kind, "metadata": map[string]any{"name": "a"}, "spec": spec})
		return &manifest.Resource{ID: manifest.IDOf(o), Object: o}
	}
	tests := []struct {
		name string
		r    *manifest.Resource
		want string // part of the note, "" for none
	}{
		{"known", object("v1", "Pod", map[string]any{"containers": containers}), ""},
		{"no pod", object("a.io/v1", "Shop", map[string]any{"containers": 3, "x": []any{"y"}}), ""},
		{"no images", object("a.io/v1", "Shop", map[string]any{"containers": []any{map[string]any{"name": "a"}}}), ""},
		{"pod", object("a.io/v1", "Shop", map[string]any{"containers": containers}), `{group: "a.io", kind: "Shop", template: ""}`},
		{"list", object("a.io/v1", "Shop", map[string]any{"jobs": []any{map[string]any{"t": map[string]any{"spec": map[string]any{"containers": containers}}}}}),
			`template: "spec.jobs[*].t"}`},
		{"elsewhere", object("a.io/v1", "Shop", map[string]any{"pod": map[string]any{"containers": containers}}), "say so in secgen.cue"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			notes := unknownPods(table, test.r)
			if (test.want == "") != (len(notes) == 0) || len(notes) > 0 && !strings.Contains(notes[0].Message, test.want) {
				t.Errorf("got %v, want %q", notes, test.want)
			}
		})
	}
}
