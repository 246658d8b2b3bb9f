package netpol

import (
	"slices"
	"strings"
	"testing"
)

// One row for each rule of validation, with the code and field that it is reported
// at. The rules are those of Calico's validator (libcalico-go/lib/validator/v3) and
// of the API server for NetworkPolicy (pkg/apis/networking/validation).
var validationCases = []struct{ name, resource, want string }{
	{"valid", gnp("p", "selector: all()\n  ingress: [{action: Allow, protocol: TCP, destination: {ports: [80, \"90:99\", http]}}]"), ""},
	{"preDNAT without applyOnForward", gnp("p", "preDNAT: true\n  types: [Ingress]"), "pre-dnat spec.applyOnForward"},
	{"preDNAT with egress rules", gnp("p", "preDNAT: true\n  applyOnForward: true\n  egress: [{action: Deny}]"), "pre-dnat spec.egress"},
	{"preDNAT with type Egress", gnp("p", "preDNAT: true\n  applyOnForward: true\n  types: [Ingress, Egress]"), "pre-dnat spec.types"},
	{"preDNAT with doNotTrack", gnp("p", "preDNAT: true\n  doNotTrack: true\n  applyOnForward: true\n  types: [Ingress]"), "pre-dnat spec.preDNAT"},
	{"doNotTrack without applyOnForward", gnp("p", "doNotTrack: true"), "do-not-track spec.applyOnForward"},
	{"ports without protocol", gnp("p", "ingress: [{action: Allow, destination: {ports: [80]}}]"), "ports-need-protocol spec.ingress[0].destination.ports"},
	{"notPorts without protocol", gnp("p", "ingress: [{action: Allow, source: {notPorts: [80]}}]"), "ports-need-protocol spec.ingress[0].source.notPorts"},
	{"ports with ICMP", gnp("p", "egress: [{action: Allow, protocol: ICMP, destination: {ports: [80]}}]"), "ports-need-protocol spec.egress[0].destination.ports"},
	{"ports with a protocol by number", gnp("p", "egress: [{action: Allow, protocol: 6, destination: {ports: [80]}}]"), ""},
	{"services with a selector", cnp("p", "a", "egress: [{action: Allow, destination: {services: {name: s}, selector: all()}}]"), "services spec.egress[0].destination.selector"},
	{"services with a namespaceSelector", cnp("p", "a", "egress: [{action: Allow, destination: {services: {name: s}, namespaceSelector: all()}}]"), "services spec.egress[0].destination.namespaceSelector"},
	{"services with nets", cnp("p", "a", "egress: [{action: Allow, destination: {services: {name: s}, nets: [10.0.0.0/8]}}]"), "services spec.egress[0].destination.nets"},
	{"services with serviceAccounts", cnp("p", "a", "egress: [{action: Allow, destination: {services: {name: s}, serviceAccounts: {names: [x]}}}]"), "services spec.egress[0].destination.serviceAccounts"},
	{"services with ports", cnp("p", "a", "egress: [{action: Allow, protocol: TCP, destination: {services: {name: s}, ports: [80]}}]"), "services spec.egress[0].destination.ports"},
	{"services in an egress source", cnp("p", "a", "egress: [{action: Allow, source: {services: {name: s}}}]"), "services spec.egress[0].source.services"},
	{"services in an ingress destination", cnp("p", "a", "ingress: [{action: Allow, destination: {services: {name: s}}}]"), "services spec.ingress[0].destination.services"},
	{"services in an ingress source", cnp("p", "a", "ingress: [{action: Allow, source: {services: {name: s}}}]"), ""},
	{"services without namespace in a global policy", gnp("p", "egress: [{action: Allow, destination: {services: {name: s}}}]"), "services spec.egress[0].destination.services.namespace"},
	{"services without name", cnp("p", "a", "egress: [{action: Allow, destination: {services: {}}}]"), "services spec.egress[0].destination.services.name"},
	{"http on Deny", cnp("p", "a", "ingress: [{action: Deny, http: {methods: [GET]}}]"), "http spec.ingress[0].http"},
	{"http on egress", cnp("p", "a", "egress: [{action: Allow, http: {methods: [GET]}}]"), "http spec.egress[0].http"},
	{"http on UDP", cnp("p", "a", "ingress: [{action: Allow, protocol: UDP, http: {methods: [GET]}}]"), "http spec.ingress[0].protocol"},
	{"icmp without ICMP", gnp("p", "ingress: [{action: Allow, icmp: {type: 8}}]"), "icmp spec.ingress[0].icmp"},
	{"icmp with ICMP by number", gnp("p", "ingress: [{action: Allow, protocol: 1, icmp: {type: 8}}]"), "icmp spec.ingress[0].icmp"},
	{"icmp code without type", gnp("p", "ingress: [{action: Allow, protocol: ICMP, icmp: {code: 0}}]"), "icmp spec.ingress[0].icmp.code"},
	{"icmp type out of range", gnp("p", "ingress: [{action: Allow, protocol: ICMP, icmp: {type: 255}}]"), "icmp spec.ingress[0].icmp.type"},
	{"ICMP with ipVersion 6", gnp("p", "ingress: [{action: Allow, protocol: ICMP, ipVersion: 6}]"), "ip-version spec.ingress[0].ipVersion"},
	{"ICMPv6 with ipVersion 4", gnp("p", "ingress: [{action: Allow, notProtocol: ICMPv6, ipVersion: 4}]"), "ip-version spec.ingress[0].ipVersion"},
	{"ipVersion 5", gnp("p", "ingress: [{action: Allow, ipVersion: 5}]"), "ip-version spec.ingress[0].ipVersion"},
	{"ipVersion against nets", gnp("p", "ingress: [{action: Allow, ipVersion: 6, source: {nets: [10.0.0.0/8]}}]"), "ip-version spec.ingress[0].source.nets[0]"},
	{"global() with another selector", gnp("p", "ingress: [{action: Allow, source: {namespaceSelector: \"global() || a == 'b'\"}}]"), "global-selector spec.ingress[0].source.namespaceSelector"},
	{"global() in a rule's selector", gnp("p", "ingress: [{action: Allow, source: {selector: global()}}]"), "global-selector spec.ingress[0].source.selector"},
	{"global() in a policy's namespaceSelector", gnp("p", "namespaceSelector: global()"), "global-selector spec.namespaceSelector"},
	{"global() alone", gnp("p", "ingress: [{action: Allow, source: {namespaceSelector: global()}}]"), ""},
	{"both families in one list", gnp("p", "ingress: [{action: Allow, source: {nets: [10.0.0.0/8, \"fd00::/8\"]}}]"), "mixed-ip-families spec.ingress[0].source.nets[1]"},
	{"both families on two sides", gnp("p", "ingress: [{action: Allow, source: {nets: [10.0.0.0/8]}, destination: {notNets: [\"fd00::/8\"]}}]"), "mixed-ip-families spec.ingress[0].destination.notNets[0]"},
	{"a catch-all in notNets", gnp("p", "ingress: [{action: Allow, source: {notNets: [0.0.0.0/0]}}]"), "catch-all-notnets spec.ingress[0].source.notNets[0]"},
	{"a CIDR that is none", gnp("p", "ingress: [{action: Allow, source: {nets: [10.0.0.0/99]}}]"), "cidr spec.ingress[0].source.nets[0]"},
	{"a CIDR with host bits", gnp("p", "ingress: [{action: Allow, source: {nets: [10.0.0.1/8]}}]"), "cidr spec.ingress[0].source.nets[0]"},
	{"an address for a CIDR", gnp("p", "ingress: [{action: Allow, source: {nets: [10.0.0.1]}}]"), "cidr spec.ingress[0].source.nets[0]"},
	{"an address in a set", calico("GlobalNetworkSet", "s", "", "nets: [10.0.0.1]"), ""},
	{"a name with the default tier in front", gnp("default.p", "selector: all()"), "policy-name metadata.name"},
	{"257 nets", gnp("p", "ingress: [{action: Allow, source: {nets: ["+strings.TrimSuffix(strings.Repeat("10.0.0.0/8,", 257), ",")+"]}}]"), "limit spec.ingress[0].source.nets"},
	{"51 ports", gnp("p", "ingress: [{action: Allow, protocol: TCP, destination: {ports: ["+strings.TrimSuffix(strings.Repeat("1,", 51), ",")+"]}}]"), "limit spec.ingress[0].destination.ports"},
	{"1025 rules", gnp("p", "ingress: ["+strings.TrimSuffix(strings.Repeat("{action: Allow},", 1025), ",")+"]"), "limit spec.ingress"},
	{"a long selector", gnp("p", "selector: \"a == '"+strings.Repeat("x", 1024)+"'\""), "limit spec.selector"},
	{"a broken selector", gnp("p", "selector: \"app == web\""), "selector-syntax spec.selector"},
	{"a broken serviceAccountSelector", gnp("p", "serviceAccountSelector: \"has(\""), "selector-syntax spec.serviceAccountSelector"},
	{"an action in lower case", gnp("p", "ingress: [{action: allow}]"), "action spec.ingress[0].action"},
	{"no action", gnp("p", "ingress: [{protocol: TCP}]"), "action spec.ingress[0].action"},
	{"a protocol in lower case", gnp("p", "ingress: [{action: Allow, protocol: tcp}]"), "protocol spec.ingress[0].protocol"},
	{"protocol 0", gnp("p", "ingress: [{action: Allow, protocol: 0}]"), "protocol spec.ingress[0].protocol"},
	{"port 0", gnp("p", "ingress: [{action: Allow, protocol: TCP, destination: {ports: [0]}}]"), "port spec.ingress[0].destination.ports[0]"},
	{"a range that ends before it begins", gnp("p", "ingress: [{action: Allow, protocol: TCP, destination: {ports: [\"9:8\"]}}]"), "port spec.ingress[0].destination.ports[0]"},
	{"an unknown type", gnp("p", "types: [ingress]"), "policy-types spec.types[0]"},
	{"a type twice", gnp("p", "types: [Ingress, Ingress]"), "policy-types spec.types[1]"},
	{"a dot in a name of the default tier", gnp("a.b", "selector: all()"), "policy-name metadata.name"},
	{"a name without its tier", calico("Tier", "t", "", "order: 1") + gnp("p", "tier: t"), "policy-name metadata.name"},
	{"a name with its tier", calico("Tier", "t", "", "order: 1") + gnp("t.p", "tier: t"), ""},
	{"a tier that nothing declares", gnp("t.p", "tier: t"), "unknown-tier spec.tier"},
	{"a host endpoint without node and interface", calico("HostEndpoint", "h", "", "profiles: []"), "host-endpoint spec.interfaceName, host-endpoint spec.node"},
	{"a net of a set", calico("GlobalNetworkSet", "s", "", "nets: [nowhere]"), "cidr spec.nets[0]"},
	{"the backing store", strings.Replace(gnp("p", "selector: all()"), "projectcalico.org/v3", "crd.projectcalico.org/v1", 1), "calico-backing-store apiVersion"},
	{"an admin policy", "apiVersion: policy.networking.k8s.io/v1alpha2\nkind: ClusterNetworkPolicy\nmetadata: {name: x}\n", "not-understood "},
	{"an unresolved order", gnp("p", "order: ${ORDER}"), "unresolved-variable spec.order"},
	{"a spec that is a list", "apiVersion: projectcalico.org/v3\nkind: GlobalNetworkPolicy\nmetadata: {name: p}\nspec: []\n", "field spec"},
	{"rules that are no list", gnp("p", "ingress: {action: Allow}"), "field spec.ingress"},
	{"a rule that is null", gnp("p", "ingress: [null]"), "field spec.ingress[0]"},

	{"Kubernetes: an unknown type", policy("a", "podSelector: {}\n  policyTypes: [ingress]"), "policy-types spec.policyTypes[0]"},
	{"Kubernetes: a peer that names none", policy("a", "podSelector: {}\n  ingress: [{from: [{}]}]"), "field spec.ingress[0].from[0]"},
	{"Kubernetes: ipBlock and selector", policy("a", "podSelector: {}\n  ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}, podSelector: {}}]}]"), "field spec.ingress[0].from[0]"},
	{"Kubernetes: an address for a CIDR", policy("a", "podSelector: {}\n  ingress: [{from: [{ipBlock: {cidr: 10.0.0.1}}]}]"), "cidr spec.ingress[0].from[0].ipBlock.cidr"},
	{"Kubernetes: an exception outside", policy("a", "podSelector: {}\n  ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [11.0.0.0/16]}}]}]"), "cidr spec.ingress[0].from[0].ipBlock.except[0]"},
	{"Kubernetes: endPort without port", policy("a", "podSelector: {}\n  ingress: [{ports: [{endPort: 90}]}]"), "port spec.ingress[0].ports[0].endPort"},
	{"Kubernetes: endPort with a name", policy("a", "podSelector: {}\n  ingress: [{ports: [{port: http, endPort: 90}]}]"), "port spec.ingress[0].ports[0].endPort"},
	{"Kubernetes: endPort below port", policy("a", "podSelector: {}\n  ingress: [{ports: [{port: 91, endPort: 90}]}]"), "port spec.ingress[0].ports[0].endPort"},
	{"Kubernetes: a port in quotes", policy("a", "podSelector: {}\n  ingress: [{ports: [{port: \"80\"}]}]"), "port spec.ingress[0].ports[0].port"},
	{"Kubernetes: a protocol in lower case", policy("a", "podSelector: {}\n  ingress: [{ports: [{port: 80, protocol: tcp}]}]"), "protocol spec.ingress[0].ports[0].protocol"},
	{"Kubernetes: an operator", policy("a", "podSelector: {matchExpressions: [{key: a, operator: in, values: [b]}]}"), "selector-syntax spec.podSelector.matchExpressions[0].operator"},
	{"Kubernetes: In without values", policy("a", "podSelector: {matchExpressions: [{key: a, operator: In}]}"), "selector-syntax spec.podSelector.matchExpressions[0].values"},
	{"Kubernetes: a label that is a boolean", policy("a", "podSelector: {matchLabels: {a: yes}}"), "selector-syntax spec.podSelector.matchLabels.a"},
}

