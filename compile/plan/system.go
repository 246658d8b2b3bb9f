package plan

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/secgen/secgen/compile/inventory"
	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/schema"
	"github.com/secgen/secgen/workload"
)

// dns is what the pods of a namespace ask of name servers: those of the policy, or
// the pods that Kubernetes labels as such. OpenShift's listen on 5353.
func (p *planner) dns(namespace string) []Flow {
	servers := []Side{{Kind: Pods, Namespace: "kube-system", Labels: map[string]string{"k8s-app": "kube-dns"}}}
	if p.Policy != nil && p.Policy.Cluster.OpenShift {
		servers = []Side{{Kind: Pods, Namespace: "openshift-dns", Labels: map[string]string{"dns.operator.openshift.io/daemonset-dns": "default"}}}
	}
	if p.Policy != nil && len(p.Policy.Cluster.DNS) > 0 {
		servers = p.places(p.Policy.Cluster.DNS)
	}
	var out []Flow
	for _, s := range servers {
		port := uint16(53)
		if strings.HasPrefix(s.Namespace, "openshift") {
			port = 5353
		}
		out = append(out, Flow{From: Side{Kind: Pods, Namespace: namespace}, To: s, Reasons: []Reason{{Why: "DNS"}},
			Ports: []Port{{"UDP", port, port}, {"TCP", port, port}}})
	}
	return out
}

// places makes sides of the policy's peers, whether their pods are rendered or
// not.
func (p *planner) places(peers []schema.Peer) []Side {
	var out []Side
	for _, peer := range peers {
		if peer.Namespace == "" {
			out = append(out, addresses(peer.CIDRs)...)
			continue
		}
		out = append(out, Side{Kind: Pods, Namespace: peer.Namespace, Labels: peer.Labels})
	}
	return out
}

// apiServer lets pods reach the API server that have an account with rights.
func (t *tracing) apiServer(w *inventory.Workload) {
	mounted, said := w.Pod.Spec.Get("automountServiceAccountToken").Bool()
	if said && !mounted || t.accountWithoutToken(w) {
		return
	}
	account := w.Pod.ServiceAccount()
	if binding := t.bindingOf(w.Resource.ID.Namespace, account); binding != nil {
		t.toAPIServer(w, fmt.Sprintf("%s gives rights to ServiceAccount %s", binding.ID, account),
			inventory.Field{Resource: w.Resource, Path: w.Pod.Path.Field("spec", "serviceAccountName")})
	} else if account != "default" {
		t.toAPIServer(w, fmt.Sprintf("%s has an account of its own, %s, and its token", w.Resource.ID, account),
			inventory.Field{Resource: w.Resource, Path: w.Pod.Path.Field("spec", "serviceAccountName")})
	}
}

// accountWithoutToken tells whether the workload's ServiceAccount says that its
// token is not mounted, and the pod does not say otherwise.
func (t *tracing) accountWithoutToken(w *inventory.Workload) bool {
	if _, said := w.Pod.Spec.Get("automountServiceAccountToken").Bool(); said {
		return false
	}
	ns := t.Inventory.Namespace(w.Resource.ID.Namespace)
	for _, r := range ns.Of("", "ServiceAccount") {
		if mounted, said := r.Object.Get("automountServiceAccountToken").Bool(); r.ID.Name == w.Pod.ServiceAccount() && said && !mounted {
			return true
		}
	}
	return false
}

func (t *tracing) toAPIServer(w *inventory.Workload, why string, at inventory.Field) {
	if t.Options.Dialect == Kubernetes {
		if t.Policy == nil || len(t.Policy.Cluster.APIServer) == 0 {
			t.unclear(w.Resource.ID.Namespace, "at which addresses the API server is, which "+w.Resource.ID.String()+" talks to",
				"policy: cluster: apiServer: [{cidrs: [\"...\"]}]", at)
			return
		}
		for _, side := range t.places(t.Policy.Cluster.APIServer) {
			t.add(Flow{From: t.pods(w), To: side, Reasons: because(why, at)})
		}
		return
	}
	t.add(Flow{From: t.pods(w), To: Side{Kind: APIServer}, Reasons: because(why, at)})
}

// peers lets the replicas of a StatefulSet talk to each other on the ports of the
// Service that names them.
func (t *tracing) peers(ns *inventory.Namespace, w *inventory.Workload) {
	name := w.Resource.Object.Get("spec", "serviceName").Str()
	if w.Resource.ID.Kind != "StatefulSet" || name == "" || w.Peak.Unknown == "" && w.Peak.Pods < 2 {
		return
	}
	s := t.service(ns.Name, name)
	if s == nil {
		return
	}
	at := field(w.Resource, "spec", "serviceName")
	var backends []backend
	for _, c := range w.Pod.Containers() {
		for _, p := range c.Node.Get("ports").Elems() {
			n, ok := p.Get("containerPort").Int()
			if ok && c.Kind != workload.Init && n > 0 && n <= 65535 {
				backends = append(backends, backend{w, Port{protocolOf(p), uint16(n), uint16(n)}})
			}
		}
	}
	t.to(t.pods(w), backends, fmt.Sprintf("the replicas of %s know each other by Service %s", w.Resource.ID, name), at)
}

