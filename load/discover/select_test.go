package discover

import (
	"bytes"
	"crypto/sha1"
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

const shop = `
-- .git/HEAD --
ref: refs/heads/main
-- base/kustomization.yaml --
resources: [a.yaml]
-- base/a.yaml --
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
-- c/kustomization.yaml --
kind: Component
namePrefix: c-
-- overlays/dev/kustomization.yaml --
resources: [../../base]
-- overlays/prod/kustomization.yaml --
resources: [../../base]
components: [../../c]
-- overlays/base/kustomization.yaml --
namePrefix: x
-- plain/b.yaml --
{apiVersion: v1, kind: ConfigMap, metadata: {name: b}}
-- plain/sub/c.yaml --
{apiVersion: v1, kind: ConfigMap, metadata: {name: c}}
-- README.md --
`

func TestSelect(t *testing.T) {
	repo := open(t, repository(t, shop))
	for _, c := range []struct{ name, paths, want string }{
		{"top", ".", "overlays/base overlays/dev overlays/prod plain"},
		{"root", "overlays/dev", "overlays/dev"},
		{"trailing slash", "overlays/dev/", "overlays/dev"},
		{"above roots", "overlays", "overlays/base overlays/dev overlays/prod"},
		{"base", "base", "overlays/dev overlays/prod"},
		{"Component", "c", "overlays/prod"},
		{"file of a base", "base/a.yaml", "overlays/dev overlays/prod"},
		{"kustomization file", "overlays/prod/kustomization.yaml", "overlays/prod"},
		{"plain file", "plain/sub/c.yaml", "plain"},
		{"folder in a plain root", "plain/sub", "plain"},
		{"two paths", "plain/b.yaml overlays/dev", "overlays/dev plain"},
		{"read by nothing", "README.md", ""},
		{"a name that another begins with", "pla", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, r := range repo.Select(strings.Fields(c.paths)) {
				got = append(got, r.Name)
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("Select(%s) = %v; want %s", c.paths, got, c.want)
			}
		})
	}
}

func TestLocate(t *testing.T) {
	one, err := filepath.EvalSymlinks(repository(t, shop))
	if err != nil {
		t.Fatal(err)
	}
	two, err := filepath.EvalSymlinks(repository(t, shop))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(one, "base"), filepath.Join(one, "link")); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, cwd, root, paths, top, rel, err string }{
		{"nothing given", one + "/overlays", "", "", one, "overlays", ""},
		{"upward", one, "", "overlays/dev base/a.yaml", one, "overlays/dev base/a.yaml", ""},
		{"absolute", "/", "", one + "/base", one, "base", ""},
		{"the link's target counts", one, "", "link", one, "base", ""},
		{"root", one, "overlays", "overlays/dev", one + "/overlays", "dev", ""},
		{"dots", one + "/base", "", "../c", one, "c", ""},
		{"missing", one, "", "nowhere", "", "", "nowhere does not exist"},
		{"two repositories", one, "", "base " + two + "/c", "", "", "lint one repository at a time"},
		{"outside the root", one, "overlays", "base", "", "", "base is outside the repository"},
		{"root is a file", one, "README.md", ".", "", "", "README.md is no folder"},
		{"missing root", one, "nowhere", ".", "", "", "nowhere does not exist"},
		{"no repository", "/", "", "/proc", "", "", "/proc is in no Git repository"},
	} {
		t.Run(c.name, func(t *testing.T) {
			top, rel, err := Locate(c.cwd, c.root, strings.Fields(c.paths))
			if c.err != "" {
				if err == nil || !strings.Contains(err.Error(), c.err) {
					t.Errorf("got %v; want an error with %q", err, c.err)
				}
				return
			}
			if err != nil || top != c.top || strings.Join(rel, " ") != c.rel {
				t.Errorf("got %q %v %v; want %q %s", top, rel, err, c.top, c.rel)
			}
		})
	}
}

func TestBuckets(t *testing.T) {
	repo := open(t, repository(t, shop))
	refused := open(t, repository(t, "-- kustomization.yaml --\nresources: [a.yaml, b.yaml]\n-- a.yaml --\n"+object("ConfigMap", "a")))
	for _, f := range refused.Buckets(nil, nil) {
		if f.Bucket != Unread {
			t.Errorf("%s of a refused root is %s; want unread", f.Path, f.Bucket)
		}
	}
	bucket := func(files []File, path string) Bucket {
		for _, f := range files {
			if f.Path == path {
				return f.Bucket
			}
		}
		return ""
	}
	one := repo.Buckets(map[string]string{"overlays/dev": "broken"}, map[string]string{"plain/b.yaml": "vanished"})
	both := repo.Buckets(map[string]string{"overlays/dev": "broken", "overlays/prod": "broken"}, nil)
	for _, c := range []struct {
		path      string
		one, both Bucket
	}{
		{"base/a.yaml", Linted, Unread},
		{"overlays/dev/kustomization.yaml", Unread, Unread},
		{"overlays/prod/kustomization.yaml", Linted, Unread},
		{"plain/b.yaml", Unread, Linted},
		{"plain/sub/c.yaml", Linted, Linted},
	} {
		if a, b := bucket(one, c.path), bucket(both, c.path); a != c.one || b != c.both {
			t.Errorf("%s: %s and %s; want %s and %s", c.path, a, b, c.one, c.both)
		}
	}
}

