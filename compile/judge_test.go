package compile_test

import (
	"bytes"
	"encoding/json"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"

	"github.com/secgen/secgen/compile/plan"
	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/workload"
)

// judge stands in for the linter: Kubernetes' own Pod Security evaluator for the
// pss profiles, and nothing for the others.
func judge(t *testing.T) plan.Judge {
	table, err := workload.NewTable(workload.BuiltIn())
	if err != nil {
		t.Fatal(err)
	}
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return func(profile string, resources []*manifest.Resource) ([]plan.Complaint, error) {
		level := map[string]api.Level{"pss-restricted": api.LevelRestricted, "pss-baseline": api.LevelBaseline}[profile]
		if level == "" {
			return nil, nil
		}
		var out []plan.Complaint
		for _, r := range resources {
			for _, p := range table.Pods(r) {
				var meta metav1.ObjectMeta
				var spec corev1.PodSpec
				decode(t, p.Metadata, &meta)
				decode(t, p.Spec, &spec)
				for _, result := range evaluator.EvaluatePod(api.LevelVersion{Level: level, Version: api.LatestVersion()}, &meta, &spec) {
					if !result.Allowed {
						out = append(out, plan.Complaint{Rule: result.ForbiddenReason, Message: result.ForbiddenDetail, Resource: r.ID, Position: r.Origin.Position})
					}
				}
			}
		}
		return out, nil
	}
}

func decode(t *testing.T, n *manifest.Node, into any) {
	data, err := json.Marshal(n.Value())
	if err == nil {
		err = json.Unmarshal(bytes.ReplaceAll(data, []byte("${CPU}"), []byte("1")), into)
	}
	if err != nil {
		t.Fatal(err)
	}
}
