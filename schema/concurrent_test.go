package schema

import (
	"math/rand/v2"
	"sync"
	"testing"
)

// TestBoundIsShared: workers judge several roots at once with the same rules.
func TestBoundIsShared(t *testing.T) {
	set, err := Builtin()
	if err != nil {
		t.Fatal(err)
	}
	for _, rule := range set.Rules {
		bound, err := rule.Bind(nil)
		if err != nil {
			t.Fatal(err)
		}
		g := newGenerator(rand.New(rand.NewPCG(1, 1)), bound.Parameters, rule.Match, rule.Require)
		view := g.document()
		want := outcome(bound.Eval(view))
		var wait sync.WaitGroup
		for range 4 {
			wait.Go(func() {
				for range 20 {
					if got := outcome(bound.Eval(view)); got != want {
						t.Errorf("%s: outcome %d, then %d", rule.ID, want, got)
					}
				}
			})
		}
		wait.Wait()
	}
}
