package admission_test

import (
	"strings"
	"testing"

	"github.com/secgen/secgen/workload"
	"github.com/secgen/secgen/workload/admission"
)

func pod(t *testing.T, spec string) workload.Pod {
	t.Helper()
	r := resources(t, "p.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  "+strings.ReplaceAll(spec, "\n", "\n  "))[0]
	return workload.Pod{Metadata: r.Object.Get("metadata"), Spec: r.Object.Get("spec")}
}

func limits(t *testing.T, items string) []admission.Limit {
	t.Helper()
	l, err := admission.ReadLimits(resources(t, "l.yaml", "apiVersion: v1\nkind: LimitRange\nmetadata: {name: l}\nspec: {limits: ["+items+"]}")[0])
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// Expansion as pkg/apis/core/v1/defaults.go, SetDefaults_LimitRangeItem, has it.
func TestDefaultsOfALimitRange(t *testing.T) {
	l := limits(t, "{type: Container, max: {cpu: 2, memory: 1Gi}, default: {memory: 512Mi}, min: {ephemeral-storage: 1Gi}}")[0]
	for name, want := range map[string][2]string{"cpu": {"2", "2"}, "memory": {"512Mi", "512Mi"}, "ephemeral-storage": {"0", "1Gi"}} {
		def, request := l.Default[name], l.DefaultRequest[name]
		if def.String() != want[0] || request.String() != want[1] {
			t.Errorf("%s: default %s and request %s, want %v", name, def.String(), request.String(), want)
		}
	}
	if l := limits(t, "{type: Pod, max: {cpu: 2}}")[0]; len(l.Default)+len(l.DefaultRequest) > 0 {
		t.Errorf("a pod's item has defaults: %+v", l)
	}
}

func TestApplyFillsInWhatIsMissing(t *testing.T) {
	p := pod(t, `initContainers: [{name: i}]
containers:
- {name: none}
- {name: limit, resources: {limits: {cpu: 2}}}
- {name: both, resources: {requests: {cpu: 10m}, limits: {cpu: 20m}}}`)
	got := admission.Apply(p, limits(t, "{type: Container, default: {cpu: 1}, defaultRequest: {cpu: 100m}}"))
	var texts []string
	for _, c := range got.Containers() {
		r := workload.ResourcesOf(c.Node.Get("resources"))
		texts = append(texts, c.Name()+" "+r.Requests["cpu"].Text+"/"+r.Limits["cpu"].Text)
	}
	if want := "i 100m/1, none 100m/1, limit 2/2, both 10m/20m"; strings.Join(texts, ", ") != want {
		t.Errorf("got %s, want %s", strings.Join(texts, ", "), want)
	}
	if p.Containers()[0].Node.Has("resources") {
		t.Error("the pod itself changed")
	}
}

func TestRefusals(t *testing.T) {
	const request, limit = "{requests: {cpu: 100m}}", "{requests: {cpu: 100m}, limits: {cpu: 200m}}"
	for name, c := range map[string]struct{ item, resources, want string }{
		"passes":                   {"{type: Container, min: {cpu: 50m}, max: {cpu: 200m}}", limit, ""},
		"below the minimum":        {"{type: Container, min: {cpu: 150m}}", request, "requests 100m of cpu, less than the minimum 150m"},
		"no request at all":        {"{type: Container, min: {memory: 1Mi}}", request, ""}, // min becomes the default request
		"over the maximum":         {"{type: Container, max: {cpu: 150m}}", limit, "limit 200m of cpu, more than the maximum 150m"},
		"ratio":                    {"{type: Container, maxLimitRequestRatio: {cpu: 1.5}}", limit, "more than the ratio"},
		"ratio without a limit":    {"{type: Container, maxLimitRequestRatio: {cpu: 2}}", request, "more than the ratio"},
		"request over the default": {"{type: Container, default: {cpu: 50m}}", request, "requests 100m of cpu, more than its limit 50m"},
		"a pod's sums may cross":   {"{type: Pod, min: {cpu: 1m}}", "{requests: {cpu: 100m}}}, {name: d, resources: {limits: {cpu: 50m}}", ""},
		"pod over the maximum":     {"{type: Pod, max: {cpu: 150m}}", limit, "limit 200m of cpu, more than the maximum 150m"},
		"pod without a limit":      {"{type: Pod, max: {cpu: 150m}}", request, "limit none of cpu"},
	} {
		t.Run(name, func(t *testing.T) {
			items := limits(t, c.item)
			got := strings.Join(items[0].Refusals(admission.Apply(pod(t, "containers: [{name: c, resources: "+c.resources+"}]"), items)), "; ")
			if (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestClaims(t *testing.T) {
	item := limits(t, "{type: PersistentVolumeClaim, max: {storage: 4Gi}}")[0]
	spec := resources(t, "c.yaml", "spec: {storageClassName: fast, resources: {requests: {storage: 5Gi}}}")[0].Object.Get("spec")
	usage, ok := admission.Claim(spec)
	if !ok || strings.Join(usage.Names(), " ") != "count/persistentvolumeclaims fast.storageclass.storage.k8s.io/persistentvolumeclaims "+
		"fast.storageclass.storage.k8s.io/requests.storage persistentvolumeclaims requests.storage" {
		t.Errorf("usage %v", usage)
	}
	if got := item.ClaimRefusals(usage["requests.storage"]); len(got) != 1 {
		t.Errorf("refusals %v", got)
	}
}

func TestUsageIsWhatAQuotaCounts(t *testing.T) {
	p := pod(t, `initContainers:
- {name: big, resources: {requests: {cpu: 900m}}}
- {name: side, restartPolicy: Always, resources: {requests: {cpu: 50m, nvidia.com/gpu: 1}}}
containers: [{name: a, resources: {requests: {cpu: 100m}, limits: {memory: 1Gi}}}, {name: b, resources: {requests: {cpu: 200m}}}]
overhead: {cpu: 10m}`)
	usage, complete := admission.Usage(p)
	for name, want := range map[string]string{"cpu": "910m", "requests.cpu": "910m", "requests.memory": "1Gi", "limits.memory": "1Gi", "requests.nvidia.com/gpu": "1", "pods": "1"} {
		if q := usage[name]; q.String() != want {
			t.Errorf("%s is %s, want %s", name, q.String(), want)
		}
	}
	if _, ok := usage["nvidia.com/gpu"]; ok || !complete {
		t.Error("an extended resource counts without its prefix, or the demand is incomplete")
	}
	if _, complete := admission.Usage(pod(t, `containers: [{name: a, resources: {requests: {cpu: "${CPU}"}}}]`)); complete {
		t.Error("an unresolved quantity counts as complete")
	}
}

func TestMissing(t *testing.T) {
	p := pod(t, "initContainers: [{name: i}]\ncontainers: [{name: c, resources: {requests: {cpu: 1}}}]")
	for hard, want := range map[string]int{"requests.cpu": 1, "cpu": 1, "limits.cpu": 2, "memory": 2, "pods": 0, "requests.storage": 0, "requests.nvidia.com/gpu": 0} {
		if got := admission.Missing(p, []string{hard}); len(got) != want {
			t.Errorf("%s: %v, want %d", hard, got, want)
		}
	}
	if got := admission.Missing(pod(t, "resources: {requests: {cpu: 1}}\ncontainers: [{name: c}]"), []string{"cpu", "memory"}); len(got) > 0 {
		t.Errorf("pod-level resources do not satisfy the quota: %v", got)
	}
}

// As pkg/quota/v1/evaluator/core/services.go counts.
func TestServices(t *testing.T) {
	for spec, want := range map[string][2]int64{
		"{ports: [{port: 80}]}":                                 {0, 0},
		"{type: NodePort, ports: [{port: 80}, {port: 81}]}":     {2, 0},
		"{type: LoadBalancer, ports: [{port: 80}, {port: 81}]}": {2, 1},
		"{type: LoadBalancer, allocateLoadBalancerNodePorts: false, ports: [{port: 80, nodePort: 30000}, {port: 81}]}": {1, 1},
	} {
		usage := admission.Service(resources(t, "s.yaml", "spec: "+spec)[0].Object.Get("spec"))
		ports, balancers := usage["services.nodeports"], usage["services.loadbalancers"]
		if ports.Value() != want[0] || balancers.Value() != want[1] {
			t.Errorf("%s: %d node ports and %d load balancers, want %v", spec, ports.Value(), balancers.Value(), want)
		}
	}
}
