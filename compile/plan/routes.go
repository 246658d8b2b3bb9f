package plan

import (
	"slices"
	"strings"

	"github.com/secgen/secgen/compile/inventory"
	"github.com/secgen/secgen/manifest"
)

// foreignRoutes adds what comes in through the routes of Istio, OpenShift, Traefik
// and Contour. It tells whether the object is one.
func (t *tracing) foreignRoutes(r *manifest.Resource) bool {
	spec := manifest.Path("spec")
	switch r.ID.Group() + "/" + r.ID.Kind {
	case "networking.istio.io/VirtualService":
		t.virtualService(r)
	case "route.openshift.io/Route":
		port := r.Object.Get("spec", "port", "targetPort")
		t.behindRoute(r, spec.Field("to"), port)
		for i := range r.Object.Get("spec", "alternateBackends").Elems() {
			t.behindRoute(r, spec.Field("alternateBackends").At(i), port)
		}
	case "traefik.io/IngressRoute", "traefik.io/IngressRouteTCP", "traefik.io/IngressRouteUDP",
		"traefik.containo.us/IngressRoute", "traefik.containo.us/IngressRouteTCP", "traefik.containo.us/IngressRouteUDP", "projectcontour.io/HTTPProxy":
		for i, route := range r.Object.Get("spec", "routes").Elems() {
			for j, s := range route.Get("services").Elems() {
				t.behindRoute(r, spec.Field("routes").At(i).Field("services").At(j), s.Get("port"))
			}
		}
		for j, s := range r.Object.Get("spec", "tcpproxy", "services").Elems() {
			t.behindRoute(r, spec.Field("tcpproxy", "services").At(j), s.Get("port"))
		}
	default:
		return false
	}
	return true
}

// behindRoute adds the flows to the Service that a field of a route names.
func (t *tracing) behindRoute(r *manifest.Resource, path manifest.FieldPath, port *manifest.Node) {
	ref := r.Object.Lookup(path)
	if kind := ref.Get("kind").Str(); kind != "" && kind != "Service" || ref.Get("name").Str() == "" {
		return
	}
	namespace := ref.Get("namespace").Str()
	if namespace == "" {
		namespace = r.ID.Namespace
	}
	t.fromControllers(r, t.controllers(), namespace, ref.Get("name").Str(), port, inventory.Field{Resource: r, Path: path})
}

// virtualService adds what comes in through Istio's gateways. One that names none
// only routes what the pods of the mesh send anyway.
func (t *tracing) virtualService(r *manifest.Resource) {
	gateways := slices.DeleteFunc(r.Object.Get("spec", "gateways").Strings(), func(name string) bool { return name == "mesh" })
	if len(gateways) == 0 {
		return
	}
	from := t.istioGateways(r, gateways)
	for _, key := range []string{"http", "tls", "tcp"} {
		for i, rule := range r.Object.Get("spec", key).Elems() {
			for j, route := range rule.Get("route").Elems() {
				name, namespace, _ := strings.Cut(route.Get("destination", "host").Str(), ".")
				namespace, _, _ = strings.Cut(namespace, ".")
				if namespace == "" {
					namespace = r.ID.Namespace
				}
				at := inventory.Field{Resource: r, Path: manifest.Path("spec", key).At(i).Field("route").At(j).Field("destination")}
				t.fromControllers(r, from, namespace, name, route.Get("destination", "port", "number"), at)
			}
		}
	}
}

// istioGateways are the rendered workloads that the Gateways of a VirtualService
// select, or the controllers where none is rendered.
func (t *tracing) istioGateways(r *manifest.Resource, names []string) []Side {
	var out []Side
	for _, g := range t.Inventory.Of("networking.istio.io", "Gateway") {
		if !slices.Contains(names, g.ID.Namespace+"/"+g.ID.Name) && !(g.ID.Namespace == r.ID.Namespace && slices.Contains(names, g.ID.Name)) {
			continue
		}
		selector := g.Object.Get("spec", "selector").StringMap()
		for _, ns := range t.Inventory.Namespaces {
			for _, w := range ns.Workloads {
				if len(selector) > 0 && t.selectors[w] != nil && matches(selector, w.Labels()) {
					out = append(out, t.pods(w))
				}
			}
		}
	}
	if len(out) == 0 {
		return t.controllers()
	}
	return out
}
