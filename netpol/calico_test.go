package netpol

import (
	"net/netip"
	"testing"
)

const calicoPods = `
a/web app=web port:http=8080
a/db app=db port:sql=5432
b/web app=web
`

// gnp is a GlobalNetworkPolicy, cnp a Calico NetworkPolicy.
func gnp(name, spec string) string { return calico("GlobalNetworkPolicy", name, "", spec) }

func cnp(name, namespace, spec string) string {
	return calico("NetworkPolicy", name, namespace, spec)
}

func calico(kind, name, namespace, spec string) string {
	text := "\n---\napiVersion: projectcalico.org/v3\nkind: " + kind + "\nmetadata:\n  name: " + name + "\n"
	if namespace != "" {
		text += "  namespace: " + namespace + "\n"
	}
	return text + "spec:\n  " + spec + "\n"
}

// The sources are Calico's documentation (docs.tigera.io/calico/latest, abridged
// to the page) and code (github.com/projectcalico/calico, by path).
var calicoCases = []struct {
	name, source, resources, want string
	opt                           Options
}{
	{
		name:      "a policy that selects an endpoint denies what it does not allow",
		source:    "reference/resources/networkpolicy: default deny once a policy applies",
		resources: cnp("p", "a", "selector: app == 'web'\n  ingress: [{action: Allow, protocol: TCP, destination: {ports: [8080]}}]"),
		want: `
			b/web a/web TCP 8080 allowed
			b/web a/web TCP 80 denied
			b/web a/db TCP 80 allowed
			a/web b/web TCP 80 allowed`,
	},
	{
		name:   "order decides, missing order is last",
		source: "reference/resources/globalnetworkpolicy: order, infinite where omitted",
		resources: gnp("z-first", "order: 1\n  selector: all()\n  ingress: [{action: Deny, protocol: TCP, destination: {ports: [80]}}]") +
			gnp("a-last", "selector: all()\n  ingress: [{action: Allow}]"),
		want: "b/web a/web TCP 80 denied\nb/web a/web TCP 81 allowed",
	},
	{
		name:   "equal orders are walked by name",
		source: "felix/calc/policy_sorter.go, PolKVLess",
		resources: gnp("b", "order: 5\n  selector: all()\n  ingress: [{action: Allow}]") +
			gnp("a", "order: 5\n  selector: all()\n  ingress: [{action: Deny, source: {selector: \"app == 'db'\"}}]"),
		want: "a/db a/web TCP 80 denied\nb/web a/web TCP 80 allowed",
	},
	{
		name:   "rules are walked in order; Log decides nothing",
		source: "reference/resources/networkpolicy: rules",
		resources: gnp("p", "selector: all()\n  ingress:\n  - {action: Log}\n  - {action: Deny, source: {selector: \"app == 'db'\"}}\n"+
			"  - {action: Allow}\n  - {action: Deny}"),
		want: "a/db a/web TCP 80 denied\nb/web a/web TCP 80 allowed",
	},
	{
		name:   "types default to what the rules are",
		source: "api GlobalNetworkPolicySpec.Types",
		resources: cnp("in", "a", "selector: app == 'web'") +
			cnp("out", "a", "selector: app == 'db'\n  egress: [{action: Allow, protocol: UDP}]"),
		want: `
			b/web a/web TCP 80 denied
			a/web b/web TCP 80 allowed
			a/db b/web TCP 80 denied
			a/db b/web UDP 80 allowed
			b/web a/db TCP 80 allowed`,
	},
	{
		name:   "a Kubernetes policy stands at order 1000 in the default tier",
		source: "libcalico-go/lib/backend/k8s/conversion/conversion.go, K8sNetworkPolicyToCalico",
		resources: policy("a", "podSelector: {}\n  ingress: [{ports: [{port: 80}, {port: 81}]}]") +
			gnp("before", "order: 999\n  selector: all()\n  ingress: [{action: Deny, protocol: TCP, destination: {ports: [80]}}]") +
			gnp("after", "order: 1001\n  selector: all()\n  ingress: [{action: Deny, protocol: TCP, destination: {ports: [81]}}, {action: Allow}]"),
		want: `
			b/web a/web TCP 80 denied
			b/web a/web TCP 81 allowed
			b/web a/web TCP 82 allowed
			b/web b/web TCP 81 denied`,
	},
	{
		name:   "tiers: Pass goes on, no match denies, a tier without applying policy is skipped",
		source: "network-policy/policy-tiers/tiered-policy",
		resources: calico("Tier", "security", "", "order: 100") + calico("Tier", "platform", "", "order: 200") +
			gnp("security.quarantine", "tier: security\n  selector: app == 'web'\n  ingress:\n"+
				"  - {action: Deny, source: {selector: \"app == 'db'\"}}\n  - {action: Pass, protocol: TCP}") +
			gnp("platform.none", "tier: platform\n  selector: app == 'nobody'\n  ingress: [{action: Deny}]") +
			cnp("p", "a", "selector: app == 'web'\n  ingress: [{action: Allow, destination: {ports: [8080]}, protocol: TCP}]"),
		want: `
			a/db a/web TCP 8080 denied
			b/web a/web TCP 8080 allowed
			b/web a/web TCP 80 denied
			b/web a/web UDP 53 denied
			a/web b/web TCP 1 allowed
			a/web b/web UDP 1 denied`,
	},
	{
		name:   "a tier whose default action is Pass",
		source: "reference/resources/tier: defaultAction (since 3.30)",
		resources: calico("Tier", "soft", "", "order: 100\n  defaultAction: Pass") +
			gnp("soft.p", "tier: soft\n  selector: all()\n  ingress: [{action: Deny, source: {selector: \"app == 'db'\"}}]"),
		want: "a/db a/web TCP 80 denied\nb/web a/web TCP 80 allowed",
	},
	{
		name:      "Pass in the last tier reaches the profiles, which allow pods",
		source:    "felix/rules/endpoints.go, endpointIptablesChain; conversion.go, NamespaceToProfile",
		resources: gnp("p", "selector: all()\n  ingress: [{action: Pass, protocol: TCP}]"),
		want:      "b/web a/web TCP 80 allowed\nb/web a/web UDP 80 denied",
	},
	{
		name:      "selectors of namespaced policies stay in the namespace",
		source:    "libcalico-go/lib/backend/syncersv1/updateprocessors/rules.go, getEndpointSelector",
		resources: cnp("p", "a", "selector: app == 'db'\n  ingress:\n  - {action: Allow, source: {selector: \"app == 'web'\"}}"),
		want:      "a/web a/db TCP 80 allowed\nb/web a/db TCP 80 denied",
	},
	{
		name:   "namespaceSelector by name, by label, all() and global()",
		source: "reference/resources/networkpolicy: entity rule; reference/resources/globalnetworkset",
		resources: namespaces("a\nb team=red") +
			calico("GlobalNetworkSet", "corp", "", "nets: [203.0.113.0/24]") +
			cnp("p", "a", "selector: app == 'db'\n  ingress:\n"+
				"  - {action: Allow, protocol: TCP, destination: {ports: [1]}, source: {namespaceSelector: \"projectcalico.org/name == 'b'\"}}\n"+
				"  - {action: Allow, protocol: TCP, destination: {ports: [2]}, source: {namespaceSelector: \"team == 'red'\"}}\n"+
				"  - {action: Allow, protocol: TCP, destination: {ports: [3]}, source: {namespaceSelector: \"all()\"}}\n"+
				"  - {action: Allow, protocol: TCP, destination: {ports: [4]}, source: {namespaceSelector: \"global()\"}}\n"+
				"  - {action: Allow, protocol: TCP, destination: {ports: [5]}, source: {selector: \"projectcalico.org/namespace == 'b'\", namespaceSelector: \"all()\"}}"),
		want: `
			b/web a/db TCP 1 allowed
			a/web a/db TCP 1 denied
			b/web a/db TCP 2 allowed
			a/web a/db TCP 2 denied
			b/web a/db TCP 3 allowed
			203.0.113.1 a/db TCP 3 denied
			203.0.113.1 a/db TCP 4 allowed
			a/web a/db TCP 4 denied
			b/web a/db TCP 5 allowed
			a/web a/db TCP 5 denied`,
		opt: Options{PodCIDRs: []netip.Prefix{generatedPods}},
	},
	{
		name:   "network sets are found by their labels, in the namespace or globally",
		source: "reference/resources/networkset and globalnetworkset",
		resources: "\n---\napiVersion: projectcalico.org/v3\nkind: GlobalNetworkSet\nmetadata: {name: g, labels: {role: partner}}\nspec: {nets: [198.51.100.0/24]}\n" +
			"\n---\napiVersion: projectcalico.org/v3\nkind: NetworkSet\nmetadata: {name: n, namespace: a, labels: {role: partner}}\nspec: {nets: [203.0.113.0/25, \"203.0.113.200\"]}\n" +
			cnp("local", "a", "selector: app == 'db'\n  egress: [{action: Allow, destination: {selector: \"role == 'partner'\"}}]") +
			gnp("global", "selector: app == 'web'\n  egress: [{action: Allow, destination: {selector: \"role == 'partner'\"}}]"),
		want: `
			a/db 203.0.113.1 TCP 80 allowed
			a/db 203.0.113.200 TCP 80 allowed
			a/db 203.0.113.201 TCP 80 denied
			a/db 198.51.100.1 TCP 80 denied
			a/web 198.51.100.1 TCP 80 allowed
			b/web 203.0.113.1 TCP 80 allowed
			a/web 8.8.8.8 TCP 80 denied`,
	},
	{
		name:   "notSelector matches what is no such endpoint, selector with a negation only endpoints",
		source: "api EntityRule.Selector: the two types of negation are subtly different",
		resources: gnp("p", "selector: app == 'db'\n  ingress:\n"+
			"  - {action: Allow, protocol: TCP, destination: {ports: [1]}, source: {selector: \"app != 'web'\"}}\n"+
			"  - {action: Allow, protocol: TCP, destination: {ports: [2]}, source: {notSelector: \"app == 'web'\"}}"),
		want: `
			a/web a/db TCP 1 denied
			a/? a/db TCP 1 allowed
			203.0.113.1 a/db TCP 1 denied
			203.0.113.1 a/db TCP 2 allowed
			a/web a/db TCP 2 denied`,
	},
	{
		name:      "in a namespaced policy even notSelector stays in the namespace",
		source:    "updateprocessors/rules.go, getEndpointSelector: the namespace is added if selector, notSelector or namespaceSelector is there",
		resources: cnp("p", "a", "selector: app == 'db'\n  ingress: [{action: Allow, source: {notSelector: \"app == 'web'\"}}]"),
		want:      "a/? a/db TCP 1 allowed\na/web a/db TCP 1 denied\nb/web a/db TCP 1 denied\nb/? a/db TCP 1 denied\n203.0.113.1 a/db TCP 1 denied",
	},
	{
		name:   "service accounts by name and by label",
		source: "updateprocessors/rules.go, parseServiceAccounts: names and selector are a conjunction",
		resources: workloads("a/job sa=batch") +
			"\n---\napiVersion: v1\nkind: ServiceAccount\nmetadata: {name: batch, namespace: a, labels: {trust: high}}\n" +
			cnp("p", "a", "selector: app == 'db'\n  ingress:\n"+
				"  - {action: Allow, protocol: TCP, destination: {ports: [1]}, source: {serviceAccounts: {names: [batch]}}}\n"+
				"  - {action: Allow, protocol: TCP, destination: {ports: [2]}, source: {serviceAccounts: {selector: \"trust == 'high'\"}}}\n"+
				"  - {action: Allow, protocol: TCP, destination: {ports: [3]}, source: {serviceAccounts: {names: [other], selector: \"trust == 'high'\"}}}") +
			cnp("q", "a", "serviceAccountSelector: trust == 'high'\n  egress: [{action: Allow, protocol: TCP}]"),
		want: `
			a/job a/db TCP 1 allowed
			a/web a/db TCP 1 denied
			a/job a/db TCP 2 allowed
			a/web a/db TCP 2 unknown
			a/job a/db TCP 3 denied
			a/job b/web UDP 53 denied`,
	},
	{
		name:   "services stand for the pods and ports behind them",
		source: "network-policy/policy-rules/service-policy; felix/calc/rule_scanner.go",
		resources: "\n---\napiVersion: v1\nkind: Service\nmetadata: {name: db, namespace: a}\nspec: {selector: {app: db}, ports: [{port: 80, targetPort: sql}]}\n" +
			"\n---\napiVersion: v1\nkind: Service\nmetadata: {name: bare, namespace: a}\nspec: {ports: [{port: 443}]}\n" +
			cnp("p", "a", "selector: app == 'web'\n  egress: [{action: Allow, destination: {services: {name: db}}}]") +
			gnp("q", "selector: projectcalico.org/namespace == 'b'\n  egress: [{action: Allow, destination: {services: {name: bare, namespace: a}}}]"),
		want: `
			a/web a/db TCP 5432 allowed
			a/web a/db TCP 80 denied
			a/web b/web TCP 5432 denied
			b/web a/db TCP 443 unknown`,
	},
	{
		name:   "nets, notNets and ipVersion",
		source: "reference/resources/globalnetworkpolicy: entity rule; felix/rules, FilterRuleToIPVersion",
		resources: gnp("p", "selector: app == 'web'\n  egress:\n"+
			"  - {action: Allow, protocol: TCP, destination: {ports: [1], nets: [203.0.113.0/24], notNets: [203.0.113.128/25]}}\n"+
			"  - {action: Allow, protocol: TCP, destination: {ports: [2], notNets: [10.0.0.0/8]}}\n"+
			"  - {action: Allow, protocol: TCP, ipVersion: 6, destination: {ports: [3]}}"),
		want: `
			a/web 203.0.113.1 TCP 1 allowed
			a/web 203.0.113.129 TCP 1 denied
			a/web 8.8.8.8 TCP 2 allowed
			a/web 10.9.9.9 TCP 2 denied
			a/web 2001:db8::1 TCP 2 denied
			a/web 2001:db8::1 TCP 3 allowed
			a/web 8.8.8.8 TCP 3 denied`,
	},
	{
		name:   "protocols by number, negated, and ICMP",
		source: "reference/resources/globalnetworkpolicy: protocol, notProtocol, icmp, notICMP",
		resources: gnp("p", "selector: app == 'web'\n  ingress:\n"+
			"  - {action: Deny, protocol: ICMP, icmp: {type: 8, code: 0}}\n  - {action: Allow, protocol: 1}\n  - {action: Allow, notProtocol: TCP}") +
			gnp("q", "selector: app == 'db'\n  ingress: [{action: Allow, protocol: ICMP, notICMP: {type: 8}}]"),
		want: `
			b/web a/web ICMP 8/0 denied
			b/web a/web ICMP 0/0 allowed
			b/web a/web UDP 53 allowed
			b/web a/web TCP 53 denied
			b/web a/web SCTP 1 allowed
			b/web a/db ICMP 8/3 denied
			b/web a/db ICMP 3/1 allowed`,
	},
	{
		name:   "named ports, ranges and notPorts",
		source: "api EntityRule.Ports and NotPorts",
		resources: gnp("p", "selector: all()\n  ingress: [{action: Allow, protocol: TCP, destination: {ports: [http, \"9000:9010\"]}}, "+
			"{action: Allow, protocol: UDP, destination: {notPorts: [53]}}]"),
		want: `
			b/web a/web TCP 8080 allowed
			b/web a/db TCP 8080 denied
			b/web a/db TCP 9010 allowed
			b/web a/db TCP 9011 denied
			b/web a/db UDP 53 denied
			b/web a/db UDP 54 allowed`,
	},
	{
		name:      "a source port is not known, so the verdict is not",
		source:    "a client's port is the kernel's choice",
		resources: gnp("p", "selector: app == 'web'\n  ingress: [{action: Allow, protocol: TCP, source: {ports: [1000]}}]"),
		want:      "b/web a/web TCP 80 unknown\nb/web a/web UDP 80 denied",
	},
	{
		name:      "staged policies are not enforced",
		source:    "network-policy/staged-network-policies",
		resources: calico("StagedGlobalNetworkPolicy", "p", "", "selector: all()\n  types: [Ingress, Egress]"),
		want:      "b/web a/web TCP 80 allowed",
	},
	{
		name:      "staged policies as if they were",
		source:    "network-policy/staged-network-policies",
		resources: calico("StagedGlobalNetworkPolicy", "p", "", "selector: all()\n  types: [Ingress, Egress]"),
		want:      "b/web a/web TCP 80 denied",
		opt:       Options{Staged: true},
	},
	{
		name:      "a policy of a tier that nothing declares",
		source:    "felix/calc/policy_resolver.go: versions differ; and the cluster may have the tier",
		resources: gnp("elsewhere.p", "tier: elsewhere\n  selector: app == 'web'\n  ingress: [{action: Deny}]"),
		want:      "b/web a/web TCP 80 unknown\nb/web a/db TCP 80 allowed",
	},
	{
		name:      "an admin policy is not understood",
		source:    "network-policy-api.sigs.k8s.io: evaluated before NetworkPolicy",
		resources: "\n---\napiVersion: policy.networking.k8s.io/v1alpha1\nkind: AdminNetworkPolicy\nmetadata: {name: x}\nspec: {priority: 5}\n",
		want:      "b/web a/web TCP 80 unknown",
	},
	{
		name:      "labels of a namespace that is not among the resources",
		source:    "this package: the labels are unknown, so is the verdict",
		resources: cnp("p", "a", "selector: app == 'db'\n  ingress: [{action: Allow, source: {namespaceSelector: \"team == 'red'\"}}]"),
		want:      "b/web a/db TCP 80 unknown\n203.0.113.1 a/db TCP 80 denied",
	},
	{
		name:      "a selector that does not parse",
		source:    "this package: the policy may be for any pod, or refused",
		resources: gnp("p", "selector: app = 'web'\n  ingress: [{action: Deny}]"),
		want:      "b/web a/web TCP 80 unknown",
	},
	{
		name:      "an unresolved variable",
		source:    "this package: the value is unknown",
		resources: gnp("p", "selector: app == '${APP}'\n  ingress: [{action: Deny}]"),
		want:      "b/web a/web TCP 80 unknown",
	},
}

func TestCalicoDocumentation(t *testing.T) {
	for _, tt := range calicoCases {
		t.Run(tt.name, func(t *testing.T) {
			expect(t, cluster(t, workloads(calicoPods)+tt.resources, tt.opt), tt.want)
		})
	}
}
