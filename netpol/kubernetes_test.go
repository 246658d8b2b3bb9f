package netpol

import "testing"

// The cases are statements of the Kubernetes documentation; source says which.
// Those without another source are from
// kubernetes.io/docs/concepts/services-networking/network-policies.
var kubernetesCases = []struct{ name, source, resources, want string }{
	{
		name:      "non-isolated pods accept everything",
		source:    "By default, a pod is non-isolated for egress/ingress; all connections are allowed",
		resources: workloads("a/web app=web\nb/db app=db"),
		want: `
			a/web b/db TCP 80 allowed
			a/? b/db UDP 53 allowed
			203.0.113.9 a/web TCP 80 allowed
			a/web 203.0.113.9 ICMP 8/0 allowed`,
	},
	{
		name:   "the page's example policy",
		source: "The NetworkPolicy resource: test-network-policy",
		resources: namespaces("default\nmine project=myproject\nother project=yours") + workloads(`
			default/db role=db
			default/frontend role=frontend
			default/other role=other
			mine/client app=x
			other/client app=x`) + `
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: test-network-policy, namespace: default}
spec:
  podSelector: {matchLabels: {role: db}}
  policyTypes: [Ingress, Egress]
  ingress:
  - from:
    - ipBlock: {cidr: 172.17.0.0/16, except: [172.17.1.0/24]}
    - namespaceSelector: {matchLabels: {project: myproject}}
    - podSelector: {matchLabels: {role: frontend}}
    ports:
    - {protocol: TCP, port: 6379}
  egress:
  - to:
    - ipBlock: {cidr: 10.0.0.0/24}
    ports:
    - {protocol: TCP, port: 5978}
`,
		want: `
			default/frontend default/db TCP 6379 allowed
			default/frontend default/db TCP 6380 denied
			default/frontend default/db UDP 6379 denied
			default/other default/db TCP 6379 unknown
			mine/client default/db TCP 6379 allowed
			172.17.0.5 default/db TCP 6379 allowed
			172.17.1.5 default/db TCP 6379 denied
			172.18.0.5 default/db TCP 6379 denied
			default/db 10.0.0.7 TCP 5978 allowed
			default/db 10.0.1.7 TCP 5978 denied
			default/db 10.0.0.7 TCP 80 denied
			default/frontend default/other TCP 80 allowed`,
	},
	{
		name:   "one peer with both selectors is an and",
		source: "Behavior of to and from selectors: namespaceSelector and podSelector",
		resources: namespaces("a\nb user=alice\nc user=bob") + workloads(`
			a/web app=web
			b/client role=client
			b/other role=other
			c/client role=client
			a/client role=client`) + `
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: p, namespace: a}
spec:
  podSelector: {}
  ingress:
  - from:
    - namespaceSelector: {matchLabels: {user: alice}}
      podSelector: {matchLabels: {role: client}}
`,
		want: `
			b/client a/web TCP 80 allowed
			b/other a/web TCP 80 denied
			c/client a/web TCP 80 denied
			a/client a/web TCP 80 denied
			b/client a/web ICMP 8/0 allowed`,
	},
	{
		name:   "two peers are an or",
		source: "the same section: a single from array with two elements",
		resources: namespaces("a\nb user=alice") + workloads(`
			a/web app=web
			b/other role=other
			a/client role=client
			a/other role=other`) + `
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: p, namespace: a}
spec:
  podSelector: {}
  ingress:
  - from:
    - namespaceSelector: {matchLabels: {user: alice}}
    - podSelector: {matchLabels: {role: client}}
`,
		want: `
			b/other a/web TCP 80 allowed
			a/client a/web TCP 80 allowed
			a/other a/web TCP 80 denied`,
	},
	{
		name:      "default deny all ingress",
		source:    "Default deny all ingress traffic",
		resources: workloads("a/web app=web\nb/web app=web") + policy("a", "podSelector: {}\n  policyTypes: [Ingress]"),
		want: `
			b/web a/web TCP 80 denied
			a/? a/web TCP 80 denied
			203.0.113.9 a/web TCP 80 denied
			a/web b/web TCP 80 allowed`,
	},
	{
		name:      "allow all ingress",
		source:    "Allow all ingress traffic",
		resources: workloads("a/web app=web\nb/web app=web") + policy("a", "podSelector: {}\n  ingress: [{}]\n  policyTypes: [Ingress]"),
		want:      "b/web a/web TCP 80 allowed\n203.0.113.9 a/web UDP 1 allowed",
	},
	{
		name:      "default deny all egress",
		source:    "Default deny all egress traffic",
		resources: workloads("a/web app=web\nb/web app=web") + policy("a", "podSelector: {}\n  policyTypes: [Egress]"),
		want:      "a/web b/web TCP 80 denied\nb/web a/web TCP 80 allowed\na/web 203.0.113.9 UDP 53 denied",
	},
	{
		name:      "policyTypes default to Ingress, and Egress if there are egress rules",
		source:    "If no policyTypes are specified ... Ingress will always be set and Egress will be set if the NetworkPolicy has any egress rules",
		resources: workloads("a/web app=web\nb/web app=web") + policy("a", "podSelector: {}\n  egress: [{ports: [{port: 53, protocol: UDP}]}]"),
		want:      "a/web b/web TCP 80 denied\na/web b/web UDP 53 allowed\nb/web a/web TCP 80 denied",
	},
	{
		name:      "an empty egress list does not set the type",
		source:    "k8s.io/kubernetes/pkg/apis/networking/v1/defaults.go: len(obj.Spec.Egress) != 0",
		resources: workloads("a/web app=web\nb/web app=web") + policy("a", "podSelector: {}\n  egress: []"),
		want:      "a/web b/web TCP 80 allowed\nb/web a/web TCP 80 denied",
	},
	{
		name:   "policies add up",
		source: "Network policies do not conflict; they are additive",
		resources: workloads("a/web app=web\na/x app=x\na/z app=zz") + policy("a", "podSelector: {}\n  policyTypes: [Ingress]") +
			named("p2", "a", "podSelector: {matchLabels: {app: web}}\n  ingress: [{from: [{podSelector: {matchLabels: {app: x}}}]}]"),
		want: "a/x a/web TCP 80 allowed\na/z a/web TCP 80 denied\na/x a/z TCP 80 denied",
	},
	{
		name:   "both sides must allow",
		source: "For a connection from a source pod to a destination pod to be allowed, both the egress policy on the source pod and the ingress policy on the destination pod need to allow",
		resources: workloads("a/web app=web\nb/db app=db") +
			named("out", "a", "podSelector: {}\n  policyTypes: [Egress]\n  egress: [{ports: [{port: 5432}]}]") +
			named("in", "b", "podSelector: {}\n  ingress: [{ports: [{port: 5432},{port: 80}]}]"),
		want: "a/web b/db TCP 5432 allowed\na/web b/db TCP 80 denied\nb/db b/db TCP 80 allowed",
	},
	{
		name:   "a range of ports",
		source: "Targeting a range of ports: endPort",
		resources: workloads("a/web app=web\na/x app=x") + policy("a",
			"podSelector: {}\n  policyTypes: [Egress]\n  egress: [{to: [{ipBlock: {cidr: 10.0.0.0/24}}], ports: [{protocol: TCP, port: 32000, endPort: 32768}]}]"),
		want: `
			a/web 10.0.0.1 TCP 31999 denied
			a/web 10.0.0.1 TCP 32000 allowed
			a/web 10.0.0.1 TCP 32768 allowed
			a/web 10.0.0.1 TCP 32769 denied`,
	},
	{
		name:   "several namespaces by name",
		source: "Targeting multiple namespaces by label; the label kubernetes.io/metadata.name is set on all namespaces",
		resources: namespaces("a\nfrontend") + workloads("a/web app=web\nfrontend/f app=f\nbackend/b app=b\nc/x app=x") + policy("a",
			"podSelector: {}\n  policyTypes: [Egress]\n  egress: [{to: [{namespaceSelector: {matchExpressions: [{key: kubernetes.io/metadata.name, operator: In, values: [frontend, backend]}]}}]}]"),
		want: "a/web frontend/f TCP 80 allowed\na/web backend/b TCP 80 allowed\na/web c/x TCP 80 denied",
	},
	{
		name:   "a port without protocol is TCP, a protocol without port all ports",
		source: "API reference NetworkPolicyPort: protocol ... If not specified, this field defaults to TCP; port ... If this field is not provided, this matches all port names and numbers",
		resources: workloads("a/web app=web\na/x app=x") + policy("a",
			"podSelector: {}\n  ingress: [{ports: [{port: 80}, {protocol: UDP}]}]"),
		want: "a/x a/web TCP 80 allowed\na/x a/web TCP 81 denied\na/x a/web UDP 9 allowed\na/x a/web SCTP 80 denied",
	},
	{
		name:   "named ports are those of the destination",
		source: "API reference NetworkPolicyPort.port: This can either be a numerical or named port on a pod",
		resources: workloads("a/web app=web port:http=8080\na/api app=api port:http=9090\na/none app=none") + policy("a",
			"podSelector: {}\n  policyTypes: [Ingress, Egress]\n  ingress: [{ports: [{port: http}]}]\n  egress: [{ports: [{port: http}]}]"),
		want: `
			a/api a/web TCP 8080 allowed
			a/api a/web TCP http allowed
			a/api a/web TCP 9090 denied
			a/web a/api TCP 9090 allowed
			a/web a/none TCP 8080 denied
			a/web 203.0.113.9 TCP 8080 denied`,
	},
	{
		name:   "a named port of another protocol does not match",
		source: "the same: the protocol of the rule has to be the port's",
		resources: workloads("a/dns app=dns port:dns/UDP=53 port:dns-tcp=53\na/x app=x") + policy("a",
			"podSelector: {}\n  ingress: [{ports: [{port: dns, protocol: UDP}, {port: dns, protocol: TCP}]}]"),
		want: "a/x a/dns UDP 53 allowed\na/x a/dns TCP 53 denied",
	},
	{
		name:      "an empty namespaceSelector selects all namespaces, and no address outside",
		source:    "API reference NetworkPolicyPeer.namespaceSelector: if present but empty, it selects all namespaces",
		resources: workloads("a/web app=web\nb/x app=x") + policy("a", "podSelector: {}\n  ingress: [{from: [{namespaceSelector: {}}]}]"),
		want:      "b/x a/web TCP 80 allowed\nunknown/? a/web TCP 80 allowed\n203.0.113.9 a/web TCP 80 denied",
	},
	{
		name:      "an empty podSelector peer selects the policy's own namespace",
		source:    "API reference NetworkPolicyPeer.podSelector: selects the pods matching podSelector in the policy's own namespace",
		resources: workloads("a/web app=web\nb/x app=x\na/z app=zz") + policy("a", "podSelector: {}\n  ingress: [{from: [{podSelector: {}}]}]"),
		want:      "b/x a/web TCP 80 denied\na/z a/web TCP 80 allowed\na/? a/web TCP 80 allowed",
	},
	{
		name:   "operators of expressions",
		source: "kubernetes.io/docs/concepts/overview/working-with-objects/labels: NotIn also selects objects without the label",
		resources: workloads("a/web app=web\na/x tier=x\na/z tier=zz\na/none app=none") + policy("a",
			"podSelector: {matchLabels: {app: web}}\n  ingress: [{from: [{podSelector: {matchExpressions: [{key: tier, operator: NotIn, values: [x]}, {key: app, operator: DoesNotExist}]}}]}]"),
		want: "a/x a/web TCP 80 denied\na/z a/web TCP 80 allowed\na/none a/web TCP 80 denied\na/? a/web TCP 80 allowed",
	},
	{
		name:      "0.0.0.0/0 holds pods too, and only IPv4",
		source:    "docs.tigera.io/calico/latest/network-policy: a CIDR matches whatever has the address",
		resources: workloads("a/web app=web\na/x app=x") + policy("a", "podSelector: {}\n  ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0}}]}]"),
		want:      "a/x a/web TCP 80 allowed\n203.0.113.9 a/web TCP 80 allowed\n2001:db8::1 a/web TCP 80 denied",
	},
	{
		name:      "the node always reaches its own pods",
		source:    "felix/rules/static.go: host to local endpoint is not policed; the page: traffic to and from the node where a Pod is running is always allowed",
		resources: workloads("a/web app=web") + policy("a", "podSelector: {}\n  policyTypes: [Ingress]"),
		want:      "own-node a/web TCP 80 allowed\nnode a/web TCP 80 denied",
	},
	{
		name:      "pods in the host's network are beyond pod policies",
		source:    "the page: a NetworkPolicy ... hostNetwork pods ... undefined; Calico has no workload endpoint for them (conversion.go, IsValidCalicoWorkloadEndpoint)",
		resources: workloads("a/web app=web hostNetwork=true\na/x app=x") + policy("a", "podSelector: {}\n  policyTypes: [Ingress, Egress]"),
		want:      "203.0.113.9 a/web TCP 80 allowed\na/web 203.0.113.9 TCP 80 allowed\na/web a/x TCP 80 denied",
	},
	{
		name:   "recipe: deny all but one app on one port",
		source: "the pattern known as limit traffic to an application",
		resources: workloads("a/db app=books role=db\na/api app=books role=api\na/web app=books role=web") + policy("a",
			"podSelector: {matchLabels: {app: books, role: db}}\n  ingress: [{from: [{podSelector: {matchLabels: {app: books}, matchExpressions: [{key: role, operator: In, values: [api, search]}]}}], ports: [{port: 5432}]}]"),
		want: "a/api a/db TCP 5432 allowed\na/web a/db TCP 5432 denied\na/api a/db TCP 22 denied\na/db a/web TCP 1 allowed",
	},
	{
		name:   "recipe: egress only for DNS",
		source: "the pattern known as deny all egress but DNS",
		resources: workloads("a/web app=web\nkube-system/coredns k8s-app=kube-dns") + policy("a",
			"podSelector: {}\n  policyTypes: [Egress]\n  egress: [{ports: [{port: 53, protocol: UDP}, {port: 53, protocol: TCP}], to: [{namespaceSelector: {}}]}]"),
		want: "a/web kube-system/coredns UDP 53 allowed\na/web kube-system/coredns TCP 53 allowed\na/web kube-system/coredns TCP 80 denied\na/web 8.8.8.8 UDP 53 denied",
	},
}

// policy is a NetworkPolicy named p with a spec.
func policy(namespace, spec string) string { return named("p", namespace, spec) }

func named(name, namespace, spec string) string {
	return "\n---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: " + name + ", namespace: " + namespace + "}\nspec:\n  " + spec + "\n"
}

func TestKubernetesDocumentation(t *testing.T) {
	for _, tt := range kubernetesCases {
		t.Run(tt.name, func(t *testing.T) {
			resources := tt.resources
			if tt.name == "an empty namespaceSelector selects all namespaces, and no address outside" {
				resources += namespaces("unknown")
			}
			c, problems := New(load(t, resources), Options{})
			if len(problems) > 0 {
				t.Errorf("problems: %v", problems)
			}
			expect(t, c, tt.want)
		})
	}
}
