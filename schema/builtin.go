package schema

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
)

//go:generate sh -c "go run ./gen/k8s > k8s_gen.cue"
//go:generate go run ./gen/builtin builtin.json ../docs/rules

// builtin is what CompileBuiltin reads, as Encode writes it.
//
//go:embed builtin.json
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

// Encode writes a set as text, one rule a line.
func (s *Set) Encode() ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	head := *s
	head.Rules = nil
	if err := encoder.Encode(head); err != nil {
		return nil, err
	}
	for _, rule := range s.Rules {
		if err := encoder.Encode(rule); err != nil {
			return nil, err
		}
	}
	return out.Bytes(), nil
}

// Decode reads what Encode wrote.
func Decode(text []byte) (*Set, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	set := &Set{}
	if err := decoder.Decode(set); err != nil {
		return nil, err
	}
	for decoder.More() {
		rule := &Rule{}
		if err := decoder.Decode(rule); err != nil {
			return nil, err
		}
		set.Rules = append(set.Rules, rule)
	}
	return set, nil
}
