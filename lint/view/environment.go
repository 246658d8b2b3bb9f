package view

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/schema"
	"github.com/secgen/secgen/workload"
)

// environmentViews returns the views of objects among all that land with them.
func (c cluster) environmentViews() []View {
	return slices.Concat(c.serviceViews(), c.twiceViews(), c.nodePortView())
}

// serviceViews returns the views of Services with a selector, each among the pods
// of its environment.
func (c cluster) serviceViews() []View {
	var views []View
	for _, d := range c.digests {
		for _, s := range d.Services {
			views = append(views, s.view(c, d.Root))
		}
	}
	return views
}

func (s Service) view(c cluster, root string) View {
	node, ref := s.node()
	selector := manifest.Of(s.Selector)
	selector.Pos = s.SelectorAt
	spec := []manifest.Field{{Key: "selector", KeyPos: s.SelectorAt, Value: selector}}
	node = node.With("spec", &manifest.Node{Kind: manifest.Map, Fields: spec})
	facts := facts{}
	facts.set("object", ref)
	facts.set("environment", text(c.name))
	facts.set("selector", from(selector, text(labels.Set(s.Selector).String())))
	if known, selects := s.selectsPods(c); known {
		facts.set("selectsPods", from(selector, boolean(selects)))
		if !selects {
			facts.set("nearest", optional(s.nearest(c)))
		}
	}
	return View{
		Kind:     schema.ViewEnvironment,
		Resource: &manifest.Resource{ID: s.ID, Object: node, Origin: s.Origin},
		Label:    s.ID.Kind + " " + strconv.Quote(s.ID.Name),
		Node:     node.With("facts", facts.node()),
		Roots:    []string{root},
	}
}

// addedLabels are keys that Kubernetes' own controllers add to the pods that they
// make.
var addedLabels = []string{
	"apps.kubernetes.io/pod-index", "batch.kubernetes.io/controller-uid", "batch.kubernetes.io/job-completion-index",
	"batch.kubernetes.io/job-name", "controller-revision-hash", "controller-uid", "job-name", "pod-template-generation",
	"pod-template-hash", "statefulset.kubernetes.io/pod-name",
}

// selectsPods tells whether some pod of the cluster has the labels.
func (s Service) selectsPods(c cluster) (known, selects bool) {
	return c.selectsPods(s.ID.Namespace, labels.Set(withoutAdded(s.Selector)).AsSelector())
}

// withoutAdded is a copy of labels without those of controllers.
func withoutAdded(m map[string]string) map[string]string {
	out := maps.Clone(m)
	for _, key := range addedLabels {
		delete(out, key)
	}
	return out
}

// selectsPods tells whether a selector finds some pod of a namespace. That it
// finds none is known only where all that can make pods in the namespace is
// rendered: every root is read, some workload is there, and no custom resource,
// Helm release or foreign template is.
func (c cluster) selectsPods(namespace string, selector labels.Selector) (known, selects bool) {
	known = namespace == "" || !platform(namespace)
	neighbours := false
	for _, d := range c.digests {
		known = known && !d.Unread
		for _, opaque := range d.Opaque {
			if together(opaque, namespace) {
				known = false
			}
		}
		for _, p := range d.Pods {
			if !together(p.ID.Namespace, namespace) {
				continue
			}
			neighbours = true
			if selector.Matches(labels.Set(p.Labels)) {
				return true, true
			}
			if !workload.IsBuiltIn(p.ID.Group()) || unresolved(p.Labels) {
				known = false // its controller may add labels of its own
			}
		}
	}
	return known && neighbours, false
}

// together tells whether two objects may be in the same namespace: "" is an
// unknown one.
func together(a, b string) bool {
	return a == b || a == "" || b == "" || strings.Contains(a, "$") || strings.Contains(b, "$")
}

func unresolved(m map[string]string) bool {
	for key, value := range m {
		if manifest.Unresolved(key) || manifest.Unresolved(value) {
			return true
		}
	}
	return false
}

// nearest names the workload of the namespace that has most of the labels.
func (s Service) nearest(c cluster) string {
	best, name := 0, ""
	for _, d := range c.digests {
		for _, p := range d.Pods {
			if !together(p.ID.Namespace, s.ID.Namespace) {
				continue
			}
			count := 0
			for key, value := range s.Selector {
				if p.Labels[key] == value {
					count++
				}
			}
			if candidate := p.ID.Kind + " " + p.ID.Name; count > best || count == best && count > 0 && candidate < name {
				best, name = count, candidate
			}
		}
	}
	return name
}
