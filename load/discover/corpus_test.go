package discover

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/secgen/secgen/load/source"
)

// open discovers a folder.
func open(t testing.TB, dir string) *Repository {
	t.Helper()
	tree, err := source.Open(dir, source.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	defer tree.Close()
	repo, err := Discover(tree)
	if err != nil {
		t.Fatal(err)
	}
	return repo
}

func TestCorpusDump(t *testing.T) {
	dir := os.Getenv("SECGEN_CORPUS")
	if dir == "" {
		t.Skip("SECGEN_CORPUS is not set: the corpus of real repositories is not here")
	}
	for _, name := range []string{"manifests", "bank-of-anthos", "microservices-demo", "flux2-kustomize-helm-example", "flux2-multi-tenancy"} {
		repo := open(t, filepath.Join(dir, name))
		var plain, kust, refused int
		kinds := map[RefusalKind]int{}
		for _, r := range repo.Roots {
			if r.Plain() {
				plain++
				t.Logf("   plain %s %d", r.Name, len(r.Manifests))
				continue
			}
			kust++
			if len(r.Refusals) > 0 {
				refused++
				kinds[r.Refusals[0].Kind]++
				t.Logf("   refused %s: %v %s", r.Name, r.Refusals[0].Position, r.Refusals[0].Reason)
			}
		}
		buckets := map[Bucket]int{}
		for _, f := range repo.Files {
			buckets[f.Bucket]++
			if f.Bucket == Unread || f.Bucket == Other || f.Bucket == Template {
				t.Logf("   %s %s: %s", f.Bucket, f.Path, f.Reason)
			}
		}
		for _, n := range repo.Notes {
			t.Logf("   note %v %s", n.Position, n.Message)
		}
		t.Logf("%s: %d kustomizations, %d roots, %d refused %v, %d plain, %v", name, len(repo.Kustomizations), kust, refused, kinds, plain, buckets)
	}
}