func TestValidation(t *testing.T) {
	for _, tt := range validationCases {
		t.Run(tt.name, func(t *testing.T) {
			_, problems := New(load(t, tt.resource), Options{})
			if got := strings.Join(codes(problems), ", "); got != tt.want {
				t.Errorf("got  %q\nwant %q", got, tt.want)
				for _, p := range problems {
					t.Logf("%s %s", p.Path, p.Message)
				}
			}
		})
	}
}

// TestEveryCode keeps the table complete.
func TestEveryCode(t *testing.T) {
	var want []string
	for _, tt := range validationCases {
		for _, w := range strings.Split(tt.want, ", ") {
			want = append(want, strings.Fields(w + " -")[0])
		}
	}
	for _, code := range []Code{CodeSelector, CodeGlobalSelector, CodeName, CodeTier, CodeAction, CodeTypes, CodeProtocol, CodePort,
		CodePortProtocol, CodeICMP, CodeIPVersion, CodeCIDR, CodeMixedFamilies, CodeNotNets, CodeServices, CodeHTTP, CodePreDNAT,
		CodeDoNotTrack, CodeLimit, CodeHostEndpoint, CodeBackingStore, CodeNotUnderstood, CodeUnresolved, CodeField} {
		if !slices.Contains(want, string(code)) {
			t.Errorf("no case for %s", code)
		}
	}
}

