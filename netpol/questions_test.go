package netpol

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func lines[T any](list []T, text func(T) string) []string {
	var out []string
	for _, item := range list {
		out = append(out, text(item))
	}
	return out
}

func wantLines(t *testing.T, got []string, want string) {
	t.Helper()
	var expected []string
	for _, line := range strings.Split(strings.TrimSpace(want), "\n") {
		if line = strings.TrimSpace(line); line != "" {
			expected = append(expected, line)
		}
	}
	if diff := cmp.Diff(expected, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func guardText(g Guard) string {
	text := g.Isolated.String()
	for _, p := range append(g.Policies, g.Perhaps...) {
		text += " " + p.Resource.ID.Name
	}
	return text
}

func TestIsolation(t *testing.T) {
	c := cluster(t, namespaces("a\nb\nc\nd\ne\nf")+workloads("a/web app=web\na/db app=db\nb/web app=web\nd/x app=x\ne/x app=x\nf/x app=x")+
		named("all-in", "a", "podSelector: {}\n  policyTypes: [Ingress]")+
		named("db-out", "a", "podSelector: {matchLabels: {app: db}}\n  policyTypes: [Egress]")+
		named("only-web", "b", "podSelector: {matchLabels: {app: web}}")+
		cnp("calico-all", "d", "types: [Ingress, Egress]")+
		cnp("calico-not", "e", "selector: \"!has(exempt)\"\n  types: [Ingress]")+
		gnp("red", "namespaceSelector: projectcalico.org/name == 'c'\n  types: [Egress]")+
		calico("Tier", "soft", "", "order: 1\n  defaultAction: Pass")+gnp("soft.p", "tier: soft\n  types: [Ingress, Egress]")+
		calico("StagedNetworkPolicy", "staged", "f", "types: [Ingress]"), Options{})
	for _, tt := range []struct{ pod, ingress, egress string }{
		{"a/web", "yes all-in", "no"},
		{"a/db", "yes all-in", "yes db-out"},
		{"b/web", "yes only-web", "no"},
		{"b/?", "no", "no"},
		{"d/x", "yes calico-all", "yes calico-all"},
		{"e/x", "yes calico-not", "no"},
		{"c/?", "no", "yes red"},
		{"f/x", "no", "no"},
	} {
		i := c.Isolation(endpoint(t, c, tt.pod))
		if got := guardText(i.Ingress) + "," + guardText(i.Egress); got != tt.ingress+","+tt.egress {
			t.Errorf("%s: %s", tt.pod, got)
		}
	}
	for _, tt := range []struct{ namespace, ingress, egress string }{
		{"a", "yes all-in", "no"},
		{"b", "no", "no"}, // the policy is for today's pods only
		{"c", "no", "yes red"},
		{"d", "yes calico-all", "yes calico-all"},
		{"e", "no", "no"}, // pods may exempt themselves
		{"f", "no", "no"},
	} {
		i := c.NamespaceIsolation(tt.namespace)
		if got := guardText(i.Ingress) + "," + guardText(i.Egress); got != tt.ingress+","+tt.egress {
			t.Errorf("namespace %s: %s", tt.namespace, got)
		}
	}
}

func TestBlocksDNS(t *testing.T) {
	for _, tt := range []struct{ name, policies, want string }{
		{"open", "", "allowed allowed"},
		{"nothing", policy("a", "podSelector: {}\n  policyTypes: [Egress]"), "denied denied"},
		{"UDP only", policy("a", "podSelector: {}\n  policyTypes: [Egress]\n  egress: [{ports: [{port: 53, protocol: UDP}]}]"), "allowed denied"},
		{"to kube-dns", policy("a", "podSelector: {}\n  policyTypes: [Egress]\n  egress: [{to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}, podSelector: {matchLabels: {k8s-app: kube-dns}}}], ports: [{port: 53, protocol: UDP}, {port: 53}]}]"), "allowed allowed"},
		{"by a label that is not known", policy("a", "podSelector: {}\n  policyTypes: [Egress]\n  egress: [{to: [{namespaceSelector: {matchLabels: {name: kube-system}}}], ports: [{port: 53, protocol: UDP}]}]"), "unknown denied"},
		{"OpenShift", policy("a", "podSelector: {}\n  policyTypes: [Egress]\n  egress: [{to: [{namespaceSelector: {}}], ports: [{port: 5353, protocol: UDP}]}]"), "allowed denied"},
		{"NodeLocal", policy("a", "podSelector: {}\n  policyTypes: [Egress]\n  egress: [{to: [{ipBlock: {cidr: 169.254.20.10/32}}], ports: [{port: 53, protocol: UDP}]}]"), "allowed denied"},
		{"a server outside", policy("a", "podSelector: {}\n  policyTypes: [Egress]\n  egress: [{to: [{ipBlock: {cidr: 9.9.9.9/32}}]}]"), "unknown unknown"},
		{"own namespace", policy("a", "podSelector: {}\n  policyTypes: [Egress]\n  egress: [{to: [{podSelector: {}}]}]"), "denied denied"},
		{"Calico", gnp("p", "selector: all()\n  types: [Egress]\n  egress: [{action: Allow, protocol: UDP, destination: {selector: \"k8s-app == 'kube-dns'\", ports: [53]}}]"), "allowed denied"},
	} {
		c := cluster(t, workloads("a/web app=web")+tt.policies, Options{})
		n := c.BlocksDNS(endpoint(t, c, "a/web"))
		if got := fmt.Sprint(n.UDP, " ", n.TCP); got != tt.want {
			t.Errorf("%s: %s; want %s", tt.name, got, tt.want)
		}
	}
}

func TestOpens(t *testing.T) {
	c := cluster(t, namespaces("a")+
		named("everything", "a", "podSelector: {}\n  ingress: [{}]")+
		named("pods", "a", "podSelector: {matchLabels: {x: y}}\n  policyTypes: [Egress]\n  egress: [{ports: [{port: 53, protocol: UDP}]}, {to: [{namespaceSelector: {}}]}]")+
		named("addresses", "a", "podSelector: {}\n  ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0}}]}]")+
		named("halves", "a", "podSelector: {}\n  ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/1}}]}]")+
		named("ports", "a", "podSelector: {}\n  ingress: [{ports: [{port: 80}]}]")+
		named("tcp", "a", "podSelector: {}\n  ingress: [{ports: [{protocol: TCP}]}]")+
		named("own", "a", "podSelector: {}\n  ingress: [{from: [{podSelector: {}}]}]")+
		named("some", "a", "podSelector: {}\n  ingress: [{from: [{namespaceSelector: {}, podSelector: {matchLabels: {a: b}}}]}]")+
		gnp("calico", "selector: all()\n  ingress: [{action: Deny, protocol: TCP}, {action: Allow}]")+
		gnp("pods", "selector: all()\n  egress: [{action: Allow, destination: {namespaceSelector: all()}}]"), Options{})
	wantLines(t, lines(c.Opens(), func(o Opening) string {
		return fmt.Sprintf("%s: %s, %s, whole %v, overrules %d", o.Rule, o.Scope, o.Conns, o.WholeNamespace, len(o.Overrules))
	}), `
		NetworkPolicy a/addresses spec.ingress[0].from[0]: every IPv4 address, all, whole true, overrules 0
		NetworkPolicy a/everything spec.ingress[0]: everything, all, whole true, overrules 0
		NetworkPolicy a/pods spec.egress[1].to[0]: every pod of every namespace, all, whole false, overrules 1
		NetworkPolicy a/tcp spec.ingress[0]: everything, TCP, whole true, overrules 0
		GlobalNetworkPolicy calico spec.ingress[1]: everything, all, whole true, overrules 0
		GlobalNetworkPolicy pods spec.egress[0]: every pod of every namespace, all, whole true, overrules 0`)
}

func TestIneffective(t *testing.T) {
	c := cluster(t, namespaces("a")+workloads(calicoPods)+
		named("nobody", "a", "podSelector: {matchLabels: {app: nobody}}")+
		named("typo", "a", "podSelector: {}\n  ingress: [{from: [{podSelector: {matchLabels: {app: wbe}}}]}]")+
		named("twice", "a", "podSelector: {}\n  ingress: [{from: [{podSelector: {}}]}, {from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 80}]}, {from: [{podSelector: {}}]}]")+
		named("types", "a", "podSelector: {}\n  policyTypes: [Ingress]\n  egress: [{}]")+
		gnp("shadow", "order: 1\n  selector: app == 'web'\n  types: [Ingress]\n  ingress:\n"+
			"  - {action: Log}\n  - {action: Deny, protocol: TCP}\n  - {action: Allow, protocol: TCP, destination: {ports: [80]}}\n  - {action: Allow, protocol: UDP}")+
		gnp("late", "order: 2\n  selector: app == 'web'\n  types: [Ingress]\n  ingress:\n"+
			"  - {action: Allow, protocol: UDP, destination: {ports: [53]}}\n  - {action: Allow, source: {selector: \"app == 'nobody'\"}}"), Options{})
	wantLines(t, lines(c.Ineffective(), func(i Ineffective) string {
		text := i.Rule.String() + ": " + i.Why.String()
		if i.By.Policy != nil {
			text += " by " + i.By.String()
		}
		if i.Candidates > 0 {
			text += fmt.Sprintf(" of %d", i.Candidates)
		}
		return text
	}), `
		GlobalNetworkPolicy shadow spec.ingress[2]: is decided before by GlobalNetworkPolicy shadow spec.ingress[1]
		GlobalNetworkPolicy late spec.ingress[0]: is decided before by GlobalNetworkPolicy shadow spec.ingress[3]
		GlobalNetworkPolicy late spec.ingress[1]: matches nothing of 3
		NetworkPolicy a/nobody: selects nothing of 2
		NetworkPolicy a/twice spec.ingress[1].from[0]: is decided before by NetworkPolicy a/twice spec.ingress[0].from[0]
		NetworkPolicy a/twice spec.ingress[2].from[0]: is decided before by NetworkPolicy a/twice spec.ingress[0].from[0]
		NetworkPolicy a/types spec.egress[0]: is not in the policy's types
		NetworkPolicy a/typo spec.ingress[0].from[0]: matches nothing of 2`)
}

func TestDiff(t *testing.T) {
	pods := workloads("a/web app=web\na/db app=db")
	before := cluster(t, pods+named("p", "a", "podSelector: {matchLabels: {app: db}}\n  ingress: [{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 5432}]}]"), Options{})
	after := cluster(t, pods+named("p", "a", "podSelector: {matchLabels: {app: db}}\n  ingress: [{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 5433}]}, {from: [{ipBlock: {cidr: 203.0.113.0/24}}]}]"), Options{})
	text := func(c Change) string {
		return fmt.Sprintf("%s -> %s: opened %s, closed %s, %s was %s, is %s", c.From, c.To, c.Opened, c.Closed, c.Port, c.Before.Deciding().Why, c.After.Deciding().Why)
	}
	wantLines(t, lines(Diff(before, after), text), `
		Pod a/web -> Pod a/db: opened TCP 5433, closed TCP 5432, TCP 5432 was NetworkPolicy a/p spec.ingress[0].from[0] allows it, is NetworkPolicy a/p applies to Pod a/db for ingress and no rule allows it
		203.0.113.0/24 -> Pod a/db: opened all, closed none, TCP 0 was NetworkPolicy a/p applies to Pod a/db for ingress and no rule allows it, is NetworkPolicy a/p spec.ingress[1].from[0] allows it`)
	if d := Diff(before, before); len(d) > 0 {
		t.Errorf("a set differs from itself: %v", lines(d, text))
	}
}

func TestStagedChange(t *testing.T) {
	c := cluster(t, workloads("a/web app=web\na/db app=db")+
		named("live", "a", "podSelector: {matchLabels: {app: db}}")+
		calico("StagedNetworkPolicy", "web", "a", "stagedAction: Set\n  selector: app == 'web'\n  types: [Ingress]")+
		calico("StagedKubernetesNetworkPolicy", "live", "a", "stagedAction: Delete\n  podSelector: {matchLabels: {app: db}}"), Options{})
	wantLines(t, lines(c.StagedChange(), func(c Change) string {
		return fmt.Sprintf("%s -> %s: opened %s, closed %s", c.From, c.To, c.Opened, c.Closed)
	}), `
		Pod a/db -> Pod a/db: opened all, closed none
		Pod a/db -> Pod a/web: opened none, closed all
		Pod a/web -> Pod a/db: opened all, closed none
		Pod a/web -> Pod a/web: opened none, closed all
		any other pod of namespace a -> Pod a/db: opened all, closed none
		any other pod of namespace a -> Pod a/web: opened none, closed all
		other nodes -> Pod a/db: opened all, closed none
		other nodes -> Pod a/web: opened none, closed all
		0.0.0.0/0 -> Pod a/db: opened all, closed none
		0.0.0.0/0 -> Pod a/web: opened none, closed all`)
}

func TestExposure(t *testing.T) {
	c := cluster(t, workloads("a/web app=web\na/db app=db")+
		named("web", "a", "podSelector: {matchLabels: {app: web}}\n  ingress: [{from: [{ipBlock: {cidr: 203.0.113.0/24, except: [203.0.113.0/25]}}], ports: [{port: 443}]}]")+
		named("db", "a", "podSelector: {matchLabels: {app: db}}\n  policyTypes: [Ingress, Egress]\n  egress: [{to: [{ipBlock: {cidr: 198.51.100.0/24}}]}]"), Options{})
	text := func(f Flow) string { return fmt.Sprintf("%s -> %s: %s", f.From, f.To, f.Allowed) }
	wantLines(t, lines(c.ReachableFrom(netip.MustParsePrefix("203.0.113.0/24")), text), `
		203.0.113.128/25 -> Pod a/web: TCP 443
		203.0.113.0/25 -> any other pod of namespace a: all
		203.0.113.128/25 -> any other pod of namespace a: all`)
	wantLines(t, lines(c.WhoReaches(netip.MustParsePrefix("198.51.0.0/16")), text), `
		Pod a/db -> 198.51.100.0/24: all
		Pod a/web -> 198.51.0.0/18, 198.51.64.0/19, 198.51.96.0/22, 198.51.101.0/24, ...: all
		Pod a/web -> 198.51.100.0/24: all
		any other pod of namespace a -> 198.51.0.0/18, 198.51.64.0/19, 198.51.96.0/22, 198.51.101.0/24, ...: all
		any other pod of namespace a -> 198.51.100.0/24: all`)
}

func TestWhy(t *testing.T) {
	c := cluster(t, workloads(calicoPods)+
		policy("a", "podSelector: {matchLabels: {app: db}}\n  ingress:\n  - from:\n    - podSelector: {matchLabels: {app: web}}")+
		gnp("odd", "selector: app == 'web' && projectcalico.org/namespace == 'b'\n  egress: [{action: Allow, destination: {selector: \"app == '${APP}'\"}}]"), Options{})
	for _, tt := range []struct{ from, to, want string }{
		{"a/web", "a/db", "allowed: NetworkPolicy a/p spec.ingress[0].from[0] allows it"},
		{"a/?", "a/db", "denied: NetworkPolicy a/p applies to Pod a/db for ingress and no rule allows it"},
		{"a/db", "a/web", "allowed: no policy applies to Pod a/web for ingress (NetworkPolicy a/p selects other pods), so everything is allowed"},
		{"own-node", "a/db", "allowed: traffic from a node to its own pods is always allowed, so Pod a/db answers its probes"},
		{"b/web", "a/web", "unknown: GlobalNetworkPolicy odd spec.egress[0] allows it (GlobalNetworkPolicy odd spec.egress[0] may or may not match Pod a/web)"},
	} {
		v := c.Connection(endpoint(t, c, tt.from), endpoint(t, c, tt.to), TCP(80))
		if v.String() != tt.want {
			t.Errorf("%s to %s:\n got %s\nwant %s", tt.from, tt.to, v, tt.want)
		}
	}
	v := c.Connection(endpoint(t, c, "a/web"), endpoint(t, c, "a/db"), TCP(80))
	if pos := v.Deciding().Position(); pos.Line == 0 || pos.File != "test.yaml" {
		t.Errorf("the deciding rule has no position: %v", pos)
	}
}

func TestFromAPIServer(t *testing.T) {
	deny := policy("a", "podSelector: {}\n  policyTypes: [Ingress]")
	some := policy("a", "podSelector: {}\n  ingress: [{from: [{ipBlock: {cidr: 192.0.2.0/24}}], ports: [{port: hook}]}]")
	api := Options{APIServers: []netip.Prefix{netip.MustParsePrefix("192.0.2.7/32")}}
	for _, tt := range []struct {
		name, policies string
		opt            Options
		want           Outcome
	}{
		{"open", "", Options{}, Allowed},
		{"denied from everywhere", deny, Options{}, Denied},
		{"allowed from somewhere", some, Options{}, Unknown},
		{"allowed from where it is", some, api, Allowed},
		{"denied from where it is", deny, api, Denied},
	} {
		c := cluster(t, workloads("a/hook app=hook port:hook=9443")+tt.policies, tt.opt)
		if got := c.FromAPIServer(endpoint(t, c, "a/hook"), Port{Protocol: ProtoTCP, Name: "hook"}); got != tt.want {
			t.Errorf("%s: %s; want %s", tt.name, got, tt.want)
		}
	}
}

func TestSummary(t *testing.T) {
	c := cluster(t, workloads("a/web1 app=web\na/web2 app=web\na/db app=db")+
		named("db", "a", "podSelector: {matchLabels: {app: db}}\n  policyTypes: [Ingress, Egress]\n  ingress: [{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 5432}]}]")+
		named("web", "a", "podSelector: {matchLabels: {app: web}}\n  ingress: [{from: [{ipBlock: {cidr: 203.0.113.0/24}}], ports: [{port: 80}]}]"),
		Options{PodCIDRs: []netip.Prefix{generatedPods}, NodeCIDRs: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}})
	groups, flows := c.Summary()
	name := func(i int) string {
		return strings.Join(lines(groups[i].Members, (*Endpoint).String), " + ")
	}
	var got []string
	for _, f := range flows {
		got = append(got, fmt.Sprintf("%s -> %s: %s", name(f.From), name(f.To), f.Allowed))
	}
	rest := c.Address(netip.MustParseAddr("8.8.8.8")).String()
	wantLines(t, got, strings.ReplaceAll(`
		Pod a/web1 + Pod a/web2 -> Pod a/db: TCP 5432
		Pod a/web1 + Pod a/web2 -> any other pod of namespace a: all
		Pod a/web1 + Pod a/web2 -> other nodes: all
		Pod a/web1 + Pod a/web2 -> its own node: all
		Pod a/web1 + Pod a/web2 -> REST: all
		Pod a/web1 + Pod a/web2 -> 203.0.113.0/24: all
		any other pod of namespace a -> any other pod of namespace a: all
		any other pod of namespace a -> other nodes: all
		any other pod of namespace a -> its own node: all
		any other pod of namespace a -> REST: all
		any other pod of namespace a -> 203.0.113.0/24: all
		other nodes -> any other pod of namespace a: all
		its own node -> Pod a/db: all
		its own node -> Pod a/web1 + Pod a/web2: all
		its own node -> any other pod of namespace a: all
		REST -> any other pod of namespace a: all
		203.0.113.0/24 -> Pod a/web1 + Pod a/web2: TCP 80
		203.0.113.0/24 -> any other pod of namespace a: all`, "REST", rest))
	count := 0
	for _, f := range flows {
		count += len(groups[f.From].Members) * len(groups[f.To].Members)
	}
	if open := len(c.Connections()); open != count {
		t.Errorf("the summary stands for %d connections; there are %d", count, open)
	}
}
