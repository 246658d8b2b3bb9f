package inventory_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/secgen/secgen/compile/compiletest"
	"github.com/secgen/secgen/compile/inventory"
	"github.com/secgen/secgen/workload"
)

func read(t *testing.T, facts inventory.Facts, roots ...inventory.Root) (*inventory.Inventory, error) {
	t.Helper()
	table, err := workload.NewTable(workload.BuiltIn())
	if err != nil {
		t.Fatal(err)
	}
	return inventory.New(roots, facts, table)
}

func mustRead(t *testing.T, facts inventory.Facts, text string) *inventory.Inventory {
	t.Helper()
	inv, err := read(t, facts, inventory.Root{Path: "r", Resources: compiletest.Resources(t, "r.yaml", text)})
	if err != nil {
		t.Fatal(err)
	}
	return inv
}

func TestPeak(t *testing.T) {
	hpa := "\n---\napiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: h, namespace: shop}\nspec: {scaleTargetRef: {kind: Deployment, name: w}, maxReplicas: 10}\n"
	for name, c := range map[string]struct {
		kind, spec, more string
		pods             int64
		why, unknown     string
	}{
		"replicas and default surge": {kind: "apps/v1 Deployment", spec: "{replicas: 4}", pods: 5, why: "4 replicas + surge 1 (25% by default)"},
		"surge is rounded up":        {kind: "apps/v1 Deployment", spec: "{replicas: 5}", pods: 7, why: "surge 2"},
		"no replicas mean one":       {kind: "apps/v1 Deployment", spec: "{}", pods: 2, why: "1 replica + surge 1"},
		"surge as a number":          {kind: "apps/v1 Deployment", spec: "{replicas: 2, strategy: {rollingUpdate: {maxSurge: 3}}}", pods: 5, why: "surge 3"},
		"surge of zero":              {kind: "apps/v1 Deployment", spec: "{replicas: 2, strategy: {rollingUpdate: {maxSurge: 0}}}", pods: 2, why: "2 replicas"},
		"surge as a share":           {kind: "apps/v1 Deployment", spec: "{replicas: 3, strategy: {rollingUpdate: {maxSurge: 100%}}}", pods: 6, why: "surge 3 (100%)"},
		"recreate":                   {kind: "apps/v1 Deployment", spec: "{replicas: 3, strategy: {type: Recreate}}", pods: 3, why: "without surge"},
		"autoscaler":                 {kind: "apps/v1 Deployment", spec: "{replicas: 2}", more: hpa, pods: 13, why: "HPA max 10 + surge 3"},
		"two autoscalers":            {kind: "apps/v1 Deployment", spec: "{}", more: hpa + strings.ReplaceAll(strings.ReplaceAll(hpa, "name: h,", "name: i,"), "10", "20"), pods: 25, why: "HPA max 20"},
		"KEDA": {kind: "apps/v1 Deployment", spec: "{}", pods: 5, why: "KEDA max 4 + surge 1",
			more: "\n---\napiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nmetadata: {name: k, namespace: shop}\nspec: {scaleTargetRef: {name: w}, maxReplicaCount: 4}\n"},
		"KEDA's default": {kind: "apps/v1 Deployment", spec: "{strategy: {type: Recreate}}", pods: 100, why: "KEDA max 100",
			more: "\n---\napiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nmetadata: {name: k, namespace: shop}\nspec: {scaleTargetRef: {name: w}}\n"},
		"autoscaler of another kind": {kind: "apps/v1 StatefulSet", spec: "{replicas: 2}", more: hpa, pods: 2, why: "2 replicas"},
		"stateful set":               {kind: "apps/v1 StatefulSet", spec: "{replicas: 3}", pods: 3, why: "3 replicas"},
		"daemon set":                 {kind: "apps/v1 DaemonSet", spec: "{}", unknown: "how many nodes"},
		"job":                        {kind: "batch/v1 Job", spec: "{}", pods: 1, why: "1 pod at a time"},
		"parallel job":               {kind: "batch/v1 Job", spec: "{parallelism: 5, completions: 3}", pods: 3, why: "3 pods at a time"},
		"work queue":                 {kind: "batch/v1 Job", spec: "{parallelism: 5}", pods: 5, why: "5 pods"},
		"pod":                        {kind: "v1 Pod", spec: "", pods: 1, why: "1 pod"},
		"unresolved":                 {kind: "apps/v1 Deployment", spec: "{replicas: \"${N}\"}", unknown: "how many replicas"},
		"a surge that is none":       {kind: "apps/v1 Deployment", spec: "{strategy: {rollingUpdate: {maxSurge: lots}}}", unknown: "maxSurge"},
		"knative":                    {kind: "serving.knative.dev/v1 Service", spec: "{}", unknown: "how many pods"},
		"canary":                     {kind: "argoproj.io/v1alpha1 Rollout", spec: "{replicas: 4, strategy: {canary: {}}}", pods: 5, why: "surge 1"},
		"blue and green":             {kind: "argoproj.io/v1alpha1 Rollout", spec: "{replicas: 4, strategy: {blueGreen: {}}}", pods: 8, why: "twice"},
	} {
		t.Run(name, func(t *testing.T) {
			apiVersion, kind, _ := strings.Cut(c.kind, " ")
			spec := strings.TrimSuffix(c.spec, "}")
			if spec != "{" {
				spec += ", "
			}
			spec += "template: {spec: {containers: []}}}"
			if kind == "Pod" {
				spec = "{containers: []}"
			}
			inv := mustRead(t, inventory.Facts{}, "apiVersion: "+apiVersion+"\nkind: "+kind+"\nmetadata: {name: w, namespace: shop}\nspec: "+spec+c.more)
			p := inv.Namespace("shop").Workloads[0].Peak
			if p.Pods != c.pods || !strings.Contains(p.Why, c.why) || (p.Unknown != "") != (c.unknown != "") || !strings.Contains(p.Unknown, c.unknown) {
				t.Errorf("got %+v", p)
			}
		})
	}
}

