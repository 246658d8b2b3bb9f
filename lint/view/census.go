package view

import (
	"slices"
	"strings"

	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/schema"
)

// takesCensus tells whether the digest has to say who lives in the namespaces.
func (e Env) takesCensus() bool {
	return e.wants(schema.ViewWorkload) || e.wants(schema.ViewGuardrail) || e.wants(schema.ViewReference)
}

// censusOf returns what rules on namespaces and their tenants need of a resource,
// with its positions: how many pods of what size a workload has, what bounds them,
// and who holds which role. It is nil where they need nothing of it.
func (e Env) censusOf(r *manifest.Resource) *manifest.Resource {
	var keep [][]string
	switch group := r.ID.Group(); {
	case e.Workloads.Knows(r.ID):
		keep = [][]string{
			{"spec", "replicas"}, {"spec", "strategy"}, {"spec", "updateStrategy"}, {"spec", "parallelism"}, {"spec", "completions"},
			{"spec", "concurrencyPolicy"}, {"spec", "jobTemplate", "spec", "parallelism"}, {"spec", "jobTemplate", "spec", "completions"},
			{"spec", "volumeClaimTemplates"},
		}
	case group == "":
		keep = censusOfCore(r.ID.Kind)
	case group == "autoscaling" && r.ID.Kind == "HorizontalPodAutoscaler", group == "keda.sh" && r.ID.Kind == "ScaledObject":
		keep = [][]string{{"spec", "scaleTargetRef"}, {"spec", "minReplicas"}, {"spec", "maxReplicas"}, {"spec", "minReplicaCount"}, {"spec", "maxReplicaCount"}}
	case group == "policy" && r.ID.Kind == "PodDisruptionBudget":
		keep = [][]string{{"spec"}}
	case group == "rbac.authorization.k8s.io" && strings.HasSuffix(r.ID.Kind, "Binding"):
		keep = [][]string{{"roleRef"}, {"subjects"}}
	case group == "rbac.authorization.k8s.io":
		keep = [][]string{{"metadata", "name"}}
	}
	if keep == nil {
		return nil
	}
	object := headOf(r.Object)
	for _, path := range keep {
		put(object, r.Object, manifest.Path(path...), nil)
	}
	for _, pod := range e.Workloads.Pods(r) {
		put(object, r.Object, pod.Path.Field("metadata", "labels"), nil)
		put(object, r.Object, pod.Path.Field("spec"), tenant(pod.Spec))
	}
	out := *r
	out.Object = object
	return &out
}

func censusOfCore(kind string) [][]string {
	switch kind {
	case "ResourceQuota", "LimitRange", "PersistentVolumeClaim":
		return [][]string{{"spec"}}
	case "ServiceAccount":
		return [][]string{{"automountServiceAccountToken"}, {"imagePullSecrets"}}
	case "Service":
		return [][]string{{"spec", "type"}, {"spec", "ports"}, {"spec", "allocateLoadBalancerNodePorts"}}
	}
	return nil
}

// tenant keeps of a pod's spec what bounds and budgets see of it.
func tenant(spec *manifest.Node) *manifest.Node {
	small := &manifest.Node{Kind: manifest.Map, Pos: spec.Pos}
	for _, key := range []string{"serviceAccountName", "serviceAccount", "automountServiceAccountToken", "imagePullSecrets", "resources",
		"overhead", "topologySpreadConstraints", "tolerations", "nodeSelector"} {
		put(small, spec, manifest.Path(key), nil)
	}
	put(small, spec, manifest.Path("affinity", "podAntiAffinity"), nil)
	put(small, spec, manifest.Path("affinity", "nodeAffinity"), nil)
	for _, list := range []string{"initContainers", "containers"} {
		containers := spec.Get(list)
		if containers == nil {
			continue
		}
		kept := &manifest.Node{Kind: containers.Kind, Pos: containers.Pos}
		for _, c := range containers.Elems() {
			one := &manifest.Node{Kind: manifest.Map, Pos: c.Pos}
			for _, key := range []string{"name", "image", "restartPolicy", "resources"} {
				put(one, c, manifest.Path(key), nil)
			}
			kept.Items = append(kept.Items, one)
		}
		put(small, spec, manifest.Path(list), kept)
	}
	return small
}

