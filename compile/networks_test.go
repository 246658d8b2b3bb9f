package compile_test

import (
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/secgen/secgen/compile"
)

// What the policy says of networks and cannot be is an error that names the line
// and the way out.
func TestNetworksThatCannotBe(t *testing.T) {
	const workload = "\n-- in/r.yaml --\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop}\nspec: {template: {metadata: {labels: {app: web}}, spec: {containers: [{name: c, image: x}]}}}\n"
	for _, test := range []struct{ policy, want string }{
		{"cluster: networks: onprem: cidrs: [\"10.20.0.0/16\"]\nnamespaces: shop: egress: [\n{peer: network: \"onpremm\"}]",
			`secgen.cue:4:1: egress of namespace shop: there is no network "onpremm"; did you mean "onprem"?`},
		{"cluster: networks: onprem: cidrs: [\"10.20.0.0/16\"]\ndefaults: ingress: [\n{peer: network: \"branches\"}]",
			`secgen.cue:4:1: ingress of the defaults: there is no network "branches"; policy.cluster.networks has onprem`},
		{"cluster: prometheus: [{network: \"monitors\"}]",
			"secgen.cue:2:10: policy.cluster.prometheus: there is no network \"monitors\"; declare it with `policy: cluster: networks: \"monitors\": cidrs: [\"...\"]`"},
		{"cluster: serviceNetwork: \"172.21.0.0/16\"\nnamespaces: shop: egress: [\n{peer: cidrs: [\"172.21.7.7/32\"], ports: [\"443\"]}]",
			"secgen.cue:4:1: egress of namespace shop: 172.21.7.7/32 is in the service network 172.21.0.0/16, whose addresses no policy sees: they become those of pods before; want the pods behind the Service, by namespace and labels"},
		{"cluster: {serviceNetwork: \"172.21.0.0/16\"\nnetworks: db: cidrs: [\"172.21.7.0/24\"]}\nnamespaces: shop: egress: [{peer: network: \"db\"}]",
			"policy.cluster.networks.db: 172.21.7.0/24 is in the service network"},
	} {
		_, err := compile.Run(input(t, txtar.Parse([]byte("-- secgen.cue --\npolicy: {\n"+test.policy+"\n}"+workload))))
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s\nerror %v\nwant  %s", test.policy, err, test.want)
		}
	}
}
