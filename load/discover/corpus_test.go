package discover

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/filesys"

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

// recorder is the disk, with the files that were read.
type recorder struct {
	filesys.FileSystem
	top  string
	read map[string]bool
}

func (r recorder) ReadFile(name string) ([]byte, error) {
	data, err := r.FileSystem.ReadFile(name)
	if real, linkErr := filepath.EvalSymlinks(name); err == nil && linkErr == nil {
		rel, relErr := filepath.Rel(r.top, real)
		if relErr != nil {
			return nil, relErr
		}
		r.read[filepath.ToSlash(rel)] = true
	}
	return data, err
}

// corpus is the real repositories, which are not part of this one. Roots are
// kustomized and plain roots, refused those of them that must not be rendered.
var corpus = []struct {
	name                                   string
	kustomizations, roots, refused, plains int
}{
	{"manifests", 233, 65, 23, 25},
	{"bank-of-anthos", 73, 43, 3, 14},
	{"microservices-demo", 21, 5, 0, 3},
	{"flux2-kustomize-helm-example", 7, 6, 0, 2},
	{"flux2-multi-tenancy", 7, 6, 0, 2},
}

func corpusDir(t testing.TB) string {
	dir := os.Getenv("SECGEN_CORPUS")
	if dir == "" {
		t.Skip("SECGEN_CORPUS is not set: the corpus of real repositories is not here")
	}
	real, err := filepath.EvalSymlinks(dir) // kustomize names files so
	if err != nil {
		t.Fatal(err)
	}
	return real
}

// TestCorpusAsKustomize checks real roots against kustomize: what is not refused
// builds, from the very files that discovery names, and what is refused for what
// is missing does not build.
func TestCorpusAsKustomize(t *testing.T) {
	dir := corpusDir(t)
	for _, c := range corpus {
		t.Run(c.name, func(t *testing.T) {
			top := filepath.Join(dir, c.name)
			repo := open(t, top)
			checkBuckets(t, repo)
			var roots, refused, plains int
			for _, root := range repo.Roots {
				if root.Plain() {
					plains++
					continue
				}
				roots++
				if len(root.Refusals) > 0 {
					refused++
				}
				if slices.ContainsFunc(root.Refusals, func(r Refusal) bool { return r.Kind == Remote }) {
					continue // kustomize would dial
				}
				compare(t, top, root)
			}
			if len(repo.Kustomizations) != c.kustomizations || roots != c.roots || refused != c.refused || plains != c.plains {
				t.Errorf("%d kustomizations, %d roots, %d of them refused, %d plain; want %d, %d, %d, %d",
					len(repo.Kustomizations), roots, refused, plains, c.kustomizations, c.roots, c.refused, c.plains)
			}
			for _, f := range repo.Files {
				if f.Bucket == Unread {
					t.Errorf("%s is unread: %s", f.Path, f.Reason)
				}
			}
		})
	}
}

func compare(t *testing.T, top string, root Root) {
	t.Helper()
	fs := recorder{FileSystem: filesys.MakeFsOnDisk(), top: top, read: map[string]bool{}}
	options := krusty.MakeDefaultOptions()
	options.LoadRestrictions = types.LoadRestrictionsNone
	_, err := krusty.MakeKustomizer(options).Run(fs, filepath.Join(top, root.Dir))
	switch {
	case len(root.Refusals) > 0 && err == nil:
		t.Errorf("%s: kustomize builds what is refused: %v", root.Name, root.Refusals)
	case len(root.Refusals) == 0 && err != nil:
		t.Errorf("%s: nothing is refused, and kustomize fails: %v", root.Name, err)
	case err == nil:
		if read := slices.Sorted(maps.Keys(fs.read)); !slices.Equal(read, root.Reads) {
			t.Errorf("%s: kustomize reads\n%s\ndiscovery names\n%s", root.Name, strings.Join(read, "\n"), strings.Join(root.Reads, "\n"))
		}
	}
}

func BenchmarkDiscover(b *testing.B) {
	dir := corpusDir(b)
	for _, c := range corpus {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				open(b, filepath.Join(dir, c.name))
			}
		})
	}
}
