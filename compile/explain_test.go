package compile_test

import (
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

func TestExplainDerivesEachDecision(t *testing.T) {
	for name, wants := range map[string][]string{
		"shop": {
			"requests.cpu 4500m = 3750m at the peak x 1.2 headroom, rounded up",
			"Deployment/web: 13 x 250m (HPA max 10 + surge 3 (25% by default)) from apps/shop.yaml spec.maxReplicas",
			"Deployment/web from Deployment ingress-nginx/controller on TCP 8080: Ingress shop/web sends requests to Service shop/web",
			"role operate: storefront", "Pod Security baseline: not restricted", "proven: every roll-out fits",
		},
		"existing":   {"note: ", "not proven: namespace shop: ResourceQuota shop/compute allows 2 of requests.cpu"},
		"node-ports": {"node ports 30000-32767 closed on ibm.role in", "but for TCP 30080 from 203.0.113.0/24 the shop, from the office", "from anybody"},
		"region":     {"isolation of the workers by iks-2026-06-16 of github.com/IBM-Cloud/kube-samples (2026-06-16), region eu-de", "private-deny: all else"},
		"edge":       {"node group edge: dedicated=edge, tolerated by", "Deployment/controller: it takes in traffic from outside"},
		"hosts":      {"2 ports of agents, and 203.0.113.0/24"},
		"pod-alone":  {"of traffic, nothing is shown in alone"},
		"legacy":     {"migrated to projectcalico.org/v3: policy deny-kube-node-port-services", "question: "},
		"pod-staged": {"the same would hold, once enforced, in "},
	} {
		archive, err := txtar.ParseFile("testdata/" + name + ".txtar")
		if err != nil {
			t.Fatal(err)
		}
		text := run(t, archive).Explain
		for _, want := range wants {
			if !strings.Contains(text, want) {
				t.Errorf("%s: no %q in\n%s", name, want, text)
			}
		}
	}
}

// What the repository's own policies isolate is neither denied nor shown by compile.
func TestExplainLeavesOwnPoliciesToTheirOwners(t *testing.T) {
	archive, err := txtar.ParseFile("testdata/isolated.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range archive.Files {
		// With what the proof of this repository misses.
		archive.Files[i].Data = []byte(strings.NewReplacer("  egress:\n", "  egress:\n    - {}\n").Replace(string(f.Data)))
	}
	result := run(t, archive)
	want := "the repository's own policies allow every declared flow in shop"
	if !strings.Contains(result.Explain, want) || strings.Contains(result.Explain, "what is not declared is denied") {
		t.Errorf("unproven %v; want %q in\n%s", result.Unproven, want, result.Explain)
	}
}
