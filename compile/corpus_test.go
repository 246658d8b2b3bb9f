package compile_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/secgen/secgen/compile"
	"github.com/secgen/secgen/compile/compiletest"
	"github.com/secgen/secgen/compile/inventory"
	"github.com/secgen/secgen/compile/plan"
	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/netpol"
	"github.com/secgen/secgen/schema"
)

// The maintainers of microservices-demo wrote network policies for it by hand.
// What compile derives from the manifests alone lets the same pods reach the same
// pods on the ports that they listen on.
func TestWhatIsDerivedIsWhatTheMaintainersWrote(t *testing.T) {
	corpus := os.Getenv("SECGEN_CORPUS")
	if corpus == "" {
		t.Skip("SECGEN_CORPUS names no folder with repositories")
	}
	folder := filepath.Join(corpus, "microservices-demo/kustomize")
	base := manifests(t, filepath.Join(folder, "base"))
	theirs := manifests(t, filepath.Join(folder, "components/network-policies"))
	if len(base) < 30 || len(theirs) < 10 {
		t.Fatalf("read %d manifests and %d policies", len(base), len(theirs))
	}
	api := true
	// The front end names a Service that only another component renders.
	const elsewhere = "shoppingassistantservice:80"
	in := compile.Input{
		Roots:  []inventory.Root{{Path: "base", Resources: base, Namespace: "shop"}},
		Policy: &schema.Policy{Cluster: schema.ClusterPolicy{Calico: schema.CalicoPolicy{API: &api}}},
	}
	asked, err := compile.Run(in)
	if err != nil || !slices.ContainsFunc(asked.Questions, func(q plan.Question) bool { return strings.Contains(q.Text, elsewhere) }) {
		t.Fatalf("nobody asks where %s is: %v, %v", elsewhere, err, asked.Questions)
	}
	in.Policy.Namespaces = map[string]schema.NamespacePolicy{"shop": {Settled: []string{elsewhere}}}
	result, err := compile.Run(in)
	if err != nil || len(result.Unproven) > 0 {
		t.Fatalf("%v, %v", err, result.Unproven)
	}
	ours := []*manifest.Resource{}
	for _, f := range result.Files {
		if strings.HasSuffix(f.Path, "network-policies.yaml") {
			ours = append(ours, compiletest.Resources(t, f.Path, string(f.Content))...)
		}
	}
	before, _ := netpol.New(append(theirs, base...), netpol.Options{Namespace: "shop"})
	after, _ := netpol.New(append(ours, base...), netpol.Options{Namespace: "shop"})
	pairs, open := 0, 0
	for _, a := range before.Endpoints() {
		for _, b := range before.Endpoints() {
			if a.Kind != netpol.Pod || b.Kind != netpol.Pod || a == b {
				continue
			}
			for _, port := range listening(b.Resource) {
				pairs++
				// Theirs leave what goes out open, ours do not: both ends count for ours.
				want := before.Connection(a, b, port).Outcome
				got := after.Connection(after.Pods(a.Resource)[0], after.Pods(b.Resource)[0], port).Outcome
				if want == netpol.Allowed {
					open++
				}
				// Theirs let everybody in at the front end. Ours let in everybody from
				// outside and who calls it.
				if want != got && b.Resource.ID.Name != "frontend" {
					t.Errorf("%s to %s on %s: %s by theirs, %s by ours", a, b, port, want, got)
				}
			}
		}
	}
	if pairs < 100 || open < 15 {
		t.Errorf("compared %d pairs, %d of them open", pairs, open)
	}
}

func listening(r *manifest.Resource) []netpol.Port {
	var out []netpol.Port
	for _, c := range r.Object.Get("spec", "template", "spec", "containers").Elems() {
		for _, p := range c.Get("ports").Elems() {
			if n, ok := p.Get("containerPort").Int(); ok {
				out = append(out, netpol.TCP(uint16(n)))
			}
		}
	}
	return out
}

func manifests(t *testing.T, folder string) []*manifest.Resource {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(folder, "*.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var out []*manifest.Resource
	for _, name := range names {
		if filepath.Base(name) == "kustomization.yaml" {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range compiletest.Resources(t, filepath.Base(name), string(text)) {
			if r.ID.Kind != "" {
				out = append(out, r)
			}
		}
	}
	return out
}
