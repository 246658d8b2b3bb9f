package graph

import (
	"encoding/xml"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/netpol"
)

// resources reads YAML documents.
func resources(t testing.TB, text string) []*manifest.Resource {
	t.Helper()
	var out []*manifest.Resource
	decoder := yaml.NewDecoder(strings.NewReader(text))
	for {
		var doc yaml.Node
		err := decoder.Decode(&doc)
		if err == io.EOF {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		object, err := manifest.FromYAML(&doc, nil)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, &manifest.Resource{ID: manifest.IDOf(object), Object: object})
	}
}

func pod(namespace, name, more string) string {
	return "---\n{apiVersion: v1, kind: Pod, metadata: {name: " + name + ", namespace: " + namespace + ", labels: {app: " + name + "}}, spec: {" + more + "containers: []}}\n"
}

func policy(namespace, name, spec string) string {
	return "---\n{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: " + name + ", namespace: " + namespace + "}, spec: {" + spec + "}}\n"
}

func written(t testing.TB, list []*manifest.Resource, format string) string {
	t.Helper()
	c, _ := netpol.New(list, netpol.Options{})
	out, err := Write(Of(c), format)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func TestText(t *testing.T) {
	namespaces := "---\n{apiVersion: v1, kind: Namespace, metadata: {name: a}}\n---\n{apiVersion: v1, kind: Namespace, metadata: {name: b}}\n"
	for _, tt := range []struct{ name, resources, want string }{
		{"nothing", namespaces, "no pods and no host endpoints\n"},
		{"no policies: one node, no edges", namespaces + pod("a", "web", "") + pod("a", "db", ""), `
namespace a
  Pod db, Pod web
    open: any pod or address may reach it
    open: it may reach anything
`},
		{"a whole namespace and one pod", namespaces + pod("a", "web", "") + pod("a", "db", "") + pod("b", "client", "") +
			policy("a", "db", "podSelector: {matchLabels: {app: db}}, ingress: [{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 5432}]}, {from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: b}}}], ports: [{port: 9090}]}]"), `
namespace a
  Pod db
    from Pod web: TCP 5432
    from every pod of namespace b: TCP 9090
    open: it may reach anything
  Pod web
    to Pod db: TCP 5432
    open: any pod or address may reach it
    open: it may reach anything

namespace b
  Pod client
    to Pod db of namespace a: TCP 9090
    open: any pod or address may reach it
    open: it may reach anything
`},
		{"any pod, and addresses", namespaces + pod("a", "web", "") + pod("b", "client", "") +
			policy("a", "web", "podSelector: {}, policyTypes: [Ingress, Egress], ingress: [{from: [{namespaceSelector: {}}], ports: [{port: 80}]}], egress: [{to: [{ipBlock: {cidr: 192.0.2.0/24}}]}]"), `
namespace a
  Pod web
    from any pod shown here: TCP 80
    to outside: 192.0.2.0/24: everything
    whether it may ask the DNS is not known

namespace b
  Pod client
    to every pod of namespace a: TCP 80
    open: any pod or address may reach it
    open: it may reach anything
`},
		{"policies that allow everything", pod("a", "web", "") + policy("a", "web", "podSelector: {}, policyTypes: [Ingress, Egress], ingress: [{}], egress: [{}]"), `
namespace a
  Pod web
    policies let any pod or address reach it
    policies let it reach anything
`},
		{"the host's network", pod("a", "agent", "hostNetwork: true, ") + policy("a", "deny", "podSelector: {}"), `
namespace a
  Pod agent
    in the host's network: policies for pods do not apply
`},
		{"a variable", pod("a", "web", "") + pod("a", "db", "") + policy("a", "db", "podSelector: {matchLabels: {app: db}}, ingress: [{from: [{podSelector: {matchLabels: {app: '${APP}'}}}]}]"), `
namespace a
  Pod db
    from every pod: perhaps everything
    open: it may reach anything
    among themselves: perhaps everything
  Pod web
    to Pod db: perhaps everything
    open: any pod or address may reach it
    open: it may reach anything
`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := written(t, resources(t, tt.resources), "text"); got != strings.TrimPrefix(tt.want, "\n") {
				t.Errorf("got\n%s\nwant%s", got, tt.want)
			}
		})
	}
}

