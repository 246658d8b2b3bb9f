package view

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/secgen/secgen/schema"
)

func workloadOf(namespace, name, labels string) string {
	return "---\n{apiVersion: apps/v1, kind: Deployment, metadata: {name: " + name + ", namespace: " + namespace + "}, spec: {template: {metadata: {labels: " + labels + "}, spec: {}}}}\n"
}

func policyOf(namespace, name, spec string) string {
	return "---\n{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: " + name + ", namespace: " + namespace + "}, spec: {" + spec + "}}\n"
}

const denyAll = "podSelector: {}, policyTypes: [Ingress, Egress]"

func TestEndpoints(t *testing.T) {
	web := workloadOf("shop", "web", "{app: web}")
	for _, tt := range []struct {
		name  string
		roots []string
		want  string // ingress, egress
	}{
		{"no policy", []string{web}, "false false"},
		{"its own root", []string{web + policyOf("shop", "deny", denyAll)}, "true true"},
		{"another root", []string{web, policyOf("shop", "deny", denyAll)}, "true true"},
		{"one direction", []string{web, policyOf("shop", "web", "podSelector: {matchLabels: {app: web}}")}, "true false"},
		{"other labels", []string{web, policyOf("shop", "web", "podSelector: {matchLabels: {app: db}}")}, "false false"},
		{"another namespace", []string{web, policyOf("billing", "deny", denyAll)}, "false false"},
		{"a policy without a namespace", []string{web, policyOf(`""`, "deny", denyAll)}, "absent absent"},
		{"a variable in the selector", []string{web, policyOf("shop", "web", "podSelector: {matchLabels: {app: '${APP}'}}")}, "absent false"},
		{"a global Calico policy", []string{web, "{apiVersion: projectcalico.org/v3, kind: GlobalNetworkPolicy, metadata: {name: deny}, spec: {types: [Egress]}}"}, "false true"},
		{"a Calico policy that does not parse", []string{web, "{apiVersion: projectcalico.org/v3, kind: NetworkPolicy, metadata: {name: deny, namespace: shop}, spec: {selector: 'a =', types: [Ingress]}}"}, "absent false"},
		{"another engine", []string{web, "{apiVersion: cilium.io/v2, kind: CiliumNetworkPolicy, metadata: {name: deny, namespace: shop}}"}, "absent absent"},
		{"made by Kyverno", []string{web, "{apiVersion: kyverno.io/v1, kind: ClusterPolicy, metadata: {name: k}, spec: {rules: [{generate: {kind: NetworkPolicy}}]}}"}, "absent absent"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var digests []Digest
			for i, text := range tt.roots {
				digests = append(digests, digest(t, string(rune('a'+i)), text))
			}
			views := whole(t, schema.ViewEndpoint, digests, nil)
			if len(views) != 1 {
				t.Fatalf("%d views, want one", len(views))
			}
			if got := fact(t, views[0], "ingress.isolated") + " " + fact(t, views[0], "egress.isolated"); got != tt.want {
				t.Errorf("isolated is %s, want %s", got, tt.want)
			}
			if at, _ := views[0].Resource.Locate(views[0].Path.Field("metadata", "labels")); at.File != "test.yaml" || at.Line == 0 {
				t.Errorf("the labels are at %s", at)
			}
		})
	}
}

func TestEndpointBesideUnreadRoot(t *testing.T) {
	digests := []Digest{digest(t, "a", workloadOf("shop", "web", "{app: web}")), UnreadDigest("b", GuardsIn([]byte("kind: GlobalNetworkPolicy\n"))...)}
	if got := fact(t, whole(t, schema.ViewEndpoint, digests, nil)[0], "ingress.isolated"); got != "absent" {
		t.Errorf("isolated is %s beside an unread policy, want absent", got)
	}
	digests[1] = UnreadDigest("b", GuardsIn([]byte("kind: Deployment\n"))...)
	if got := fact(t, whole(t, schema.ViewEndpoint, digests, nil)[0], "ingress.isolated"); got != "false" {
		t.Errorf("isolated is %s beside an unread workload, want false", got)
	}
}

// Overlays of one base repeat its policies. They do not shadow each other, unless
// the configuration says that they are in one cluster.
func TestOverlaysDoNotShadow(t *testing.T) {
	base := workloadOf("shop", "web", "{app: web}") + "---\n" +
		"{apiVersion: projectcalico.org/v3, kind: NetworkPolicy, metadata: {name: web, namespace: shop}, spec: {types: [Ingress], ingress: [{action: Deny, protocol: UDP}]}}\n"
	other := strings.Replace(base, "action: Deny", "action: Allow", 1)
	digests := []Digest{digest(t, "dev", base), digest(t, "prod", other)}
	if views := whole(t, schema.ViewNetworkFlaw, digests, nil); len(views) != 0 {
		t.Errorf("%d flaws of overlays, the first at %s; want none", len(views), views[0].Path)
	}
	views := whole(t, schema.ViewNetworkFlaw, digests, []Environment{{Name: "one", Roots: []string{"dev", "prod"}}})
	if len(views) != 1 || fact(t, views[0], "idle.contradicts") != "true" {
		t.Errorf("%d flaws in one environment, want the rule that the other policy shadows", len(views))
	}
}

