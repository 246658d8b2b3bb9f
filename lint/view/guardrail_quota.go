package view

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/workload"
	"github.com/secgen/secgen/workload/admission"
)

// amount is a sum with the terms that it is made of.
type amount struct {
	total resource.Quantity
	terms []term
}

type term struct {
	who   string
	count int64
	each  resource.Quantity
	// spare marks what is there for a while beside the rest.
	spare string
}

func (a *amount) add(t term) {
	t.each = t.each.DeepCopy()
	sum := t.each.DeepCopy()
	sum.Mul(t.count)
	a.total.Add(sum)
	a.terms = append(a.terms, t)
}

// String is the sum in words, the largest terms first.
func (a *amount) String() string {
	size := func(t term) resource.Quantity {
		q := t.each.DeepCopy()
		q.Mul(t.count)
		return q
	}
	terms := slices.Clone(a.terms)
	slices.SortStableFunc(terms, func(x, y term) int {
		qx, qy := size(x), size(y)
		return qy.Cmp(qx)
	})
	const most = 4
	var out []string
	for i, t := range terms {
		if i == most && len(terms) > most+1 {
			out = append(out, strconv.Itoa(len(terms)-most)+" more")
			break
		}
		each := t.each.String()
		if t.count != 1 {
			each = strconv.FormatInt(t.count, 10) + " x " + each
		}
		out = append(out, t.who+" "+each+t.spare)
	}
	return strings.Join(out, " + ")
}

// quotas looks for quotas that are smaller than what the workloads need, and for
// containers that say nothing about what a quota counts.
func (g *guardrails) quotas() {
	for _, q := range g.of("", "ResourceQuota") {
		spec := q.Object.Get("spec")
		hard, err := admission.ReadQuantities(spec.Get("hard"))
		if err != nil || len(hard) == 0 || len(spec.Get("scopes").Elems()) > 0 || !spec.Get("scopeSelector").IsNull() {
			continue // a quota with scopes counts only some pods
		}
		always, peak := g.needs(slices.Collect(maps.Keys(hard)))
		for _, name := range hard.Names() {
			allowed := hard[name]
			misfit := facts{}
			misfit.set("resource", text(name))
			misfit.set("hard", text(allowed.String()))
			need := always[name]
			if need == nil || need.total.Cmp(allowed) <= 0 {
				if need = peak[name]; need == nil || need.total.Cmp(allowed) <= 0 {
					continue
				}
				misfit.set("peak", isTrue)
			} else {
				misfit.set("peak", isFalse)
			}
			misfit.set("need", text(need.total.String()))
			misfit.set("sum", text(need.String()))
			g.add(q, manifest.Path("spec", "hard", name), "short", misfit)
		}
		g.unset(q, hard.Names())
	}
}

// needs sums up what the workloads of the home take of each resource: always is
// what runs all the time and what one of them needs beside it to go on, peak what
// all of them may take at once.
func (g *guardrails) needs(names []string) (always, peak map[string]*amount) {
	always, peak = map[string]*amount{}, map[string]*amount{}
	into := func(sums map[string]*amount, usage admission.Quantities, t term) {
		for _, name := range names {
			if each, ok := usage[name]; ok && !each.IsZero() && t.count > 0 {
				if sums[name] == nil {
					sums[name] = &amount{}
				}
				t.each = each
				sums[name].add(t)
			}
		}
	}
	largest := map[string]term{}
	for _, t := range g.tenants {
		usage, _ := admission.Usage(admission.Apply(t.pod, g.items))
		floor, most := workload.FloorOf(t.resource, t.scaler), workload.PeakOf(t.resource, t.scaler, 0)
		who := t.resource.ID.Kind + " " + t.resource.ID.Name
		into(always, usage, term{who: who, count: floor.Pods})
		into(peak, usage, term{who: who, count: max(most.Pods, floor.Pods+floor.Spare)})
		for _, name := range names {
			each, ok := usage[name]
			if old := largest[name]; ok && floor.Spare > 0 && each.Cmp(old.each) > 0 {
				largest[name] = term{who: who, count: floor.Spare, each: each, spare: floor.Why}
			}
		}
		claims := admission.Quantities{}
		for _, c := range t.resource.Object.Get("spec", "volumeClaimTemplates").Elems() {
			if one, ok := admission.Claim(c.Get("spec")); ok {
				claims.Add(one, 1)
			}
		}
		into(always, claims, term{who: who, count: floor.Pods})
		into(peak, claims, term{who: who, count: max(most.Replicas, floor.Pods)})
	}
	for _, r := range g.resources {
		var usage admission.Quantities
		switch r.ID.Group() + "/" + r.ID.Kind {
		case "/Service":
			usage = admission.Service(r.Object.Get("spec"))
		case "/PersistentVolumeClaim":
			usage, _ = admission.Claim(r.Object.Get("spec"))
		}
		into(always, usage, term{who: r.ID.Kind + " " + r.ID.Name, count: 1})
		into(peak, usage, term{who: r.ID.Kind + " " + r.ID.Name, count: 1})
	}
	for name, t := range largest {
		if always[name] == nil {
			always[name] = &amount{}
		}
		always[name].add(t)
	}
	return always, peak
}

// unset looks for containers that the quota refuses because they do not say what
// they take of a resource that it counts.
func (g *guardrails) unset(q *manifest.Resource, names []string) {
	if g.mayReach(Limits, g.home) {
		return // its defaults may fill that in
	}
	for _, t := range g.tenants {
		filled := admission.Apply(t.pod, g.items)
		for _, c := range filled.Containers() {
			missing := admission.MissingIn(filled, c, names)
			if len(missing) == 0 {
				continue
			}
			misfit := facts{}
			misfit.set("by", text(q.ID.Name))
			misfit.set("who", text(who(&c)))
			misfit.set("what", text(strings.Join(missing, ", ")))
			g.add(t.resource, at(t.pod, &c), "unset", misfit)
		}
	}
}
