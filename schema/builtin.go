package schema

import (
	_ "embed"
	"fmt"

	"github.com/secgen/secgen/pack"
)

//go:generate go run ./gen/k8s k8s_gen.cue
//go:generate go run ./gen/builtin builtin.bin ../docs/rules

// builtin is what CompileBuiltin reads, as Encode writes it.
//
//go:embed builtin.bin
var builtin []byte

// Builtin returns the built-in rules, compiled when secgen was built: it runs no
// CUE. Every call makes a Set of its own.
func Builtin() (*Set, error) {
	set, err := Decode(builtin)
	if err != nil {
		return nil, fmt.Errorf("built-in rules: %w", err)
	}
	for _, r := range set.Rules {
		r.fixtures = module
	}
	return set, nil
}

// Encode writes a set for Decode of the same build.
func (s *Set) Encode() ([]byte, error) { return pack.Encode(s) }

// Decode reads what Encode wrote.
func Decode(text []byte) (*Set, error) {
	set := &Set{}
	if err := pack.Decode(text, set); err != nil {
		return nil, err
	}
	return set, nil
}
