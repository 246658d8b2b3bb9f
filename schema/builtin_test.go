package schema

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

func TestBuiltinIsFresh(t *testing.T) {
	set, err := CompileBuiltin()
	if err != nil {
		t.Fatal(err)
	}
	text, err := set.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(text, builtin) {
		t.Error("builtin.bin is not what the rules say; run go generate ./schema")
	}
	for _, r := range set.Rules {
		if !r.Lowered() {
			t.Errorf("built-in rule %q is left to CUE: %s", r.ID, r.NotLowered)
		}
	}
}

// The page of the policy is what policy.cue says, and each field of it is there.
func TestPolicyPageIsFresh(t *testing.T) {
	want, err := PolicyPage()
	if err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile("../docs/policy.md"); err != nil || !bytes.Equal(got, want) {
		t.Errorf("docs/policy.md is not what policy.cue says; run go generate ./schema (%v)", err)
	}
	for _, field := range []string{"cluster", "namespaces.NAME", "calico.version", "nodePorts.open[].ports!", "nodeGroups.NAME.effects", "isolation.region!", "workloads.NAME.pods", "egress", "cidrs"} {
		if !bytes.Contains(want, []byte("| `"+field+"` ")) {
			t.Errorf("there is no field %s", field)
		}
	}
}

// TestPagesAreFresh: docs/rules is what the rules say, no page more and none less.
func TestPagesAreFresh(t *testing.T) {
	set, err := Builtin()
	if err != nil {
		t.Fatal(err)
	}
	const folder = "../docs/rules"
	pages := set.Pages()
	for name, page := range pages {
		text, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil || !bytes.Equal(text, page) {
			t.Errorf("docs/rules/%s is not what the rules say; run go generate ./schema", name)
		}
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if pages[e.Name()] == nil {
			t.Errorf("docs/rules/%s belongs to no rule; run go generate ./schema", e.Name())
		}
	}
}

func BenchmarkBuiltin(b *testing.B) {
	for b.Loop() {
		if _, err := Builtin(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkBind(b *testing.B) {
	set, err := Builtin()
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		for _, r := range set.Rules {
			if _, err := set.Bind(r, nil); err != nil {
				b.Fatal(err)
			}
		}
	}
}