// meshControl lets sidecars reach what configures them and signs for them.
func (t *tracing) meshControl(ns *inventory.Namespace, w *inventory.Workload) {
	if why, sidecars := meshOf(ns); sidecars {
		t.add(Flow{From: t.pods(w), To: Side{Kind: Pods, Namespace: "istio-system", Labels: map[string]string{"app": "istiod"}},
			Ports: []Port{{"TCP", 15012, 15012}}, Reasons: because("the sidecar of the mesh: "+why, field(ns.Object, "metadata", "labels"))})
	}
}

func protocolOf(port *manifest.Node) string {
	if p := port.Get("protocol").Str(); p != "" {
		return p
	}
	return "TCP"
}

// scrapes lets Prometheus reach what its objects and annotations name.
func (t *tracing) scrapes(ns *inventory.Namespace) {
	for _, r := range ns.Of("monitoring.coreos.com", "ServiceMonitor") {
		for i, e := range r.Object.Get("spec", "endpoints").Elems() {
			at := inventory.Field{Resource: r, Path: manifest.Path("spec", "endpoints").At(i)}
			t.monitored(r, func(s *manifest.Resource) ([]backend, string) {
				return t.backends(s, func(p servicePort) bool { return e.Get("port").IsNull() || p.called(e.Get("port")) })
			}, at)
		}
	}
	for _, w := range ns.Workloads {
		notes := w.Pod.Metadata.Get("annotations")
		port, err := strconv.ParseUint(notes.Get("prometheus.io/port").Str(), 10, 16)
		if notes.Get("prometheus.io/scrape").Str() != "true" || err != nil || port == 0 {
			continue
		}
		at := inventory.Field{Resource: w.Resource, Path: w.Pod.Path.Field("metadata", "annotations", "prometheus.io/scrape")}
		t.scraped(ns.Name, []backend{{w, Port{"TCP", uint16(port), uint16(port)}}}, w.Resource, at)
	}
}

// monitored adds what a ServiceMonitor selects in its own namespace or in those
// that it names.
func (t *tracing) monitored(r *manifest.Resource, backends func(*manifest.Resource) ([]backend, string), at inventory.Field) {
	selector, err := workload.LabelSelector(r.Object.Get("spec", "selector"))
	if err != nil {
		return
	}
	where := r.Object.Get("spec", "namespaceSelector")
	every, _ := where.Get("any").Bool()
	names := where.Get("matchNames").Strings()
	if len(names) == 0 {
		names = []string{r.ID.Namespace}
	}
	for _, ns := range t.Inventory.Namespaces {
		if !every && !contains(names, ns.Name) {
			continue
		}
		for _, s := range ns.Of("", "Service") {
			if !selector.Matches(objectLabels(s)) {
				continue
			}
			if found, unknown := backends(s); unknown == "" {
				t.scraped(ns.Name, found, r, at)
			} else {
				t.unclear(ns.Name, unknown, trafficAnswer(ns.Name, "ingress", "namespace: \"...\""), at)
			}
		}
	}
}

func (t *tracing) scraped(namespace string, to []backend, by *manifest.Resource, at inventory.Field) {
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
	for _, r := range t.Inventory.Of("monitoring.coreos.com", "Prometheus") {
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

// webhooks lets the API server reach the back ends of webhooks and of aggregated
// APIs.
func (t *tracing) webhooks() {
	for _, r := range t.Inventory.Resources {
		switch r.ID.Kind {
		case "ValidatingWebhookConfiguration", "MutatingWebhookConfiguration":
			for i, hook := range r.Object.Get("webhooks").Elems() {
				t.webhook(r, hook.Get("clientConfig", "service"), manifest.Path("webhooks").At(i).Field("clientConfig", "service"))
			}
		case "CustomResourceDefinition":
			t.webhook(r, r.Object.Get("spec", "conversion", "webhook", "clientConfig", "service"), manifest.Path("spec", "conversion", "webhook", "clientConfig", "service"))
		case "APIService":
			t.webhook(r, r.Object.Get("spec", "service"), manifest.Path("spec", "service"))
		}
	}
}

func (t *tracing) webhook(r *manifest.Resource, ref *manifest.Node, path manifest.FieldPath) {
	if ref.IsNull() {
		return
	}
	namespace, at := ref.Get("namespace").Str(), inventory.Field{Resource: r, Path: path}
	s := t.service(namespace, ref.Get("name").Str())
	if s == nil {
		t.unclear(namespace, "what is behind the webhook of "+r.ID.String(), trafficAnswer(namespace, "ingress", "cidrs: [\"...\"]"), at)
		return
	}
	port := int64(443)
	if n, ok := ref.Get("port").Int(); ok {
		port = n
	}
	backends, unknown := t.backends(s, func(p servicePort) bool { return p.number == port })
	if unknown != "" {
		t.unclear(namespace, unknown, trafficAnswer(namespace, "ingress", "cidrs: [\"...\"]"), at)
		return
	}
	if t.Policy == nil || len(t.Policy.Cluster.APIServer) == 0 {
		t.unclear(namespace, "from which addresses the API server calls the webhook of "+r.ID.String(), "policy: cluster: apiServer: [{cidrs: [\"...\"]}]", at)
		return
	}
	for _, side := range t.places(t.Policy.Cluster.APIServer) {
		t.to(side, backends, "the API server calls the webhook of "+r.ID.String(), at)
	}
}
