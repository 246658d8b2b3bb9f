package main

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// cached runs lint with a cache that outlives the run, below a folder.
func cached(t *testing.T, top, cache string, args ...string) outcome {
	t.Helper()
	args = append([]string{"lint", "--format", "json", "--profile", "strict", "--timings"}, args...)
	o := invocation{dir: top, args: args, env: []string{"XDG_CACHE_HOME=" + cache}}.run(t)
	if o.status == 2 || strings.Contains(o.stderr, "no cache:") {
		t.Fatalf("exit status %d: %s", o.status, o.stderr)
	}
	return o
}

// entries are the files of a cache.
func entries(t *testing.T, cache string) []string {
	t.Helper()
	found, err := os.ReadDir(filepath.Join(cache, "secgen"))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range found {
		out = append(out, filepath.Join(cache, "secgen", e.Name()))
	}
	return out
}

// overlaid is a repository in which a change may concern one root or both: a base
// with a generator, an overlay with a patch, and a root of its own.
func overlaid() files {
	return healthy().with(files{
		"base/kustomization.yaml":   "resources: [pod.yaml]\nconfigMapGenerator: [{name: settings, files: [settings.txt]}]\n",
		"base/pod.yaml":             pod("base"),
		"base/settings.txt":         "a\n",
		"prod/kustomization.yaml":   "resources: [../base]\npatches: [{path: patch.yaml}]\n",
		"prod/patch.yaml":           "apiVersion: v1\nkind: Pod\nmetadata: {name: base, namespace: shop}\nspec: {hostPID: true}\n",
		"linked/kustomization.yaml": kustomization("pod.yaml"),
		"linked/pod.yaml":           pod("linked"),
		"elsewhere/a.txt":           "no manifest\n",
	})
}

// TestCacheChangesNoResult lints a repository again and again while it changes,
// with a cache and without one: the reports must be the same bytes.
func TestCacheChangesNoResult(t *testing.T) {
	top, cache := repository(t, overlaid()), t.TempDir()
	write := func(name, text string) func() {
		return func() { files{name: text}.write(t, top) }
	}
	remove := func(name string) func() {
		return func() {
			if err := os.Remove(filepath.Join(top, name)); err != nil {
				t.Fatal(err)
			}
		}
	}
	last := ""
	for _, step := range []struct {
		name   string
		change func()
		// same says that the report must not change.
		same bool
	}{
		{"nothing", func() {}, true},
		{"again", func() {}, true},
		{"a manifest", write("healthy/pod.yaml", "\n"+pod("healthy")), false},
		{"a manifest of a base", write("base/pod.yaml", "\n"+pod("base")), false},
		{"a patch", write("prod/patch.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: base, namespace: shop}\nspec: {hostIPC: true}\n"), false},
		{"a generator's file goes", remove("base/settings.txt"), false},
		{"and comes back", write("base/settings.txt", "b\n"), false},
		{"a kustomization", write("prod/kustomization.yaml", "resources: [../base]\n"), false},
		{"a file becomes a link", func() {
			remove("linked/pod.yaml")()
			if err := os.Symlink("../healthy/pod.yaml", filepath.Join(top, "linked", "pod.yaml")); err != nil {
				t.Fatal(err)
			}
		}, false},
		{"what the link leads to", write("healthy/pod.yaml", pod("healthier")), false},
		{"a second kustomization appears", write("base/kustomization.yml", "resources: []\n"), false},
		{"and goes", remove("base/kustomization.yml"), false},
		{"a manifest that a root misses", write("linked/kustomization.yaml", kustomization("pod.yaml", "late.yaml")), false},
		{"appears", write("linked/late.yaml", pod("late")), false},
		{"configuration", write("secgen.cue", "rules: \"host-namespaces\": off: \"known\"\n"), false},
		{"and goes", remove("secgen.cue"), false},
	} {
		step.change()
		fresh := cached(t, top, t.TempDir(), "--no-cache")
		warm := cached(t, top, cache)
		again := cached(t, top, cache)
		for what, o := range map[string]outcome{"with the cache": warm, "with the cache, again": again} {
			if o.status != fresh.status || o.stdout != fresh.stdout {
				t.Errorf("%s: %s the report is another one:\n%s", step.name, what, difference(fresh.stdout, o.stdout))
			}
		}
		if last != "" && step.same != (fresh.stdout == last) {
			t.Errorf("%s: the report should change: %t", step.name, !step.same)
		}
		last = fresh.stdout
	}
}