// Names that mean something in a format come out as text, in each of them.
func TestEscapes(t *testing.T) {
	name := "x\"]; click n0 <script>&\\n]]>\n  n9 --> n0 #quot; \x1b[31m`|"
	list := resources(t, pod("a", "web", "")+pod("a", "db", "")+policy("a", "web", "podSelector: {matchLabels: {app: web}}, ingress: [{from: [{podSelector: {matchLabels: {app: db}}}], ports: [{port: 80}]}]"))
	plain := map[string]string{}
	for _, format := range []string{"text", "mermaid", "dot", "svg"} {
		plain[format] = written(t, list, format)
	}
	for _, r := range list {
		if r.ID.Name == "db" {
			r.ID.Name = name
		}
		r.ID.Namespace = "n\n\"end"
		object := *r.Object
		r.Object = &object
	}
	for _, format := range []string{"text", "mermaid", "dot", "svg"} {
		got := written(t, list, format)
		if strings.ContainsAny(got, "\x1b") {
			t.Errorf("%s: a control character is left", format)
		}
		if a, b := strings.Count(plain[format], "\n"), strings.Count(got, "\n"); a != b {
			t.Errorf("%s: %d lines, want %d\n%s", format, b, a, got)
		}
		for _, line := range strings.Split(got, "\n") {
			switch format {
			case "mermaid":
				if strings.Count(line, `"`)%2 != 0 || strings.Contains(line, "click n0 <") || strings.Contains(line, "`") {
					t.Errorf("mermaid: %s", line)
				}
			case "dot":
				if strings.Count(strings.ReplaceAll(strings.ReplaceAll(line, `\\`, ""), `\"`, ""), `"`)%2 != 0 {
					t.Errorf("dot: %s", line)
				}
			}
		}
		if format == "svg" {
			elements(t, got)
		}
	}
}

// elements reads an SVG and wants no element but those that are drawn.
func elements(t testing.TB, svg string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(svg))
	for {
		token, err := d.Token()
		if err == io.EOF {
			return
		}
		if err != nil {
			t.Fatalf("no XML: %v\n%s", err, svg)
		}
		if e, ok := token.(xml.StartElement); ok && !slices.Contains([]string{"svg", "title", "style", "defs", "marker", "path", "rect", "text", "g"}, e.Name.Local) {
			t.Errorf("there is an element %s", e.Name.Local)
		}
	}
}

// The order of the resources makes no difference, and nodes of a picture do not
// overlap.
func TestPictures(t *testing.T) {
	text := ""
	r := rand.New(rand.NewPCG(1, 2))
	names := []string{"a", "b", "c", "d", "e", "f"}
	for _, ns := range names[:4] {
		text += "---\n{apiVersion: v1, kind: Namespace, metadata: {name: " + ns + "}}\n"
		for _, name := range names {
			text += pod(ns, name, "")
			from := "{podSelector: {matchLabels: {app: " + names[r.IntN(6)] + "}}}"
			if r.IntN(2) == 0 {
				from = "{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: " + names[r.IntN(4)] + "}}, podSelector: {matchLabels: {app: " + names[r.IntN(6)] + "}}}"
			}
			if r.IntN(4) > 0 {
				text += policy(ns, name, "podSelector: {matchLabels: {app: "+name+"}}, ingress: [{from: ["+from+", {ipBlock: {cidr: 192.0.2.0/24}}], ports: [{port: 80}]}]")
			}
		}
	}
	list := resources(t, text)
	want := written(t, list, "svg")
	elements(t, want)
	for range 5 {
		r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		if written(t, list, "svg") != want {
			t.Fatal("the picture depends on the order of the resources")
		}
	}
	c, _ := netpol.New(list, netpol.Options{})
	l := newLayout(Of(c))
	for i, a := range l.nodes {
		if a.x < 0 || a.y < 0 || a.right() > l.w || a.bottom() > l.h {
			t.Errorf("node %d is outside of the picture", i)
		}
		for j, b := range l.nodes[:i] {
			if a.x < b.right() && b.x < a.right() && a.y < b.bottom() && b.y < a.bottom() {
				t.Errorf("nodes %d and %d overlap", i, j)
			}
		}
	}
	for i, a := range l.spaces {
		for j, b := range l.spaces[:i] {
			if a.y < b.bottom() && b.y < a.bottom() {
				t.Errorf("namespaces %d and %d overlap", i, j)
			}
		}
	}
}

func FuzzSVG(f *testing.F) {
	f.Add("web", "a")
	f.Add("</text><script>", "]]>\x00\xff")
	f.Fuzz(func(t *testing.T, name, namespace string) {
		g := &Graph{
			Nodes: []Node{{Namespace: namespace, Names: []string{name}, Notes: []string{name}}, {Kind: Outside, Names: []string{name}}},
			Edges: []Edge{{From: 1, To: 0, Label: name}},
		}
		out, err := Write(g, "svg")
		if err != nil {
			t.Fatal(err)
		}
		elements(t, string(out))
	})
}
