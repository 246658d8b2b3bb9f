package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/secgen/secgen/compile/inventory"
	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/schema"
)

// controllerImages are repositories of ingress controllers and gateways.
var controllerImages = []string{
	"ingress-nginx/controller", "nginx-ingress", "nginx/nginx-ingress", "library/traefik", "traefik/traefik", "/traefik",
	"haproxytech/kubernetes-ingress", "kong", "kong/kong-gateway", "envoyproxy/envoy", "istio/proxyv2", "nginx-gateway-fabric",
}

// entryPoints adds what comes in through Ingress, Gateway API routes, load
// balancers, node ports and ports of nodes.
func (t *tracing) entryPoints(ns *inventory.Namespace) {
	for _, r := range ns.Objects {
		switch r.ID.Group() + "/" + r.ID.Kind {
		case "networking.k8s.io/Ingress", "extensions/Ingress":
			t.ingress(r)
		case "gateway.networking.k8s.io/HTTPRoute", "gateway.networking.k8s.io/GRPCRoute", "gateway.networking.k8s.io/TCPRoute",
			"gateway.networking.k8s.io/TLSRoute", "gateway.networking.k8s.io/UDPRoute":
			t.route(r)
		case "/Service":
			t.exposed(r)
		default:
			t.foreignRoutes(r)
		}
	}
	for _, w := range ns.Workloads {
		t.hostPorts(w)
	}
}

// ingress adds a flow from the controllers to each back end of an Ingress.
func (t *tracing) ingress(r *manifest.Resource) {
	spec := manifest.Path("spec")
	paths := []manifest.FieldPath{spec.Field("defaultBackend"), spec.Field("backend")}
	for i, rule := range r.Object.Get("spec", "rules").Elems() {
		for j := range rule.Get("http", "paths").Elems() {
			paths = append(paths, spec.Field("rules").At(i).Field("http", "paths").At(j).Field("backend"))
		}
	}
	for _, path := range paths {
		b := r.Object.Lookup(path)
		name, port := b.Get("service", "name").Str(), b.Get("service", "port", "name")
		if port.IsNull() {
			port = b.Get("service", "port", "number")
		}
		if old := b.Get("serviceName").Str(); old != "" {
			name, port = old, b.Get("servicePort")
		}
		if name != "" {
			t.fromControllers(r, t.controllers(), r.ID.Namespace, name, port, inventory.Field{Resource: r, Path: path})
		}
	}
}

// route adds a flow from the gateways to each back end of a Gateway API route.
func (t *tracing) route(r *manifest.Resource) {
	for i, rule := range r.Object.Get("spec", "rules").Elems() {
		here := manifest.Path("spec", "rules").At(i)
		for j, b := range rule.Get("backendRefs").Elems() {
			t.behindRoute(r, here.Field("backendRefs").At(j), b.Get("port"))
		}
		for j, f := range rule.Get("filters").Elems() {
			if b := f.Get("requestMirror", "backendRef"); b != nil {
				t.behindRoute(r, here.Field("filters").At(j).Field("requestMirror", "backendRef"), b.Get("port"))
			}
		}
	}
}

// fromControllers adds flows from the ingress controllers to a Service's pods.
func (t *tracing) fromControllers(r *manifest.Resource, controllers []Side, namespace, service string, port *manifest.Node, at inventory.Field) {
	item := itemOf(namespace, namespace, service)
	s := t.service(namespace, service)
	if s == nil {
		t.unclearTo(namespace, "ingress", item, fmt.Sprintf("what is behind Service %s/%s, which %s names and no root renders", namespace, service, r.ID),
			`namespace: "..."`, at)
		return
	}
	t.spoken[s] = true
	backends, unknown := t.backends(s, func(p servicePort) bool { return port.IsNull() || p.called(port) })
	if unknown != "" {
		t.unclearTo(namespace, "ingress", item, unknown, `namespace: "..."`, at)
		return
	}
	if len(controllers) == 0 {
		t.unclear(namespace, fmt.Sprintf("where the controller runs that serves %s", r.ID),
			"policy: cluster: ingress: [{namespace: \"...\", labels: {...}}]", at)
		return
	}
	for _, c := range controllers {
		t.to(c, backends, fmt.Sprintf("%s sends requests to Service %s/%s", r.ID, namespace, service), at)
	}
}

// controllers are the ingress controllers and gateways: by policy, or known by
// their images.
func (t *tracing) controllers() []Side {
	if t.Policy != nil && len(t.Policy.Cluster.Ingress) > 0 {
		return t.peersOf(t.Policy.Cluster.Ingress)
	}
	var out []Side
	for _, ns := range t.Inventory.Namespaces {
		for _, w := range ns.Workloads {
			if isController(w) && t.selectors[w] != nil {
				out = append(out, t.pods(w))
			}
		}
	}
	return out
}

