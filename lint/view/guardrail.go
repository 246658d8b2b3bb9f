package view

import (
	"strconv"
	"strings"

	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/schema"
	"github.com/secgen/secgen/workload"
	"github.com/secgen/secgen/workload/admission"
)

// guardrailViews returns a view of each way in which the quotas, the limit ranges
// and the Pod Security level of a namespace do not fit its own workloads.
func (c cluster) guardrailViews(table *workload.Table) []View {
	var views []View
	for _, h := range c.homes() {
		g := guardrails{cluster: c, home: h}
		g.take(table)
		g.limitRanges()
		g.quotas()
		g.levels()
		views = append(views, g.views...)
	}
	return views
}

// guardrails looks at one home.
type guardrails struct {
	cluster
	home
	scalers map[workload.Scaled]*workload.Scaler
	tenants []tenantPod
	// ranges are the limit ranges that can be read, items all their items.
	ranges []limitRange
	items  []admission.Limit
	views  []View
}

// tenantPod is one pod template of the home.
type tenantPod struct {
	resource *manifest.Resource
	pod      workload.Pod
	scaler   *workload.Scaler
}

type limitRange struct {
	resource *manifest.Resource
	items    []admission.Limit
}

func (g *guardrails) take(table *workload.Table) {
	g.scalers = map[workload.Scaled]*workload.Scaler{}
	for _, r := range g.resources {
		if target, s, ok := workload.ScalerOf(r); ok && s.Wider(g.scalers[target]) {
			g.scalers[target] = s
		}
	}
	for _, r := range g.resources {
		for _, pod := range table.Pods(r) {
			g.tenants = append(g.tenants, tenantPod{r, pod, g.scalers[workload.Scaled{Namespace: r.ID.Namespace, Kind: r.ID.Kind, Name: r.ID.Name}]})
		}
	}
	for _, r := range g.of("", "LimitRange") {
		if items, err := admission.ReadLimits(r); err == nil {
			g.ranges = append(g.ranges, limitRange{r, items})
			g.items = append(g.items, items...)
		}
	}
}

// add makes a view of one misfit at a field of a resource.
func (g *guardrails) add(r *manifest.Resource, at manifest.FieldPath, what string, misfit facts) {
	facts := facts{}
	facts.set("object", objectFacts(r))
	facts.set("environment", text(g.name))
	facts.set("path", text(at.String()))
	facts.set(what, misfit.node())
	g.views = append(g.views, View{
		Kind: schema.ViewGuardrail, Resource: r, Path: at, Label: r.ID.Kind + " " + strconv.Quote(r.ID.Name),
		Node: (&manifest.Node{Kind: manifest.Map}).With("facts", facts.node()), Roots: []string{g.root[r]},
	})
}

// limitRanges looks for what the limit ranges refuse, change or get wrong.
func (g *guardrails) limitRanges() {
	for _, l := range g.ranges {
		name := text(l.resource.ID.Name)
		for i, item := range l.items {
			for _, mistake := range item.Mistakes() {
				misfit := facts{}
				misfit.set("why", text(mistake.Text))
				g.add(l.resource, manifest.Path("spec", "limits").At(i).Field(mistake.Field, mistake.Resource), "invalid", misfit)
			}
		}
		for _, t := range g.tenants {
			filled := admission.Apply(t.pod, g.items)
			for _, item := range l.items {
				for _, refusal := range item.RefusalsAt(filled) {
					misfit := facts{}
					misfit.set("by", name)
					misfit.set("who", text(who(refusal.Container)))
					misfit.set("why", text(refusal.Text))
					g.add(t.resource, at(t.pod, refusal.Container), "refused", misfit)
				}
				for _, change := range item.Changes(t.pod) {
					misfit := facts{}
					misfit.set("by", name)
					misfit.set("who", text(who(&change.Container)))
					misfit.set("what", text(strings.Join(change.Sets, ", ")))
					g.add(t.resource, at(t.pod, &change.Container), "changed", misfit)
				}
			}
		}
	}
}

func who(c *workload.Container) string {
	if c == nil {
		return "pod"
	}
	return c.Kind.Noun() + " " + strconv.Quote(c.Name())
}

// at is where a container's resources are, or its pod's spec.
func at(p workload.Pod, c *workload.Container) manifest.FieldPath {
	if c == nil {
		return p.Path.Field("spec")
	}
	return c.Path.Field("resources")
}

// levels looks for workloads that the Pod Security level of their namespace
// refuses.
func (g *guardrails) levels() {
	enforced := g.enforced(g.namespace)
	if enforced == "" || platform(g.namespace) {
		return
	}
	for _, d := range g.digests {
		for _, l := range d.Levels {
			why := l.Baseline
			if enforced == Restricted && why == "" {
				why = l.Restricted
			}
			if l.ID.Namespace != g.namespace || why == "" || enforced == Privileged {
				continue
			}
			for _, t := range g.tenants {
				if t.resource.ID != l.ID || g.root[t.resource] != d.Root {
					continue
				}
				misfit := facts{}
				misfit.set("level", text(enforced))
				misfit.set("why", text(why))
				g.add(t.resource, t.pod.Path.Field("spec"), "unsafe", misfit)
				break
			}
		}
	}
}
