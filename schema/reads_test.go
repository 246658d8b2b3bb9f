package schema

import "testing"

func TestReads(t *testing.T) {
	field := func(name string, check *Predicate) *Predicate {
		return &Predicate{Op: OpStruct, Fields: []FieldCheck{{Name: name, Check: check}}}
	}
	anything := &Predicate{Op: OpAny}
	for _, tt := range []struct {
		name string
		rule Rule
		want bool
	}{
		{"another fact", Rule{Require: field("facts", field("quota", anything))}, false},
		{"a field of that name", Rule{Require: field("network", anything)}, false},
		{"required", Rule{Require: field("facts", field("network", anything))}, true},
		{"matched", Rule{Match: field("facts", field("network", anything)), Require: anything}, true},
		{"one of several", Rule{Require: &Predicate{Op: OpOr, Args: []*Predicate{anything, field("facts", field("network", anything))}}}, true},
		{"a pattern", Rule{Require: field("facts", &Predicate{Op: OpStruct, Patterns: []KeyCheck{{Key: anything, Check: anything}}})}, true},
		{"in the message", Rule{Require: anything, Message: "{facts.network.pods} pods"}, true},
		{"left to CUE", Rule{NotLowered: "it is"}, true},
	} {
		if got := tt.rule.Reads("network"); got != tt.want {
			t.Errorf("%s: Reads is %t, want %t", tt.name, got, tt.want)
		}
	}
}
