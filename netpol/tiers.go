package netpol

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/secgen/secgen/manifest"
)

// tier is an ordered list of policies.
type tier struct {
	Tier
	// known says that the tier is declared; the place of another is unknown.
	known    bool
	policies []*Policy
}

// DefaultTierOrder is the order of Calico's tier "default"
// (api/pkg/apis/projectcalico/v3/tier.go).
const DefaultTierOrder = 1_000_000

// builtInTiers are those that Calico makes itself: default, and those of the
// cluster-wide policies of Kubernetes, called kube-admin and kube-baseline since
// 3.32 (docs.tigera.io/calico/latest/network-policy/policy-tiers/tiered-policy).
func builtInTiers() []Tier {
	return []Tier{
		{Name: defaultTier, Order: DefaultTierOrder},
		{Name: "adminnetworkpolicy", Order: 1000, Pass: true},
		{Name: "kube-admin", Order: 1000, Pass: true},
		{Name: "baselineadminnetworkpolicy", Order: 10 * DefaultTierOrder, Pass: true},
		{Name: "kube-baseline", Order: 10 * DefaultTierOrder, Pass: true},
	}
}

// buildTiers sorts the policies into tiers and both into order: missing orders
// last, ties by name (felix/calc/policy_sorter.go).
func (c *Cluster) buildTiers() {
	declared := map[string]Tier{}
	for _, t := range append(builtInTiers(), c.opt.Tiers...) {
		declared[t.Name] = t
	}
	for _, r := range c.resources {
		if isCalico(r.ID) && r.ID.Kind == "Tier" && r.ID.Name != defaultTier {
			declared[r.ID.Name] = readTier(r)
		}
	}
	byName := map[string]*tier{}
	for _, p := range c.policies {
		if p.Staged && !c.opt.Staged {
			continue
		}
		t := byName[p.Tier]
		if t == nil {
			known, ok := declared[p.Tier]
			if !ok {
				known = Tier{Name: p.Tier, Order: math.Inf(-1)}
			}
			t = &tier{Tier: known, known: ok}
			byName[p.Tier] = t
		}
		if !t.known {
			c.unknownTier(p)
		}
		t.policies = append(t.policies, p)
	}
	for _, t := range byName {
		slices.SortFunc(t.policies, comparePolicies)
		c.tiers = append(c.tiers, *t)
	}
	slices.SortFunc(c.tiers, func(a, b tier) int {
		return cmp.Or(cmp.Compare(a.Order, b.Order), strings.Compare(a.Name, b.Name))
	})
}

// unknownTier makes the effect of a policy unknown whose tier nobody declares: the
// cluster may have it, and without it Felix has skipped such policies (the log
// line of sendEndpointUpdate in felix/calc/policy_resolver.go still says so) or
// walked them last (TierLess in policy_sorter.go). Where in the walk an unknown
// policy stands makes no difference, so the tier comes first.
func (c *Cluster) unknownTier(p *Policy) {
	text := fmt.Sprintf("is %q, a tier that nothing declares: versions of Calico skip its policies or walk them last; declare it, or use the tier default", p.Tier)
	c.world.problems = append(c.world.problems, Problem{Resource: p.Resource, Path: manifest.Path("spec", "tier"), Code: CodeTier, Message: text})
	p.broken = append(p.broken, fmt.Sprintf("%s is in the tier %q, which nothing declares", p, p.Tier))
}

func comparePolicies(a, b *Policy) int {
	return cmp.Or(cmp.Compare(a.Order, b.Order), strings.Compare(a.key, b.key), compareResources(a.Resource, b.Resource))
}

func readTier(r *manifest.Resource) Tier {
	t := Tier{Name: r.ID.Name, Order: math.Inf(1), Pass: r.Object.Get("spec", "defaultAction").Str() == "Pass"}
	rd := newReader(nil, r)
	rd.calicoOrder(r.Object.Get("spec", "order"))
	t.Order = rd.p.Order
	return t
}