func isController(w *inventory.Workload) bool {
	switch w.Resource.ID.Kind {
	case "Deployment", "DaemonSet", "StatefulSet":
	default:
		return false
	}
	host, _ := w.Pod.Spec.Get("hostNetwork").Bool()
	for _, c := range w.Pod.Containers() {
		name := imageName(c.Node.Get("image").Str())
		if !host && slices.ContainsFunc(controllerImages, func(known string) bool {
			return name == known || strings.HasSuffix(name, "/"+strings.TrimPrefix(known, "/"))
		}) {
			return true
		}
	}
	return false
}

// imageName is an image reference without tag and digest.
func imageName(reference string) string {
	name, _, _ := strings.Cut(reference, "@")
	if i := strings.LastIndexByte(name, ':'); i > strings.LastIndexByte(name, '/') {
		name = name[:i]
	}
	return name
}

// peersOf makes sides of the policy's peers.
func (t *tracing) peersOf(peers []schema.Peer) []Side {
	var out []Side
	for _, p := range peers {
		if p.Namespace == "" {
			out = append(out, t.addressesOf(p)...)
		} else {
			out = append(out, t.podsOf(p.Namespace, p.Labels)...)
		}
	}
	return out
}

// podsOf makes sides of the pods of a namespace with labels: one for each workload
// that is rendered. Where no labels are said, where none is rendered, or where
// others may be there that nobody renders, it is the labels themselves; then only
// pods in the network of their node, which no labels find, have a side of their own.
func (t *tracing) podsOf(namespace string, labels map[string]string) []Side {
	literal := []Side{{Kind: Pods, Namespace: namespace, Labels: labels}}
	ns := t.Inventory.Namespace(namespace)
	if ns == nil {
		return literal
	}
	var rendered []Side
	for _, w := range ns.Workloads {
		if t.selectors[w] == nil || !matches(labels, w.Labels()) {
			continue
		}
		rendered = append(rendered, t.pods(w))
		if onNode(w) {
			literal = append(literal, t.pods(w))
		}
	}
	if len(labels) == 0 || len(ns.Opaque) > 0 || len(rendered) == 0 {
		return literal
	}
	return rendered
}

// exposed adds what a load balancer or a node port lets in. Where the client's
// address is lost on the way, no source can be demanded at the pod.
func (t *tracing) exposed(r *manifest.Resource) {
	spec := r.Object.Get("spec")
	kind, at := spec.Get("type").Str(), field(r, "spec", "type")
	why := fmt.Sprintf("%s is of type %s", r.ID, kind)
	if kind != "LoadBalancer" && kind != "NodePort" {
		if len(spec.Get("externalIPs").Strings()) == 0 || kind == "ExternalName" {
			return
		}
		at, why = field(r, "spec", "externalIPs"), fmt.Sprintf("%s has addresses outside", r.ID)
	}
	t.spoken[r] = true
	backends, unknown := t.backends(r, anyPort)
	if unknown != "" {
		t.unclearTo(r.ID.Namespace, "ingress", itemOf(r.ID.Namespace, r.ID.Namespace, r.ID.Name), unknown, `cidrs: ["0.0.0.0/0"]`, at)
		return
	}
	from := []Side{{Kind: Anywhere}}
	ranges := spec.Get("loadBalancerSourceRanges").Strings()
	if len(ranges) > 0 && spec.Get("externalTrafficPolicy").Str() == "Local" {
		from, why = addresses(ranges), why+" with source ranges"
	}
	for _, side := range from {
		t.to(side, backends, why, at)
	}
}

// hostPorts adds what comes in on ports of the node that containers take.
func (t *tracing) hostPorts(w *inventory.Workload) {
	if onNode(w) {
		return // policies do not hold for it
	}
	for _, c := range w.Pod.Containers() {
		for i, p := range c.Node.Get("ports").Elems() {
			host, _ := p.Get("hostPort").Int()
			n, ok := p.Get("containerPort").Int()
			if host > 0 && ok && n > 0 && n <= 65535 {
				t.add(Flow{From: Side{Kind: Anywhere}, To: t.pods(w), Ports: []Port{{protocolOf(p), uint16(n), uint16(n)}},
					Reasons: because(fmt.Sprintf("%s takes port %d of its node", w.Resource.ID, host),
						inventory.Field{Resource: w.Resource, Path: c.Path.Field("ports").At(i).Field("hostPort")})})
			}
		}
	}
}

// addresses makes a side of the CIDRs of each family, since no rule may mix them.
func addresses(cidrs []string) []Side {
	var v4, v6 []string
	for _, text := range slices.Compact(slices.Sorted(slices.Values(cidrs))) {
		if strings.Contains(text, ":") {
			v6 = append(v6, text)
		} else {
			v4 = append(v4, text)
		}
	}
	var out []Side
	for _, list := range [][]string{v4, v6} {
		if len(list) > 0 {
			out = append(out, Side{Kind: Addresses, CIDRs: list})
		}
	}
	return out
}
