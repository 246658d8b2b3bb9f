package compile_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/secgen/secgen/compile/compiletest"
	"github.com/secgen/secgen/compile/emit"
	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/netpol"
)

// Every object that a golden file makes is one that its API takes: Kubernetes',
// Calico's and the operators'. All kinds that there are come by.
func TestEveryObjectIsValid(t *testing.T) {
	names, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for _, name := range names {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		checker := newChecker(t)
		var all []*manifest.Resource
		for _, f := range run(t, archive).Files {
			if !strings.HasPrefix(string(f.Content), emit.Marker) {
				t.Errorf("%s: %s has no marker", name, f.Path)
			}
			for _, problem := range checker.File(f.Path, f.Content) {
				t.Errorf("%s: %s", name, problem)
			}
			if len(f.Objects) > 0 {
				all = append(all, compiletest.Resources(t, f.Path, string(f.Content))...)
			}
		}
		_, problems := netpol.New(all, netpol.Options{})
		for _, p := range problems {
			if p.Refused || p.Code == netpol.CodeLimit {
				t.Errorf("%s: %s: %s %s", name, p.Resource.ID, p.Path, p.Message)
			}
		}
		for kind, n := range checker.Seen {
			seen[kind] += n
		}
	}
	for _, kind := range []string{
		"v1/Namespace", "v1/ResourceQuota", "v1/LimitRange", "v1/ServiceAccount",
		"rbac.authorization.k8s.io/v1/Role", "rbac.authorization.k8s.io/v1/RoleBinding", "networking.k8s.io/v1/NetworkPolicy",
		"projectcalico.org/v3/NetworkPolicy", "projectcalico.org/v3/StagedNetworkPolicy", "projectcalico.org/v3/GlobalNetworkPolicy",
		"projectcalico.org/v3/GlobalNetworkSet", "projectcalico.org/v3/HostEndpoint",
		"admissionregistration.k8s.io/v1/ValidatingAdmissionPolicy", "admissionregistration.k8s.io/v1/ValidatingAdmissionPolicyBinding",
		"portieris.cloud.ibm.com/v1/ImagePolicy", "security.istio.io/v1/PeerAuthentication", "argoproj.io/v1alpha1/AppProject",
		"audit.k8s.io/v1/Policy", "kubelet.config.k8s.io/v1beta1/KubeletConfiguration",
		"kustomize.config.k8s.io/v1beta1/Kustomization", "kustomize.config.k8s.io/v1alpha1/Component",
	} {
		if seen[kind] == 0 {
			t.Errorf("no golden file makes a %s", kind)
		}
	}
}

func newChecker(t *testing.T) *compiletest.Checker {
	c, err := compiletest.NewChecker()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// The checker sees what is wrong.
func TestWhatIsInvalidIsSeen(t *testing.T) {
	const meta = "metadata: {name: a, namespace: shop, labels: {app.kubernetes.io/managed-by: secgen}}\n"
	for _, row := range []struct{ name, file, text, want string }{
		{"an unknown field", "quota.yaml", "apiVersion: v1\nkind: ResourceQuota\n" + meta + "spec: {hard: {}, hart: {}}\n", `unknown field "spec.hart"`},
		{"a wrong type", "quota.yaml", "apiVersion: v1\nkind: ResourceQuota\n" + meta + "spec: {hard: [pods]}\n", "cannot unmarshal"},
		{"no quantity", "quota.yaml", "apiVersion: v1\nkind: ResourceQuota\n" + meta + "spec: {hard: {pods: many}}\n", "quantities must match"},
		{"nothing required", "role.yaml", "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\n" + meta + "rules: [{apiGroups: [\"\"], resources: [pods]}]\n", "rules[0].verbs is missing"},
		{"Calico's field", "policy.yaml", "apiVersion: projectcalico.org/v3\nkind: NetworkPolicy\n" + meta + "spec: {tier: default, types: [Ingress], selctor: all()}\n", `unknown field "spec.selctor"`},
		{"a staged policy's field", "policy.yaml", "apiVersion: projectcalico.org/v3\nkind: StagedNetworkPolicy\n" + meta + "spec: {stagedAction: Set, tier: default, types: [Ingress], order: first}\n", "cannot unmarshal"},
		{"a policy that drifts", "policy.yaml", "apiVersion: projectcalico.org/v3\nkind: NetworkPolicy\n" + meta + "spec: {selector: all()}\n", "spec.tier, spec.types or the label"},
		{"a choice", "mesh.yaml", "apiVersion: security.istio.io/v1\nkind: PeerAuthentication\n" + meta + "spec: {mtls: {mode: Strict}}\n", "spec.mtls.mode is Strict, want UNSET|DISABLE|PERMISSIVE|STRICT"},
		{"a custom resource's field", "project.yaml", "apiVersion: argoproj.io/v1alpha1\nkind: AppProject\n" + meta + "spec: {sourceRepo: [x]}\n", "spec.sourceRepo is unknown"},
		{"an unknown kind", "x.yaml", "apiVersion: example.com/v1\nkind: Thing\n" + meta, "no schema for example.com/v1/Thing"},
		{"a name", "quota.yaml", "apiVersion: v1\nkind: ResourceQuota\nmetadata: {name: A, namespace: shop, labels: {app.kubernetes.io/managed-by: secgen}}\nspec: {hard: {}}\n", "metadata.name: a lowercase RFC 1123"},
		{"a label", "quota.yaml", "apiVersion: v1\nkind: ResourceQuota\nmetadata: {name: a, namespace: shop, labels: {app.kubernetes.io/managed-by: secgen, a: b c}}\nspec: {hard: {}}\n", "metadata.labels"},
		{"no namespace", "quota.yaml", "apiVersion: v1\nkind: ResourceQuota\nmetadata: {name: a, labels: {app.kubernetes.io/managed-by: secgen}}\nspec: {hard: {}}\n", `metadata.namespace is ""`},
		{"twice", "quota.yaml", "apiVersion: v1\nkind: ResourceQuota\n" + meta + "spec: {hard: {}}\n---\napiVersion: v1\nkind: ResourceQuota\n" + meta + "spec: {hard: {}}\n", "is in quota.yaml too"},
		{"an audit policy's level", "bootstrap/audit.yaml", "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: All}]\n", "rules[0].level is All"},
	} {
		t.Run(row.name, func(t *testing.T) {
			problems := newChecker(t).File(row.file, []byte(row.text))
			if !slices.ContainsFunc(problems, func(p string) bool { return strings.Contains(p, row.want) }) {
				t.Errorf("got %q, want one with %q", problems, row.want)
			}
		})
	}
}
