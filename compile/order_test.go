package compile_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/secgen/secgen/compile/compiletest"
	"github.com/secgen/secgen/compile/emit"
	"github.com/secgen/secgen/compile/inventory"
)

// Every object says that secgen manages it, and none that denies comes before one of
// its kind and namespace that allows: by waves, which Argo CD follows, and by name,
// which Flux does.
func TestDeniesComeLast(t *testing.T) {
	names, _ := filepath.Glob("testdata/*.txtar")
	denies := 0
	for _, name := range names {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		first, last := map[string]string{}, map[string]string{} // the first deny and the last allow
		for _, f := range run(t, archive).Files {
			if len(f.Objects) == 0 || strings.HasPrefix(f.Path, emit.Bootstrap) {
				continue
			}
			for _, r := range compiletest.Resources(t, f.Path, string(f.Content)) {
				if !inventory.IsOwn(r) {
					t.Errorf("%s, %s: %s lacks the label of secgen", name, f.Path, r.ID)
				}
				if !strings.HasSuffix(r.ID.Kind, "NetworkPolicy") {
					continue
				}
				of := r.ID.Kind + " of " + r.ID.Namespace
				switch wave := r.Object.Get("metadata", "annotations", "argocd.argoproj.io/sync-wave").Str(); {
				case wave == "" && r.ID.Name > last[of]:
					last[of] = r.ID.Name
				case wave == "1" && (first[of] == "" || r.ID.Name < first[of]):
					first[of] = r.ID.Name
				}
			}
		}
		for of, deny := range first {
			denies++
			if deny < last[of] {
				t.Errorf("%s: %s: Flux applies %s before %s", name, of, deny, last[of])
			}
		}
	}
	if denies == 0 {
		t.Error("nothing denies")
	}
}
