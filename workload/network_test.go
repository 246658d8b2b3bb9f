package workload

import (
	"strings"
	"testing"
)

func TestTakesTraffic(t *testing.T) {
	for spec, want := range map[string][2]bool{
		"{containers: [{image: 'registry.k8s.io/ingress-nginx/controller:v1.12.1'}]}":                    {true, false},
		"{containers: [{image: 'traefik:v3'}, {image: 'docker.io/library/traefik:v3'}]}":                 {true, false},
		"{containers: [{image: 'docker.io/istio/proxyv2:1.27.0'}]}":                                      {true, false},
		"{containers: [{image: 'docker.io/istio/proxyv2:1.27.0'}, {image: 'de.icr.io/shop/web:1.4.2'}]}": {false, false},
		"{containers: [{image: 'quay.io/metallb/speaker:v0.15.2'}]}":                                     {false, true},
		"{containers: [{image: 'nginx:1.29'}]}":                                                          {false, false},
		"{containers: [{image: 1}]}":                                                                     {false, false},
	} {
		p := pod(t, spec)
		if got := [2]bool{p.TakesTraffic(), p.ServesNetwork()}; got != want {
			t.Errorf("%s: takes traffic, serves the network: %v, want %v", spec, got, want)
		}
	}
}

func TestNodeLabels(t *testing.T) {
	const affinity = "affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: "
	for spec, want := range map[string]string{
		"{nodeSelector: {dedicated: edge, a: b}}":                                                                                                                "a=b dedicated=edge",
		"{" + affinity + "[{matchExpressions: [{key: dedicated, operator: In, values: [edge, core]}]}]}}}}":                                                      "dedicated=core dedicated=edge",
		"{" + affinity + "[{matchExpressions: [{key: dedicated, operator: In, values: [edge]}]}, {matchExpressions: [{key: a, operator: In, values: [b]}]}]}}}}": "",
		"{" + affinity + "[{matchExpressions: [{key: dedicated, operator: NotIn, values: [edge]}]}]}}}}":                                                         "",
		"{nodeSelector: {a: b}, " + affinity + "[{matchExpressions: [{key: a, operator: In, values: [b]}, {key: a, operator: In, values: [b]}]}]}}}}":            "a=b",
		"{}": "",
	} {
		if got := strings.Join(pod(t, spec).NodeLabels(), " "); got != want {
			t.Errorf("%s: %q, want %q", spec, got, want)
		}
	}
}
