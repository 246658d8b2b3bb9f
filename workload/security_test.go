package workload

import (
	"encoding/json"
	"testing"

	"github.com/secgen/secgen/manifest"
)

func TestSecurity(t *testing.T) {
	tests := []struct {
		name string
		pod  string // the pod's securityContext and annotations
		own  string // the container's securityContext
		want map[string]string
	}{
		{"nothing is said", "", "", map[string]string{
			"privileged": "false", "escalation": "true", "readOnly": "false", "procMount": `"Default"`, "hostProcess": "false",
			"nonRoot": "null", "user": "null", "seccomp": "null", "appArmor": "null", "seLinux": "null", "added": "null",
		}},
		{"the pod speaks for the container",
			"securityContext: {runAsNonRoot: true, runAsUser: 1000, seccompProfile: {type: RuntimeDefault}, seLinuxOptions: {type: a}, appArmorProfile: {type: Unconfined}, windowsOptions: {hostProcess: true}}", "",
			map[string]string{"nonRoot": "true", "user": "1000", "seccomp": `{"type":"RuntimeDefault"}`, "seLinux": `{"type":"a"}`,
				"appArmor": `{"type":"Unconfined"}`, "hostProcess": "true"}},
		{"the container overrides the pod",
			"securityContext: {runAsNonRoot: true, runAsUser: 1000, seccompProfile: {type: RuntimeDefault}, seLinuxOptions: {type: a, user: u}}",
			"{runAsNonRoot: false, runAsUser: 0, seccompProfile: {type: Unconfined}, seLinuxOptions: {level: s0}}",
			map[string]string{"nonRoot": "false", "user": "0", "seccomp": `{"type":"Unconfined"}`, "seLinux": `{"level":"s0"}`}},
		{"null is nothing", "securityContext: {runAsNonRoot: true}", "{runAsNonRoot: null, privileged: null}",
			map[string]string{"nonRoot": "true", "privileged": "false"}},
		{"what only containers have is not inherited", "securityContext: {privileged: true, capabilities: {add: [ALL]}}", "",
			map[string]string{"privileged": "false", "added": "null"}},
		{"AppArmor by annotation", "annotations: {container.apparmor.security.beta.kubernetes.io/web: unconfined}", "",
			map[string]string{"appArmor": `{"type":"Unconfined"}`}},
		{"AppArmor by annotation, before the pod", "annotations: {container.apparmor.security.beta.kubernetes.io/web: localhost/web}\nsecurityContext: {appArmorProfile: {type: Unconfined}}", "",
			map[string]string{"appArmor": `{"localhostProfile":"web","type":"Localhost"}`}},
		{"AppArmor by annotation, after the container", "annotations: {container.apparmor.security.beta.kubernetes.io/web: unconfined}", "{appArmorProfile: {type: RuntimeDefault}}",
			map[string]string{"appArmor": `{"type":"RuntimeDefault"}`}},
		{"AppArmor annotation of another container", "annotations: {container.apparmor.security.beta.kubernetes.io/log: unconfined}", "",
			map[string]string{"appArmor": "null"}},
		{"AppArmor annotation of an unknown form", "annotations: {container.apparmor.security.beta.kubernetes.io/web: off}", "",
			map[string]string{"appArmor": "null"}}, // off is a boolean: no annotation
		{"AppArmor annotation of an unknown name", "annotations: {container.apparmor.security.beta.kubernetes.io/web: whatever}", "",
			map[string]string{"appArmor": `{"type":"whatever"}`}},
		{"a variable stays as it is", "", "{privileged: \"${PRIVILEGED}\"}", map[string]string{"privileged": `"${PRIVILEGED}"`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			outer := parse(t, "x: y\n"+tt.pod)
			container := parse(t, "name: web\nsecurityContext: "+tt.own)
			p := Pod{Spec: outer, Metadata: outer}
			s := p.Security(Container{Kind: Main, Node: container})
			got := map[string]*manifest.Node{"privileged": s.Privileged, "escalation": s.AllowPrivilegeEscalation,
				"readOnly": s.ReadOnlyRootFilesystem, "procMount": s.ProcMount, "hostProcess": s.HostProcess, "nonRoot": s.RunAsNonRoot,
				"user": s.RunAsUser, "seccomp": s.Seccomp, "appArmor": s.AppArmor, "seLinux": s.SELinux, "added": s.CapabilitiesAdded}
			for key, want := range tt.want {
				text, err := json.Marshal(got[key].Value())
				if err != nil {
					t.Fatal(err)
				}
				if string(text) != want {
					t.Errorf("%s is %s, want %s", key, text, want)
				}
			}
		})
	}
}

func TestSecurityKeepsPositions(t *testing.T) {
	spec := parse(t, "securityContext:\n  runAsNonRoot: true\n")
	s := Pod{Spec: spec}.Security(Container{Node: parse(t, "{name: web}")})
	if s.RunAsNonRoot.Pos.Line != 2 {
		t.Errorf("runAsNonRoot of the pod is at line %d, want 2", s.RunAsNonRoot.Pos.Line)
	}
	if !s.Privileged.Pos.IsZero() {
		t.Errorf("a default is at %s, want no position", s.Privileged.Pos)
	}
}
