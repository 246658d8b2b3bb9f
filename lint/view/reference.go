package view

import (
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/netpol"
	"github.com/secgen/secgen/schema"
	"github.com/secgen/secgen/workload"
)

// referenceViews returns a view of each place that names a Service, pods or a
// port of pods.
func (c cluster) referenceViews() []View {
	refs := references{cluster: c}
	refs.bindings()
	if c.network == nil {
		return refs.views
	}
	for _, d := range c.digests {
		for _, r := range d.Network {
			refs.of(r)
		}
	}
	return refs.views
}

// references collects views.
type references struct {
	cluster cluster
	// root is where the object comes from, where the network does not know it.
	root  string
	views []View
}

func (f *references) of(r *manifest.Resource) {
	spec := manifest.Path("spec")
	switch group, kind := r.ID.Group(), r.ID.Kind; {
	case kind == "Ingress":
		f.ingress(r)
	case group == "gateway.networking.k8s.io":
		f.each(r, r.Object, nil, spec.Field("rules"), func(rule *manifest.Node, at manifest.FieldPath) {
			f.each(r, rule, at, manifest.Path("backendRefs"), func(b *manifest.Node, at manifest.FieldPath) {
				if kind := b.Get("kind").Str(); (kind == "" || kind == "Service") && b.Get("group").Str() == "" {
					f.service(r, at.Field("name"), b.Get("namespace").Str(), b.Get("name").Str(), b.Get("port"))
				}
			})
		})
	case group == "admissionregistration.k8s.io":
		f.each(r, r.Object, nil, manifest.Path("webhooks"), func(w *manifest.Node, at manifest.FieldPath) {
			if s := w.Get("clientConfig", "service"); s != nil {
				f.service(r, at.Field("clientConfig", "service", "name"), s.Get("namespace").Str(), s.Get("name").Str(), s.Get("port"))
			}
		})
	case kind == "PodDisruptionBudget":
		f.pods(r, spec.Field("selector"))
	case kind == "Service" && group == "":
		f.each(r, r.Object, nil, spec.Field("ports"), func(p *manifest.Node, at manifest.FieldPath) {
			if target := p.Get("targetPort"); target != nil && target.Kind == manifest.String && !manifest.Unresolved(target.Text) {
				f.port(r, at.Field("targetPort"), target.Text)
			}
		})
	}
}

// each visits the items of a list below a node.
func (f *references) each(r *manifest.Resource, n *manifest.Node, at, list manifest.FieldPath, visit func(*manifest.Node, manifest.FieldPath)) {
	for i, item := range n.Lookup(list).Elems() {
		visit(item, at.Join(list).At(i))
	}
}

// ingress visits the back ends of both forms of Ingress.
func (f *references) ingress(r *manifest.Resource) {
	backend := func(b *manifest.Node, at manifest.FieldPath) {
		switch s := b.Get("service"); {
		case s != nil:
			f.service(r, at.Field("service", "name"), "", s.Get("name").Str(), first(s.Get("port", "number"), s.Get("port", "name")))
		case b.Has("serviceName"):
			f.service(r, at.Field("serviceName"), "", b.Get("serviceName").Str(), b.Get("servicePort"))
		}
	}
	spec := manifest.Path("spec")
	backend(r.Object.Get("spec", "defaultBackend"), spec.Field("defaultBackend"))
	f.each(r, r.Object, nil, spec.Field("rules"), func(rule *manifest.Node, at manifest.FieldPath) {
		f.each(r, rule, at, manifest.Path("http", "paths"), func(p *manifest.Node, at manifest.FieldPath) {
			backend(p.Get("backend"), at.Field("backend"))
		})
	})
}

// add makes the view of a reference. found and portFound are Maybe where nobody
// knows.
func (f *references) add(r *manifest.Resource, at manifest.FieldPath, to facts, found, portFound netpol.Answer, have []string) {
	facts := facts{}
	facts.set("object", objectFacts(r))
	facts.set("environment", text(f.cluster.name))
	facts.set("path", text(at.String()))
	facts.set("to", to.node())
	for _, a := range []struct {
		key    string
		answer netpol.Answer
	}{{"found", found}, {"portFound", portFound}} {
		if a.answer != netpol.Maybe {
			facts.set(a.key, boolean(a.answer == netpol.Yes))
		}
	}
	root := f.root
	if root == "" {
		root = f.cluster.network.root[r]
	}
	slices.Sort(have)
	facts.set("have", manifest.Of(append([]string{}, slices.Compact(have)...)))
	f.views = append(f.views, View{
		Kind: schema.ViewReference, Resource: r, Path: at, Label: "field " + at.String(),
		Node: (&manifest.Node{Kind: manifest.Map}).With("facts", facts.node()), Roots: []string{root},
	})
}

