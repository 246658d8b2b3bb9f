// Package inventory indexes what the roots of one environment render, as compile
// needs it: by namespace, with the pods of each workload and the most of them
// that can exist at one time.
//
// It promises that what secgen itself emitted (label app.kubernetes.io/managed-by:
// secgen) does not count, so that a compiled tree does not feed on itself, and
// that what it cannot know (a DaemonSet's nodes, pods that an operator makes) is
// said and never guessed. It knows nothing of policies' meaning or of guardrails.
package inventory

import (
	"cmp"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/workload"
)

// ManagedBy is the label that marks what secgen emits, with the value Secgen.
const (
	ManagedBy = "app.kubernetes.io/managed-by"
	Secgen    = "secgen"
)

// Root is one root with what it renders.
type Root struct {
	// Path of the root, relative to the repository.
	Path      string
	Resources []*manifest.Resource
	// Namespace is where the resources that name none land; "" is unknown.
	Namespace string
}

// Inventory is what an environment renders. It is read-only once made.
type Inventory struct {
	// Resources are all resources, each once, ordered by identity.
	Resources []*manifest.Resource
	// Namespaces are ordered by name.
	Namespaces []*Namespace
	// Homeless are resources with pods that name no namespace.
	Homeless []*manifest.Resource
	// Table found the pod templates.
	Table *workload.Table

	roots map[*manifest.Resource]string
}

// Namespace is what lands in one namespace.
type Namespace struct {
	Name string
	// Object is the Namespace as rendered, nil where no root renders it.
	Object    *manifest.Resource
	Workloads []*Workload
	// Objects are all resources of the namespace, workloads included.
	Objects []*manifest.Resource
	// Opaque objects may make pods that nobody renders.
	Opaque []*manifest.Resource
}

// Workload is an object that makes pods. An object with several templates counts
// as several workloads.
type Workload struct {
	Resource *manifest.Resource
	Pod      workload.Pod
	Peak     Peak
}

// Key names the workload as policies do: Kind/name.
func (w *Workload) Key() string { return w.Resource.ID.Kind + "/" + w.Resource.ID.Name }

// Labels are those of the workload's pods.
func (w *Workload) Labels() map[string]string { return w.Pod.Metadata.Get("labels").StringMap() }

