package schema_test

import (
	"os"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/secgen/secgen/lint/view"
	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/schema"
	"github.com/secgen/secgen/workload"
)

// judged is a workload's view with the rules for it, bound both ways.
type judged struct {
	view       *manifest.Node
	fast, slow []*schema.Bound
}

// workloadViews makes the views of testdata/workload.yaml, a Deployment that
// passes nearly every rule.
func workloadViews(tb testing.TB) (views []judged, rules int) {
	tb.Helper()
	text, err := os.ReadFile("testdata/workload.yaml")
	if err != nil {
		tb.Fatal(err)
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		tb.Fatal(err)
	}
	object, err := manifest.FromYAML(&doc, nil)
	if err != nil {
		tb.Fatal(err)
	}
	table, err := workload.NewTable(workload.BuiltIn())
	if err != nil {
		tb.Fatal(err)
	}
	set, err := schema.CompileBuiltin()
	if err != nil {
		tb.Fatal(err)
	}
	used := map[string]bool{}
	for _, v := range (view.Env{Workloads: table}).Of(&manifest.Resource{ID: manifest.IDOf(object), Object: object}) {
		j := judged{view: v.Node}
		for _, r := range set.Rules {
			if r.View != v.Kind {
				continue
			}
			fast, err := set.Bind(r, nil)
			if err != nil {
				tb.Fatal(err)
			}
			slow, err := set.BindCUE(r, nil)
			if err != nil {
				tb.Fatal(err)
			}
			used[r.ID] = true
			j.fast, j.slow = append(j.fast, fast), append(j.slow, slow)
		}
		views = append(views, j)
	}
	return views, len(used)
}

// TestSpeed holds the compiled rules to their promises: 100 times as fast as CUE,
// at most 2 microseconds a rule and workload, and no memory where a view passes.
func TestSpeed(t *testing.T) {
	if testing.Short() {
		t.Skip("measures time")
	}
	views, rules := workloadViews(t)
	passing, all := 0, 0
	for _, j := range views {
		for _, b := range j.fast {
			all++
			if len(b.Eval(j.view).Violations) > 0 {
				continue
			}
			passing++
			if n := testing.AllocsPerRun(10, func() { b.Eval(j.view) }); n > 0 {
				t.Errorf("%s allocates %v times", b.Rule.ID, n)
			}
		}
	}
	if 10*passing < 9*all {
		t.Errorf("the workload passes %d of %d rules, too few to measure the passing path", passing, all)
	}
	fast := perRule(views, rules, 2000, func(j judged) []*schema.Bound { return j.fast })
	slow := perRule(views, rules, 5, func(j judged) []*schema.Bound { return j.slow })
	t.Logf("%d rules on one workload: compiled %v, CUE %v a rule and workload: %.0f times", rules, fast, slow, float64(slow)/float64(fast))
	if fast > 2*time.Microsecond {
		t.Errorf("a compiled rule takes %v a workload; at most 2 microseconds are promised", fast)
	}
	if slow < 100*fast {
		t.Errorf("compiled rules are %.0f times as fast as CUE; 100 times are promised", float64(slow)/float64(fast))
	}
}

// perRule is the best of three measurements.
func perRule(views []judged, rules, times int, which func(judged) []*schema.Bound) time.Duration {
	best := time.Hour
	for range 3 {
		start := time.Now()
		for range times {
			for _, j := range views {
				for _, b := range which(j) {
					b.Eval(j.view)
				}
			}
		}
		best = min(best, time.Since(start)/time.Duration(times*rules))
	}
	return best
}

func BenchmarkCompiled(b *testing.B) {
	views, rules := workloadViews(b)
	for b.Loop() {
		for _, j := range views {
			for _, bound := range j.fast {
				bound.Eval(j.view)
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*rules), "ns/rule")
}

func BenchmarkCUE(b *testing.B) {
	views, rules := workloadViews(b)
	for b.Loop() {
		for _, j := range views {
			for _, bound := range j.slow {
				bound.Eval(j.view)
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*rules), "ns/rule")
}
