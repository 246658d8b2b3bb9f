package netpol

import (
	"maps"
	"net/netip"
	"slices"
	"strings"

	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/workload"
)

// world is what the resources say about everything but the policies.
type world struct {
	opt        Options
	namespaces map[string]*inherited
	accounts   map[string]*inherited // by namespace/name
	services   map[string]*service   // by namespace/name
	sets       []networkSet
	endpoints  []*Endpoint
	podAddrs   Addrs
	nodeAddrs  Addrs
	problems   []Problem
}

// networkSet is a NetworkSet, a GlobalNetworkSet, or the addresses of a host
// endpoint, as selectors see it.
type networkSet struct {
	labels labels
	addrs  Addrs
}

// service is what rules that name a service need of it.
type service struct {
	// pods selects the pods behind it; nil where the service has no selector.
	pods      matcher
	namespace string
	ports     []servicePort
}

type servicePort struct {
	proto  uint8
	number uint16
	name   string
}

// newWorld reads everything but policies.
func newWorld(resources []*manifest.Resource, opt Options) *world {
	w := &world{
		opt:        opt,
		namespaces: map[string]*inherited{},
		accounts:   map[string]*inherited{},
		services:   map[string]*service{},
		podAddrs:   addrsOr(opt.PodCIDRs),
		nodeAddrs:  addrsOr(opt.NodeCIDRs),
	}
	for _, r := range resources {
		w.readBasics(r)
	}
	table := opt.Workloads
	if table == nil {
		var err error
		if table, err = workload.NewTable(workload.BuiltIn()); err != nil {
			// The table is data of ours, and a test of that package reads it.
			panic(err)
		}
	}
	for _, r := range resources {
		w.readPods(r, table)
		w.readCalico(r)
	}
	for _, h := range opt.Hosts {
		w.addHost(h)
	}
	w.finish(resources)
	return w
}

func addrsOr(prefixes []netip.Prefix) Addrs {
	if len(prefixes) == 0 {
		prefixes = privateCIDRs()
	}
	return AddrsOf(prefixes...)
}

// namespaceOf is the namespace of a namespaced resource.
func (w *world) namespaceOf(r *manifest.Resource) string {
	if r.ID.Namespace == "" {
		return w.opt.Namespace
	}
	return r.ID.Namespace
}

func (w *world) readBasics(r *manifest.Resource) {
	if r.ID.APIVersion != "v1" {
		return
	}
	own := r.Object.Get("metadata", "labels").StringMap()
	switch r.ID.Kind {
	case "Namespace":
		w.namespaces[r.ID.Name] = &inherited{labels: withName(own, r.ID.Name, true), declared: true}
	case "ServiceAccount":
		key := w.namespaceOf(r) + "/" + r.ID.Name
		w.accounts[key] = &inherited{labels: withName(own, r.ID.Name, false), declared: true}
	case "Service":
		w.services[w.namespaceOf(r)+"/"+r.ID.Name] = readService(r, w.namespaceOf(r))
	}
}

// withName adds the labels that the API server and Calico set to the object's
// name.
func withName(own map[string]string, name string, namespace bool) map[string]string {
	out := maps.Clone(own)
	if out == nil {
		out = map[string]string{}
	}
	out[labelName] = name
	if namespace {
		out[labelMetadataName] = name
	}
	return out
}

// namespace gives the labels of a namespace. Those of one that is not among the
// resources are unknown but for its name; the unnamed one's name is unknown too.
func (w *world) namespace(name string) *inherited {
	if ns, ok := w.namespaces[name]; ok {
		return ns
	}
	if name == "" {
		return &inherited{}
	}
	return &inherited{labels: withName(nil, name, true)}
}

func (w *world) account(namespace, name string) *inherited {
	if sa, ok := w.accounts[namespace+"/"+name]; ok {
		return sa
	}
	return &inherited{labels: withName(nil, name, false)}
}

