// Package view makes what rules see: from a rendered resource its views (the
// object, its pods, their containers, ...), each with the facts that Go computes
// for it, and from the digests of all roots the views of namespaces and of
// objects among the others of their environment.
//
// It promises that a view says what the API server would see (nulls are gone, the
// defaults that matter are applied in the facts), that every fact which derives
// from a field has that field's position, and that what cannot be known is
// absent rather than guessed. schema/view.cue says in CUE, for the authors of
// rules, what is built here; a test holds the two together. It knows no rule.
package view

import (
	"strconv"

	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/schema"
	"github.com/secgen/secgen/workload"
)

// View is one thing that rules judge.
type View struct {
	Kind schema.View
	// Resource is the object that the view belongs to. For a view that was made
	// of digests it holds identity and positions only.
	Resource *manifest.Resource
	// Path leads from the object to the view; a field path in the view appended to
	// it is a field path in the object.
	Path manifest.FieldPath
	// Label names the view in a sentence: container "web", Service "web".
	Label string
	// Node is the fields of the view, and its facts under the key "facts".
	Node *manifest.Node
	// Pod is where the spec of a container's pod stands, whose security context
	// holds for what the container's own does not say.
	Pod manifest.FieldPath
	// Roots are those that the view comes from, for views made of digests; empty
	// for the views of one resource.
	Roots []string
}

// Env is what views need to know beside the resource.
type Env struct {
	// Workloads finds pod templates.
	Workloads *workload.Table
	// Only lists the kinds of views to make; empty means all.
	Only []schema.View
	// Network says that the digests hold what the views of network policies need.
	Network bool
	// Heads says that the digests name what may be rendered twice.
	Heads bool
	// Clusters says that secgen.cue names environments, so that an object of one root
	// may be one of another root too.
	Clusters bool
}

// wants tells whether views of the kind are asked for.
func (e Env) wants(kind schema.View) bool {
	for _, k := range e.Only {
		if k == kind {
			return true
		}
	}
	return len(e.Only) == 0
}

// Of returns the views of one resource: object, field, component, pod, container,
// service, ingress, role, permission, binding and webhook, as far as they apply; of
// a kustomization only views of that kind. It keeps no reference to Env and may be called concurrently. It costs about ten microseconds a container.
func (e Env) Of(r *manifest.Resource) []View {
	if object := withoutNulls(r.Object); object != r.Object {
		clean := *r
		clean.Object = object
		r = &clean
	}
	b := builder{env: e, resource: r, object: objectFacts(r)}
	if r.ID.Group() == kustomizeGroup {
		if e.wants(schema.ViewKustomization) {
			b.kustomization()
		}
		return b.views
	}
	if e.wants(schema.ViewObject) {
		b.add(schema.ViewObject, nil, b.label(), r.Object, b.objectViewFacts())
	}
	if e.wants(schema.ViewField) {
		b.fields()
	}
	if e.wants(schema.ViewPod) || e.wants(schema.ViewContainer) || e.wants(schema.ViewComponent) {
		for _, pod := range e.Workloads.Pods(r) {
			b.pod(pod)
		}
	}
	switch r.ID.Group() + "/" + r.ID.Kind {
	case "/Service":
		b.ifWanted(schema.ViewService, b.service)
	case "networking.k8s.io/Ingress", "extensions/Ingress":
		b.ifWanted(schema.ViewIngress, b.ingress)
	case "kubeadm.k8s.io/ClusterConfiguration":
		if e.wants(schema.ViewComponent) {
			b.kubeadm()
		}
	case "rbac.authorization.k8s.io/Role", "rbac.authorization.k8s.io/ClusterRole":
		b.ifWanted(schema.ViewRole, b.role)
		b.permissions()
	case "rbac.authorization.k8s.io/RoleBinding", "rbac.authorization.k8s.io/ClusterRoleBinding":
		b.ifWanted(schema.ViewBinding, b.binding)
	case "admissionregistration.k8s.io/ValidatingWebhookConfiguration", "admissionregistration.k8s.io/MutatingWebhookConfiguration":
		b.webhooks()
	}
	return b.views
}

// builder collects the views of one resource.
type builder struct {
	env      Env
	resource *manifest.Resource
	// object is the fact of the same name, which all views share.
	object *manifest.Node
	views  []View
}

func (b *builder) add(kind schema.View, path manifest.FieldPath, label string, fields, facts *manifest.Node) *manifest.Node {
	node := fields.With("facts", facts)
	b.views = append(b.views, View{Kind: kind, Resource: b.resource, Path: path, Label: label, Node: node})
	return node
}

func (b *builder) ifWanted(kind schema.View, facts func() *manifest.Node) {
	if b.env.wants(kind) {
		b.add(kind, nil, b.label(), b.resource.Object, facts())
	}
}

func (b *builder) label() string {
	return b.resource.ID.Kind + " " + strconv.Quote(b.resource.ID.Name)
}

// objectFacts is the identity of an object, with the positions of its fields.
func objectFacts(r *manifest.Resource) *manifest.Node {
	meta := r.Object.Get("metadata")
	facts := make(facts, 0, 8)
	facts.set("apiVersion", r.Object.Get("apiVersion"))
	facts.set("group", manifest.Of(r.ID.Group()))
	facts.set("version", manifest.Of(r.ID.Version()))
	facts.set("kind", r.Object.Get("kind"))
	facts.set("name", meta.Get("name"))
	facts.set("namespace", meta.Get("namespace"))
	facts.set("labels", meta.Get("labels"))
	facts.set("annotations", meta.Get("annotations"))
	return facts.node()
}

func (b *builder) objectViewFacts() *manifest.Node {
	facts := make(facts, 0, 4)
	facts.set("object", b.object)
	facts.set("platform", boolean(platform(b.resource.ID.Namespace)))
	facts.set("workload", boolean(b.env.Workloads.Knows(b.resource.ID)))
	if b.resource.ID.Kind == "Secret" && b.resource.ID.Group() == "" {
		facts.set("secret", secretFacts(b.resource.Object))
	}
	facts.set("api", apiFacts(b.resource))
	if b.resource.ID.Kind == "Policy" && b.resource.ID.Group() == "audit.k8s.io" {
		facts.set("audit", auditFacts(b.resource.Object))
	}
	return facts.node()
}
