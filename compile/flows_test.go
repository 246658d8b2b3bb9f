package compile_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/secgen/secgen/compile"
)

// Each file of testdata/flows is a repository as in TestGolden, with the traffic
// that compile derives for it as --explain prints it.
func TestFlows(t *testing.T) {
	names, err := filepath.Glob("testdata/flows/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatalf("no golden files: %v", err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			got := []txtar.File{{Name: "traffic", Data: []byte(traffic(run(t, archive)))}}
			if *update {
				archive.Files = append(given(archive), got...)
				if err := os.WriteFile(name, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if d := cmp.Diff(text(archive.Files[len(given(archive)):]), text(got)); d != "" {
				t.Errorf("differs from %s (-want +got); go test -update rewrites it:\n%s", name, d)
			}
		})
	}
}

// traffic is what an explanation says about traffic, and the verdict.
func traffic(r *compile.Result) string {
	var b strings.Builder
	in := false
	for _, line := range strings.SplitAfter(r.Explain, "\n") {
		if indent := len(line) - len(strings.TrimLeft(line, " ")); indent <= 2 {
			in = strings.HasPrefix(line, "  traffic")
		}
		if in || strings.Contains(line, "projectcalico.org/v3") || strings.HasPrefix(line, "namespace ") || strings.HasPrefix(line, "not proven") || strings.HasPrefix(line, "proven") ||
			strings.Contains(line, "traffic") && !strings.HasPrefix(line, " ") {
			b.WriteString(line)
		}
	}
	return b.String()
}
