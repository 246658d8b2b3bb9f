package plan

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/secgen/secgen/compile/inventory"
	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/schema"
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
	if p.Policy == nil || len(p.Policy.Cluster.DNS) == 0 {
		servers = append(servers, p.nodeLocalDNS()...)
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

// nodeLocalDNS is the addresses at which a rendered NodeLocal DNS answers, on each
// node: those of its argument -localip.
func (p *planner) nodeLocalDNS() []Side {
	var found []string
	for _, ns := range p.Inventory.Namespaces {
		for _, w := range ns.Workloads {
			for _, c := range w.Pod.Containers() {
				if !strings.HasSuffix(imageName(c.Node.Get("image").Str()), "k8s-dns-node-cache") {
					continue
				}
				args := c.Node.Get("args").Strings()
				for i, arg := range args {
					name, value, assigned := strings.Cut(strings.TrimLeft(arg, "-"), "=")
					if name == "localip" && !assigned && i+1 < len(args) {
						value = args[i+1]
					}
					for _, text := range strings.Split(value, ",") {
						if addr, err := netip.ParseAddr(strings.TrimSpace(text)); err == nil && name == "localip" {
							found = append(found, netip.PrefixFrom(addr, addr.BitLen()).String())
						}
					}
				}
			}
		}
	}
	return addresses(found)
}

// nameServers lets everybody ask the pods that answer for names, where their
// namespace is guarded too.
func (t *tracing) nameServers() {
	for _, f := range t.dns("") {
		if f.To.Kind != Pods {
			continue
		}
		for _, to := range t.podsOf(f.To.Namespace, f.To.Labels) {
			t.add(Flow{From: Side{Kind: Anywhere}, To: to, Ports: f.Ports, Reasons: []Reason{{Why: "every pod asks it for names"}}})
		}
	}
}

// places makes sides of the policy's peers, whether their pods are rendered or
// not.
func (p *planner) places(peers []schema.Peer) []Side {
	var out []Side
	for _, peer := range peers {
		if peer.Namespace == "" {
			out = append(out, p.addressesOf(peer)...)
			continue
		}
		out = append(out, Side{Kind: Pods, Namespace: peer.Namespace, Labels: peer.Labels})
	}
	return out
}

// apiServer lets pods reach the API server that have an account with rights. Of
// those that mount the token of an account without any, a note will tell.
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
		t.powerless[w.Resource.ID.Namespace] = append(t.powerless[w.Resource.ID.Namespace], w.Resource.ID.String())
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
	t.to(t.pods(w), containerPorts(w), fmt.Sprintf("the replicas of %s know each other by Service %s", w.Resource.ID, name), at)
}

// meshControl lets sidecars reach what configures them and signs for them.
func (t *tracing) meshControl(ns *inventory.Namespace, w *inventory.Workload) {
	policy := t.Policy.For(ns.Name)
	if why, sidecars := meshOf(ns, policy); sidecars {
		reasons := []Reason{{Why: "the sidecar of the mesh: " + why}}
		if policy.Mesh == "" {
			reasons = because(reasons[0].Why, field(ns.Object, "metadata", "labels"))
		}
		t.add(Flow{From: t.pods(w), To: Side{Kind: Pods, Namespace: "istio-system", Labels: map[string]string{"app": "istiod"}},
			Ports: []Port{{"TCP", 15012, 15012}}, Reasons: reasons})
	}
}

func protocolOf(port *manifest.Node) string {
	if p := port.Get("protocol").Str(); p != "" {
		return p
	}
	return "TCP"
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
	item := itemOf(namespace, namespace, ref.Get("name").Str())
	s := t.service(namespace, ref.Get("name").Str())
	if s == nil {
		t.unclearTo(namespace, "ingress", item, "what is behind the webhook of "+r.ID.String(), `cidrs: ["..."]`, at)
		return
	}
	t.spoken[s] = true
	port := int64(443)
	if n, ok := ref.Get("port").Int(); ok {
		port = n
	}
	backends, unknown := t.backends(s, func(p servicePort) bool { return p.number == port })
	if unknown != "" {
		t.unclearTo(namespace, "ingress", item, unknown, `cidrs: ["..."]`, at)
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
