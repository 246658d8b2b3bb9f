package compile_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/secgen/secgen/compile"
	"github.com/secgen/secgen/compile/compiletest"
	"github.com/secgen/secgen/compile/dataset"
	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/netpol"
	"github.com/secgen/secgen/schema"
)

const dataOf2026 = "iks-2026-06-16"

// isolate compiles the isolation of a region and nothing else.
func isolate(t *testing.T, data, region string, openshift bool, networks ...string) []*manifest.Resource {
	t.Helper()
	served := true
	policy := &schema.Policy{Cluster: schema.ClusterPolicy{OpenShift: openshift, Calico: schema.CalicoPolicy{API: &served},
		Isolation: &schema.IsolationPolicy{DataSet: data, Region: region, Networks: networks, Services: true}}}
	r, err := compile.Run(compile.Input{Policy: policy})
	if err != nil {
		t.Fatal(err)
	}
	if !r.Clean() {
		t.Errorf("%v, %v", r.Questions, r.Unproven)
	}
	var out []*manifest.Resource
	checker := newChecker(t)
	for _, f := range r.Files {
		for _, problem := range checker.File(f.Path, f.Content) {
			t.Error(problem)
		}
		if strings.HasPrefix(f.Path, "cluster/") && !strings.HasSuffix(f.Path, "kustomization.yaml") {
			out = append(out, compiletest.Resources(t, f.Path, string(f.Content))...)
		}
	}
	return out
}

// Pods of each kind that one of the policies tells apart.
const pods = `
apiVersion: v1
kind: Pod
metadata: {name: app, namespace: default, labels: {app: web}}
spec: {containers: []}
---
apiVersion: v1
kind: Pod
metadata: {name: konnectivity, namespace: kube-system, labels: {app: konnectivity-agent}}
spec: {containers: []}
---
apiVersion: v1
kind: Pod
metadata: {name: vpn, namespace: kube-system, labels: {app: vpn}}
spec: {containers: []}
---
apiVersion: v1
kind: Pod
metadata: {name: proxy, namespace: kube-system, labels: {kubernetes-dashboard-policy: allow}}
spec: {containers: []}
---
apiVersion: v1
kind: Pod
metadata: {name: dashboard, namespace: kube-system, labels: {k8s-app: kubernetes-dashboard}}
spec: {containers: []}
---
apiVersion: v1
kind: Pod
metadata: {name: console, namespace: openshift-console, labels: {app: console}}
spec: {containers: []}
---
apiVersion: v1
kind: Pod
metadata: {name: canary, namespace: openshift-ingress-canary, labels: {ingresscanary.operator.openshift.io/daemonset-ingresscanary: canary_controller}}
spec: {containers: []}
---
apiVersion: v1
kind: Pod
metadata: {name: router, namespace: openshift-ingress, labels: {app: router}}
spec: {containers: []}
---
apiVersion: v1
kind: Pod
metadata: {name: olm, namespace: openshift-operator-lifecycle-manager}
spec: {containers: []}
---
apiVersion: v1
kind: Pod
metadata: {name: metrics, namespace: openshift-monitoring}
spec: {containers: []}
`

func world(t *testing.T, policies []*manifest.Resource) *netpol.Cluster {
	t.Helper()
	c, problems := netpol.New(append(compiletest.Resources(t, "pods.yaml", pods), policies...), netpol.Options{Hosts: []netpol.HostEndpoint{
		{Name: "private", Labels: map[string]string{"ibm.role": "worker_private"}, Interface: "eth0"},
		{Name: "public", Labels: map[string]string{"ibm.role": "worker_public"}, Interface: "eth1"},
	}})
	for _, p := range problems {
		if p.Refused || p.Code == netpol.CodeLimit {
			t.Errorf("%s: %s %s", p.Resource.ID, p.Path, p.Message)
		}
	}
	return c
}

