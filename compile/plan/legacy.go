package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/secgen/secgen/compile/inventory"
	"github.com/secgen/secgen/manifest"
)

// ProviderPolicies are the names of the policies that IBM makes on every worker,
// and makes again at each update of the masters.
func ProviderPolicies() []string {
	return []string{"allow-all-outbound", "allow-bigfix-port", "allow-bixfix-port", "allow-icmp", "allow-node-port-dnat", "allow-sys-mgmt", "allow-vrrp"}
}

// legacy finds the documents of calicoctl v1 that can be written as
// projectcalico.org/v3, and names those that cannot.
func (p *planner) legacy() {
	for _, r := range p.Inventory.Resources {
		if r.ID.APIVersion != "v1" {
			continue
		}
		switch r.ID.Kind {
		case "policy":
			p.legacyPolicy(r)
		case "hostEndpoint":
			if r.Object.Get("metadata", "node").Str() == "" || r.ID.Name == "" {
				p.note("", Legacy, "leaves out %s, which names no node", r.ID)
				continue
			}
			p.plan.Legacy = append(p.plan.Legacy, r)
		case "profile", "workloadEndpoint", "tier", "ipPool":
			p.note("", Legacy, "leaves out %s: Calico keeps what it stood for by itself, or calicoctl converts it", r.ID)
		}
	}
	if len(p.plan.Legacy) > 0 && !p.needsCalico(Legacy) {
		p.plan.Legacy = nil
	}
}

func (p *planner) legacyPolicy(r *manifest.Resource) {
	if slices.Contains(ProviderPolicies(), r.ID.Name) {
		p.note("", Legacy, "leaves out %s, whose name the provider uses itself", r.ID)
		return
	}
	for _, direction := range []string{"ingress", "egress"} {
		for i, rule := range r.Object.Get("spec", direction).Elems() {
			for _, side := range []string{"source", "destination"} {
				for _, key := range []string{"tag", "notTag"} {
					if !rule.Get(side).Has(key) {
						continue
					}
					at := inventory.Field{Resource: r, Path: manifest.Path("spec", direction).At(i).Field(side, key)}
					p.ask(Question{Guardrail: Legacy, Position: at.Position(),
						Text:   fmt.Sprintf("which labels the endpoints have that %s finds by the tag %q of their profile", r.ID, rule.Get(side, key).Text),
						Remedy: "write a selector in place of the tag"})
					return
				}
			}
		}
	}
	if text := fmt.Sprint(r.Object.Value()); strings.Contains(text, "k8s_ns_label/") {
		p.note("", Legacy, "leaves out %s, which selects by labels of namespaces; v3 has namespaceSelector for them", r.ID)
		return
	}
	p.plan.Legacy = append(p.plan.Legacy, r)
}
