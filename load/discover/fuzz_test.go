package discover

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// FuzzDiscover makes a small repository of a txtar archive. Discovery must end,
// put each file into one bucket, and say the same twice.
func FuzzDiscover(f *testing.F) {
	f.Add([]byte(shop))
	f.Add([]byte("-- kustomization.yaml --\nresources: [a, b.yaml, ../x, https://x/y]\n-- a/kustomization.yaml --\nresources: [../]\n-- b.yaml --\nkind: List\n"))
	f.Add([]byte("-- a/Kustomization --\ngenerators: [g.yaml]\ntransformers: [\"{apiVersion: builtin, kind: PatchTransformer, path: p}\"]\n-- a/g.yaml --\nkind: x\n-- a/p --\n-- .secgenignore --\n!a\n"))
	f.Add([]byte("-- l.yaml --\n-> k/kustomization.yaml\n-- k/kustomization.yaml --\ncomponents: [../l.yaml, &a ../c, *a]\n-- c/kustomization.yml --\nkind: Component\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 4096 {
			return
		}
		dir := t.TempDir()
		for _, file := range txtar.Parse(data).Files {
			if !filepath.IsLocal(file.Name) || strings.ContainsRune(file.Name, 0) || len(file.Name) > 100 {
				continue
			}
			name := filepath.Join(dir, file.Name)
			if os.MkdirAll(filepath.Dir(name), 0o755) != nil {
				continue // a file stands where a folder is wanted
			}
			if target, ok := strings.CutPrefix(string(file.Data), "-> "); ok {
				_ = os.Symlink(strings.TrimSpace(target), name) // names may clash
				continue
			}
			_ = os.WriteFile(name, file.Data, 0o644)
		}
		repo := open(t, dir)
		checkBuckets(t, repo)
		if again := open(t, dir); !reflect.DeepEqual(repo, again) {
			t.Error("a second run differs")
		}
		for _, root := range repo.Roots {
			if got := repo.Select([]string{root.Dir}); len(got) == 0 {
				t.Errorf("the folder of the root %s selects nothing", root.Name)
			}
		}
	})
}
