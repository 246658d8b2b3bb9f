package view

import (
	"strings"
	"testing"

	"github.com/secgen/secgen/schema"
)

// What a staged policy would do is said of it, and never of the pods.
func TestStagedPolicies(t *testing.T) {
	const pods = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop}\nspec: {template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web}]}}}\n---\n"
	policy := func(kind, spec string) string {
		return "apiVersion: projectcalico.org/v3\nkind: " + kind + "\nmetadata: {name: p, namespace: shop}\nspec: " + spec + "\n"
	}
	tests := []struct{ name, policy, want string }{
		{"enforced, opens", policy("NetworkPolicy", "{selector: all(), types: [Ingress], ingress: [{action: Allow}]}"), "opens false"},
		{"staged, opens", policy("StagedNetworkPolicy", "{selector: all(), types: [Ingress], ingress: [{action: Allow}]}"), "opens true"},
		{"staged, shadowed", policy("StagedNetworkPolicy", "{selector: all(), types: [Ingress], ingress: [{action: Deny}, {action: Allow, protocol: TCP, destination: {ports: [80]}}]}"), "idle true"},
		{"staged for deletion", policy("StagedNetworkPolicy", "{stagedAction: Delete}"), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			digests := []Digest{digest(t, "a", pods+tt.policy)}
			var got []string
			for _, v := range whole(t, schema.ViewNetworkFlaw, digests, nil) {
				for _, key := range []string{"opens", "idle", "problem"} {
					if fact(t, v, key) != "absent" {
						got = append(got, key+" "+fact(t, v, "staged"))
					}
				}
			}
			if strings.Join(got, ", ") != tt.want {
				t.Errorf("flaws %v, want %s", got, tt.want)
			}
			isolated := fact(t, whole(t, schema.ViewEndpoint, digests, nil)[0], "ingress.isolated")
			if enforced := !strings.Contains(tt.policy, "Staged"); isolated != map[bool]string{true: "true", false: "false"}[enforced] {
				t.Errorf("the pod is isolated: %s", isolated)
			}
		})
	}
	nobody := digest(t, "a", pods+policy("StagedNetworkPolicy", "{selector: app == 'old', types: [Ingress]}"))
	if got := fact(t, whole(t, schema.ViewNetworkPolicy, []Digest{nobody}, nil)[0], "selects"); got != "false" {
		t.Errorf("a staged policy for labels that no pod has selects: %s", got)
	}
}