// Variants of a namespace in several overlays say nothing for sure about its
// labels.
func TestVariantsOfNamespace(t *testing.T) {
	namespace := func(env string) string {
		return "{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {env: " + env + "}}}\n"
	}
	global := "{apiVersion: projectcalico.org/v3, kind: GlobalNetworkPolicy, metadata: {name: deny}, spec: {namespaceSelector: env == 'prod', types: [Ingress]}}\n"
	web := workloadOf("shop", "web", "{app: web}")
	for want, envs := range map[string][]string{"true": {"prod", "prod"}, "false": {"dev", "dev"}, "absent": {"dev", "prod"}} {
		digests := []Digest{digest(t, "a", namespace(envs[0])+web), digest(t, "b", namespace(envs[1])), digest(t, "c", global)}
		if got := fact(t, whole(t, schema.ViewEndpoint, digests, nil)[0], "ingress.isolated"); got != want {
			t.Errorf("isolated is %s in a namespace of %v, want %s", got, envs, want)
		}
	}
}

// Without rules on the network, digests hold nothing for them.
func TestNetworkIsLazy(t *testing.T) {
	e := env(t)
	e.Network = false
	if d := e.DigestOf("a", resources(t, shop+policyOf("shop", "deny", denyAll))); len(d.Network) != 0 {
		t.Errorf("the digest holds %d resources, want none", len(d.Network))
	}
	digests := []Digest{digest(t, "a", shop+policyOf("shop", "deny", denyAll))}
	for _, v := range (Whole{Digests: digests, Workloads: e.Workloads}).Views() {
		if OfNetwork(v.Kind) || v.Node.Get("facts", "network") != nil {
			t.Errorf("a view of %s, or its facts, although nobody asked", v.Kind)
		}
	}
}

// Digests hold of a workload what policies see, with positions, and no more.
func TestReduced(t *testing.T) {
	r := resources(t, deployment)[0]
	small := env(t).reduced(r)
	for _, path := range [][]string{{"spec", "template", "metadata", "labels", "app"}, {"metadata", "namespace"}} {
		at, want := small.Object.Get(path...), r.Object.Get(path...)
		if at == nil || at.Text != want.Text || at.Pos != want.Pos {
			t.Errorf("%v is %v, want %v", path, at, want)
		}
	}
	if small.Object.Get("spec", "template", "spec", "securityContext") != nil || small.Object.Get("spec", "template", "spec", "containers").Items[0].Get("image") != nil {
		t.Error("the digest holds what no policy sees")
	}
	jobset := resources(t, "{apiVersion: jobset.x-k8s.io/v1, kind: JobSet, metadata: {name: a}, spec: {replicatedJobs: [null, {template: {spec: {template: {metadata: {labels: {a: b}}, spec: {x: y}}}}}]}}")[0]
	if pods := env(t).Workloads.Pods(env(t).reduced(jobset)); len(pods) != 1 || pods[0].Metadata.Get("labels", "a").Str() != "b" {
		t.Errorf("%d pods of a template behind an index, want the one with its labels", len(pods))
	}
}

// TestTrap: the sample that says it blocks all egress but DNS, and opens every pod
// of every namespace, is found at its line, and nothing else of its folder is.
func TestTrap(t *testing.T) {
	reference := os.Getenv("SECGEN_REFERENCE")
	if reference == "" {
		t.Skip("SECGEN_REFERENCE is not set: the samples are not at hand")
	}
	files, err := filepath.Glob(filepath.Join(reference, "iks/kube-samples-2026-06-16/k8s-network-policies/*.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no samples: %v", err)
	}
	var found []string
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		digests := []Digest{digest(t, "a", string(data)+"\n"+workloadOf(`""`, "web", "{app: web}"))}
		for _, v := range whole(t, schema.ViewNetworkFlaw, digests, nil) {
			if o := v.Node.Get("facts", "opens", "overrules"); len(o.Elems()) > 0 {
				found = append(found, filepath.Base(file)+" "+v.Path.String())
			}
		}
	}
	if want := []string{"block-egress-allow-dns.yaml spec.egress[1].to[0]"}; !slices.Equal(found, want) {
		t.Errorf("found %v, want %v", found, want)
	}
}

func TestReferences(t *testing.T) {
	service := func(namespace, ports string) string {
		return "{apiVersion: v1, kind: Service, metadata: {name: web, namespace: " + namespace + "}, spec: {selector: {app: web}, ports: [" + ports + "]}}\n"
	}
	ingress := "{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: web, namespace: shop}, spec: {rules: [{http: {paths: [{backend: {service: {name: web, port: {number: 80}}}}]}}]}}\n---\n"
	web := workloadOf("shop", "web", "{app: web}")
	for _, tt := range []struct {
		name  string
		roots []string
		want  string // found, portFound
	}{
		{"found", []string{ingress + service("shop", "{port: 80}")}, "true true"},
		{"by another root", []string{ingress, service("shop", "{port: 80}")}, "true true"},
		{"another port", []string{ingress + service("shop", "{port: 8080}")}, "true false"},
		{"a variable as port", []string{ingress + service("shop", "{port: '${PORT}'}")}, "true true"},
		{"perhaps elsewhere", []string{ingress, service(`""`, "{port: 8080}")}, "true absent"},
		{"not there", []string{ingress + web}, "false absent"},
		{"nothing of the namespace is rendered", []string{ingress, service("billing", "{port: 80}")}, "absent absent"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var digests []Digest
			for i, text := range tt.roots {
				digests = append(digests, digest(t, string(rune('a'+i)), text))
			}
			views := whole(t, schema.ViewReference, digests, nil)
			if len(views) != 1 {
				t.Fatalf("%d views, want one", len(views))
			}
			if got := fact(t, views[0], "found") + " " + fact(t, views[0], "portFound"); got != tt.want {
				t.Errorf("found and portFound are %s, want %s", got, tt.want)
			}
		})
	}
}