func TestProblemHasPosition(t *testing.T) {
	_, problems := New(load(t, "apiVersion: projectcalico.org/v3\nkind: GlobalNetworkPolicy\nmetadata: {name: p}\nspec:\n  selector: app = 'web'\n"), Options{})
	if len(problems) != 1 {
		t.Fatalf("%d problems; want 1", len(problems))
	}
	p := problems[0]
	if pos := p.Position(); pos.Line != 5 {
		t.Errorf("line %d; want 5", pos.Line)
	}
	if want := `"app = 'web'" does not parse: column 5: expected ==`; p.Message != want {
		t.Errorf("message %q; want %q", p.Message, want)
	}
}

func TestSelectorColumn(t *testing.T) {
	for text, want := range map[string]int{
		"app = 'web'":               5,
		"app == web":                8,
		"app":                       4,
		"a == 'b' &&":               12,
		"a == 'b' & c == 'd'":       10,
		"(a == 'b'":                 10,
		"a in {'b', 'c'":            15,
		"a in 'b'":                  3,
		"has(a) has(b)":             8,
		"a == 'é' && b = 'c'":       15,
		"a == 'unterminated":        6,
		"a === 'b'":                 5,
		"! ! @":                     5,
		strings.Repeat("(", 200000): 102,
	} {
		_, err := parseSelector(text)
		e, ok := err.(*SelectorError)
		if !ok {
			t.Errorf("%.40q: no error", text)
		} else if e.Column != want {
			t.Errorf("%.40q: column %d (%s); want %d", text, e.Column, e.Reason, want)
		}
	}
}

