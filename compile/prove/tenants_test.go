package prove_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/secgen/secgen/compile/emit"
	"github.com/secgen/secgen/compile/plan"
	"github.com/secgen/secgen/compile/prove"
)

// Each row breaks one printed object of a tenant, a project or an image policy.
func TestTheProofSeesWhatIsBrokenForTenants(t *testing.T) {
	inv, p, files := printed(t, "tenants")
	if failures, err := prove.All(inv, p, files, nil); err != nil || len(failures) > 0 {
		t.Fatalf("what was printed is not proven: %v, %v", failures, err)
	}
	const tenant, projects = "namespaces/shop/flux-tenant.yaml", "cluster/argo-projects.yaml"
	for name, c := range map[string]struct {
		file, old, new string
		guardrail      plan.Guardrail
		want           string
	}{
		"a kind is left out":        {tenant, "resources: [deployments]", "resources: [daemonsets]", plan.Tenants, "does not let the tenant get Deployment shop/web, which apps/shop renders"},
		"a name is left out":        {tenant, "resourceNames: [own]", "resourceNames: [other]", plan.Tenants, "does not let the tenant patch ResourceQuota shop/own"},
		"the guardrails are open":   {tenant, "resourceNames: [own]", "resourceNames: [own, secgen]", plan.Tenants, "lets the tenant update ResourceQuota shop/secgen"},
		"everything is open":        {tenant, "resources: [configmaps]", `resources: ["*"]`, plan.Tenants, "lets the tenant update LimitRange shop/secgen"},
		"somebody else has it":      {tenant, "  - kind: ServiceAccount\n    name: tenant-shop", "  - kind: ServiceAccount\n    name: default", plan.Tenants, "gives the tenant's role to somebody else"},
		"another role":              {tenant, "kind: Role\n  name: tenant-shop\n---", "kind: ClusterRole\n  name: tenant-shop\n---", plan.Tenants, "or another role"},
		"as Flux itself":            {tenant, "  serviceAccountName: tenant-shop\n", "", plan.Tenants, "does not deploy ./apps/shop as account tenant-shop"},
		"another root":              {tenant, "path: ./apps/shop", "path: ./apps", plan.Tenants, "does not deploy ./apps/shop"},
		"any namespace":             {tenant, "  targetNamespace: shop\n", "", plan.Tenants, "does not deploy ./apps/shop"},
		"a project elsewhere":       {projects, "namespace: one", "namespace: two", plan.Projects, "reaches https://prod.example.com two too"},
		"a project of any source":   {projects, "['https://git.example.com/shop.git']", "['*']", plan.Projects, "neither where it deploys to nor where from"},
		"a guardrail to change":     {projects, "    - group: \"\"\n      kind: LimitRange\n", "", plan.Projects, "lets the tenant change LimitRange"},
		"what is rendered, refused": {projects, "kind: LimitRange", "kind: ConfigMap", plan.Projects, "forbids ConfigMap"},
		"no Namespace":              {projects, "kind: Namespace", "kind: Node", plan.Projects, "does not allow Namespace free"},
		"an image of a namespace":   {"namespaces/shop/image-policy.yaml", "registry.example.com/shop/*", "registry.example.com/other/*", plan.Images, `Deployment shop/web pulls registry.example.com/shop/web, which no registry of the policy holds; pull the image from one that is there, or add its registry to policy.namespaces."shop".registries`},
		"an image of no namespace":  {"cluster/image-policy.yaml", "*.icr.io/*", "us.icr.io/*", plan.Images, "Deployment there/there pulls de.icr.io/there/there, which no registry of the policy holds; pull the image from one that is there, or add its registry to policy.cluster.registries"},
	} {
		t.Run(name, func(t *testing.T) {
			broken := slices.Clone(files)
			i := slices.IndexFunc(broken, func(f emit.File) bool { return f.Path == c.file })
			content := strings.ReplaceAll(string(broken[i].Content), c.old, c.new)
			if content == string(broken[i].Content) {
				t.Fatalf("%q is not printed", c.old)
			}
			broken[i].Content = bytes.Clone([]byte(content))
			failures, err := prove.All(inv, p, broken, nil)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.ContainsFunc(failures, func(f prove.Failure) bool { return f.Guardrail == c.guardrail && strings.Contains(f.Text, c.want) }) {
				t.Errorf("want a failure with %q, got %v", c.want, failures)
			}
		})
	}
}
