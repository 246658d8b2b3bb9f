package schema_test

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/cuecontext"
	"cuelang.org/go/cue/load"
	"go.yaml.in/yaml/v3"

	"github.com/secgen/secgen/lint/view"
	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/schema"
	"github.com/secgen/secgen/workload"
)

// Every fact that package lint/view computes is declared in view_facts.cue, with
// its type: for all fixtures of the rules and, where there is one, the corpus.
func TestViewsHaveTheirTypes(t *testing.T) {
	ctx := cuecontext.New()
	types := ctx.BuildInstance(load.Instances([]string{"."}, &load.Config{Env: []string{}})[0])
	if types.Err() != nil {
		t.Fatal(types.Err())
	}
	table, err := workload.NewTable(workload.BuiltIn())
	if err != nil {
		t.Fatal(err)
	}
	env := view.Env{Workloads: table, Network: true, Heads: true}
	seen := map[schema.View]int{}
	check := func(t *testing.T, views []view.View) {
		for _, v := range views {
			if len(v.Node.Get("facts").Fields) == 0 {
				t.Errorf("%s of %s has no facts", v.Kind, v.Resource.ID)
			}
			if seen[v.Kind]++; seen[v.Kind] > 2000 {
				continue
			}
			facts := types.LookupPath(cue.ParsePath("#Views")).LookupPath(cue.MakePath(cue.Str(string(v.Kind)), cue.Str("facts")))
			if !facts.Exists() {
				t.Fatalf("#Views has no view %q with facts", v.Kind)
			}
			if err := facts.Unify(ctx.Encode(computed(v).Value())).Validate(cue.Concrete(true)); err != nil &&
				!strings.Contains(err.Error(), "${") { // a variable may stand for any type
				t.Errorf("%s of %s: %v", v.Kind, v.Resource.ID, err)
			}
		}
	}
	dirs := []string{"rules"}
	if corpus := os.Getenv("SECGEN_CORPUS"); corpus != "" {
		dirs = append(dirs, corpus)
	} else {
		t.Log("SECGEN_CORPUS is not set: only the fixtures are read")
	}
	for _, dir := range dirs {
		err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || filepath.Ext(name) != ".yaml" {
				return err
			}
			resources := manifests(t, name)
			for _, r := range resources {
				check(t, env.Of(r))
			}
			digests := []view.Digest{env.DigestOf(name, resources)}
			check(t, view.Whole{Digests: digests, Workloads: table, Network: true}.Views())
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, kind := range schema.Views() {
		if seen[kind] == 0 {
			t.Errorf("no view of kind %s was seen", kind)
		}
	}
	t.Logf("views seen: %v", seen)
}

// computed is the facts of a view without the copies of what manifests say, which
// may be wrong.
func computed(v view.View) *manifest.Node {
	facts := v.Node.Get("facts")
	if pod := facts.Get("pod"); pod != nil {
		facts = facts.With("pod", manifest.Of(map[string]*manifest.Node{
			"spec": manifest.Of(map[string]*manifest.Node{"containers": manifest.Of([]string{})}), "facts": pod.Get("facts"),
		}))
	}
	return facts
}

// manifests reads the objects of a file, as far as it is YAML.
func manifests(t *testing.T, name string) []*manifest.Resource {
	t.Helper()
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var out []*manifest.Resource
	decoder := yaml.NewDecoder(file)
	for {
		var doc yaml.Node
		err := decoder.Decode(&doc)
		if err == io.EOF || err != nil {
			return out // the corpus has templates that are no YAML
		}
		object, err := manifest.FromYAML(&doc, nil)
		if err != nil || object.Get("kind").Str() == "" || object.Get("apiVersion").Str() == "" {
			continue
		}
		out = append(out, &manifest.Resource{ID: manifest.IDOf(object), Object: object})
	}
}
