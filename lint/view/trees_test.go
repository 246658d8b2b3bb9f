package view

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/secgen/secgen/manifest"
)

func TestTrees(t *testing.T) {
	in := Trees(resources(t, deployment+"---\n"+shop+"---\n{a: [null, 1, 2.5, true, 'ü'], b: {}}\n"))
	in[0].Removed = []manifest.Removal{{Path: manifest.Path("spec", "a.b").At(2), Position: manifest.Position{File: "patch.yaml", Line: 3, Column: 1, Approximate: true}}}
	in[0].Object.Related = []manifest.Related{{Position: in[1].Object.Pos, Message: "patched here"}}
	data, err := in.GobEncode()
	if err != nil {
		t.Fatal(err)
	}
	var out Trees
	if err := out.GobDecode(data); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(in, out, cmpopts.EquateEmpty()); diff != "" {
		t.Error(diff)
	}
	for i := range data {
		if err := new(Trees).GobDecode(data[:i]); err == nil {
			t.Errorf("the first %d of %d bytes are read as a whole", i, len(data))
		}
	}
}

func FuzzTrees(f *testing.F) {
	data, err := Trees(resources(f, deployment)).GobEncode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		var trees Trees
		if trees.GobDecode(data) != nil {
			return
		}
		again, err := trees.GobEncode()
		if err != nil {
			t.Fatal(err)
		}
		var back Trees
		if err := back.GobDecode(again); err != nil {
			t.Fatal(err)
		}
	})
}
