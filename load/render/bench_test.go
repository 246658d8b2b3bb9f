package render

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/secgen/secgen/manifest"
)

// BenchmarkManifests compares Render with a plain loop of krusty over the roots of
// the corpus' manifests that build. Both run on one goroutine.
func BenchmarkManifests(b *testing.B) {
	corpus := os.Getenv("SECGEN_CORPUS")
	if corpus == "" {
		b.Skip("SECGEN_CORPUS is not set")
	}
	offline(b)
	top := filepath.Join(corpus, "manifests")
	tree := openTree(b, top)
	var roots []string
	for _, dir := range topDirs(b, top) {
		if got := Render(tree, kustomizeRoot(dir), Options{}); len(got.Problems) == 0 && len(got.Resources) > 0 {
			roots = append(roots, dir)
		}
	}
	b.Logf("%d roots", len(roots))
	b.Run("krusty", func(b *testing.B) {
		defer cpu(b)()
		for b.Loop() {
			for _, dir := range roots {
				if _, err := krustyRun(filepath.Join(top, dir)); err != nil {
					b.Fatal(err)
				}
			}
		}
	})
	for name, options := range map[string]Options{"render": {}, "render-trimmed": {Trim: true}} {
		b.Run(name, func(b *testing.B) {
			defer cpu(b)()
			for b.Loop() {
				for _, dir := range roots {
					if got := Render(tree, kustomizeRoot(dir), options); len(got.Problems) > 0 {
						b.Fatal(got.Problems)
					}
				}
			}
		})
	}
}

// cpu reports the processor time of an iteration, which says more than the clock
// where others use the machine too.
func cpu(b *testing.B) func() {
	used := func() time.Duration {
		var u syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
			b.Fatal(err)
		}
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	before := used()
	return func() { b.ReportMetric(float64((used()-before).Milliseconds())/float64(b.N), "cpu-ms/op") }
}

// topDirs returns the kustomizations that no other one names.
func topDirs(t testing.TB, top string) []string {
	tree := openTree(t, top)
	used := map[string]bool{}
	all := kustomizationDirs(t, top)
	for _, dir := range all {
		k, bad := new(Renderer).newRepo(tree, false).readKustomization(dir, manifest.Position{File: dir})
		if bad != nil {
			continue
		}
		if k.component() {
			used[dir] = true
		}
		for _, item := range k.items("resources", "bases", "components", "generators", "transformers") {
			if p, ok := join(dir, item.Str()); ok {
				used[p] = true
			}
		}
	}
	var out []string
	for _, dir := range all {
		if !used[dir] {
			out = append(out, dir)
		}
	}
	return out
}