// New indexes the roots. Roots that render one object differently are an error, a
// *Conflict: they belong to two environments.
func New(roots []Root, facts Facts, table *workload.Table) (*Inventory, error) {
	inv := &Inventory{Table: table, roots: map[*manifest.Resource]string{}}
	if err := inv.take(roots); err != nil {
		return nil, err
	}
	slices.SortFunc(inv.Resources, func(a, b *manifest.Resource) int { return a.ID.Compare(b.ID) })
	byName := map[string]*Namespace{}
	at := func(name string) *Namespace {
		if byName[name] == nil {
			byName[name] = &Namespace{Name: name}
		}
		return byName[name]
	}
	scalers := scalersOf(inv)
	for _, r := range inv.Resources {
		if r.ID.Group() == "" && r.ID.Kind == "Namespace" {
			at(r.ID.Name).Object = r
			continue
		}
		if landing, opaque := table.Opaque(r); opaque && landing != "" {
			at(landing).Opaque = append(at(landing).Opaque, r)
		}
		home := r.ID.Namespace
		pods := table.Pods(r)
		if home == "" {
			if len(pods) > 0 {
				inv.Homeless = append(inv.Homeless, r)
			}
			continue
		}
		ns := at(home)
		ns.Objects = append(ns.Objects, r)
		for _, p := range pods {
			w := &Workload{Resource: r, Pod: p}
			w.Peak = peakOf(w, scalers[workload.Scaled{Namespace: home, Kind: r.ID.Kind, Name: r.ID.Name}], facts.Nodes, facts.Pods[home])
			ns.Workloads = append(ns.Workloads, w)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		inv.Namespaces = append(inv.Namespaces, byName[name])
	}
	return inv, nil
}

// take collects the resources of all roots, each object once. Schemas of custom
// resources, which no guardrail depends on, are not among what is compared: the
// resources come without them.
func (inv *Inventory) take(roots []Root) error {
	known := map[manifest.ID][]*version{}
	for _, root := range slices.SortedFunc(slices.Values(roots), func(a, b Root) int { return cmp.Compare(a.Path, b.Path) }) {
		for _, r := range root.Resources {
			if IsOwn(r) {
				continue
			}
			r = landed(r, root.Namespace)
			if r.ID.Name != "" {
				same := slices.IndexFunc(known[r.ID], func(v *version) bool { return reflect.DeepEqual(v.resource.Object.Value(), r.Object.Value()) })
				if same >= 0 {
					known[r.ID][same].roots = append(known[r.ID][same].roots, root.Path)
					continue
				}
				known[r.ID] = append(known[r.ID], &version{r, []string{root.Path}})
			}
			inv.Resources = append(inv.Resources, r)
			inv.roots[r] = root.Path
		}
	}
	return conflictOf(known)
}

// RootOf is the path of the root that renders the resource.
func (inv *Inventory) RootOf(r *manifest.Resource) string { return inv.roots[r] }

// Namespace finds a namespace by its name; nil where nothing lands in it.
func (inv *Inventory) Namespace(name string) *Namespace {
	i, ok := slices.BinarySearchFunc(inv.Namespaces, name, func(n *Namespace, name string) int { return cmp.Compare(n.Name, name) })
	if !ok {
		return nil
	}
	return inv.Namespaces[i]
}

// Of returns the namespace's objects of one kind, whatever the version.
func (n *Namespace) Of(group, kind string) []*manifest.Resource {
	var out []*manifest.Resource
	for _, r := range n.Objects {
		if r.ID.Kind == kind && r.ID.Group() == group {
			out = append(out, r)
		}
	}
	return out
}

// Of returns the objects of one kind in all namespaces and outside of them.
func (inv *Inventory) Of(group, kind string) []*manifest.Resource {
	var out []*manifest.Resource
	for _, r := range inv.Resources {
		if r.ID.Kind == kind && r.ID.Group() == group {
			out = append(out, r)
		}
	}
	return out
}

// landed is the resource in the namespace that its root lands in, where it names
// none and its kind has one.
func landed(r *manifest.Resource, namespace string) *manifest.Resource {
	if namespace == "" || r.ID.Namespace != "" || ClusterWide(r.ID) {
		return r
	}
	moved := *r
	moved.ID.Namespace = namespace
	moved.Object = r.Object.With("metadata", r.Object.Get("metadata").With("namespace", manifest.Of(namespace)))
	return &moved
}

// ClusterWide tells whether objects of a kind are in no namespace.
func ClusterWide(id manifest.ID) bool {
	return slices.Contains([]string{
		"APIService", "CSIDriver", "CustomResourceDefinition", "GatewayClass", "HostEndpoint", "IPPool", "IngressClass",
		"MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding", "MutatingWebhookConfiguration", "Namespace", "Node", "NodeClaim", "NodePool", "PersistentVolume", "PriorityClass", "RuntimeClass", "StorageClass", "Tier",
		"ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding", "ValidatingWebhookConfiguration", "VolumeSnapshotClass",
	}, id.Kind) || strings.HasPrefix(id.Kind, "Cluster") || strings.HasPrefix(id.Kind, "Global")
}

// IsOwn tells whether secgen emitted the object.
func IsOwn(r *manifest.Resource) bool {
	return r.Object.Get("metadata", "labels", ManagedBy).Str() == Secgen
}

// Platform tells whether a namespace belongs to the platform and not to those
// who deploy to the cluster.
func Platform(name string) bool {
	if slices.Contains([]string{"kube-system", "kube-public", "kube-node-lease", "calico-system", "calico-apiserver", "tigera-operator", "openshift"}, name) {
		return true
	}
	return strings.HasPrefix(name, "ibm-") || strings.HasPrefix(name, "openshift-")
}
