package schema_test

import (
	"bytes"
	"encoding/gob"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/secgen/secgen/schema"
)

func loadPolicy(t *testing.T, text string) (*schema.Config, error) {
	t.Helper()
	return schema.LoadConfig(fstest.MapFS{}, []byte(text))
}

const fullPolicy = `
policy: {
	cluster: {nodes: 5, kubernetes: "1.33", calico: {version: "3.30", api: false}, ingress: [{namespace: "ingress-nginx", labels: app: "nginx"}], dns: [{cidrs: ["169.254.20.10/32"]}]}
	defaults: {headroom: 1.5, owners: [{group: "team", role: "view"}], defaultRequests: cpu: "50m"}
	namespaces: shop: {
		mode: "staged", nodePorts: 0
		workloads: "CronJob/report": {pods: 3, requests: memory: "1Gi"}
		egress: [{why: "payments", peer: cidrs: ["10.0.0.0/8"], ports: ["443", "8000-8080"]}]
	}
	roots: "overlays/prod": namespace: "shop"
}
environments: prod: {roots: ["overlays/prod"], policy: {cluster: nodes: 9, namespaces: shop: headroom: 2}}
environments: dev: roots: ["overlays/dev"]
`

func TestPolicyIsRead(t *testing.T) {
	c, err := loadPolicy(t, fullPolicy)
	if err != nil {
		t.Fatal(err)
	}
	p := c.Policy
	shop := p.For("shop")
	if p.Cluster.Nodes != 5 || *p.Cluster.Calico.API || p.Cluster.Ingress[0].Labels["app"] != "nginx" || p.Roots["overlays/prod"].Namespace != "shop" {
		t.Errorf("cluster: %+v", p.Cluster)
	}
	if shop.Headroom != 1.5 || shop.Mode != "staged" || *shop.NodePorts != 0 || shop.Owners[0].Group != "team" ||
		shop.Workloads["CronJob/report"].Pods != 3 || shop.Egress[0].Peer.CIDRs[0] != "10.0.0.0/8" || shop.DefaultRequests["cpu"] != "50m" {
		t.Errorf("shop: %+v", shop)
	}
	if other := p.For("other"); other.Headroom != 1.5 || other.Mode != "" {
		t.Errorf("other: %+v", other)
	}
}

func TestAnEnvironmentsPolicyIsOverTheOneForAll(t *testing.T) {
	c, err := loadPolicy(t, fullPolicy)
	if err != nil {
		t.Fatal(err)
	}
	dev, prod := c.Environments[0], c.Environments[1]
	if dev.Name != "dev" {
		dev, prod = prod, dev
	}
	if p := dev.Policy.Over(c.Policy); p != c.Policy {
		t.Errorf("without a policy of its own: %+v", p)
	}
	p := prod.Policy.Over(c.Policy)
	shop := p.For("shop")
	if p.Cluster.Nodes != 9 || p.Cluster.Kubernetes != "1.33" || p.Cluster.Calico.Version != "3.30" || shop.Headroom != 2 || shop.Mode != "staged" || shop.Workloads["CronJob/report"].Pods != 3 {
		t.Errorf("prod: %+v, %+v", p.Cluster, shop)
	}
	if c.Policy.Cluster.Nodes != 5 || c.Policy.Namespaces["shop"].Headroom != 0 {
		t.Error("the policy for all changed")
	}
}

