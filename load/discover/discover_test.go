package discover

import (
	"bytes"
	"encoding/gob"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// repository writes a txtar archive to a folder. A file that begins with "-> "
// becomes a symlink.
func repository(t testing.TB, archive string) string {
	t.Helper()
	dir := t.TempDir()
	for _, f := range txtar.Parse([]byte(archive)).Files {
		name := filepath.Join(dir, f.Name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if target, ok := strings.CutPrefix(string(f.Data), "-> "); ok {
			if err := os.Symlink(strings.ReplaceAll(strings.TrimSpace(target), "$TOP", dir), name); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if err := os.WriteFile(name, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// object is a manifest for the archives.
func object(kind, name string) string {
	return fmt.Sprintf("apiVersion: v1\nkind: %s\nmetadata: {name: %s}\n", kind, name)
}

// summary is what a test compares: the roots with their refusals and files, then
// the buckets of files that are not linted.
func summary(repo *Repository) string {
	var b strings.Builder
	for _, r := range repo.Roots {
		fmt.Fprintf(&b, "root %s: %s\n", r.Name, strings.Join(r.Reads, " "))
		for _, x := range r.Refusals {
			fmt.Fprintf(&b, "  %s %v: %s\n", x.Kind, x.Position, x.Reason)
		}
		for _, n := range r.Notes {
			fmt.Fprintf(&b, "  note %v: %s\n", n.Position, n.Message)
		}
	}
	for _, f := range repo.Files {
		if f.Bucket != Linted {
			fmt.Fprintf(&b, "%s %s: %s\n", f.Bucket, f.Path, f.Reason)
		}
	}
	for _, n := range repo.Notes {
		fmt.Fprintf(&b, "note %v: %s\n", n.Position, n.Message)
	}
	return b.String()
}

// discoverCase is a repository, as a txtar archive, and the summary of what is
// discovered in it.
type discoverCase struct{ name, archive, want string }

func (c discoverCase) run(t *testing.T) {
	dir := repository(t, c.archive)
	repo := open(t, dir)
	if got := strings.ReplaceAll(summary(repo), dir, "$TOP"); got != c.want {
		t.Errorf("got:\n%s\nwant:\n%s", got, c.want)
	}
	if again := open(t, dir); !reflect.DeepEqual(repo, again) {
		t.Error("a second run differs")
	}
	checkBuckets(t, repo)
}

// checkBuckets wants each file once, and the result to survive a process boundary.
func checkBuckets(t testing.TB, repo *Repository) {
	t.Helper()
	seen := map[string]bool{}
	for _, f := range repo.Files {
		if seen[f.Path] || f.Bucket == "" || f.Reason == "" {
			t.Errorf("%s: twice %v, bucket %q, reason %q", f.Path, seen[f.Path], f.Bucket, f.Reason)
		}
		seen[f.Path] = true
	}
	names := map[string]bool{}
	for _, r := range repo.Roots {
		if names[r.Name] {
			t.Errorf("two roots are called %s", r.Name)
		}
		names[r.Name] = true
		for _, f := range r.Reads {
			if !seen[f] {
				t.Errorf("%s reads %s, which is in no bucket", r.Name, f)
			}
		}
	}
	var b bytes.Buffer
	if err := gob.NewEncoder(&b).Encode(repo); err != nil {
		t.Fatal(err)
	}
	if err := gob.NewDecoder(&b).Decode(new(Repository)); err != nil {
		t.Fatal(err)
	}
}

// remotes are the refusals of remote references that stand in a list.
func remotes(file, field string, line int, refs ...string) string {
	var b strings.Builder
	for i, ref := range refs {
		fmt.Fprintf(&b, "  remote %s:%d:3: remote base not vendored: %s in %s needs the network, and secgen opens no connection; copy it into the repository and refer to the copy\n",
			file, line+i, ref, field)
	}
	return b.String()
}
