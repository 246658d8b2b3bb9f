package view

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/secgen/secgen/schema"
)

const (
	tightQuota  = "{apiVersion: v1, kind: ResourceQuota, metadata: {name: q, namespace: shop}, spec: {hard: {pods: '3', requests.cpu: '2'}}}\n"
	podTemplate = "template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: web, resources: {requests: {cpu: 500m}, limits: {memory: 1Gi}}}]}}"
)

func deploymentOf(name string, replicas int) string {
	return fmt.Sprintf("{apiVersion: apps/v1, kind: Deployment, metadata: {name: %s, namespace: shop}, spec: {replicas: %d, %s}}\n", name, replicas, podTemplate)
}

// misfits prints the views of guardrails: root, path and what is wrong.
func misfits(t *testing.T, what string, environments []Environment, roots ...string) []string {
	t.Helper()
	var digests []Digest
	for i, text := range roots {
		digests = append(digests, digest(t, string(rune('a'+i)), text))
	}
	var out []string
	for _, v := range whole(t, schema.ViewGuardrail, digests, environments) {
		if v.Node.Get("facts", what) != nil {
			out = append(out, strings.Join(v.Roots, ",")+" "+v.Path.String()+" "+fact(t, v, what))
		}
	}
	slices.Sort(out)
	return out
}

func TestQuotaIsShort(t *testing.T) {
	const pods = `a spec.hard.pods {"hard":"3","need":"%d","peak":%v,"resource":"pods","sum":"%s"}`
	const cpu = `a spec.hard["requests.cpu"] {"hard":"2","need":"%s","peak":%v,"resource":"requests.cpu","sum":"%s"}`
	const scaler = "{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: web, namespace: shop}, spec: {minReplicas: 2, maxReplicas: 8, scaleTargetRef: {kind: Deployment, name: web}}}\n"
	prod := []Environment{{Name: "prod", Roots: []string{"a", "b", "c"}}}
	tests := []struct {
		name         string
		environments []Environment
		roots        []string
		want         []string
	}{
		{"fits", nil, []string{tightQuota + "---\n" + deploymentOf("web", 2)}, nil},
		{"too many replicas", nil, []string{tightQuota + "---\n" + deploymentOf("web", 5)}, []string{fmt.Sprintf(pods, 5, false, "Deployment web 5 x 1"), fmt.Sprintf(cpu, "2500m", false, "Deployment web 5 x 500m")}},
		{"no room to replace a pod", nil, []string{tightQuota + "---\n" + deploymentOf("web", 3)}, []string{fmt.Sprintf(pods, 4, false, "Deployment web 3 x 1 + Deployment web 1 while a pod is replaced")}},
		{"at the peak only", nil, []string{tightQuota + "---\n" + deploymentOf("web", 2) + "---\n" + scaler}, []string{fmt.Sprintf(pods, 10, true, "Deployment web 10 x 1"), fmt.Sprintf(cpu, "5", true, "Deployment web 10 x 500m")}},
		{"workloads of two roots that share the namespace", nil, []string{tightQuota + "---\n" + deploymentOf("web", 2), deploymentOf("api", 2)},
			[]string{fmt.Sprintf(cpu, "2500m", false, "Deployment api 2 x 500m + Deployment web 2 x 500m + Deployment api 500m while a pod is replaced"),
				fmt.Sprintf(pods, 5, false, "Deployment api 2 x 1 + Deployment web 2 x 1 + Deployment api 1 while a pod is replaced")}},
		{"two overlays are alternatives", nil, []string{tightQuota + "---\n" + deploymentOf("web", 2), deploymentOf("web", 9)}, nil},
		{"an equal rendering counts once", nil, []string{tightQuota + "---\n" + deploymentOf("web", 2), deploymentOf("web", 2)}, nil},
		{"another cluster", []Environment{{Name: "prod", Roots: []string{"a"}}, {Name: "dev", Roots: []string{"b"}}}, []string{tightQuota + "---\n" + deploymentOf("web", 2), deploymentOf("api", 9)}, nil},
		{"one cluster", prod, []string{tightQuota, deploymentOf("web", 1), deploymentOf("api", 1)}, []string{fmt.Sprintf(pods, 4, true, "Deployment api 2 x 1 + Deployment web 2 x 1")}},
		{"jobs one at a time", nil, []string{tightQuota + "---\n" + deploymentOf("web", 2) + "---\n" +
			"{apiVersion: batch/v1, kind: CronJob, metadata: {name: job, namespace: shop}, spec: {concurrencyPolicy: Forbid, jobTemplate: {spec: {template: {spec: {containers: [{name: j, resources: {requests: {cpu: 1500m}}}]}}}}}}\n"},
			[]string{fmt.Sprintf(cpu, "2500m", false, "CronJob job 1500m for a job + Deployment web 2 x 500m"), fmt.Sprintf(pods, 4, true, "Deployment web 3 x 1 + CronJob job 1")}},
		{"a daemon's nodes are not known", nil, []string{tightQuota + "---\n" + strings.Replace(deploymentOf("web", 2), "kind: Deployment", "kind: DaemonSet", 1)}, nil},
		{"a variable", nil, []string{tightQuota + "---\n" + strings.Replace(deploymentOf("web", 2), "replicas: 2", "replicas: '${N}'", 1)}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := misfits(t, "short", tt.environments, tt.roots...)
			slices.Sort(tt.want)
			if strings.Join(got, "\n") != strings.Join(tt.want, "\n") {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
			}
		})
	}
}

