package compile_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/secgen/secgen/compile"
	"github.com/secgen/secgen/compile/plan"
)

// Each file of testdata/flows is a repository as in TestGolden, with the traffic
// that compile derives for it as --explain prints it.
func TestFlows(t *testing.T) {
	golden(t, "testdata/flows/*.txtar", func(r *compile.Result) []txtar.File {
		return []txtar.File{{Name: "traffic", Data: []byte(traffic(r))}}
	})
}

// traffic is what an explanation says about traffic, and the verdict.
func traffic(r *compile.Result) string {
	var b strings.Builder
	in := false
	for _, line := range strings.SplitAfter(r.Explain, "\n") {
		if indent := len(line) - len(strings.TrimLeft(line, " ")); indent <= 2 {
			in = strings.HasPrefix(line, "  traffic")
		}
		if in || strings.Contains(line, "projectcalico.org/v3") || strings.HasPrefix(line, "namespace ") || strings.HasPrefix(line, "not proven") || strings.HasPrefix(line, "proven") ||
			strings.Contains(line, "traffic") && !strings.HasPrefix(line, " ") {
			b.WriteString(line)
		}
	}
	return b.String()
}

// What the policy of answers.txtar answers is asked without it, by the same name,
// and no value of a Secret is told.
func TestWhatIsAnsweredWasAsked(t *testing.T) {
	archive, err := txtar.ParseFile("testdata/flows/answers.txtar")
	if err != nil {
		t.Fatal(err)
	}
	in := input(t, archive)
	answers := in.Policy.Namespaces["shop"]
	in.Policy.Namespaces = nil
	result, err := compile.Run(in)
	if err != nil {
		t.Fatal(err)
	}
	items := []string{"docs.example.org"}
	for _, x := range slices.Concat(answers.Ingress, answers.Egress) {
		items = append(items, x.Hosts...)
	}
	for _, item := range items {
		if !slices.ContainsFunc(result.Questions, func(q plan.Question) bool { return strings.Contains(q.Answer, `"`+item+`"`) }) {
			t.Errorf("no question about %s in\n%s", item, result.Explain)
		}
	}
	if len(items) < 8 || strings.Contains(result.Explain, "hunter2") || strings.Contains(result.Explain, "pay.example.org") {
		t.Errorf("%d items, and a value of a Secret in\n%s", len(items), result.Explain)
	}
}
