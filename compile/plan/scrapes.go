package plan

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/secgen/secgen/compile/inventory"
	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/workload"
)

const monitoring = "monitoring.coreos.com"

// scrapes lets Prometheus reach what its objects and annotations name.
func (t *tracing) scrapes(ns *inventory.Namespace) {
	for _, r := range ns.Of(monitoring, "ServiceMonitor") {
		t.eachEndpoint(r, "endpoints", func(home *inventory.Namespace, e *manifest.Node, selects labelsMatch, at inventory.Field) {
			for _, s := range home.Of("", "Service") {
				if selects(objectLabels(s)) {
					t.spoken[s] = true
					found, unknown := t.endpointOf(s, e)
					t.scrapedOr(home.Name, found, unknown, r, at)
				}
			}
		})
	}
	for _, r := range ns.Of(monitoring, "PodMonitor") {
		t.eachEndpoint(r, "podMetricsEndpoints", func(home *inventory.Namespace, e *manifest.Node, selects labelsMatch, at inventory.Field) {
			for _, w := range home.Workloads {
				if selects(w.Labels()) {
					found, unknown := podEndpoint(w, e)
					t.scrapedOr(home.Name, found, unknown, r, at)
				}
			}
		})
	}
	for _, s := range ns.Of("", "Service") {
		if notes := s.Object.Get("metadata", "annotations"); notes.Get("prometheus.io/scrape").Str() == "true" {
			t.spoken[s] = true
			found, unknown := t.backends(s, anyPort)
			if port, ok := portNumber(notes.Get("prometheus.io/port").Str()); ok {
				found, unknown = nil, ""
				for _, w := range t.behind(s) {
					found = append(found, backend{w, Port{"TCP", port, port}})
				}
			}
			t.scrapedOr(ns.Name, found, unknown, s, field(s, "metadata", "annotations", "prometheus.io/scrape"))
		}
	}
	for _, w := range ns.Workloads {
		notes := w.Pod.Metadata.Get("annotations")
		if notes.Get("prometheus.io/scrape").Str() != "true" {
			continue
		}
		found := containerPorts(w)
		if port, ok := portNumber(notes.Get("prometheus.io/port").Str()); ok {
			found = []backend{{w, Port{"TCP", port, port}}}
		}
		at := inventory.Field{Resource: w.Resource, Path: w.Pod.Path.Field("metadata", "annotations", "prometheus.io/scrape")}
		t.scrapedOr(ns.Name, found, "", w.Resource, at)
	}
}

type labelsMatch func(map[string]string) bool

// eachEndpoint walks a monitor's endpoints through the namespaces that it selects:
// its own, or those that it names.
func (t *tracing) eachEndpoint(r *manifest.Resource, list string, do func(*inventory.Namespace, *manifest.Node, labelsMatch, inventory.Field)) {
	selector, err := workload.LabelSelector(r.Object.Get("spec", "selector"))
	if err != nil {
		return
	}
	where := r.Object.Get("spec", "namespaceSelector")
	names := where.Get("matchNames").Strings()
	if len(names) == 0 {
		names = []string{r.ID.Namespace}
	}
	for i, e := range r.Object.Get("spec", list).Elems() {
		at := inventory.Field{Resource: r, Path: manifest.Path("spec", list).At(i)}
		for _, ns := range t.Inventory.Namespaces {
			if isTrue(where.Get("any")) || contains(names, ns.Name) {
				do(ns, e, func(m map[string]string) bool { return selector.Matches(setOf(m)) }, at)
			}
		}
	}
}

// endpointOf resolves an endpoint of a ServiceMonitor: a port of the Service by
// name, or one of the pods by name or number.
func (t *tracing) endpointOf(s *manifest.Resource, e *manifest.Node) ([]backend, string) {
	target := e.Get("targetPort")
	if target.IsNull() || !e.Get("port").IsNull() {
		return t.backends(s, func(p servicePort) bool { return e.Get("port").IsNull() || p.called(e.Get("port")) })
	}
	var out []backend
	for _, w := range t.behind(s) {
		n, ok := podPort(w, servicePort{target: target})
		if !ok {
			return nil, fmt.Sprintf("which port of %s the port %q means", w.Resource.ID, target.Text)
		}
		out = append(out, backend{w, Port{"TCP", n, n}})
	}
	return out, ""
}

// podEndpoint resolves an endpoint of a PodMonitor.
func podEndpoint(w *inventory.Workload, e *manifest.Node) ([]backend, string) {
	for _, key := range []string{"port", "portNumber", "targetPort"} {
		target := e.Get(key)
		if target.IsNull() {
			continue
		}
		n, ok := podPort(w, servicePort{target: target})
		if !ok {
			return nil, fmt.Sprintf("which port of %s the port %q means", w.Resource.ID, target.Text)
		}
		return []backend{{w, Port{"TCP", n, n}}}, ""
	}
	return containerPorts(w), ""
}

// containerPorts are the ports that the containers of a workload declare.
func containerPorts(w *inventory.Workload) []backend {
	var out []backend
	for _, c := range w.Pod.Containers() {
		for _, p := range c.Node.Get("ports").Elems() {
			n, ok := p.Get("containerPort").Int()
			if ok && c.Kind != workload.Init && n > 0 && n <= 65535 {
				out = append(out, backend{w, Port{protocolOf(p), uint16(n), uint16(n)}})
			}
		}
	}
	return out
}

func portNumber(text string) (uint16, bool) {
	n, err := strconv.ParseUint(text, 10, 16)
	return uint16(n), err == nil && n > 0
}

// scrapedOr adds the flows from Prometheus, or asks what cannot be resolved.
func (t *tracing) scrapedOr(namespace string, to []backend, unknown string, by *manifest.Resource, at inventory.Field) {
	if unknown != "" {
		t.unclearTo(namespace, "ingress", by.ID.Kind+"/"+by.ID.Name, unknown, `namespace: "..."`, at)
		return
	}
	if len(to) == 0 {
		return
	}
	prometheus := t.prometheus()
	if len(prometheus) == 0 {
		t.unclear(namespace, fmt.Sprintf("where Prometheus runs, which %s asks to scrape its pods", by.ID),
			"policy: cluster: prometheus: [{namespace: \"...\", labels: {...}}]", at)
		return
	}
	for _, from := range prometheus {
		t.to(from, to, by.ID.String()+" is scraped", at)
	}
}

// prometheus is where scrapers run: by policy, by a Prometheus object, or by the
// image of a workload.
func (t *tracing) prometheus() []Side {
	if t.Policy != nil && len(t.Policy.Cluster.Prometheus) > 0 {
		return t.peersOf(t.Policy.Cluster.Prometheus)
	}
	var out []Side
	for _, r := range t.Inventory.Of(monitoring, "Prometheus") {
		out = append(out, Side{Kind: Pods, Namespace: r.ID.Namespace, Labels: map[string]string{"app.kubernetes.io/name": "prometheus", "prometheus": r.ID.Name}})
	}
	for _, ns := range t.Inventory.Namespaces {
		for _, w := range ns.Workloads {
			for _, c := range w.Pod.Containers() {
				if strings.HasSuffix(imageName(c.Node.Get("image").Str()), "prom/prometheus") && t.selectors[w] != nil {
					out = append(out, t.pods(w))
				}
			}
		}
	}
	return out
}