func TestLimitRangeRefusesAndChanges(t *testing.T) {
	limits := func(item string) string {
		return "{apiVersion: v1, kind: LimitRange, metadata: {name: l, namespace: shop}, spec: {limits: [" + item + "]}}\n---\n"
	}
	const at = "a spec.template.spec.containers[0].resources "
	for _, tt := range []struct{ name, what, text, want string }{
		{"over the maximum", "refused", limits("{type: Container, max: {memory: 512Mi}}") + deploymentOf("web", 1), at + `{"by":"l","who":"container \"web\"","why":"limit 1Gi of memory, more than the maximum 512Mi"}`},
		{"within", "refused", limits("{type: Container, max: {memory: 2Gi}}") + deploymentOf("web", 1), ""},
		{"defaults", "changed", limits("{type: Container, default: {cpu: 1}}") + deploymentOf("web", 1), at + `{"by":"l","what":"limits.cpu 1","who":"container \"web\""}`},
		{"nothing to fill in", "changed", limits("{type: Container, defaultRequest: {cpu: 1}}") + deploymentOf("web", 1), ""},
		{"contradiction", "invalid", limits("{type: Pod, min: {cpu: 2}, max: {cpu: 1}}"), `a spec.limits[0].min.cpu {"why":"min 2 of cpu is more than max 1"}`},
		{"quota without figures", "unset", tightQuota + "---\n" + strings.Replace(deploymentOf("web", 1), "{cpu: 500m}", "{}", 1), at + `{"by":"q","what":"requests.cpu","who":"container \"web\""}`},
		{"quota with defaults", "unset", limits("{type: Container, default: {cpu: 1}}") + tightQuota + "---\n" + strings.Replace(deploymentOf("web", 1), "{cpu: 500m}", "{}", 1), ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := strings.Join(misfits(t, tt.what, nil, tt.text), "\n"); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestPodSecurityOfNamespaces(t *testing.T) {
	namespace := func(labels string) string {
		return "{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {" + labels + "}}}\n---\n"
	}
	const enforce = "pod-security.kubernetes.io/enforce: "
	for _, tt := range []struct{ name, text, baseline, restricted, unsafe, facts string }{
		{"not labelled", namespace("a: b") + deploymentOf("web", 1), "", "x", "", `{"labelled":false,"passes":"baseline"}`},
		{"passes more", namespace(enforce+"privileged") + deploymentOf("web", 1), "", "", "", `{"enforce":"privileged","labelled":true,"passes":"restricted","weaker":true}`},
		{"just right", namespace(enforce+"baseline") + deploymentOf("web", 1), "", "x", "", `{"enforce":"baseline","labelled":true,"passes":"baseline","weaker":false}`},
		{"refused", namespace(enforce+"baseline") + deploymentOf("web", 1), "x", "y", `{"level":"baseline","why":"x"}`, `{"enforce":"baseline","labelled":true,"passes":"privileged","weaker":false}`},
		{"refused at restricted", namespace(enforce+"restricted") + deploymentOf("web", 1), "", "y", `{"level":"restricted","why":"y"}`, `{"enforce":"restricted","labelled":true,"passes":"baseline","weaker":false}`},
		{"an older version", namespace(enforce+"restricted, pod-security.kubernetes.io/enforce-version: v1.20") + deploymentOf("web", 1), "", "y", "", `{"enforce":"restricted","labelled":true,"passes":"baseline","weaker":false}`},
		{"no such level", namespace(enforce+"strict") + deploymentOf("web", 1), "x", "y", "", `{"enforce":"strict","labelled":true,"passes":"privileged"}`},
		{"others may come", namespace(enforce+"baseline") + deploymentOf("web", 1) + "---\n{apiVersion: kafka.strimzi.io/v1, kind: Kafka, metadata: {name: k, namespace: shop}}\n", "", "", "", `{"enforce":"baseline","labelled":true}`},
		{"a policy engine", namespace("a: b") + "{apiVersion: kyverno.io/v1, kind: ClusterPolicy, metadata: {name: k}}\n", "", "", "", "{}"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := digest(t, "a", tt.text)
			for _, p := range d.Pods {
				d.Levels = append(d.Levels, PodLevel{ID: p.ID, Baseline: tt.baseline, Restricted: tt.restricted})
			}
			unsafe := ""
			for _, v := range whole(t, schema.ViewGuardrail, []Digest{d}, nil) {
				if v.Node.Get("facts", "unsafe") != nil {
					unsafe += fact(t, v, "unsafe")
				}
			}
			if unsafe != tt.unsafe {
				t.Errorf("unsafe: %s, want %s", unsafe, tt.unsafe)
			}
			if got := fact(t, whole(t, schema.ViewNamespace, []Digest{d}, nil)[0], "podSecurity"); got != tt.facts {
				t.Errorf("podSecurity: %s, want %s", got, tt.facts)
			}
		})
	}
}
