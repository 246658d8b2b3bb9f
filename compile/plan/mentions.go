package plan

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/secgen/secgen/compile/inventory"
	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/schema"
)

// text is something that a container reads: an argument, a variable, a line of a
// configuration.
type text struct {
	value string
	at    inventory.Field
	// single says that the value is one setting, not a document of many lines.
	single bool
	// joined says that the value is several arguments, of which each was read alone
	// already: only what needs two of them counts.
	joined bool
}

// mentions adds flows to the services and addresses that a workload's arguments,
// variables and configuration name. Secrets are not read.
func (t *tracing) mentions(ns *inventory.Namespace, w *inventory.Workload) {
	for _, x := range t.texts(ns, w) {
		if manifest.Unresolved(x.value) {
			continue
		}
		for _, m := range endpointsIn(x.value) {
			if m.apart || !x.joined {
				t.mention(w, m, x)
			}
		}
	}
}

// texts are what the containers of a workload read.
func (t *tracing) texts(ns *inventory.Namespace, w *inventory.Workload) []text {
	var out []text
	config := func(name, key string) {
		for _, r := range ns.Of("", "ConfigMap") {
			data := r.Object.Get("data")
			if r.ID.Name != name || data == nil {
				continue
			}
			for _, f := range data.Fields {
				if key == "" || key == f.Key {
					out = append(out, text{f.Value.Str(), field(r, "data", f.Key), !strings.Contains(strings.TrimSpace(f.Value.Str()), "\n"), false})
				}
			}
		}
	}
	for _, c := range w.Pod.Containers() {
		for _, key := range []string{"command", "args"} {
			list := c.Node.Get(key)
			for i, item := range list.Elems() {
				out = append(out, text{item.Str(), inventory.Field{Resource: w.Resource, Path: c.Path.Field(key).At(i)}, true, false})
			}
			// A host and its port may be two arguments: nc -z redis 6379.
			if all := strings.Join(list.Strings(), " "); len(list.Elems()) > 1 {
				out = append(out, text{all, inventory.Field{Resource: w.Resource, Path: c.Path.Field(key)}, false, true})
			}
		}
		for i, e := range c.Node.Get("env").Elems() {
			out = append(out, text{e.Get("value").Str(), inventory.Field{Resource: w.Resource, Path: c.Path.Field("env").At(i).Field("value")}, true, false})
			if ref := e.Get("valueFrom", "configMapKeyRef"); ref != nil {
				config(ref.Get("name").Str(), ref.Get("key").Str())
			}
		}
		for _, e := range c.Node.Get("envFrom").Elems() {
			config(e.Get("configMapRef", "name").Str(), "")
		}
	}
	for _, v := range w.Pod.Spec.Get("volumes").Elems() {
		config(v.Get("configMap", "name").Str(), "")
		for _, s := range v.Get("projected", "sources").Elems() {
			config(s.Get("configMap", "name").Str(), "")
		}
	}
	return out
}

// mention is a host that a text names.
type mention struct {
	scheme, host string
	port         int64
	// whole says that the text is nothing but this.
	whole bool
	// apart says that a space is between host and port.
	apart bool
}

var endpointPattern = regexp.MustCompile(`(?:([a-zA-Z][a-zA-Z0-9+.-]*)://)?(?:[^\s/@"'=,]*@)?([A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)(?::(\d{1,5})|[ \t]+(\d{2,5}))?\b`)

// endpointsIn finds what may be hosts in a text. Most are mere words: only what
// resolves to a service, or is an address with a scheme or port, counts.
func endpointsIn(value string) []mention {
	var out []mention
	trimmed := strings.TrimSpace(value)
	for _, m := range endpointPattern.FindAllStringSubmatchIndex(trimmed, -1) {
		group := func(i int) string {
			if m[2*i] < 0 {
				return ""
			}
			return trimmed[m[2*i]:m[2*i+1]]
		}
		port := group(3)
		if port == "" {
			port = group(4)
		}
		number, _ := strconv.ParseInt(port, 10, 32)
		rest := trimmed[m[1]:]
		// A word before or after, or a path without a scheme, makes it something else.
		if m[0] > 0 && strings.ContainsRune("/.-_$%@", rune(trimmed[m[0]-1])) && group(1) == "" {
			continue
		}
		out = append(out, mention{scheme: strings.ToLower(group(1)), host: strings.ToLower(group(2)), port: number,
			apart: group(4) != "", whole: m[0] == 0 && (rest == "" || rest == "/")})
	}
	return out
}

// portsByScheme are what a URL without a port means.
var portsByScheme = map[string]int64{
	"http": 80, "https": 443, "ws": 80, "wss": 443, "redis": 6379, "rediss": 6379, "postgres": 5432, "postgresql": 5432, "mysql": 3306,
	"mongodb": 27017, "amqp": 5672, "amqps": 5671, "nats": 4222, "ldap": 389, "ldaps": 636, "grpc": 0, "tcp": 0, "kafka": 9092,
}

