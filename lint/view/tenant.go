package view

import (
	"slices"
	"strconv"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/schema"
	"github.com/secgen/secgen/workload"
)

// workloadViews returns a view of each workload among all that lands in its
// cluster.
func (c cluster) workloadViews(table *workload.Table) []View {
	var views []View
	grants := c.grants()
	for _, h := range c.homes() {
		g := guardrails{cluster: c, home: h}
		g.take(table)
		for _, t := range g.tenants {
			views = append(views, g.workloadView(t, grants))
		}
	}
	return views
}

func (g *guardrails) workloadView(t tenantPod, granted grants) View {
	r := t.resource
	facts := make(facts, 0, 12)
	facts.set("object", objectFacts(r))
	facts.set("environment", text(g.name))
	facts.set("platform", boolean(platform(r.ID.Namespace)))
	facts.set("ingress", boolean(t.pod.TakesTraffic()))
	replicas := r.Object.Get("spec", "replicas")
	if floor := workload.FloorOf(r, t.scaler); floor.Pods > 0 {
		facts.set("replicas", from(replicas, manifest.Of(int(floor.Pods))))
	}
	if t.scaler != nil {
		facts.set("autoscaler", text(t.scaler.Field.Resource.ID.Kind+" "+t.scaler.Field.Resource.ID.Name))
	}
	facts.set("fixed", from(replicas, boolean(!replicas.IsNull())))
	spread := !t.pod.Spec.Get("affinity", "podAntiAffinity").IsNull() || len(t.pod.Spec.Get("topologySpreadConstraints").Elems()) > 0
	facts.set("spread", boolean(spread))
	if known, has := g.budget(t); known {
		facts.set("budget", boolean(has))
	}
	facts.set("serviceAccount", g.account(t, granted))
	facts.set("images", imagesOf(t.pod))
	facts.set("nodes", g.nodes(t))
	facts.set("intrudes", g.intrudes(t))
	return View{
		Kind: schema.ViewWorkload, Resource: r, Path: nil, Label: r.ID.Kind + " " + strconv.Quote(r.ID.Name),
		Node: r.Object.With("facts", facts.node()), Roots: []string{g.root[r]},
	}
}

// budget tells whether a disruption budget of the home is for the workload's pods.
func (g *guardrails) budget(t tenantPod) (known, has bool) {
	known = g.holdsAll(g.namespace)
	for _, b := range g.of("policy", "PodDisruptionBudget") {
		n := b.Object.Get("spec", "selector")
		selector, err := workload.LabelSelector(n)
		if err != nil {
			known = false
		} else if selector.Matches(labels.Set(t.pod.Metadata.Get("labels").StringMap())) {
			return true, true
		}
	}
	return known, false
}

// account is the facts about the service account of a workload.
func (g *guardrails) account(t tenantPod, granted grants) *manifest.Node {
	name := t.pod.ServiceAccount()
	spec := t.pod.Spec
	f := make(facts, 0, 5)
	f.set("name", from(first(spec.Get("serviceAccountName"), spec.Get("serviceAccount")), text(name)))
	var rendered *manifest.Resource
	for _, a := range g.of("", "ServiceAccount") {
		if a.ID.Name == name {
			rendered = a
		}
	}
	if own := first(spec.Get("automountServiceAccountToken"), field(rendered, "automountServiceAccountToken")); own != nil {
		if mounts, ok := own.Bool(); ok {
			f.set("token", boolean(mounts))
		}
	} else if rendered != nil || name == "default" {
		f.set("token", isTrue) // Kubernetes' default
	}
	switch bound := granted.to(g.namespace, name); {
	case bound:
		f.set("granted", isTrue)
	case g.holdsAll(g.namespace):
		f.set("granted", isFalse)
	}
	switch secrets := len(spec.Get("imagePullSecrets").Elems()) + len(field(rendered, "imagePullSecrets").Elems()); {
	case secrets > 0:
		f.set("pullSecrets", isTrue)
	case rendered != nil || name == "default" && g.namespace != "default" && g.holdsAll(g.namespace):
		f.set("pullSecrets", isFalse)
	}
	return f.node()
}

// field is a field of an object, nothing of none.
func field(r *manifest.Resource, key string) *manifest.Node {
	if r == nil {
		return nil
	}
	return r.Object.Get(key)
}

// imagesOf lists the names of the pod's images that are known, each once.
func imagesOf(p workload.Pod) *manifest.Node {
	var names []string
	for _, c := range p.Containers() {
		if image, err := workload.ParseImage(c.Node.Get("image").Str()); err == nil && !slices.Contains(names, image.Name()) {
			names = append(names, image.Name())
		}
	}
	return manifest.Of(append([]string{}, names...))
}
