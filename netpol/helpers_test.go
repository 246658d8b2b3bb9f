package netpol

import (
	"errors"
	"io"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/secgen/secgen/manifest"
)

// load reads documents as resources; text may be indented with tabs as Go is.
func load(t testing.TB, text string) []*manifest.Resource {
	t.Helper()
	resources, err := parse(strings.ReplaceAll(text, "\t", "  "))
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	return resources
}

func parse(text string) ([]*manifest.Resource, error) {
	var out []*manifest.Resource
	decoder := yaml.NewDecoder(strings.NewReader(text))
	for {
		var doc yaml.Node
		if err := decoder.Decode(&doc); errors.Is(err, io.EOF) {
			return out, nil
		} else if err != nil {
			return nil, err
		}
		object, err := manifest.FromYAML(&doc, func(y *yaml.Node) manifest.Position {
			return manifest.Position{File: "test.yaml", Line: y.Line, Column: y.Column}
		})
		if err != nil {
			return nil, err
		}
		if object.Kind == manifest.Map {
			out = append(out, &manifest.Resource{ID: manifest.IDOf(object), Object: object})
		}
	}
}

func cluster(t testing.TB, text string, opt Options) *Cluster {
	t.Helper()
	c, _ := New(load(t, text), opt)
	return c
}

// endpoint finds one by name: a workload "ns/name", "ns/?" for the stranger, "node",
// "own-node", a host endpoint "host:name", or an address.
func endpoint(t testing.TB, c *Cluster, name string) *Endpoint {
	t.Helper()
	var e *Endpoint
	switch ns, rest, _ := strings.Cut(name, "/"); {
	case name == "node":
		e = c.Node()
	case name == "own-node":
		e = c.OwnNode()
	case rest == "?":
		e = c.Stranger(ns)
	case strings.HasPrefix(name, "host:"):
		e = c.find(func(x *Endpoint) bool { return x.Kind == Host && x.Resource.ID.Name == name[5:] })
	default:
		if ip, err := netip.ParseAddr(name); err == nil {
			e = c.Address(ip)
			break
		}
		e = c.find(func(x *Endpoint) bool { return x.Kind == Pod && x.Namespace == ns && x.Resource.ID.Name == rest })
	}
	if e == nil {
		t.Fatalf("no endpoint %q", name)
	}
	return e
}

// portOf reads "TCP 80", "UDP dns", "ICMP 8/0".
func portOf(t testing.TB, text string) Port {
	t.Helper()
	name, rest, _ := strings.Cut(text, " ")
	proto, ok := protocolNumber(manifest.Of(name))
	if !ok {
		t.Fatalf("no protocol %q", name)
	}
	p := Port{Protocol: proto}
	if p.isICMP() {
		kind, code, _ := strings.Cut(rest, "/")
		p.Type, p.Code = uint8(atoi(t, kind)), uint8(atoi(t, code))
		return p
	}
	lo, _, numeric, _ := portRange(rest)
	if numeric {
		p.Number = lo
	} else {
		p.Name = rest
	}
	return p
}

func atoi(t testing.TB, s string) int {
	t.Helper()
	n := 0
	for _, r := range s {
		if r < '0' || r > '9' {
			t.Fatalf("no number: %q", s)
		}
		n = n*10 + int(r-'0')
	}
	return n
}

// workloads are pods to judge, one a line: namespace/name key=value ... port:name=80.
func workloads(lines string) string {
	var b strings.Builder
	for _, line := range strings.Split(strings.TrimSpace(lines), "\n") {
		fields := strings.Fields(line)
		ns, name, _ := strings.Cut(fields[0], "/")
		b.WriteString("---\napiVersion: v1\nkind: Pod\nmetadata:\n  namespace: " + ns + "\n  name: " + name + "\n  labels:\n    x: x\n")
		var ports, extra []string
		for _, f := range fields[1:] {
			key, value, _ := strings.Cut(f, "=")
			switch kind, rest, ok := strings.Cut(key, ":"); {
			case ok && kind == "port":
				proto := "TCP"
				if n, p, ok := strings.Cut(rest, "/"); ok {
					rest, proto = n, p
				}
				ports = append(ports, "    - {name: "+rest+", containerPort: "+value+", protocol: "+proto+"}\n")
			case key == "sa":
				extra = append(extra, "  serviceAccountName: "+value+"\n")
			case key == "hostNetwork":
				extra = append(extra, "  hostNetwork: true\n")
			default:
				b.WriteString("    " + key + ": \"" + value + "\"\n")
			}
		}
		b.WriteString("spec:\n" + strings.Join(extra, "") + "  containers:\n  - name: c\n    image: i\n")
		if len(ports) > 0 {
			b.WriteString("    ports:\n" + strings.Join(ports, ""))
		}
	}
	return b.String()
}

// namespaces are Namespace objects, one a line: name key=value ...
func namespaces(lines string) string {
	var b strings.Builder
	for _, line := range strings.Split(strings.TrimSpace(lines), "\n") {
		fields := strings.Fields(line)
		b.WriteString("---\napiVersion: v1\nkind: Namespace\nmetadata:\n  name: " + fields[0] + "\n")
		if len(fields) > 1 {
			b.WriteString("  labels:\n")
		}
		for _, f := range fields[1:] {
			key, value, _ := strings.Cut(f, "=")
			b.WriteString("    " + key + ": \"" + value + "\"\n")
		}
	}
	return b.String()
}

// expect checks connections, one a line: from to protocol port outcome. Each is
// asked of the tracer and of the sets, which must agree.
func expect(t *testing.T, c *Cluster, lines string) {
	t.Helper()
	for _, line := range strings.Split(strings.TrimSpace(lines), "\n") {
		f := strings.Fields(line)
		if len(f) != 5 {
			t.Fatalf("an expectation has five words: %q", line)
		}
		from, to, port := endpoint(t, c, f[0]), endpoint(t, c, f[1]), portOf(t, f[2]+" "+f[3])
		v := c.Connection(from, to, port)
		if v.Outcome.String() != f[4] {
			t.Errorf("%s: %s", line, v)
		}
		flow, resolved := c.Flow(from, to), port.resolve(to)
		set := Denied
		if flow.Allowed.Has(resolved) {
			set = Allowed
		} else if flow.Unknown.Has(resolved) {
			set = Unknown
		}
		if set != v.Outcome {
			t.Errorf("%s: the sets say %s, the walk says %s", line, set, v)
		}
	}
}

// codes are the codes of problems, sorted, each once.
func codes(problems []Problem) []string {
	var out []string
	for _, p := range problems {
		out = append(out, string(p.Code)+" "+p.Path.String())
	}
	slices.Sort(out)
	return slices.Compact(out)
}
