package lint

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/secgen/secgen/manifest"
)

func violation(rule string, line int, resource, field string) Violation {
	id := manifest.ID{APIVersion: "v1", Kind: "Pod", Namespace: "n", Name: resource}
	return Violation{
		Rule: rule, Resource: id, Origin: id, Path: "spec." + field, StablePath: "spec." + field, Field: field,
		Position: manifest.Position{File: "a.yaml", Line: line, Column: 3},
	}
}

func TestMerge(t *testing.T) {
	approximate := violation("r", 1, "p", "x")
	approximate.Position.Approximate = true
	other := violation("r", 1, "p", "y")
	other.Position.Approximate = true
	excepted := violation("r", 4, "p", "x")
	excepted.Exception = &Exception{Reason: "accepted there"}
	tests := []struct {
		name  string
		in    []RootViolations
		roots [][]string // of each finding
		refs  []int      // resources of each finding
	}{
		{"one cause in two roots", []RootViolations{{"a", []Violation{violation("r", 4, "p", "x")}}, {"b", []Violation{violation("r", 4, "p", "x")}}}, [][]string{{"a", "b"}}, []int{1}},
		{"one line, two resources", []RootViolations{{"a", []Violation{violation("r", 4, "p", "x"), violation("r", 4, "q", "x")}}}, [][]string{{"a"}}, []int{2}},
		{"one line, two fields", []RootViolations{{"a", []Violation{violation("r", 4, "p", "x"), violation("r", 4, "p", "y")}}}, [][]string{{"a"}, {"a"}}, []int{1, 1}},
		{"one line, two rules", []RootViolations{{"a", []Violation{violation("r", 4, "p", "x"), violation("s", 4, "p", "x")}}}, [][]string{{"a"}, {"a"}}, []int{1, 1}},
		{"approximate positions are no cause", []RootViolations{{"a", []Violation{approximate, other}}}, [][]string{{"a"}, {"a"}}, []int{1, 1}},
		{"twice in one root", []RootViolations{{"a", []Violation{violation("r", 4, "p", "x"), violation("r", 4, "p", "x")}}}, [][]string{{"a"}}, []int{1}},
		{"excepted in one root", []RootViolations{{"a", []Violation{excepted}}, {"b", []Violation{violation("r", 4, "p", "x")}}}, [][]string{{"a"}, {"b"}}, []int{1, 1}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := Merge(test.in)
			var roots [][]string
			var refs []int
			prints := map[string]bool{}
			for _, f := range got {
				roots = append(roots, f.Roots)
				refs = append(refs, len(f.Resources))
				prints[f.Fingerprint] = true
			}
			if len(roots) == 2 && roots[0][0] > roots[1][0] {
				roots[0], roots[1] = roots[1], roots[0]
			}
			if !reflect.DeepEqual(roots, test.roots) || !reflect.DeepEqual(refs, test.refs) {
				t.Errorf("got roots %v and %v resources", roots, refs)
			}
			if len(prints) != len(got) {
				t.Errorf("%d fingerprints for %d findings", len(prints), len(got))
			}
		})
	}
}

func TestMergeDoesNotDependOnOrder(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	var all []RootViolations
	for _, root := range []string{"a", "b", "c"} {
		rv := RootViolations{Root: root}
		for range 40 {
			rv.Violations = append(rv.Violations, violation(
				[]string{"r", "s"}[rng.IntN(2)], rng.IntN(5), []string{"p", "q"}[rng.IntN(2)], []string{"x", "y"}[rng.IntN(2)]))
		}
		all = append(all, rv)
	}
	want := Merge(all)
	for range 20 {
		rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		for _, rv := range all {
			rng.Shuffle(len(rv.Violations), func(i, j int) { rv.Violations[i], rv.Violations[j] = rv.Violations[j], rv.Violations[i] })
		}
		if got := Merge(all); !reflect.DeepEqual(got, want) {
			t.Fatalf("the order of the input changed the result:\n%+v\n%+v", got, want)
		}
	}
}

func TestStablePath(t *testing.T) {
	object := manifest.Of(map[string]any{"spec": map[string]any{
		"containers": []any{map[string]any{"name": "b", "args": []string{"x"}}},
		"ports":      []any{map[string]any{"containerPort": 80}},
	}})
	for path, want := range map[string]string{
		"spec.containers[0].image":   `spec.containers["name=b"].image`,
		"spec.containers[0].args[0]": `spec.containers["name=b"].args[0]`,
		"spec.ports[0]":              `spec.ports["containerPort=80"]`,
		"spec.missing[3].x":          `spec.missing[3].x`,
	} {
		parsed, err := manifest.ParsePath(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := StablePath(object, parsed); got != want {
			t.Errorf("%s: got %s, want %s", path, got, want)
		}
	}
}

// TestMergeExceptions shows that what is accepted in one root is told from the same
// cause in another, in the same order each time.
func TestMergeExceptions(t *testing.T) {
	web := manifest.ID{Kind: "Pod", Name: "web"}
	in := func(root, reason string) RootViolations {
		v := Violation{Rule: "r", Resource: web, Origin: web, Position: manifest.Position{File: "a.yaml", Line: 3, Column: 1}}
		if reason != "" {
			v.Exception = &Exception{Reason: reason}
		}
		return RootViolations{Root: root, Violations: []Violation{v}}
	}
	for range 20 {
		var got []string
		seen := map[string]bool{}
		for _, f := range Merge([]RootViolations{in("a", "yes"), in("b", ""), in("c", "because"), in("d", "yes")}) {
			reason := "open"
			if f.Exception != nil {
				reason = f.Exception.Reason
			}
			got = append(got, reason+" "+strings.Join(f.Roots, ","))
			seen[f.Fingerprint] = true
		}
		if want := []string{"open b", "because c", "yes a,d"}; !slices.Equal(got, want) || len(seen) != 3 {
			t.Fatalf("%q with %d fingerprints, want %q", got, len(seen), want)
		}
	}
}