// TestCacheIsUsed makes the program render nothing: with its entries in place it
// needs no worker.
func TestCacheIsUsed(t *testing.T) {
	top, cache := repository(t, overlaid()), t.TempDir()
	run := func() outcome { return cached(t, top, cache, "--timeout", "1ns") }
	if o := cached(t, top, t.TempDir(), "--timeout", "1ns"); !strings.Contains(o.stdout, "took longer than") {
		t.Fatalf("a worker answered in a nanosecond, so that this shows nothing:\n%s", o.stdout)
	}
	first := cached(t, top, cache)
	if o := run(); o.stdout != first.stdout {
		t.Errorf("a worker was asked:\n%s", difference(first.stdout, o.stdout))
	}
	for name, args := range map[string][]string{
		"--no-cache": {"--no-cache"}, "another rule": {"--rule", "host-namespaces"}, "another limit": {"--max-root-size", "1Mi"},
	} {
		if o := cached(t, top, cache, append(args, "--timeout", "1ns")...); !strings.Contains(o.stdout, "took longer than") {
			t.Errorf("%s: no worker was asked", name)
		}
	}
}

// TestCacheIgnoresWhatIsBroken damages entries in every way, one after the other.
func TestCacheIgnoresWhatIsBroken(t *testing.T) {
	top, cache := repository(t, overlaid()), t.TempDir()
	first := cached(t, top, cache)
	for name, damage := range map[string]func(data []byte) []byte{
		"empty":     func([]byte) []byte { return nil },
		"truncated": func(data []byte) []byte { return data[:len(data)/2] },
		"one bit": func(data []byte) []byte {
			data[len(data)-10] ^= 1
			return data
		},
		"of another format":  func(data []byte) []byte { return bytes.Replace(data, []byte("cache-"), []byte("cache-x"), 1) },
		"another root's":     nil,
		"longer than itself": func(data []byte) []byte { return append(data, 'x') },
	} {
		files := entries(t, cache)
		if len(files) < 3 {
			t.Fatalf("%d entries", len(files))
		}
		contents := make([][]byte, len(files))
		for i, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			contents[i] = data
		}
		for i, file := range files {
			data := contents[(i+1)%len(files)]
			if damage != nil {
				data = damage(slices.Clone(contents[i]))
			}
			if err := os.WriteFile(file, data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if o := cached(t, top, cache); o.stdout != first.stdout {
			t.Errorf("%s entries change the report:\n%s", name, difference(first.stdout, o.stdout))
		}
	}
}

// TestCacheIsPrivate: others can neither read what is kept nor plant something.
func TestCacheIsPrivate(t *testing.T) {
	top, cache := repository(t, healthy()), t.TempDir()
	first := cached(t, top, cache)
	dir := filepath.Join(cache, "secgen")
	for _, name := range append(entries(t, cache), dir) {
		info, err := os.Lstat(name)
		if err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: %v %v", name, info.Mode(), err)
		}
	}
	refused := func(why string) {
		t.Helper()
		o := invocation{dir: top, args: []string{"lint", "--format", "json", "--profile", "strict", "--timings"},
			env: []string{"XDG_CACHE_HOME=" + cache}}.run(t)
		if o.stdout != first.stdout || !strings.Contains(o.stderr, "no cache: ") {
			t.Errorf("%s: stderr %s", why, o.stderr)
		}
	}
	for _, mode := range []fs.FileMode{0o750, 0o705, 0o777} {
		if err := os.Chmod(dir, mode); err != nil {
			t.Fatal(err)
		}
		refused(mode.String())
	}
	if os.Getuid() == 0 {
		if err := os.Chmod(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Chown(dir, 12345, 12345); err != nil {
			t.Fatal(err)
		}
		refused("another owner")
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(t.TempDir(), dir); err != nil {
		t.Fatal(err)
	}
	refused("a link")
}

// TestCacheHoldsNoSecret looks for the values of Secrets in every file of the
// cache, as they are and in base64.
func TestCacheHoldsNoSecret(t *testing.T) {
	values := []string{"correct-horse-battery", "from-a-literal-7391", "from-an-env-file-7391", "from-a-file-7391", "in-a-flag-7391", "in-an-environment-7391"}
	top, cache := repository(t, files{
		"a/kustomization.yaml": "resources: [all.yaml]\nsecretGenerator:\n- {name: s, literals: [password=" + values[1] + "], files: [f.txt]}\n" +
			"- {name: e, envs: [e.env]}\n",
		"a/f.txt": values[3], "a/e.env": "PASSWORD=" + values[2] + "\n",
		"a/all.yaml": "apiVersion: v1\nkind: Secret\nmetadata: {name: plain, namespace: shop}\nstringData: {password: " + values[0] + "}\n---\n" +
			"apiVersion: v1\nkind: Secret\nmetadata: {name: coded, namespace: shop}\ndata: {password: " + base64.StdEncoding.EncodeToString([]byte(values[0])) + "}\n---\n" +
			"apiVersion: v1\nkind: Pod\nmetadata: {name: p, namespace: shop}\nspec:\n  hostNetwork: true\n  containers:\n" +
			"  - {name: c, image: x, args: [\"--password=" + values[4] + "\"], env: [{name: DB_PASSWORD, value: " + values[5] + "}]}\n",
	}), t.TempDir()
	if o := cached(t, top, cache); len(o.report(t).Findings) == 0 {
		t.Fatal("no findings, so that the cache may hold nothing")
	}
	for _, file := range entries(t, cache) {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, value := range values {
			for _, form := range append(inBase64(value), value) {
				if bytes.Contains(data, []byte(form)) {
					t.Errorf("%s holds %q of %q", filepath.Base(file), form, value)
				}
			}
		}
	}
}

// inBase64 is what a text looks like within a longer one in base64.
func inBase64(text string) []string {
	var out []string
	for shift := range 3 {
		coded := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", shift) + text))
		out = append(out, coded[4:len(coded)-4])
	}
	return out
}

// TestCacheServesConcurrentRuns starts several runs on one cache at once.
func TestCacheServesConcurrentRuns(t *testing.T) {
	f := overlaid()
	for i := range 12 {
		f[fmt.Sprintf("many/%d/kustomization.yaml", i)] = kustomization("pod.yaml")
		f[fmt.Sprintf("many/%d/pod.yaml", i)] = pod(fmt.Sprintf("pod-%d", i))
	}
	top, cache := repository(t, f), t.TempDir()
	want := cached(t, top, cache, "--no-cache").stdout
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for range 2 {
				if o := cached(t, top, cache); o.stdout != want {
					t.Errorf("another report:\n%s", difference(want, o.stdout))
				}
			}
		})
	}
	group.Wait()
	for _, file := range entries(t, cache) {
		if strings.HasPrefix(filepath.Base(file), ".") {
			t.Errorf("%s was left behind", file)
		}
	}
}

// TestCacheStaysSmall fills a cache beyond its bound: the oldest entries go.
func TestCacheStaysSmall(t *testing.T) {
	dir := t.TempDir()
	c := &cache{dir: dir}
	for i := range 20 {
		file, err := os.Create(filepath.Join(dir, fmt.Sprint(i)))
		if err != nil {
			t.Fatal(err)
		}
		// A file with a hole: it has a size, and takes no room.
		if err := file.Truncate(cacheLimit / 16); err != nil {
			t.Fatal(err)
		}
		file.Close()
		when := time.Unix(int64(1_000_000+i), 0)
		if err := os.Chtimes(file.Name(), when, when); err != nil {
			t.Fatal(err)
		}
	}
	c.clean()
	left, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range left {
		names = append(names, e.Name())
	}
	if want := cacheKeep / (cacheLimit / 16); len(names) != want || slices.Contains(names, "0") || !slices.Contains(names, "19") {
		t.Errorf("%d entries are left, not the %d newest: %v", len(names), want, names)
	}
}