// What is emitted allows and denies what IBM's own samples do, region by region.
// Left out are the samples for OpenShift on Kubernetes and the other way round,
// and generic-privatehostendpoint.yaml, a form to fill in for OpenShift 3.11.
func TestRegionsAreWhatIBMPublishes(t *testing.T) {
	reference := os.Getenv("SECGEN_REFERENCE")
	if reference == "" {
		t.Skip("SECGEN_REFERENCE names no folder with the reference data")
	}
	data, err := dataset.Load(dataOf2026)
	if err != nil {
		t.Fatal(err)
	}
	if len(data.Regions) != 10 {
		t.Errorf("%d regions, want 10", len(data.Regions))
	}
	for region := range data.Regions {
		for _, network := range []string{"public", "private"} {
			for _, openshift := range []bool{false, true} {
				if network == "private" && openshift {
					continue // nothing on the private network differs
				}
				theirs := samples(t, filepath.Join(reference, "iks/kube-samples-2026-06-16/calico-policies", network+"-network-isolation", region), openshift)
				ours := isolate(t, dataOf2026, region, openshift, network)
				before, after := world(t, theirs), world(t, ours)
				for _, c := range netpol.Diff(before, after) {
					t.Errorf("%s, %s, OpenShift %v: %s to %s: opened %s, closed %s, unsure %s", region, network, openshift, c.From, c.To, c.Opened, c.Closed, c.Unsure)
				}
				// The comparison can fail: one address more, and it does.
				if changes := netpol.Diff(before, world(t, widened(t, ours))); len(changes) == 0 {
					t.Errorf("%s, %s: a wider set makes no difference", region, network)
				}
			}
		}
	}
}

func samples(t *testing.T, folder string, openshift bool) []*manifest.Resource {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(folder, "*.yaml"))
	if err != nil || len(names) < 9 {
		t.Fatalf("%s: %v, %v", folder, names, err)
	}
	var out []*manifest.Resource
	for _, name := range names {
		base := filepath.Base(name)
		if base == "generic-privatehostendpoint.yaml" || strings.Contains(base, "openshift") && !openshift || strings.Contains(base, "dashboard") && openshift {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, compiletest.Resources(t, base, string(text))...)
	}
	return out
}

// widened adds a network to one of the sets.
func widened(t *testing.T, ours []*manifest.Resource) []*manifest.Resource {
	out := slices.Clone(ours)
	for i, r := range out {
		if r.ID.Kind == "GlobalNetworkSet" && strings.Contains(r.ID.Name, "control-plane") {
			nets := append(r.Object.Get("spec", "nets").Strings(), "192.0.2.0/30")
			moved := *r
			moved.Object = r.Object.With("spec", manifest.Of(map[string]any{"nets": nets}))
			out[i] = &moved
			return out
		}
	}
	t.Fatal("there is no set of the control plane")
	return nil
}

// The addresses of the 2017 document are reached on its ports, and the policies
// alone deny all else to the workers' public interface.
func TestTheSetOf2017(t *testing.T) {
	data, err := dataset.Load("iks-2017-11-16")
	if err != nil {
		t.Fatal(err)
	}
	for region, sets := range data.Regions {
		c := world(t, isolate(t, data.Name, region, false, "public"))
		host := c.Endpoints()[slices.IndexFunc(c.Endpoints(), func(e *netpol.Endpoint) bool { return e.Kind == netpol.Host && e.Labels["ibm.role"] == "worker_public" })]
		for set, ports := range map[string][]uint16{"bootstrap": {443, 20000, 32767}, "registry": {443}, "monitoring": {443, 9095}, "logging": {443, 9091}} {
			for _, net := range sets[set] {
				to := c.Address(compiletest.Prefix(t, net).Addr())
				for _, port := range ports {
					if v := c.Connection(host, to, netpol.TCP(port)); v.Outcome != netpol.Allowed {
						t.Errorf("%s: %s %s on %d: %s", region, set, net, port, v)
					}
				}
				if v := c.Connection(host, to, netpol.TCP(8080)); v.Outcome != netpol.Denied {
					t.Errorf("%s: %s %s on 8080: %s", region, set, net, v)
				}
			}
		}
	}
}

func TestAnUnknownRegionIsNamedWithThoseThereAre(t *testing.T) {
	for _, c := range []struct{ data, region, want string }{
		{dataOf2026, "mars", "want one of au-syd, br-sao"}, {"iks-1999", "us-south", "want one of iks-2017-11-16, iks-2026-06-16"},
	} {
		served := true
		policy := &schema.Policy{Cluster: schema.ClusterPolicy{Calico: schema.CalicoPolicy{API: &served}, Isolation: &schema.IsolationPolicy{DataSet: c.data, Region: c.region, Networks: []string{"public"}}}}
		if _, err := compile.Run(compile.Input{Policy: policy}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want %q", err, c.want)
		}
	}
}
