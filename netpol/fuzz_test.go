package netpol

import (
	"testing"

	"github.com/projectcalico/calico/libcalico-go/lib/selector"

	"github.com/secgen/secgen/manifest"
)

// FuzzSelector: a selector either parses, and then Calico and this package judge
// labels alike, or it is an error with a column within the text or right after it.
func FuzzSelector(f *testing.F) {
	for _, text := range []string{"", "all()", "a == 'b'", "!has(a) && b in {'c', \"d\"} || (e != 'f')", "a starts with 'b'", "global()",
		"a not in {}", "a contains 'x' && b ends with 'y'", "a = b", "((", "has(", "a == 'b", "a == 'é' && b", "a in {'b',}", "!!!a == 'b'", "inx == 'a'", "not in in {'a'}"} {
		f.Add(text, "b")
	}
	f.Fuzz(func(t *testing.T, text, value string) {
		if len(text) > 10000 {
			return
		}
		s, err := parseSelector(text)
		_, reason := locateError(text)
		if err != nil {
			e, ok := err.(*SelectorError)
			if !ok || e.Column < 1 || e.Column > len([]rune(text))+1 {
				t.Fatalf("%q: %v", text, err)
			}
			if reason == "" {
				t.Fatalf("%q: Calico says %v, the walk finds nothing wrong", text, err)
			}
			return
		}
		if reason != "" {
			t.Fatalf("%q: Calico accepts it, the walk says %s", text, reason)
		}
		theirs, err := selector.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		m := s.matcher("", nil, nil)
		for _, own := range []map[string]string{{}, {"a": value}, {"b": "c"}, {"a": "b", "b": value, "e": "f"}} {
			if manifest.Unresolved(value) {
				return
			}
			if got, want := m(&labels{own: own}), theirs.Evaluate(own); got != truth(want) {
				t.Fatalf("%q of %v: %s; Calico says %v", text, own, got, want)
			}
		}
	})
}

// FuzzEvaluate: no document makes the evaluation panic or disagree with itself.
func FuzzEvaluate(f *testing.F) {
	f.Add(policy("a", "podSelector: {}\n  ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}}], ports: [{port: http}]}]"))
	f.Add(gnp("p", "selector: app == 'web'\n  ingress: [{action: Deny, protocol: 6, source: {nets: [10.0.0.0/8]}}, null, 1, [], {action: {}}]"))
	f.Add(hosts + gnp("p", "preDNAT: true\n  applyOnForward: yes\n  order: .5\n  ingress: [{action: Allow, icmp: {type: 8}, protocol: ICMP}]"))
	f.Add("apiVersion: v1\nkind: policy\nmetadata: {name: x}\nspec: {ingress: [{action: allow, source: {net: 1.2.3.4/8, tag: x}}, 3], egress: {}}\n")
	f.Add("apiVersion: v1\nkind: Service\nmetadata: {name: db, namespace: a}\nspec: {selector: {app: web}, ports: [{port: 1, targetPort: http}, {}, 3]}\n" +
		cnp("p", "a", "egress: [{action: Allow, destination: {services: {name: db}}}]\n  serviceAccountSelector: x == '${Y}'"))
	f.Add("apiVersion: projectcalico.org/v3\nkind: HostEndpoint\nmetadata: []\nspec: {ports: [1, {port: 99999}], expectedIPs: [1, x, ::1], profiles: [a]}\n")
	f.Add(calico("StagedKubernetesNetworkPolicy", "p", "a", "stagedAction: Delete\n  podSelector: 3"))
	f.Fuzz(func(t *testing.T, text string) {
		resources, err := parse(text)
		if err != nil || len(resources) > 50 {
			return
		}
		extra, err := parse(workloads(calicoPods))
		if err != nil {
			t.Fatal(err)
		}
		c, problems := New(append(resources, extra...), Options{})
		for _, p := range problems {
			if p.Message == "" || p.Code == "" {
				t.Errorf("an empty problem: %+v", p)
			}
			p.Position()
		}
		if len(c.endpoints) > 60 {
			return
		}
		for _, flow := range c.Connections() {
			port, ok := flow.Allowed.Union(flow.Unknown).First()
			if !ok {
				t.Fatalf("%s to %s is open and has no port", flow.From, flow.To)
			}
			if v := c.Connection(flow.From, flow.To, port); v.Outcome == Denied || (v.Outcome == Allowed) != flow.Allowed.Has(port) {
				t.Errorf("%s to %s on %s: %s", flow.From, flow.To, port, v)
			}
		}
		c.Opens()
		c.Ineffective()
		if d := Diff(c, c); len(d) > 0 {
			t.Error("the set differs from itself")
		}
		c.StagedChange()
		for _, e := range c.Endpoints() {
			c.Isolation(e)
			c.BlocksDNS(e)
		}
	})
}
