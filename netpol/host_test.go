package netpol

import "testing"

const hosts = `
---
apiVersion: projectcalico.org/v3
kind: HostEndpoint
metadata: {name: node1, labels: {role: worker}}
spec: {node: node1, interfaceName: eth0, expectedIPs: [192.0.2.10], ports: [{name: web, protocol: TCP, port: 8443}]}
---
apiVersion: projectcalico.org/v3
kind: HostEndpoint
metadata: {name: auto, labels: {role: auto}}
spec: {node: node2, interfaceName: "*", profiles: [projectcalico-default-allow]}
`

var hostCases = []struct{ name, source, resources, want string }{
	{
		name:   "without policy a host endpoint denies all but the failsafe ports",
		source: "reference/host-endpoints/connectivity and failsafe",
		want: `
			203.0.113.1 host:node1 TCP 80 denied
			203.0.113.1 host:node1 TCP 22 allowed
			host:node1 203.0.113.1 UDP 53 allowed
			host:node1 203.0.113.1 TCP 443 denied
			203.0.113.1 a/web TCP 80 allowed`,
	},
	{
		name:   "automatic host endpoints have a profile that allows",
		source: "network-policy/hosts/kubernetes-nodes: automatic host endpoints, projectcalico-default-allow",
		want:   "203.0.113.1 host:auto TCP 80 allowed\nhost:auto 203.0.113.1 TCP 80 allowed",
	},
	{
		name:      "a policy without applyOnForward leaves forwarded traffic alone",
		source:    "reference/host-endpoints/forwarded",
		resources: gnp("p", "selector: role == 'worker'\n  ingress: [{action: Allow, protocol: TCP, destination: {ports: [web]}}]"),
		want: `
			203.0.113.1 host:node1 TCP 8443 allowed
			203.0.113.1 host:node1 TCP 80 denied
			203.0.113.1 a/web TCP 80 allowed`,
	},
	{
		name:      "with applyOnForward forwarded traffic is denied unless allowed",
		source:    "reference/host-endpoints/forwarded: if there are applyOnForward policies that select the host endpoint and direction, but no rules allow the traffic, it is denied",
		resources: gnp("p", "selector: has(role)\n  applyOnForward: true\n  types: [Ingress]\n  ingress: [{action: Allow, protocol: TCP, destination: {ports: [8080]}}]"),
		want: `
			203.0.113.1 a/web TCP 8080 allowed
			203.0.113.1 a/web TCP 80 denied
			a/web 203.0.113.1 TCP 80 allowed
			b/web a/web TCP 80 allowed`,
	},
	{
		name:      "host endpoints that disagree leave it unknown",
		source:    "this package: which node the traffic crosses is not known",
		resources: gnp("p", "selector: role == 'worker'\n  applyOnForward: true\n  types: [Ingress]"),
		want:      "203.0.113.1 a/web TCP 80 unknown",
	},
	{
		name:   "preDNAT policies decide before all others and end with no default deny",
		source: "reference/host-endpoints/pre-dnat; felix/rules/endpoints.go and static.go, acceptAlreadyAccepted",
		resources: gnp("p", "selector: has(role)\n  applyOnForward: true\n  preDNAT: true\n  order: 10\n  types: [Ingress]\n  ingress:\n"+
			"  - {action: Allow, protocol: TCP, destination: {ports: [30080]}}\n  - {action: Deny, protocol: TCP, destination: {ports: [\"30000:32767\"]}}"),
		want: `
			203.0.113.1 host:node1 TCP 30080 allowed
			203.0.113.1 host:auto TCP 30081 denied
			203.0.113.1 host:auto TCP 80 allowed
			203.0.113.1 host:node1 TCP 80 denied
			203.0.113.1 a/web TCP 30081 denied
			203.0.113.1 a/web TCP 80 allowed
			b/web a/web TCP 30081 allowed`,
	},
	{
		name:   "doNotTrack comes first and ends with no default deny",
		source: "reference/host-endpoints/summary; felix/rules/endpoints.go, chainTypeUntracked",
		resources: gnp("p", "selector: has(role)\n  applyOnForward: true\n  doNotTrack: true\n  ingress: [{action: Deny, protocol: UDP}, {action: Allow, protocol: TCP, destination: {ports: [1]}}]") +
			gnp("q", "selector: role == 'worker'\n  ingress: [{action: Allow, protocol: TCP, destination: {ports: [2]}}, {action: Allow, protocol: UDP}]"),
		want: `
			203.0.113.1 host:node1 UDP 1 denied
			203.0.113.1 host:node1 TCP 1 allowed
			203.0.113.1 host:node1 TCP 2 allowed
			203.0.113.1 host:node1 TCP 3 denied
			203.0.113.1 host:auto UDP 1 allowed`,
	},
	{
		name:      "selectors of rules find host endpoints by their expected addresses",
		source:    "api HostEndpointSpec.ExpectedIPs",
		resources: gnp("p", "selector: app == 'web'\n  egress: [{action: Allow, destination: {selector: \"role == 'worker'\"}}]"),
		want:      "a/web 192.0.2.10 TCP 80 allowed\na/web 192.0.2.11 TCP 80 denied\na/web b/web TCP 80 denied",
	},
}

func TestHostEndpoints(t *testing.T) {
	for _, tt := range hostCases {
		t.Run(tt.name, func(t *testing.T) {
			expect(t, cluster(t, workloads(calicoPods)+hosts+tt.resources, Options{}), tt.want)
		})
	}
}

func TestSourcePort(t *testing.T) {
	c := cluster(t, workloads(calicoPods)+gnp("p", "selector: app == 'web'\n  ingress: [{action: Allow, protocol: TCP, source: {ports: [1000]}}]"), Options{})
	for source, want := range map[uint16]Outcome{1000: Allowed, 1001: Denied} {
		port := Port{Protocol: ProtoTCP, Number: 80, Source: source}
		if v := c.Connection(endpoint(t, c, "b/web"), endpoint(t, c, "a/web"), port); v.Outcome != want {
			t.Errorf("from port %d: %s; want %s", source, v, want)
		}
	}
}
