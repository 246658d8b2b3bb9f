package prove_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/secgen/secgen/compile/compiletest"
	"github.com/secgen/secgen/compile/emit"
	"github.com/secgen/secgen/compile/inventory"
	"github.com/secgen/secgen/compile/plan"
	"github.com/secgen/secgen/compile/prove"
	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/schema"
	"github.com/secgen/secgen/workload"
)

// printed plans and prints a golden repository.
func printed(t *testing.T, name string) (*inventory.Inventory, *plan.Plan, []emit.File) {
	t.Helper()
	archive, err := txtar.ParseFile("../testdata/" + name + ".txtar")
	if err != nil {
		t.Fatal(err)
	}
	var roots []inventory.Root
	var policy *schema.Policy
	for _, f := range archive.Files {
		if root, ok := strings.CutPrefix(f.Name, "in/"); ok {
			roots = append(roots, inventory.Root{Path: strings.TrimSuffix(root, ".yaml"), Resources: compiletest.Resources(t, root, string(f.Data))})
		}
		if f.Name == "secgen.cue" {
			c, err := schema.LoadConfig(fstest.MapFS{}, f.Data)
			if err != nil {
				t.Fatal(err)
			}
			policy = c.Policy
		}
	}
	table, err := workload.NewTable(workload.BuiltIn())
	if err != nil {
		t.Fatal(err)
	}
	inv, err := inventory.New(roots, inventory.Facts{}, table)
	if err != nil {
		t.Fatal(err)
	}
	p, err := plan.New(plan.Input{Inventory: inv, Policy: policy, Options: plan.Options{Dialect: plan.Calico}})
	if err != nil {
		t.Fatal(err)
	}
	files, err := emit.Files(p, nil)
	if err != nil {
		t.Fatal(err)
	}
	return inv, p, files
}

// Each row breaks what was printed in one way, and the proof must see it and
// blame the guardrail that was broken.
func TestTheProofSeesWhatIsBroken(t *testing.T) {
	inv, p, files := printed(t, "shop")
	if failures, err := prove.All(inv, p, files, nil); err != nil || len(failures) > 0 {
		t.Fatalf("what was printed is not proven: %v, %v", failures, err)
	}
	const policies, quota, limits = "namespaces/shop/network-policies.yaml", "namespaces/shop/resource-quota.yaml", "namespaces/shop/limit-range.yaml"
	for name, c := range map[string]struct {
		file, old, new string
		guardrail      plan.Guardrail
		want           string
	}{
		"too few pods":             {quota, `pods: "25"`, `pods: "17"`, plan.Quota, "allows 17 of pods, and a roll-out of everything at its peak needs 18"},
		"too little cpu":           {quota, "requests.cpu: 4500m", "requests.cpu: 3749m", plan.Quota, "allows 3749m of requests.cpu"},
		"too little storage":       {quota, "\n    requests.storage: 8Gi", "\n    requests.storage: 5Gi", plan.Quota, "allows 5Gi of requests.storage"},
		"a resource nobody sets":   {quota, "hard:\n", "hard:\n    limits.cpu: 100\n", plan.Quota, "sets no limits.cpu"},
		"a quantity that is none":  {quota, "requests.cpu: 4500m", "requests.cpu: lots", plan.Quota, `requests.cpu is "lots"`},
		"containers over the max":  {limits, "max:\n        # 1.5 x the largest limit of a container, 512Mi of container redis of StatefulSet/redis, rounded up\n        memory: 768Mi", "max:\n        memory: 511Mi", plan.LimitRange, "limit 512Mi of memory, more than the maximum 511Mi"},
		"claims over the max":      {limits, "storage: 4Gi", "storage: 1Gi", plan.LimitRange, "refuses a claim of StatefulSet/redis"},
		"an allow is gone":         {policies, "source:\n        selector: app == 'web'", "source:\n        selector: app == 'nobody'", plan.Traffic, "Deployment shop/web to Deployment shop/orders on TCP 8080 is declared"},
		"the wrong port":           {policies, "selector: app == 'orders'\n        ports: [8080]", "selector: app == 'orders'\n        ports: [8081]", plan.Traffic, "on TCP 8080 is declared"},
		"one port too many":        {policies, "selector: app == 'orders'\n        ports: [8080]", "selector: app == 'orders'\n        ports: [8080, 6379]", plan.Traffic, ""},
		"open to every namespace":  {policies, "source:\n        selector: app == 'web'\n      destination:\n        ports: [8080]", "destination:\n        ports: [8080]", plan.Traffic, "is allowed and nothing declares it"},
		"open to every port":       {policies, "ports: [6379, 16379]", "ports: [\"1:65535\"]", plan.Traffic, "StatefulSet shop/redis to StatefulSet shop/redis"},
		"a wider net":              {policies, "nets: [198.51.100.0/24]", "nets: [198.51.0.0/16]", plan.Traffic, "is allowed and nothing declares it"},
		"no names":                 {policies, "selector: k8s-app == 'kube-dns'", "selector: k8s-app == 'coredns'", plan.Traffic, "is declared (DNS) and denied"},
		"no deny":                  {policies, "order: 1200\n  selector: all()", "order: 1200\n  selector: app == 'web'", plan.Traffic, "any other pod of namespace shop"},
		"a selector of no grammar": {policies, "selector: app == 'redis'\n  types", "selector: app = 'redis'\n  types", plan.Traffic, "spec.selector"},
		"a field that is none":     {quota, "spec:\n  hard:", "spec:\n  hart: {}\n  hard:", plan.Quota, "spec.hart is a map, want a field of ResourceQuotaSpec"},
		"ports without protocol":   {policies, "Allow\n      protocol: UDP\n", "Allow\n", plan.Traffic, "protocol"},
	} {
		t.Run(name, func(t *testing.T) {
			changed := change(t, files, c.file, c.old, c.new)
			failures, err := prove.All(inv, p, changed, nil)
			if err != nil {
				t.Fatal(err)
			}
			if name == "one port too many" {
				// Harmless: the other side does not let it in.
				if len(failures) > 0 {
					t.Errorf("got %v", failures)
				}
				return
			}
			for _, f := range failures {
				if f.Guardrail == c.guardrail && strings.Contains(f.String(), c.want) {
					return
				}
			}
			t.Errorf("want a failure of the %s with %q, got %v", c.guardrail, c.want, failures)
		})
	}
}