// service judges a reference to a Service. namespace is "" for the object's own.
func (f *references) service(r *manifest.Resource, at manifest.FieldPath, namespace, name string, port *manifest.Node) {
	if namespace == "" {
		namespace = r.ID.Namespace
	}
	if name == "" || manifest.Unresolved(name) || manifest.Unresolved(namespace) {
		return
	}
	to := facts{}
	to.set("kind", text("Service"))
	to.set("name", text(name))
	to.set("namespace", optional(namespace))
	if !port.IsNull() {
		to.set("port", text(port.Text))
	}
	if found, sure := f.services(r, namespace, name); len(found) > 0 {
		has, have := portFound(found, port)
		if has == netpol.No && !sure {
			has = netpol.Maybe
		}
		f.add(r, at, to, netpol.Yes, has, have)
		return
	}
	answer := netpol.Maybe
	if f.cluster.holdsAll(namespace) {
		answer = netpol.No
	}
	f.add(r, at, to, answer, netpol.Maybe, nil)
}

// services finds those of a name that may be meant: the ones of the object's own
// root or else of all; sure tells whether no other can be.
func (f *references) services(r *manifest.Resource, namespace, name string) (found []*manifest.Resource, sure bool) {
	n := f.cluster.network
	for _, s := range n.services[name] {
		if n.root[s] == n.root[r] && s.ID.Namespace == namespace {
			found = append(found, s)
		}
	}
	if len(found) > 0 {
		return found, true
	}
	sure = namespace != "" && !slices.ContainsFunc(f.cluster.digests, func(d Digest) bool { return d.Unread })
	for _, s := range n.services[name] {
		if together(s.ID.Namespace, namespace) {
			found, sure = append(found, s), sure && s.ID.Namespace == namespace
		}
	}
	return found, sure
}

// holdsAll tells whether all that makes Services and pods in a namespace is
// rendered.
func (c cluster) holdsAll(namespace string) bool {
	if held, seen := c.held[namespace]; seen {
		return held
	}
	known, _ := c.selectsPods(namespace, labels.Nothing())
	held := known && namespace != ""
	if c.held != nil {
		c.held[namespace] = held
	}
	return held
}

// portFound tells whether one of the Services has a port, by number or name.
func portFound(services []*manifest.Resource, port *manifest.Node) (answer netpol.Answer, have []string) {
	if port.IsNull() || manifest.Unresolved(port.Text) {
		return netpol.Maybe, nil
	}
	for _, s := range services {
		if s.Object.Get("spec", "type").Str() == "ExternalName" {
			return netpol.Maybe, nil
		}
		for _, p := range s.Object.Get("spec", "ports").Elems() {
			number, name := p.Get("port"), p.Get("name")
			if number != nil && number.Text == port.Text || name != nil && name.Text == port.Text || number.IsUnresolved() || name.IsUnresolved() {
				return netpol.Yes, nil
			}
			words := []string{}
			for _, n := range []*manifest.Node{name, number} {
				if !n.IsNull() {
					words = append(words, n.Text)
				}
			}
			have = append(have, strings.Join(words, " "))
		}
	}
	return netpol.No, have
}

// pods judges a label selector.
func (f *references) pods(r *manifest.Resource, at manifest.FieldPath) {
	n := r.Object.Lookup(at)
	selector, err := workload.LabelSelector(n)
	if err != nil || manifest.Unresolved(r.ID.Namespace) {
		return
	}
	to := facts{}
	to.set("kind", text("pods"))
	to.set("name", text(selector.String()))
	to.set("namespace", optional(r.ID.Namespace))
	f.add(r, at, to, f.cluster.podSelectorSelects(r.ID.Namespace, n), netpol.Maybe, nil)
}

// port judges the name of a target port by the pods behind the Service. It is
// missing only where none of them has it.
func (f *references) port(r *manifest.Resource, at manifest.FieldPath, name string) {
	selector, err := workload.PlainSelector(withoutAddedNode(r.Object.Get("spec", "selector")))
	if err != nil || r.Object.Get("spec", "type").Str() == "ExternalName" {
		return
	}
	answer, have := netpol.Maybe, []string{}
	n := f.cluster.network
	for _, e := range n.all.Endpoints() {
		if e.Kind != netpol.Pod || !together(e.Namespace, r.ID.Namespace) || !selector.Matches(labels.Set(e.Labels)) {
			continue
		}
		unnamed := e.Namespace == "" || manifest.Unresolved(e.Namespace) || r.ID.Namespace == ""
		if !workload.IsBuiltIn(e.Resource.ID.Group()) || unnamed && n.root[e.Resource] != n.root[r] || answer == netpol.Yes {
			return // its controller may add containers, or it is elsewhere
		}
		answer = netpol.No
		for _, p := range e.Ports {
			have = append(have, p.Name+" "+strconv.Itoa(int(p.Number)))
			if p.Name == name || manifest.Unresolved(p.Name) {
				answer = netpol.Yes
			}
		}
	}
	to := facts{}
	to.set("kind", text("port"))
	to.set("name", text(name))
	to.set("namespace", optional(r.ID.Namespace))
	f.add(r, at, to, answer, netpol.Maybe, have)
}

func withoutAddedNode(selector *manifest.Node) *manifest.Node {
	if selector == nil {
		return nil
	}
	return manifest.Of(withoutAdded(selector.StringMap()))
}