func TestCronJobsOverlapAsTheirPolicySays(t *testing.T) {
	for policy, want := range map[string]int64{"Forbid": 2, "Replace": 4, "Allow": 0, "null": 0} {
		inv := mustRead(t, inventory.Facts{}, "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: w, namespace: shop}\nspec: {concurrencyPolicy: "+policy+
			", jobTemplate: {spec: {parallelism: 2, completions: 9, template: {spec: {containers: []}}}}}")
		if p := inv.Namespace("shop").Workloads[0].Peak; p.Pods != want || (p.Ask == inventory.AskPods) != (want == 0) {
			t.Errorf("%s: got %+v, want %d pods", policy, p, want)
		}
	}
}

const daemon = "apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: d, namespace: shop}\nspec: {template: {spec: {containers: []}}}\n"

func TestThePolicyCounts(t *testing.T) {
	for _, c := range []struct {
		facts inventory.Facts
		want  int64
	}{
		{inventory.Facts{Nodes: 7}, 7},
		{inventory.Facts{Nodes: 7, Pods: map[string]map[string]int64{"shop": {"DaemonSet/d": 3}}}, 3},
		{inventory.Facts{Nodes: 7, Pods: map[string]map[string]int64{"other": {"DaemonSet/d": 3}}}, 7},
	} {
		if p := mustRead(t, c.facts, daemon).Namespace("shop").Workloads[0].Peak; p.Pods != c.want || p.Unknown != "" {
			t.Errorf("%+v: got %+v", c.facts, p)
		}
	}
}

func TestTwoRootsThatDisagree(t *testing.T) {
	root := func(path, text string) inventory.Root {
		return inventory.Root{Path: path, Resources: compiletest.Resources(t, path+".yaml", text)}
	}
	if inv, err := read(t, inventory.Facts{}, root("a", daemon), root("b", daemon)); err != nil || len(inv.Namespace("shop").Workloads) != 1 {
		t.Errorf("equal objects: %v", err)
	}
	_, err := read(t, inventory.Facts{}, root("a", daemon), root("b", strings.ReplaceAll(daemon, "spec: {template", "spec: {minReadySeconds: 1, template")))
	if err == nil || !strings.Contains(err.Error(), "DaemonSet shop/d is rendered differently by a and by b") {
		t.Errorf("error %v", err)
	}
}

func TestOwnOutputDoesNotCount(t *testing.T) {
	own := "apiVersion: v1\nkind: ResourceQuota\nmetadata: {name: q, namespace: m, labels: {app.kubernetes.io/managed-by: secgen}}\n"
	inv := mustRead(t, inventory.Facts{}, daemon+"---\n"+own)
	if inv.Namespace("m") != nil || len(inv.Resources) != 1 {
		t.Errorf("got %v", inv.Resources)
	}
}

func TestResourcesLandWhereTheirRootDoes(t *testing.T) {
	text := "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: []}\n---\napiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: c}\n"
	if inv := mustRead(t, inventory.Facts{}, text); len(inv.Homeless) != 1 || len(inv.Namespaces) != 0 {
		t.Errorf("a pod without namespace: %+v", inv)
	}
	resources := compiletest.Resources(t, "r.yaml", text)
	inv, err := read(t, inventory.Facts{}, inventory.Root{Path: "r", Resources: resources, Namespace: "shop"})
	if err != nil || len(inv.Homeless) != 0 || len(inv.Namespace("shop").Objects) != 1 {
		t.Fatalf("%v, %+v", err, inv)
	}
	pod := inv.Namespace("shop").Objects[0]
	if pod.Object.Get("metadata", "namespace").Str() != "shop" || resources[0].Object.Get("metadata").Has("namespace") {
		t.Error("the namespace is not in the object, or came into the original too")
	}
}

func TestWhatMayMakePodsIsOpaque(t *testing.T) {
	for text, namespace := range map[string]string{
		"apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: x, namespace: flux}\nspec: {targetNamespace: shop}\n": "shop",
		"apiVersion: kafka.strimzi.io/v1\nkind: Kafka\nmetadata: {name: x, namespace: shop}\n":                                            "shop",
		"apiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {name: x, namespace: shop}\n":                                       "",
		"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x, namespace: shop}\n":                                                         "",
		"apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata: {name: x, namespace: shop}\nspec: {template: {spec: {}}}\n":           "",
	} {
		inv := mustRead(t, inventory.Facts{}, text)
		found := slices.ContainsFunc(inv.Namespaces, func(n *inventory.Namespace) bool { return len(n.Opaque) > 0 && n.Name == namespace })
		if found != (namespace != "") {
			t.Errorf("%s: %+v", text, inv.Namespaces)
		}
	}
}