func TestLegacy(t *testing.T) {
	c, problems := New(load(t, workloads(calicoPods)+`
---
apiVersion: v1
kind: policy
metadata: {name: old}
spec:
  selector: app == 'web'
  order: 100
  preDNAT: true
  ingress:
  - action: deny
    protocol: tcp
    source: {net: 203.0.113.0/24}
    destination: {ports: [80]}
---
apiVersion: v1
kind: hostEndpoint
metadata: {name: h, node: n}
spec: {interfaceName: eth0}
`), Options{})
	var messages []string
	for _, p := range problems {
		if p.Code != CodeLegacy {
			t.Errorf("%s %s", p.Code, p.Message)
		}
		messages = append(messages, p.Message)
	}
	want := []string{
		`is "hostEndpoint" with apiVersion v1, a document of calicoctl v1; write it as kind HostEndpoint of projectcalico.org/v3`,
		`is "policy" with apiVersion v1, a document of calicoctl v1; write it as kind GlobalNetworkPolicy of projectcalico.org/v3; action "deny" is now "Deny"; protocol "tcp" is now "TCP"; net is now the list nets`,
	}
	if !slices.Equal(messages, want) {
		t.Errorf("got %q\nwant %q", messages, want)
	}
	if p := c.Policies(); len(p) != 1 || !p[0].preDNAT || len(p[0].rules[Ingress]) != 1 || p[0].rules[Ingress][0].action != actionDeny {
		t.Errorf("the policy was not read: %+v", p)
	}
}
