package view

import (
	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/workload"
)

// Digest is what the views of namespaces and environments need to know of one
// root. It is small, and plain data for gob: a worker makes it, the main process
// joins those of all roots.
type Digest struct {
	// Root names the root, as in reports.
	Root string
	// Unread says that the root could not be rendered, so that nobody knows what it
	// holds.
	Unread bool
	// Namespaces are the Namespace objects.
	Namespaces []Object
	// Guards are resource quotas, limit ranges and network policies.
	Guards []Guard
	// Pods are the pod templates.
	Pods []Pods
	// Services with a selector.
	Services []Service
	// Opaque are the namespaces of objects of which a controller may make pods that
	// nobody renders; "" for any.
	Opaque []string
	// MayHold lists the kinds of guards that the files of an unread root mention.
	MayHold []GuardKind
	// Network is what the views of network policies need, reduced to that; empty where
	// Env.Network is not set.
	Network Trees
	// Census is what the views of workloads, guardrails and bindings need, reduced to
	// that; empty where nobody asks for them.
	Census Trees
	// Edge are the workloads whose pods are kept on edge nodes.
	Edge []Object
	// Heads are the identities of objects that may be rendered twice; empty where
	// Env.Heads is not set.
	Heads Trees
	// Levels say which level of the Pod Security Standards the workloads pass.
	Levels []PodLevel
}

// Object is the identity of an object, with positions for findings.
type Object struct {
	ID     manifest.ID
	Origin manifest.Origin
	// Name is the position of metadata.name or, where a transformer of another file
	// named the object, of its kind; LabelsAt that of metadata.labels or,
	// where there are none, of metadata.
	Name, LabelsAt manifest.Position
	// EnforceAt is the position of a namespace's label for the Pod Security level.
	EnforceAt   manifest.Position
	Labels      map[string]string
	Annotations map[string]string
}

// Pods is a pod template of an object.
type Pods struct {
	ID     manifest.ID
	Labels map[string]string
}

// Service is a Service that has a selector.
type Service struct {
	Object
	Selector map[string]string
	// SelectorAt is the position of spec.selector.
	SelectorAt manifest.Position
}

// DigestOf extracts the digest of a root from its resources.
func (e Env) DigestOf(root string, resources []*manifest.Resource) Digest {
	d := Digest{Root: root}
	census := e.takesCensus()
	if e.Heads {
		d.Heads = headsOf(resources, e.Clusters)
	}
	for _, r := range resources {
		if census {
			if small := e.censusOf(r); small != nil {
				d.Census = append(d.Census, small)
			}
		}
		if e.Network {
			if small := e.reduced(r); small != nil {
				d.Network = append(d.Network, small)
			}
		}
		for _, p := range e.Workloads.Pods(r) {
			d.Pods = append(d.Pods, podsOf(r, p))
			if edge := edgeOf(r, p); edge != nil {
				d.Edge = append(d.Edge, *edge)
			}
		}
		switch group := r.ID.Group(); {
		case group == "" && r.ID.Kind == "Namespace":
			d.Namespaces = append(d.Namespaces, objectOf(r))
		case group == "" && r.ID.Kind == "Service":
			if s, ok := serviceOf(r); ok {
				d.Services = append(d.Services, s)
			}
		default:
			if g, ok := guardOf(r); ok {
				d.Guards = append(d.Guards, g)
			} else if namespace, ok := e.Workloads.Opaque(r); ok {
				d.Opaque = append(d.Opaque, namespace)
			}
		}
	}
	return d
}

func objectOf(r *manifest.Resource) Object {
	meta := r.Object.Get("metadata")
	o := Object{ID: r.ID, Origin: r.Origin, Labels: meta.Get("labels").StringMap(), Annotations: meta.Get("annotations").StringMap()}
	o.Name, _ = r.Object.Locate(manifest.Path("metadata", "name"))
	if o.Name.File != r.Origin.Position.File {
		// A transformer named it: its kind still stands where it was written.
		o.Name, _ = r.Object.Locate(manifest.Path("kind"))
	}
	o.LabelsAt, _ = r.Object.Locate(manifest.Path("metadata", "labels"))
	if meta.Get("labels", enforceLabel) != nil {
		o.EnforceAt, _ = r.Object.Locate(manifest.Path("metadata", "labels", enforceLabel))
	}
	return o
}

func podsOf(r *manifest.Resource, p workload.Pod) Pods {
	return Pods{ID: r.ID, Labels: p.Metadata.Get("labels").StringMap()}
}

// serviceOf reads a Service whose endpoints come from a selector that is known.
func serviceOf(r *manifest.Resource) (Service, bool) {
	spec := r.Object.Get("spec")
	selector := spec.Get("selector")
	if spec.Get("type").Str() == "ExternalName" {
		return Service{}, false
	}
	if _, err := workload.PlainSelector(selector); err != nil || len(selector.StringMap()) == 0 {
		return Service{}, false
	}
	s := Service{Object: objectOf(r), Selector: selector.StringMap()}
	s.SelectorAt, _ = r.Object.Locate(manifest.Path("spec", "selector"))
	return s, true
}
