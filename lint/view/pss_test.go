package view_test

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"

	"go.yaml.in/yaml/v3"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"

	"github.com/secgen/secgen/lint"
	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/schema"
	"github.com/secgen/secgen/workload"
)

// The profiles pss-baseline and pss-restricted judge pods as Kubernetes' own
// evaluator of the Pod Security Standards does.
func TestPodSecurityStandards(t *testing.T) {
	count := 4_000
	if text := os.Getenv("SECGEN_PSS_PODS"); text != "" {
		var err error
		if count, err = strconv.Atoi(text); err != nil {
			t.Fatalf("SECGEN_PSS_PODS is %q, want a number", text)
		}
	}
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	if err != nil {
		t.Fatal(err)
	}
	judges := map[api.Level]*lint.Judge{api.LevelBaseline: profileJudge(t, "pss-baseline"), api.LevelRestricted: profileJudge(t, "pss-restricted")}
	p := pods{rand: rand.New(rand.NewPCG(7, 11))}
	passed, broken, refused := map[api.Level]int{}, map[string]int{}, map[string]int{}
	for i := range count {
		text, err := json.Marshal(p.pod())
		if err != nil {
			t.Fatal(err)
		}
		var pod corev1.Pod
		if err := json.Unmarshal(text, &pod); err != nil {
			t.Fatalf("pod %d: %v\n%s", i, err, text)
		}
		for j, v := range pod.Spec.Volumes {
			if v.VolumeSource == (corev1.VolumeSource{}) {
				pod.Spec.Volumes[j].EmptyDir = &corev1.EmptyDirVolumeSource{} // as the API server defaults it
			}
		}
		for level, judge := range judges {
			lv := api.LevelVersion{Level: level, Version: api.LatestVersion()}
			result := policy.AggregateCheckResults(evaluator.EvaluatePod(lv, &pod.ObjectMeta, &pod.Spec))
			violations := judge.Root("root", []*manifest.Resource{podResource(t, text)}).Violations
			if result.Allowed {
				passed[level]++
			}
			for _, v := range violations {
				broken[v.Rule]++
			}
			for _, reason := range result.ForbiddenReasons {
				refused[reason]++
			}
			if result.Allowed != (len(violations) == 0) {
				t.Fatalf("pod %d at level %s: Kubernetes allows it: %v (%s); the rules broken are %v\n%s", i, level, result.Allowed, result.ForbiddenDetail(), violations, text)
			}
		}
	}
	for level := range judges {
		if share := float64(passed[level]) / float64(count); share < 0.05 || share > 0.9 {
			t.Errorf("%.1f %% of the pods pass level %s: the generator tests little", 100*share, level)
		}
	}
	for _, rule := range profileRules(t, "pss-restricted") {
		if broken[rule.ID] == 0 {
			t.Errorf("no pod breaks the rule %s", rule.ID)
		}
	}
	t.Logf("%d pods; passed: %v\nrules broken: %v\nreasons of Kubernetes: %v", count, passed, broken, refused)
}

func profileRules(t *testing.T, profile string) []*schema.Rule {
	t.Helper()
	set, err := schema.CompileBuiltin()
	if err != nil {
		t.Fatal(err)
	}
	rules, _, err := set.InProfile(profile)
	if err != nil {
		t.Fatal(err)
	}
	return rules
}

func profileJudge(t *testing.T, profile string) *lint.Judge {
	t.Helper()
	var bound []*schema.Bound
	for _, rule := range profileRules(t, profile) {
		b, err := rule.Bind(nil)
		if err != nil {
			t.Fatal(err)
		}
		bound = append(bound, b)
	}
	table, err := workload.NewTable(workload.BuiltIn())
	if err != nil {
		t.Fatal(err)
	}
	judge, err := lint.NewJudge(bound, table)
	if err != nil {
		t.Fatal(err)
	}
	return judge
}

func podResource(t *testing.T, text []byte) *manifest.Resource {
	t.Helper()
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	object, err := manifest.FromYAML(&doc, nil)
	if err != nil {
		t.Fatal(err)
	}
	return &manifest.Resource{ID: manifest.IDOf(object), Object: object}
}