// An environment that adds to a part of the policy takes nothing away from it.
func TestAnEnvironmentsPolicyAddsToParts(t *testing.T) {
	c, err := loadPolicy(t, `
policy: {
	cluster: {
		nodeGroups: edge: {network: true, taintBy: "iks"}
		nodePorts: {hosts: role: "worker", open: [{ports: "30001"}]}
		isolation: {dataSet: "iks-2026-06-16", region: "eu-de", networks: ["private"]}
	}
	defaults: unrendered: {pods: 3, requests: cpu: "1"}
	namespaces: shop: {workloads: "Job/a": pods: 2, egress: [{peer: namespace: "a"}], registries: ["a"]}
}
environments: prod: {roots: ["r"], policy: {
	cluster: {
		nodeGroups: edge: count: 2
		nodePorts: open: [{ports: "30002"}]
		isolation: {dataSet: "iks-2017-11-16", region: "us-south"}
	}
	namespaces: shop: {workloads: "Job/a": requests: cpu: "1", egress: [{peer: namespace: "b"}], registries: ["b"], unrendered: {pods: 0}}
}}`)
	if err != nil {
		t.Fatal(err)
	}
	p := c.Environments[0].Policy.Over(c.Policy)
	shop := p.For("shop")
	if g := p.Cluster.NodeGroups["edge"]; !g.Network || g.TaintBy != "iks" || g.Count != 2 {
		t.Errorf("edge nodes: %+v", g)
	}
	if n := p.Cluster.NodePorts; n.Hosts["role"] != "worker" || len(n.Open) != 2 {
		t.Errorf("node ports: %+v", n)
	}
	if i := p.Cluster.Isolation; i.Region != "us-south" || len(i.Networks) != 1 || i.Networks[0] != "public" {
		t.Errorf("isolation is taken as one: %+v", i)
	}
	if w := shop.Workloads["Job/a"]; w.Pods != 2 || w.Requests["cpu"] != "1" {
		t.Errorf("workload: %+v", w)
	}
	if len(shop.Egress) != 2 || len(shop.Registries) != 1 || shop.Registries[0] != "b" || shop.Unrendered.Pods != 0 || shop.Unrendered.Requests != nil {
		t.Errorf("shop: %+v, %+v", shop, shop.Unrendered)
	}
	if len(c.Policy.Cluster.NodePorts.Open) != 1 || c.Policy.Cluster.NodeGroups["edge"].Count != 0 {
		t.Error("the policy for all changed")
	}
	for line, want := range map[string]bool{
		`policy: cluster: nodePorts: open: [{ports: "1"}]`: true, `policy: cluster: dns: [{namespace: "x"}]`: false,
		`policy: namespaces: "shop": {egress: [...], settled: ["Service/a"]}`: true, `policy: namespaces: "other": egress: [{labels: {...}}]`: false,
		`policy: cluster: nodes: 3`: false, "nonsense: [": false,
	} {
		if got := p.HasListOf(line); got != want {
			t.Errorf("%s: %t, want %t", line, got, want)
		}
	}
}

// An empty list is an answer: it keeps the defaults out, and survives the way to
// the worker.
func TestAnEmptyListSaysThatThereAreNone(t *testing.T) {
	c, err := loadPolicy(t, `policy: {defaults: owners: [{group: "team", role: "view"}], namespaces: shop: owners: []}`)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := gob.NewEncoder(&b).Encode(c.Policy); err != nil {
		t.Fatal(err)
	}
	var sent *schema.Policy
	if err := gob.NewDecoder(&b).Decode(&sent); err != nil {
		t.Fatal(err)
	}
	for _, p := range []*schema.Policy{c.Policy, sent, (&schema.Policy{}).Over(c.Policy)} {
		if owners := p.For("shop").Owners; owners == nil || len(owners) > 0 || len(p.For("other").Owners) != 1 {
			t.Errorf("shop has owners %v, other %v", owners, p.For("other").Owners)
		}
	}
}

func TestNoPolicyIsNil(t *testing.T) {
	c, err := loadPolicy(t, `profile: "recommended"`)
	if err != nil || c.Policy != nil {
		t.Errorf("%+v, %v", c, err)
	}
	if n := c.Policy.For("x"); !reflect.DeepEqual(n, schema.NamespacePolicy{}) {
		t.Errorf("got %+v", n)
	}
}

