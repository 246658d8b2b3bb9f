package schema

import (
	"bytes"
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
		t.Error("builtin.json is not what the rules say; run go generate ./schema")
	}
	for _, r := range set.Rules {
		if !r.Lowered() {
			t.Errorf("built-in rule %q is left to CUE: %s", r.ID, r.NotLowered)
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
