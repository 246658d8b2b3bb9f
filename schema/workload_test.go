package schema_test

import (
	"os"
	"slices"
	"testing"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/cuecontext"

	"github.com/secgen/secgen/workload"
)

// The table of pod templates that users read is the one that runs.
func TestWorkloadTable(t *testing.T) {
	text, err := os.ReadFile("workload.cue")
	if err != nil {
		t.Fatal(err)
	}
	value := cuecontext.New().CompileBytes(append(text, "\n#Text: string\n"...), cue.Filename("workload.cue"))
	var listed []workload.Shape
	if err := value.LookupPath(cue.ParsePath("workloads")).Decode(&listed); err != nil {
		t.Fatal(err)
	}
	builtIn := workload.BuiltIn()
	if len(listed) == 0 || len(listed) >= len(builtIn) {
		t.Fatalf("workload.cue lists %d kinds, want the custom ones of %d", len(listed), len(builtIn))
	}
	if custom := builtIn[len(builtIn)-len(listed):]; !slices.Equal(custom, listed) {
		t.Errorf("workload.cue lists\n%v\nbut package workload has\n%v", listed, custom)
	}
}