// mention adds the flow that a mention stands for.
func (t *tracing) mention(w *inventory.Workload, m mention, x text) {
	if m.port == 0 {
		m.port = portsByScheme[m.scheme]
	}
	service, pod := t.resolve(w.Resource.ID.Namespace, m.host)
	switch {
	case service != nil:
		if named := strings.Contains(m.host, ".svc") || m.scheme != "" || m.whole && x.single; named || m.port > 0 && has(service, m.port) {
			t.calls(w, service, pod, m, x)
		}
	case m.host == "kubernetes.default.svc" || strings.HasPrefix(m.host, "kubernetes.default.svc."):
		t.toAPIServer(w, fmt.Sprintf("%s names %s", w.Resource.ID, m.host), x.at)
	case strings.Contains(m.host, ".svc.") || strings.HasSuffix(m.host, ".svc"):
		t.unclear(w.Resource.ID.Namespace, fmt.Sprintf("which pods are behind %s, which %s names and no root renders", m.host, w.Resource.ID),
			trafficAnswer(w.Resource.ID.Namespace, "egress", "namespace: \"...\""), x.at)
	case x.single && (m.port > 0 || m.scheme != ""):
		t.outside(w, m, x)
	}
}

// resolve finds the Service that a name means to a pod of a namespace; pod says
// that the name is that of one pod behind it.
func (t *tracing) resolve(namespace, host string) (service *manifest.Resource, pod bool) {
	parts := strings.Split(host, ".")
	for skip := range min(2, len(parts)) {
		name, rest := parts[skip], parts[skip+1:]
		home := namespace
		if len(rest) > 0 {
			home, rest = rest[0], rest[1:]
		}
		if len(rest) > 0 && rest[0] != "svc" {
			continue
		}
		if s := t.service(home, name); s != nil {
			return s, skip == 1
		}
	}
	return nil, false
}

func has(service *manifest.Resource, port int64) bool {
	return slices.ContainsFunc(servicePorts(service), func(p servicePort) bool { return p.number == port })
}

// calls adds the flow from a workload to a Service's pods.
func (t *tracing) calls(w *inventory.Workload, service *manifest.Resource, pod bool, m mention, x text) {
	spec := service.Object.Get("spec")
	answer := trafficAnswer(w.Resource.ID.Namespace, "egress", "cidrs: [\"...\"]")
	if spec.Get("type").Str() == "ExternalName" {
		t.outside(w, mention{host: spec.Get("externalName").Str(), port: m.port, scheme: m.scheme}, x)
		return
	}
	why := fmt.Sprintf("%s names %s", w.Resource.ID, shownHost(m))
	headless := spec.Get("clusterIP").Str() == "None" || pod
	want := func(p servicePort) bool { return m.port == 0 || p.number == m.port }
	if m.port > 0 && !has(service, m.port) {
		if !headless {
			want = anyPort // the port is the scheme's, and the Service has others
		} else {
			for _, b := range t.behind(service) {
				t.to(t.pods(w), []backend{{b, Port{"TCP", uint16(m.port), uint16(m.port)}}}, why, x.at)
			}
			return
		}
	}
	backends, unknown := t.backends(service, want)
	if unknown != "" {
		t.unclear(w.Resource.ID.Namespace, unknown, answer, x.at)
		return
	}
	t.flowsTo(t.pods(w), backends, m.port == 0 || !has(service, m.port), why, x.at)
}

func shownHost(m mention) string {
	if m.port == 0 {
		return m.host
	}
	return m.host + ":" + strconv.FormatInt(m.port, 10)
}

// outside adds a flow to an address outside, or asks for the addresses of a name.
func (t *tracing) outside(w *inventory.Workload, m mention, x text) {
	namespace := w.Resource.ID.Namespace
	if addr, err := netip.ParseAddr(m.host); err == nil {
		if addr.IsLoopback() || addr.IsUnspecified() || addr.IsLinkLocalUnicast() {
			return
		}
		f := Flow{From: t.pods(w), To: Side{Kind: Addresses, CIDRs: []string{netip.PrefixFrom(addr, addr.BitLen()).String()}},
			Reasons: because(fmt.Sprintf("%s names %s", w.Resource.ID, shownHost(m)), x.at)}
		if m.port > 0 {
			f.Ports = []Port{{"TCP", uint16(m.port), uint16(m.port)}}
		}
		t.add(f)
		return
	}
	if !strings.Contains(m.host, ".") || !topLevel.MatchString(m.host) || t.ownHost(m.host) || t.answered(namespace, m.host) {
		return
	}
	if _, isURL := portsByScheme[m.scheme]; !isURL && m.scheme != "" {
		return
	}
	t.unclear(namespace, fmt.Sprintf("at which addresses %s is, which %s names", shownHost(m), w.Resource.ID),
		fmt.Sprintf("policy: namespaces: %q: egress: [{why: \"...\", hosts: [%q], peer: {cidrs: [\"...\"]}, ports: [%q]}]", namespace, m.host, strconv.FormatInt(max(m.port, 443), 10)), x.at)
}

var topLevel = regexp.MustCompile(`\.[a-z]{2,24}$`)

// ownHost tells whether a name is one that the repository itself serves.
func (t *tracing) ownHost(host string) bool {
	for _, r := range t.Inventory.Resources {
		spec := r.Object.Get("spec")
		for _, rule := range spec.Get("rules").Elems() {
			if r.ID.Kind == "Ingress" && rule.Get("host").Str() == host {
				return true
			}
		}
		if strings.HasSuffix(r.ID.Kind, "Route") && slices.Contains(spec.Get("hostnames").Strings(), host) {
			return true
		}
	}
	return false
}

// answered tells whether the policy says where a name, or a workload on the
// network of its node, is.
func (t *tracing) answered(namespace, host string) bool {
	n := t.Policy.For(namespace)
	return slices.ContainsFunc(slices.Concat(n.Ingress, n.Egress), func(x schema.Traffic) bool { return slices.Contains(x.Hosts, host) })
}