func change(t *testing.T, files []emit.File, name, old, new string) []emit.File {
	t.Helper()
	out := append([]emit.File(nil), files...)
	for i, f := range out {
		if f.Path == name {
			if !strings.Contains(string(f.Content), old) {
				t.Fatalf("%s has no %q:\n%s", name, old, f.Content)
			}
			out[i].Content = []byte(strings.ReplaceAll(string(f.Content), old, new))
		}
	}
	return out
}

func TestTheLinterIsHeard(t *testing.T) {
	inv, p, files := printed(t, "shop")
	failures, err := prove.All(inv, p, files, func(profile string, resources []*manifest.Resource) ([]plan.Complaint, error) {
		if profile != "recommended" {
			return nil, nil
		}
		id := manifest.ID{APIVersion: "v1", Kind: "ResourceQuota", Namespace: "shop", Name: "secgen"}
		return []plan.Complaint{{Rule: "some-rule", Message: "no", Resource: id}, {Rule: "other", Resource: manifest.ID{Kind: "Deployment", Name: "web", Namespace: "shop", APIVersion: "apps/v1"}}}, nil
	})
	if err != nil || len(failures) != 1 || failures[0].Guardrail != plan.Quota || !strings.Contains(failures[0].Text, "some-rule") {
		t.Errorf("%v, %v", failures, err)
	}
}

// The same for what concerns the whole cluster.
func TestTheProofSeesWhatIsBrokenInTheCluster(t *testing.T) {
	for name, c := range map[string]struct {
		golden, file, old, new string
		guardrail              plan.Guardrail
		want                   string
	}{
		"a port too few":            {"node-ports", "cluster/node-ports.yaml", "ports: ['30000:32767']", "ports: ['30000:32766']", plan.NodePorts, "32767"},
		"a port too many":           {"node-ports", "cluster/node-ports.yaml", "ports: ['31000:31010']", "ports: ['31000:31011']", plan.NodePorts, "31011"},
		"open to all":               {"node-ports", "cluster/node-ports.yaml", "nets: [203.0.113.0/24]", "nets: [203.0.0.0/16]", plan.NodePorts, "30080"},
		"the deny comes first":      {"node-ports", "cluster/node-ports.yaml", "order: 1110", "order: 1090", plan.NodePorts, "denied"},
		"not for what is forwarded": {"node-ports", "cluster/node-ports.yaml", "  applyOnForward: true\n", "", plan.NodePorts, "applyOnForward"},
		"no pings":                  {"hosts", "cluster/hosts.yaml", "protocol: ICMP", "protocol: ICMPv6", plan.HostPolicies, "ICMP"},
		"everybody manages":         {"hosts", "cluster/hosts.yaml", "nets: [203.0.113.0/24]", "nets: [0.0.0.0/1]", plan.HostPolicies, "to a node on"},
		"nodes may not send":        {"hosts", "cluster/hosts.yaml", "types: [Egress]\n  egress:\n    - action: Allow", "types: [Egress]\n  egress:\n    - action: Deny", plan.HostPolicies, "a node to"},
		"a network without a part":  {"networks", "cluster/network-sets.yaml", "nets: [10.20.0.0/16, ", "nets: [10.20.0.0/17, ", plan.Traffic, "Deployment shop/web to 10.20.128.0/17 on TCP 443 is declared"},
		"a network with a part":     {"networks", "cluster/network-sets.yaml", "nets: [10.20.0.0/16, ", "nets: [10.20.0.0/15, ", plan.Traffic, "is allowed and nothing declares it"},
		"a network of no name":      {"networks", "cluster/network-sets.yaml", "secgen.dev/network: office", "secgen.dev/network: home", plan.Traffic, "is declared (by policy: accountants) and denied"},
		"the world with pods":       {"networks", "namespaces/billing/network-policies.yaml", "        notNets: [172.30.0.0/16]\n", "", plan.Traffic, "Deployment billing/invoices to Pod kube-system/stand-in-1 on TCP 25 is allowed and nothing declares it"},
		"a name with capitals":      {"hosts", "cluster/hosts.yaml", "name: secgen-hosts-out", "name: Secgen_out", plan.HostPolicies, "the name is refused"},
	} {
		t.Run(name, func(t *testing.T) {
			inv, p, files := printed(t, c.golden)
			if failures, err := prove.All(inv, p, files, nil); err != nil || len(failures) > 0 {
				t.Fatalf("what was printed is not proven: %v, %v", failures, err)
			}
			failures, err := prove.All(inv, p, change(t, files, c.file, c.old, c.new), nil)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range failures {
				if f.Guardrail == c.guardrail && strings.Contains(f.String(), c.want) {
					return
				}
			}
			t.Errorf("want a failure of the %s with %q, got %v", c.guardrail, c.want, failures)
		})
	}
}