// home is what surely lives in one namespace together.
type home struct {
	// namespace is "" for what names none: that is then what one root puts somewhere.
	namespace string
	resources []*manifest.Resource
	root      map[*manifest.Resource]string
}

// homes sorts the census by namespace. Where no environments are configured and
// roots render one object in different ways, they are alternatives, such as two
// overlays, and each is a home of its own.
func (c cluster) homes() []home {
	type tenants map[string][]*manifest.Resource // by root
	all, roots := map[string]tenants{}, map[*manifest.Resource]string{}
	var names []string
	for _, d := range c.digests {
		for _, r := range d.Census {
			roots[r] = d.Root
			name := r.ID.Namespace
			if name == "" {
				name = "\x00" + d.Root
			}
			if manifest.Unresolved(name) || clusterWide(r.ID.Kind) {
				continue
			}
			if all[name] == nil {
				all[name] = tenants{}
				names = append(names, name)
			}
			all[name][d.Root] = append(all[name][d.Root], r)
		}
	}
	slices.Sort(names)
	var out []home
	for _, name := range names {
		h := home{root: roots}
		if name[0] != 0 {
			h.namespace = name
		}
		var order []string
		for _, d := range c.digests {
			if all[name][d.Root] != nil {
				order = append(order, d.Root)
			}
		}
		known, alternatives := map[manifest.ID]*manifest.Resource{}, false
		for _, root := range order {
			for _, r := range all[name][root] {
				old := known[r.ID]
				if old == nil || r.ID.Name == "" {
					known[r.ID] = r
					h.resources = append(h.resources, r)
					continue
				}
				alternatives = alternatives || !equal(old.Object, r.Object)
			}
		}
		if !alternatives || c.name != "" {
			// Sums name workloads in an order that does not depend on the roots.
			slices.SortStableFunc(h.resources, func(a, b *manifest.Resource) int { return a.ID.Compare(b.ID) })
			out = append(out, h)
			continue
		}
		for _, root := range order {
			one := h
			one.resources = all[name][root]
			out = append(out, one)
		}
	}
	return out
}

// equal tells whether two trees say the same, wherever they were written.
func equal(a, b *manifest.Node) bool {
	if a == b {
		return true
	}
	if a == nil || b == nil || a.Kind != b.Kind || a.Text != b.Text || len(a.Fields) != len(b.Fields) || len(a.Items) != len(b.Items) {
		return false
	}
	for i, item := range a.Items {
		if !equal(item, b.Items[i]) {
			return false
		}
	}
	for i, f := range a.Fields {
		other := b.Fields[i].Value
		if b.Fields[i].Key != f.Key {
			field := b.Field(f.Key)
			if field == nil {
				return false
			}
			other = field.Value
		}
		if !equal(f.Value, other) {
			return false
		}
	}
	return true
}

func clusterWide(kind string) bool { return strings.HasPrefix(kind, "Cluster") }

// of lists the resources of a kind.
func (h home) of(group, kind string) []*manifest.Resource {
	var out []*manifest.Resource
	for _, r := range h.resources {
		if r.ID.Kind == kind && r.ID.Group() == group {
			out = append(out, r)
		}
	}
	return out
}

// mayReach tells whether a guard of the kind may be in the home although none of
// its resources is one: nobody knows where it lands, or what makes it.
func (c cluster) mayReach(kind GuardKind, h home) bool {
	for _, d := range c.digests {
		if slices.Contains(d.MayHold, kind) || d.Unread && kind == Security {
			return true
		}
		for _, g := range d.Guards {
			if slices.Contains(g.Kinds, kind) && (g.Everywhere || g.ID.Namespace != h.namespace && (g.ID.Namespace == "" || h.namespace == "" || manifest.Unresolved(g.ID.Namespace))) {
				return true
			}
		}
	}
	return false
}