func readService(r *manifest.Resource, namespace string) *service {
	s := &service{namespace: namespace}
	spec := r.Object.Get("spec")
	var parts []matcher
	if selector := spec.Get("selector"); selector != nil {
		for _, f := range selector.Fields {
			parts = append(parts, in("", f.Key, []string{f.Value.Str()}))
		}
	}
	if len(parts) > 0 {
		s.pods = allOf(parts...)
	}
	for _, p := range spec.Get("ports").Elems() {
		proto, ok := protocolNumber(p.Get("protocol"))
		if !ok && !p.Get("protocol").IsNull() {
			continue
		}
		if p.Get("protocol").IsNull() {
			proto = ProtoTCP
		}
		target := p.Get("targetPort")
		if target.IsNull() {
			target = p.Get("port")
		}
		port := servicePort{proto: proto, name: target.Str()}
		if n, ok := target.Int(); ok && n > 0 && n <= 65535 {
			port.number = uint16(n)
		}
		s.ports = append(s.ports, port)
	}
	return s
}

// finish adds a stranger for every namespace that a pod, a policy or a Namespace
// object is about, nodes, and what is only asked about.
func (w *world) finish(resources []*manifest.Resource) {
	names := map[string]bool{}
	for name := range w.namespaces {
		names[name] = true
	}
	for _, e := range w.endpoints {
		if e.Kind == Pod {
			names[e.Namespace] = true
		}
	}
	for _, r := range resources {
		if namespacedPolicy(r.ID) {
			names[w.namespaceOf(r)] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		w.endpoints = append(w.endpoints, w.stranger(name))
	}
	w.endpoints = append(w.endpoints,
		&Endpoint{Kind: Node, Addrs: w.nodeAddrs, profile: profileNone},
		&Endpoint{Kind: OwnNode, Addrs: w.nodeAddrs, profile: profileNone})
	w.endpoints = append(w.endpoints, w.dns()...)
	slices.SortStableFunc(w.endpoints, func(a, b *Endpoint) int { return strings.Compare(a.sortKey(), b.sortKey()) })
}

func namespacedPolicy(id manifest.ID) bool {
	switch id.Kind {
	case "NetworkPolicy":
		return id.Group() == "networking.k8s.io" || id.Group() == "extensions" || isCalico(id)
	case "StagedNetworkPolicy", "StagedKubernetesNetworkPolicy":
		return isCalico(id)
	}
	return false
}

// sortKey orders endpoints: pods by namespace and name, then strangers, hosts,
// nodes.
func (e *Endpoint) sortKey() string {
	key := string('0'+rune(e.Kind)) + e.Namespace + "\x00"
	if e.Resource != nil {
		key += e.Resource.ID.Name + "\x00" + e.Resource.ID.Kind + "\x00" + e.Resource.ID.APIVersion + "\x00" + e.Path.String()
	}
	return key
}

func (w *world) stranger(namespace string) *Endpoint {
	return &Endpoint{
		Kind: Stranger, Namespace: namespace, ServiceAccount: "default", Addrs: w.podAddrs,
		all: labels{
			fixed:     podLabels(namespace, "default"),
			namespace: w.namespace(namespace), account: w.account(namespace, "default"),
		},
	}
}

// anyPod stands for whatever pod the namespace may hold.
func (w *world) anyPod(namespace string) *Endpoint {
	e := w.stranger(namespace)
	e.all.wild = true
	e.all.account = nil
	delete(e.all.fixed, labelServiceAccount)
	return e
}

// podLabels are the labels that Calico sets on every pod's endpoint
// (libcalico-go/lib/backend/k8s/conversion/workload_endpoint_default.go). Those of
// an unnamed namespace cannot be known and so are left open.
func podLabels(namespace, account string) map[string]string {
	fixed := map[string]string{labelNamespace: namespace, labelOrchestrator: "k8s"}
	if len(account) < 63 {
		fixed[labelServiceAccount] = account
	}
	return fixed
}
