package schema

import "testing"

func TestCompileBuiltin(t *testing.T) {
	set, err := CompileBuiltin()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range set.Rules {
		t.Logf("%-40s %-12s %v %s", r.ID, r.View, r.Lowered(), r.NotLowered)
	}
}
