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

// mentions adds flows to the services and addresses that a workload's arguments,
// variables and configuration name. What a Secret names outside is never printed.
func (t *tracing) mentions(ns *inventory.Namespace, w *inventory.Workload) {
	for _, x := range t.reads(ns, w) {
		if x.unresolved = manifest.Unresolved(x.value); x.unresolved {
			if !x.flag && x.secret == nil && !strings.ContainsAny(x.value, " \t\n") && (addressed(x.name) || variableHost.MatchString(x.value)) {
				t.doubt(ns.Name, doubt{kind: dangling, item: x.value, by: w.Resource.ID.String(), at: x.at})
			}
			x.value = variable.ReplaceAllString(x.value, "\x00")
		}
		for _, m := range endpointsIn(x.value) {
			if m.apart || !x.joined {
				t.mention(w, m, x)
			}
		}
	}
}

// variableHost is a variable where a URL or a port makes a host of it.
var variableHost = regexp.MustCompile(`://\$\{|^\$\{[^}]*\}:[0-9]{2,5}\b`)

// variable is what somebody still has to fill in. No host is made of what is
// beside it.
var variable = regexp.MustCompile(`[A-Za-z0-9.:-]*\$\{[^}]*\}[A-Za-z0-9.:-]*`)

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
	namespace := w.Resource.ID.Namespace
	service, pod := t.resolve(namespace, m.host)
	alone := m.whole && x.single
	if x.flag && !(alone && addressed(x.name)) {
		return // the whole argument was read already
	}
	switch {
	case service != nil:
		if named := strings.Contains(m.host, ".svc") || m.scheme != "" || alone; named || m.port > 0 && has(service, m.port) {
			t.calls(w, service, pod, m, x)
		}
	case x.unresolved: // only what surely is a Service counts
	case m.host == "kubernetes.default.svc" || strings.HasPrefix(m.host, "kubernetes.default.svc."):
		t.toAPIServer(w, fmt.Sprintf("%s names %s", w.Resource.ID, m.host), x.at)
	case x.secret != nil:
		if x.single && (m.port > 0 || m.scheme != "") && (t.isOutside(namespace, m) || isAddress(m.host)) {
			t.doubt(namespace, doubt{kind: unread, item: "Secret/" + x.secret.ID.Name, by: w.Resource.ID.String(), at: x.at})
		}
	case strings.Contains(m.host, ".svc.") || strings.HasSuffix(m.host, ".svc"):
		t.unclearTo(namespace, "egress", m.host, fmt.Sprintf("which pods are behind %s, which %s names and no root renders", m.host, w.Resource.ID),
			`namespace: "..."`, x.at)
	case bareName.MatchString(m.host) && m.host != "localhost":
		t.dangles(w, m, x, alone)
	case x.single && (m.port > 0 || m.scheme != ""):
		t.outside(w, m, x)
	}
}

// bareName is a name that can only be that of a Service of the same namespace.
var bareName = regexp.MustCompile(`^[a-z](?:[a-z0-9-]*[a-z0-9])?$`)

// dangles doubts that all traffic is declared where a bare name that stands for an
// address is no Service that is rendered. A word with a number behind it may be
// one, or an image, a level, a size.
func (t *tracing) dangles(w *inventory.Workload, m mention, x text, alone bool) {
	_, known := portsByScheme[m.scheme]
	if !x.single || m.apart || m.scheme != "" && !known || m.port > 65535 {
		return
	}
	d := doubt{kind: dangling, item: shownHost(m), by: w.Resource.ID.String(), at: x.at}
	switch {
	case m.scheme != "" || alone && m.port > 0 && addressed(x.name) || alone && called(x.name, "addr", "address", "endpoint", "host", "hosts") && !isSwitch(m.host):
	case alone && m.port >= 80:
		d.kind = vague
	default:
		return
	}
	if !t.answered(w.Resource.ID.Namespace, m.host) {
		t.doubt(w.Resource.ID.Namespace, d)
	}
}

func isSwitch(word string) bool {
	return slices.Contains([]string{"true", "false", "yes", "no", "on", "off", "none", "null", "any", "all"}, word)
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
	if spec.Get("type").Str() == "ExternalName" {
		t.outside(w, mention{host: spec.Get("externalName").Str(), port: m.port, scheme: m.scheme}, x)
		return
	}
	why := fmt.Sprintf("%s names %s", w.Resource.ID, shownHost(m))
	if x.secret != nil {
		why = fmt.Sprintf("%s reads a value that names %s", w.Resource.ID, service.ID)
	}
	if !slices.Contains(t.behind(service), w) {
		t.spoken[service] = true
	}
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
	if t.fixed(w, service, why, x) {
		return
	}
	backends, unknown := t.backends(service, want)
	if unknown != "" {
		home := w.Resource.ID.Namespace
		t.unclearTo(home, "egress", itemOf(home, service.ID.Namespace, service.ID.Name), unknown, `cidrs: ["..."]`, x.at)
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
		if !isAddress(m.host) || t.answered(namespace, m.host) {
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
	if !t.isOutside(namespace, m) {
		return
	}
	t.unclear(namespace, fmt.Sprintf("at which addresses %s is, which %s names", shownHost(m), w.Resource.ID),
		fmt.Sprintf("policy: namespaces: %q: egress: [{why: \"...\", hosts: [%q], peer: {cidrs: [\"...\"]}, ports: [%q]}]", namespace, m.host, strconv.FormatInt(max(m.port, 443), 10)), x.at)
}

// isOutside tells whether a mention is a host of a domain that the repository does
// not serve and the policy does not speak of.
func (t *tracing) isOutside(namespace string, m mention) bool {
	_, isURL := portsByScheme[m.scheme]
	return topLevel.MatchString(m.host) && (isURL || m.scheme == "") && !t.ownHost(m.host) && !t.answered(namespace, m.host)
}

// isAddress tells whether a host is an address of another machine.
func isAddress(host string) bool {
	addr, err := netip.ParseAddr(host)
	return err == nil && !addr.IsLoopback() && !addr.IsUnspecified() && !addr.IsLinkLocalUnicast()
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
// network of its node, is, or that nothing is to be opened for it.
func (t *tracing) answered(namespace, item string) bool {
	n := t.Policy.For(namespace)
	return slices.Contains(n.Settled, item) ||
		slices.ContainsFunc(slices.Concat(n.Ingress, n.Egress), func(x schema.Traffic) bool { return slices.Contains(x.Hosts, item) })
}
