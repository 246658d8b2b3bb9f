package netpol

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/secgen/secgen/manifest"
)

// samples reads the manifests below a folder of the reference data.
func samples(t *testing.T, folder string) map[string][]*manifest.Resource {
	t.Helper()
	top := os.Getenv("SECGEN_REFERENCE")
	if top == "" {
		t.Skip("SECGEN_REFERENCE is not set: the samples are not at hand")
	}
	out := map[string][]*manifest.Resource{}
	top = filepath.Join(top, folder)
	err := filepath.WalkDir(top, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".yaml" {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		resources, err := parse(string(data))
		if err != nil {
			return err
		}
		name, err := filepath.Rel(top, path)
		out[name] = resources
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestSamples evaluates IBM's sample policies for its Kubernetes service, each
// alone and all of a region together.
func TestSamples(t *testing.T) {
	files := samples(t, "iks/kube-samples-2026-06-16")
	if len(files) < 200 {
		t.Fatalf("only %d files", len(files))
	}
	together := map[string][]*manifest.Resource{}
	for name, resources := range files {
		c, problems := New(resources, Options{})
		for _, p := range problems {
			// Two files are forms to fill in: their addresses are <placeholders>.
			if strings.Contains(p.Message, "<worker-node-private-ip>") && p.Code == CodeCIDR {
				continue
			}
			t.Errorf("%s: %s %s %s", name, p.Code, p.Path, p.Message)
		}
		if len(c.policies)+len(c.world.sets) == 0 {
			t.Errorf("%s: no policy and no host endpoint", name)
		}
		together[filepath.Dir(name)] = append(together[filepath.Dir(name)], resources...)
	}
	for folder, resources := range together {
		c, _ := New(append(resources, load(t, workloads("a/web app=web\na/db app=db"))...), Options{})
		if len(c.Connections()) == 0 {
			t.Errorf("%s: no connections", folder)
		}
		c.Ineffective()
		c.Opens()
	}
}

// TestCorpus evaluates the policies of public repositories as they are written,
// before any overlay: none of them is refused.
func TestCorpus(t *testing.T) {
	top := os.Getenv("SECGEN_CORPUS")
	if top == "" {
		t.Skip("SECGEN_CORPUS is not set: the repositories are not at hand")
	}
	policies := 0
	err := filepath.WalkDir(top, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".yaml" && filepath.Ext(path) != ".yml" {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil || !strings.Contains(string(data), "NetworkPolicy") {
			return err
		}
		resources, err := parse(string(data))
		if err != nil {
			return nil // templates and the like are other tests' business
		}
		c, problems := New(resources, Options{})
		policies += len(c.policies)
		for _, p := range problems {
			t.Errorf("%s: %s %s %s", path, p.Code, p.Path, p.Message)
		}
		c.Connections()
		c.Ineffective()
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if policies < 50 {
		t.Errorf("only %d policies", policies)
	}
}

// TestTrap finds what is wrong with the sample that says it blocks all egress but
// DNS.
func TestTrap(t *testing.T) {
	files := samples(t, "iks/kube-samples-2026-06-16/k8s-network-policies")
	found := 0
	for name, resources := range files {
		c, _ := New(append(resources, load(t, namespaces("x")+strings.ReplaceAll(workloads("x/web app=web"), "namespace: x", "namespace: \"\""))...), Options{})
		for _, o := range c.Opens() {
			found++
			if name != "block-egress-allow-dns.yaml" || o.Scope != AllPods || o.Rule.Path.String() != "spec.egress[1].to[0]" || len(o.Overrules) != 1 || !o.WholeNamespace {
				t.Errorf("%s: %s allows %s to %s", name, o.Rule, o.Conns, o.Scope)
			}
		}
	}
	if found != 1 {
		t.Errorf("%d rules that open everything; want the one of block-egress-allow-dns.yaml", found)
	}
}

// TestPublicNodes is IBM's public isolation of classic clusters, for a worker's
// host endpoint as the service makes it.
func TestPublicNodes(t *testing.T) {
	files := samples(t, "iks/kube-samples-2026-06-16/calico-policies/public-network-isolation/us-south")
	var all []*manifest.Resource
	for _, resources := range files {
		all = append(all, resources...)
	}
	c, _ := New(all, Options{Hosts: []HostEndpoint{{Name: "worker-public", Labels: map[string]string{"ibm.role": "worker_public"}, Interface: "eth1"}}})
	expect(t, c, `
		host:worker-public 8.8.8.8 TCP 81 denied
		host:worker-public 8.8.8.8 TCP 443 allowed
		host:worker-public 8.8.8.8 UDP 53 allowed
		203.0.113.1 host:worker-public TCP 81 denied
		203.0.113.1 host:worker-public TCP 443 allowed`)
}