func TestWhatIsWrongWithAPolicyIsNamedByLine(t *testing.T) {
	for text, want := range map[string]string{
		"policy: {\n\tcluster: nodes: 0\n}":                                                                                                 "secgen.cue:2",
		"policy: {\n\tclustr: nodes: 3\n}":                                                                                                  "clustr",
		"policy: namespaces: {\n\"../etc\": {}}":                                                                                            "secgen.cue:2",
		"policy: namespaces: shop: {\negress: [{peer: {}}]}":                                                                                "secgen.cue:2",
		"policy: namespaces: shop: {\nowners: [{group: \"system:masters\", role: \"view\"}]}":                                               "secgen.cue:2",
		"policy: namespaces: shop: {\nowners: [{group: \"g\", role: \"admin\"}]}":                                                           "secgen.cue:2",
		"policy: namespaces: shop: {\ndefaultRequests: cpu: \"lots\"}":                                                                      "secgen.cue:2",
		"policy: cluster: {\ndns: [{namespace: \"x\", cidrs: [\"10.0.0.0/8\"]}]}":                                                           "secgen.cue:2",
		"policy: namespaces: shop: {\ningress: [{peer: cidrs: [\"anywhere\"]}]}":                                                            "secgen.cue:2",
		"policy: namespaces: shop: {\ningress: [{peer: namespace: \"x\", ports: [\"http\"]}]}":                                              "secgen.cue:2",
		"policy: cluster: nodeGroups: edge: {\ntaintBy: \"hand\"}":                                                                          "secgen.cue:2",
		"policy: cluster: nodeGroups: edge: {\nkarpenter: nodeClass: {group: \"a.b/v1\", kind: \"C\", name: \"n\"}}":                        "secgen.cue:2",
		"policy: cluster: nodeGroups: edge: {\nkey: \"karpenter.sh/x\", taintBy: \"karpenter\"}":                                            "secgen.cue:2:1: policy.cluster.nodeGroups.\"edge\".key \"karpenter.sh/x\" is a label that Karpenter keeps",
		"policy: cluster: nodeGroups: edge: {\nkey: \"node-role.kubernetes.io/x\", taintBy: \"kubelet\"}":                                   "no kubelet may give its own node",
		"policy: cluster: nodeGroups: edge: {\ntaintBy: \"cluster-api\", clusterAPI: {machines: \"MachineDeployment/e\", by: \"machine\"}}": "\"dedicated\" is no label that Cluster API copies",
		"policy: cluster: nodeGroups: edge: {\nclusterAPI: {machines: \"MachinePool/e\",\nby: \"machine\"}}":                                "keeps no taints for a MachinePool",
		"policy: cluster: nodeGroups: edge: {\nkarpenter: requirements: [{key: \"a\", operator: \"In\",\nvalues: []}]}":                     "secgen.cue:3",
		"policy: cluster: nodeGroups: edge: {\nkarpenter: requirements: [{key: \"a\", operator: \"Gt\",\nvalues: [\"x\"]}]}":                "want one whole number",
		"policy: cluster: nodeGroups: edge: {\nkarpenter: requirements: [{key: \"a\", operator: \"Exists\",\nvalues: [\"x\"]}]}":            "want none for operator",
		"policy: cluster: {\nflux: source: {kind: \"HelmRepository\", name: \"x\"}}":                                                        "secgen.cue:2",
		"policy: cluster: {\nargoCD: {namespace: \"argocd\", repositories: [\"r\"], server: \"prod\"}}":                                     "secgen.cue:2",
		"policy: namespaces: shop: {\nmesh: \"linkerd\"}":                                                                                   "secgen.cue:2",
		"policy: namespaces: shop: {\negress: [{peer: {namespace: \"x\", network: \"onprem\"}}]}":                                           "secgen.cue:2:11: policy.namespaces.shop.egress[0].peer is a peer with a network and with pods or cidrs",
		"policy: namespaces: shop: {\negress: [{peer: {cidrs: [\"10.0.0.0/8\"], network: \"onprem\"}}]}":                                    "want two peers",
		"policy: namespaces: shop: {\negress: [{peer: {cidrs: [\"10.0.0.0/8\"],\nexcept: [\"11.0.0.0/16\"]}}]}":                             "secgen.cue:3:10: policy.namespaces.shop.egress[0].peer.except[0] \"11.0.0.0/16\" is no part of the peer's cidrs",
		"policy: namespaces: shop: {\negress: [{peer: except: [\"10.0.0.0/8\"]}]}":                                                          "without namespace, without cidrs and without network",
		"policy: cluster: networks: {\nonprem: cidrs: [\"10.1.0.0/8\"]}":                                                                    "secgen.cue:2:17: policy.cluster.networks.onprem.cidrs[0] \"10.1.0.0/8\" has bits beyond its length; want 10.0.0.0/8",
		"policy: cluster: networks: {\nonprem: cidrs: []}":                                                                                  "secgen.cue:2",
		"policy: cluster: {\nserviceNetwork: \"172.21.0.1/16\"}":                                                                            "secgen.cue:2",
		"policy: cluster: {\nnodeNetworks: [\"10.0.0.0/99\"]}":                                                                              "secgen.cue:2",
		"policy: namespaces: shop: {\nstorage: gold: \"lots\"}":                                                                             "secgen.cue:2",
		"policy: cluster: {\nkubernetes: \"latest\"}":                                                                                       "secgen.cue:2",
		"environments: prod: {\nroots: [\"a\"]\npolicy: cluster: calico: version: \"four\"\n}":                                              "secgen.cue:3",
		"policy: namespaces: shop: {\nlabels: {}, ingress: [{peer: namespace: \"x\", labls: {}}]\n}":                                        "secgen.cue:2",
	} {
		if _, err := loadPolicy(t, text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\nerror %v, want %q", text, err, want)
		}
	}
}

func TestPolicySurvivesGob(t *testing.T) {
	c, err := loadPolicy(t, fullPolicy)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := gob.NewEncoder(&b).Encode(c.Policy); err != nil {
		t.Fatal(err)
	}
	var back *schema.Policy
	if err := gob.NewDecoder(&b).Decode(&back); err != nil || !reflect.DeepEqual(back, c.Policy) {
		t.Errorf("got %+v, %v", back, err)
	}
}
