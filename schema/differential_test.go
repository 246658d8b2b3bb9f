package schema

import (
	"encoding/json"
	"maps"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"

	"github.com/secgen/secgen/manifest"
)

// TestDifferential judges documents that are made of each rule's own literals by
// the compiled rule and by CUE, accepts no disagreement, and wants to have seen
// every predicate true and false. SECGEN_DIFFERENTIAL is the number of documents
// over all rules, SECGEN_SEED makes another series of them.
func TestDifferential(t *testing.T) {
	documents, seed := 4000, uint64(1)
	if text := os.Getenv("SECGEN_DIFFERENTIAL"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatalf("SECGEN_DIFFERENTIAL: %v", err)
		}
		documents = n
	}
	if text := os.Getenv("SECGEN_SEED"); text != "" {
		n, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			t.Fatalf("SECGEN_SEED: %v", err)
		}
		seed = n
	}
	set, err := CompileBuiltin()
	if err != nil {
		t.Fatal(err)
	}
	total := 0
	for i, rule := range set.Rules {
		t.Run(rule.ID, func(t *testing.T) {
			total += compareWithCUE(t, set, rule, rand.New(rand.NewPCG(seed, uint64(i))), documents/len(set.Rules))
		})
	}
	t.Logf("%d documents, seed %d", total, seed)
}

// compareWithCUE judges documents by both, with several values of the rule's
// parameters, and returns the number of documents.
func compareWithCUE(t *testing.T, set *Set, rule *Rule, rng *rand.Rand, documents int) int {
	if !rule.Lowered() {
		t.Fatalf("left to CUE: %s", rule.NotLowered)
	}
	seen := coverage{}
	judged := 0
	var outcomes [3]int
	// A rule whose predicates have not all been seen both ways gets more documents.
	for round := 0; judged < documents || judged < max(10*documents, 5000) && len(seen.open()) > 0; round++ {
		given := Parameters{}
		if round > 0 {
			given = someParameters(rng, rule)
		}
		slow, err := set.BindCUE(rule, given)
		if err != nil {
			t.Fatal(err)
		}
		fast, err := rule.bind(given, seen.trace)
		if err != nil {
			t.Fatal(err)
		}
		g := newGenerator(rng, fast.Parameters, rule.Match, rule.Require)
		for range max(10, documents/5) {
			view := g.document()
			got, want := fast.Eval(view), slow.Eval(view)
			if outcome(got) != outcome(want) {
				t.Fatalf("document %d: compiled says %+v\nCUE says %+v\nof %s\nwith parameters %s", judged, got, want, show(view), show(fast.Parameters))
			}
			outcomes[outcome(got)]++
			// What match keeps from a demand counts for the coverage all the same.
			fast.require.eval(view)
			judged++
		}
	}
	for p, v := range seen.open() {
		t.Errorf("after %d documents, predicate %s was never seen %v", judged, describe(p), !v.yes)
	}
	t.Logf("%d documents: %d pass, %d fail, %d are skipped", judged, outcomes[0], outcomes[1], outcomes[2])
	return judged
}

func outcome(r Result) int {
	switch {
	case r.Skipped:
		return 2
	case len(r.Violations) > 0:
		return 1
	}
	return 0
}

func describe(p *Predicate) string {
	text, err := json.Marshal(p)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// someParameters makes values for some of a rule's parameters.
func someParameters(rng *rand.Rand, rule *Rule) Parameters {
	out := Parameters{}
	for _, p := range rule.Parameters {
		g := newGenerator(rng, rule.defaults(), p.Check)
		for range 20 {
			given := maps.Clone(out)
			given[p.Name] = g.value(p.Check)
			if _, err := rule.Bind(given); err == nil {
				out = given
				break
			}
		}
	}
	return out
}

// coverage counts which verdicts each predicate has given.
type coverage map[*Predicate]*struct{ yes, no bool }

func (c coverage) trace(p *Predicate, inner check) check {
	switch p.Op {
	case OpAny, OpNever:
		return inner
	}
	if c[p] == nil {
		c[p] = &struct{ yes, no bool }{}
	}
	return traced{inner, c[p]}
}

// open is the predicates that have not been seen both true and false.
func (c coverage) open() map[*Predicate]*struct{ yes, no bool } {
	out := map[*Predicate]*struct{ yes, no bool }{}
	for p, v := range c {
		if !v.yes || !v.no {
			out[p] = v
		}
	}
	return out
}

type traced struct {
	check
	seen *struct{ yes, no bool }
}

func (t traced) inside() check { return t.check }

func (t traced) eval(n *manifest.Node) verdict {
	v := t.check.eval(n)
	t.seen.yes = t.seen.yes || v == yes
	t.seen.no = t.seen.no || v == no
	return v
}

func show(n *manifest.Node) string {
	text, err := formatNode(n)
	if err != nil {
		return err.Error()
	}
	return text
}
