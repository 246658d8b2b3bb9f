package prove_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/secgen/secgen/compile/emit"
	"github.com/secgen/secgen/compile/plan"
	"github.com/secgen/secgen/compile/prove"
)

// A quota with a scope counts the pods in it, and no others.
func TestTheProofCountsByPriorityClass(t *testing.T) {
	for name, c := range map[string]struct{ old, new, want string }{
		"what fits":        {"", "", ""},
		"too few pods":     {`pods: "6"`, `pods: "4"`, "ResourceQuota shop/secgen-priority-urgent allows 4 of pods, and a roll-out of all pods in its scope at their peak needs 5"},
		"the other class":  {"values: [urgent]", "values: [usual]", ""},
		"all classes":      {"operator: In\n        values: [urgent]", "operator: Exists", "needs 7"},
		"no such scope":    {"scopeName: PriorityClass", "scopeName: VolumeAttributesClass", "nobody knows whether it counts"},
		"too few objects":  {`count/deployments.apps: "3"`, `count/deployments.apps: "1"`, "allows 1 of count/deployments.apps"},
		"too few machines": {`requests.nvidia.com/gpu: "6"`, `requests.nvidia.com/gpu: "4"`, "allows 4 of requests.nvidia.com/gpu"},
	} {
		t.Run(name, func(t *testing.T) {
			inv, p, files := printed(t, "priority")
			i := slices.IndexFunc(files, func(f emit.File) bool { return f.Path == "namespaces/shop/resource-quota.yaml" })
			if !bytes.Contains(files[i].Content, []byte(c.old)) {
				t.Fatalf("%q is not printed", c.old)
			}
			files[i].Content = bytes.Replace(files[i].Content, []byte(c.old), []byte(c.new), 1)
			failures, err := prove.All(inv, p, files, nil)
			if err != nil {
				t.Fatal(err)
			}
			found := slices.ContainsFunc(failures, func(f prove.Failure) bool {
				return f.Namespace == "shop" && f.Guardrail == plan.Quota && strings.Contains(f.Text, c.want)
			})
			if found != (c.want != "") {
				t.Errorf("want %q, got %v", c.want, failures)
			}
		})
	}
}
