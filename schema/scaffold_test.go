package schema

import (
	"testing"
	"testing/fstest"

	"go.yaml.in/yaml/v3"

	"github.com/secgen/secgen/manifest"
)

// TestScaffold: the first rule loads, runs compiled, and its tests pass. The one
// fact that it uses is added here, since views are made elsewhere.
func TestScaffold(t *testing.T) {
	files, err := Scaffold("team-label")
	if err != nil {
		t.Fatal(err)
	}
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys["policy/"+name] = &fstest.MapFile{Data: text}
	}
	set, err := LoadRules(fsys, "policy")
	if err != nil {
		t.Fatal(err)
	}
	if r := set.Rule("team-label"); r == nil || !r.Lowered() {
		t.Fatalf("rules are %+v", set.Rules)
	}
	report, err := set.RunFixtures(fsys, func(rules []*Bound, files map[string][]byte) ([]Found, error) {
		withFact := map[string][]byte{}
		for name, text := range files {
			var doc yaml.Node
			if err := yaml.Unmarshal(text, &doc); err != nil {
				return nil, err
			}
			object, err := manifest.FromYAML(&doc, nil)
			if err != nil {
				return nil, err
			}
			withFact[name] = append([]byte("facts: {workload: "+map[bool]string{true: "true", false: "false"}[object.Get("kind").Str() == "Deployment"]+"}\n"), text...)
		}
		found, err := lintObjects(rules, withFact)
		for i := range found {
			found[i].Line--
		}
		return found, err
	})
	if err != nil || len(report.Failures) > 0 || report.Fixtures != 2 {
		t.Errorf("report is %+v, error %v", report, err)
	}
	for _, bad := range []string{"", "Team", "a b", "../x", "a_b"} {
		if _, err := Scaffold(bad); err == nil {
			t.Errorf("name %q was accepted", bad)
		}
	}
}