// gitIndex writes Git's index (version 2) that tracks the paths.
func gitIndex(paths ...string) []byte {
	var b bytes.Buffer
	b.WriteString("DIRC")
	binary.Write(&b, binary.BigEndian, []uint32{2, uint32(len(paths))})
	for _, p := range paths {
		entry := make([]byte, 60, 62+len(p)+8)
		entry = binary.BigEndian.AppendUint16(entry, uint16(len(p)))
		entry = append(entry, p...)
		entry = append(entry, make([]byte, 8-len(entry)%8)...)
		b.Write(entry)
	}
	sum := sha1.Sum(b.Bytes())
	b.Write(sum[:])
	return b.Bytes()
}

func TestGitIgnoreCountsForUntracked(t *testing.T) {
	archive := "-- .gitignore --\n*.gen.yaml\n/out/\n-- a.gen.yaml --\n" + object("ConfigMap", "a") + "-- out/b.yaml --\n" + object("ConfigMap", "b") +
		"-- out/c.yaml --\n" + object("ConfigMap", "c") + "-- .git/HEAD --\nref: refs/heads/main\n"
	dir := repository(t, archive)
	ignored := func() []string {
		var out []string
		for _, f := range open(t, dir).Files {
			if f.Bucket == Ignored {
				out = append(out, f.Path)
			}
		}
		return out
	}
	index := filepath.Join(dir, ".git", "index")
	for _, c := range []struct {
		name  string
		index []byte
		want  []string
	}{
		{"tracked files count", gitIndex("a.gen.yaml", "out/c.yaml"), []string{"out/b.yaml"}},
		{"all tracked", gitIndex("a.gen.yaml", "out/b.yaml", "out/c.yaml"), nil},
		{"an index that cannot be read ignores nothing", []byte("DIRCxxxx"), nil},
		{"nothing added yet", nil, []string{"a.gen.yaml", "out/b.yaml", "out/c.yaml"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			os.Remove(index)
			if c.index != nil {
				if err := os.WriteFile(index, c.index, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if got := ignored(); !slices.Equal(got, c.want) {
				t.Errorf("ignored %v; want %v", got, c.want)
			}
		})
	}
	t.Run("an index that is a symlink out of the repository", func(t *testing.T) {
		outside := filepath.Join(t.TempDir(), "index")
		os.WriteFile(outside, gitIndex("out/c.yaml"), 0o644)
		os.Remove(index)
		if err := os.Symlink(outside, index); err != nil {
			t.Skip(err)
		}
		if got := ignored(); got != nil {
			t.Errorf("ignored %v", got)
		}
		os.Remove(index)
	})
	t.Run("work tree, whose .git is a file that names a folder outside", func(t *testing.T) {
		elsewhere := filepath.Join(t.TempDir(), "gitdir")
		if err := os.Rename(filepath.Join(dir, ".git"), elsewhere); err != nil {
			t.Fatal(err)
		}
		os.WriteFile(filepath.Join(elsewhere, "index"), gitIndex("out/c.yaml"), 0o644)
		os.WriteFile(filepath.Join(dir, ".git"), []byte("gitdir: "+elsewhere+"\n"), 0o644)
		if got := ignored(); got != nil {
			t.Errorf("ignored %v, which only the index outside can tell", got)
		}
		notes := open(t, dir).Notes
		if len(notes) != 1 || !strings.Contains(notes[0].Message, "3 files that .gitignore names are linted, such as a.gen.yaml; name in .secgenignore") {
			t.Errorf("notes %v", notes)
		}
		os.WriteFile(filepath.Join(dir, ".secgenignore"), []byte("*.gen.yaml\nout/\n"), 0o644)
		if notes := open(t, dir).Notes; len(notes) != 0 {
			t.Errorf("notes of what is ignored: %v", notes)
		}
	})
}

func TestSpecialFiles(t *testing.T) {
	dir := repository(t, "-- k/kustomization.yaml --\nresources: [fifo.yaml, big.yaml]\n-- k/big.yaml --\n-- plain/a.yaml --\n"+object("ConfigMap", "a"))
	for _, fifo := range []string{"k/fifo.yaml", "plain/fifo.yml", "fifokust/kustomization.yaml"} {
		file := filepath.Join(dir, fifo)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := syscall.Mkfifo(file, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Truncate(filepath.Join(dir, "k/big.yaml"), 100<<20); err != nil {
		t.Fatal(err)
	}
	want := `root k: k/big.yaml k/fifo.yaml k/kustomization.yaml
  malformed k/kustomization.yaml:1:13: fifo.yaml is a named pipe (FIFO); only regular files are read
  malformed k/kustomization.yaml:1:24: big.yaml has 104857600 bytes, more than the limit of 5242880 bytes a file; raise the limit with --max-file-size if the file is meant to be that large
root plain: plain/a.yaml
unread fifokust/kustomization.yaml: is a named pipe (FIFO); only regular files are read
unread k/big.yaml: has 104857600 bytes, more than the limit of 5242880 bytes a file; raise the limit with --max-file-size if the file is meant to be that large
unread k/fifo.yaml: is a named pipe (FIFO); only regular files are read
unread plain/fifo.yml: is a named pipe (FIFO); only regular files are read
`
	if got := summary(open(t, dir)); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}
