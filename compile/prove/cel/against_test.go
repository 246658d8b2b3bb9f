package cel_test

import (
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	library "github.com/google/cel-go/cel"
	"sigs.k8s.io/yaml"

	"github.com/secgen/secgen/compile/prove/cel"
)

// TestAgainstTheLibrary evaluates every expression that the golden files of compile
// print with google/cel-go too, as the API server does, on pods and nodes with all
// kinds of tolerations, taints and labels. The library is a dependency of this test
// only: it would make the program an eighth larger. What a mutation makes is of types
// that only the API server knows, so of those expressions the conditions are compared.
func TestAgainstTheLibrary(t *testing.T) {
	env, err := library.NewEnv(library.Variable("object", library.DynType), library.Variable("oldObject", library.DynType))
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	seen := map[any]int{}
	for _, text := range printedExpressions(t) {
		own, err := cel.Parse(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		ast, issues := env.Compile(text)
		if issues.Err() != nil {
			t.Errorf("%s: the library says %v", text, issues.Err())
			continue
		}
		program, err := env.Program(ast)
		if err != nil {
			t.Fatal(err)
		}
		for range 500 {
			vars := map[string]any{"object": anObject(random), "oldObject": nil}
			if random.IntN(2) == 0 {
				vars["oldObject"] = anObject(random)
			}
			got, err := own.Eval(vars)
			want, _, wantErr := program.Eval(vars)
			if (err == nil) != (wantErr == nil) || err == nil && !reflect.DeepEqual(got, want.Value()) {
				t.Fatalf("%s\non %v\nis %v, %v; the library says %v, %v", text, vars, got, err, want, wantErr)
			}
			if err != nil {
				got = "error"
			}
			seen[got]++
		}
	}
	if seen[true] < 1000 || seen[false] < 1000 {
		t.Errorf("the answers were %v", seen)
	}
}

var (
	document = regexp.MustCompile(`(?m)^(---|-- .* --)$`)
	mutation = regexp.MustCompile(`(?s)^(.*?)\s+\? \[JSONPatch`)
)

// printedExpressions are those of the golden files, each once.
func printedExpressions(t *testing.T) []string {
	t.Helper()
	goldens, err := filepath.Glob("../../testdata/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	once := map[string]bool{}
	var find func(any)
	find = func(value any) {
		switch value := value.(type) {
		case map[string]any:
			if text, is := value["expression"].(string); is && !once[text] {
				once[text] = true
				if condition := mutation.FindStringSubmatch(text); condition != nil {
					text = condition[1]
				}
				out = append(out, text)
			}
			for _, inner := range value {
				find(inner)
			}
		case []any:
			for _, inner := range value {
				find(inner)
			}
		}
	}
	for _, golden := range goldens {
		text, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		for _, doc := range document.Split(string(text), -1) {
			var object map[string]any
			if strings.Contains(doc, "AdmissionPolicy") && yaml.Unmarshal([]byte(doc), &object) == nil {
				find(object)
			}
		}
	}
	slices.Sort(out)
	if len(out) < 10 {
		t.Fatalf("%d expressions were found", len(out))
	}
	return out
}

// anObject is a pod or a node as the API server sees it, or a part of one.
func anObject(random *rand.Rand) map[string]any {
	maybe := func(in map[string]any, key string, values ...any) {
		if n := random.IntN(len(values) + 1); n < len(values) {
			in[key] = values[n]
		}
	}
	keys := []any{"", "dedicated", "node-restriction.kubernetes.io/tenant", "other"}
	values := []any{"", "edge", "asked", "complete", "machines", "joining", "7"}
	list := func(fields map[string][]any) any {
		var out []any
		for range random.IntN(3) {
			item := map[string]any{}
			for _, key := range slices.Sorted(maps.Keys(fields)) {
				maybe(item, key, fields[key]...)
			}
			out = append(out, item)
		}
		return out
	}
	effects := []any{"", "NoSchedule", "NoExecute", "PreferNoSchedule"}
	spec, metadata := map[string]any{}, map[string]any{}
	maybe(spec, "tolerations", list(map[string][]any{"key": keys, "value": values, "effect": effects, "operator": {"", "Equal", "Exists", "Lt", "Gt"}}))
	maybe(spec, "taints", list(map[string][]any{"key": keys, "value": values, "effect": effects}))
	labels := map[string]any{}
	for _, key := range keys[1:] {
		maybe(labels, key.(string), values...)
	}
	maybe(metadata, "labels", labels)
	return map[string]any{"spec": spec, "metadata": metadata}
}
