package workload

import (
	"strings"
	"testing"
)

func TestPods(t *testing.T) {
	const spec = "{containers: [{name: web, image: web:1}]}"
	const template = "{metadata: {labels: {app: web}}, spec: " + spec + "}"
	tests := []struct{ name, object, want string }{
		{"pod", "{apiVersion: v1, kind: Pod, spec: " + spec + "}", ""},
		{"deployment", "{apiVersion: apps/v1, kind: Deployment, spec: {template: " + template + "}}", "spec.template"},
		{"an old deployment", "{apiVersion: extensions/v1beta1, kind: Deployment, spec: {template: " + template + "}}", "spec.template"},
		{"replica set", "{apiVersion: apps/v1, kind: ReplicaSet, spec: {template: " + template + "}}", "spec.template"},
		{"stateful set", "{apiVersion: apps/v1, kind: StatefulSet, spec: {template: " + template + "}}", "spec.template"},
		{"daemon set", "{apiVersion: apps/v1, kind: DaemonSet, spec: {template: " + template + "}}", "spec.template"},
		{"job", "{apiVersion: batch/v1, kind: Job, spec: {template: " + template + "}}", "spec.template"},
		{"cron job", "{apiVersion: batch/v1, kind: CronJob, spec: {jobTemplate: {spec: {template: " + template + "}}}}", "spec.jobTemplate.spec.template"},
		{"replication controller", "{apiVersion: v1, kind: ReplicationController, spec: {template: " + template + "}}", "spec.template"},
		{"pod template", "{apiVersion: v1, kind: PodTemplate, template: " + template + "}", "template"},
		{"Argo Rollout", "{apiVersion: argoproj.io/v1alpha1, kind: Rollout, spec: {template: " + template + "}}", "spec.template"},
		{"Knative Service", "{apiVersion: serving.knative.dev/v1, kind: Service, spec: {template: " + template + "}}", "spec.template"},
		{"DeploymentConfig", "{apiVersion: apps.openshift.io/v1, kind: DeploymentConfig, spec: {template: " + template + "}}", "spec.template"},
		{"every item of a list", "{apiVersion: jobset.x-k8s.io/v1alpha2, kind: JobSet, spec: {replicatedJobs: [{template: {spec: {template: " + template + "}}}, {template: {spec: {template: " + template + "}}}]}}",
			"spec.replicatedJobs[0].template.spec.template spec.replicatedJobs[1].template.spec.template"},
		{"every value of a map", "{apiVersion: kubeflow.org/v1, kind: PyTorchJob, spec: {pytorchReplicaSpecs: {Master: {template: " + template + "}, Worker: {template: " + template + "}}}}",
			"spec.pytorchReplicaSpecs.Master.template spec.pytorchReplicaSpecs.Worker.template"},
		{"two templates", "{apiVersion: leaderworkerset.x-k8s.io/v1, kind: LeaderWorkerSet, spec: {leaderWorkerTemplate: {workerTemplate: " + template + ", leaderTemplate: " + template + "}}}",
			"spec.leaderWorkerTemplate.leaderTemplate spec.leaderWorkerTemplate.workerTemplate"},
		{"configured", "{apiVersion: example.org/v1, kind: Machine, spec: {pod: " + template + "}}", "spec.pod"},
		{"core Service", "{apiVersion: v1, kind: Service, spec: {template: " + template + "}}", "-"},
		{"unknown kind", "{apiVersion: example.com/v1, kind: Deployment, spec: {template: " + template + "}}", "-"},
		{"no template", "{apiVersion: apps/v1, kind: Deployment, spec: {}}", "-"},
		{"spec is a string", "{apiVersion: v1, kind: Pod, spec: web}", "-"},
		{"template is a list", "{apiVersion: apps/v1, kind: Deployment, spec: {template: [1]}}", "-"},
	}
	table := table(t, Shape{Group: "example.org", Kind: "Machine", Template: "spec.pod"})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := object(t, tt.object)
			pods := table.Pods(r)
			if tt.want == "-" {
				if len(pods) != 0 {
					t.Fatalf("found %d pods, want none", len(pods))
				}
				return
			}
			if !table.Knows(r.ID) {
				t.Error("the table says that it does not know the kind")
			}
			var got []string
			for _, p := range pods {
				got = append(got, p.Path.String())
				if p.Spec.Get("containers") == nil {
					t.Errorf("%s has no containers", p.Path)
				}
				if at := r.Object.Lookup(p.Path.Field("spec")); at != p.Spec {
					t.Errorf("the path %s does not lead to the pod's spec", p.Path)
				}
			}
			if strings.Join(got, " ") != tt.want {
				t.Errorf("got %q, want %q", strings.Join(got, " "), tt.want)
			}
		})
	}
}

func TestNewTableRefuses(t *testing.T) {
	for _, bad := range []Shape{
		{Group: "example.org", Template: "spec"},
		{Group: "example.org", Kind: "X", Template: "spec..template"},
		{Group: "example.org", Kind: "X", Template: "spec[0].template"},
		{Group: "example.org", Kind: "X", Template: "spec.te*"},
		{Group: "example.org", Kind: "X", Template: "."},
	} {
		if _, err := NewTable([]Shape{bad}); err == nil || !strings.Contains(err.Error(), "example.org") {
			t.Errorf("NewTable(%+v) = %v, want an error that names the shape", bad, err)
		}
	}
}

func TestNilTable(t *testing.T) {
	var none *Table
	r := object(t, "{apiVersion: v1, kind: Pod, spec: {}}")
	if none.Knows(r.ID) || none.Pods(r) != nil {
		t.Error("a nil table knows a kind")
	}
}

func TestContainers(t *testing.T) {
	p := pod(t, `
containers:
  - {name: web}
  - null
  - 1
  - {name: log}
initContainers:
  - {name: migrate}
  - {name: proxy, restartPolicy: Always}
ephemeralContainers:
  - {name: debug}
`)
	p.Path = nil
	var got []string
	for _, c := range p.Containers() {
		got = append(got, c.Name()+"="+string(c.Kind)+"@"+c.Path.String())
	}
	want := "migrate=init@spec.initContainers[0] proxy=sidecar@spec.initContainers[1] " +
		"web=container@spec.containers[0] log=container@spec.containers[3] debug=ephemeral@spec.ephemeralContainers[0]"
	if strings.Join(got, " ") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(got, " "), want)
	}
}

func TestOS(t *testing.T) {
	tests := []struct{ spec, os, nodeOS string }{
		{"{}", "", ""},
		{"{os: {name: windows}}", "windows", "windows"},
		{"{nodeSelector: {kubernetes.io/os: windows}}", "", "windows"},
		{"{nodeSelector: {beta.kubernetes.io/os: linux}}", "", "linux"},
		{"{os: {name: linux}, nodeSelector: {kubernetes.io/os: windows}}", "linux", "linux"},
	}
	for _, tt := range tests {
		p := pod(t, tt.spec)
		if p.OS() != tt.os || p.NodeOS() != tt.nodeOS {
			t.Errorf("%s: OS %q, NodeOS %q; want %q, %q", tt.spec, p.OS(), p.NodeOS(), tt.os, tt.nodeOS)
		}
	}
}

func TestServiceAccount(t *testing.T) {
	for spec, want := range map[string]string{
		"{}":                        "default",
		"{serviceAccountName: web}": "web",
		"{serviceAccount: old}":     "old",
		"{serviceAccountName: web, serviceAccount: old}": "web",
	} {
		if got := pod(t, spec).ServiceAccount(); got != want {
			t.Errorf("%s: %q, want %q", spec, got, want)
		}
	}
}
