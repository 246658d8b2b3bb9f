package render

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/secgen/secgen/manifest"
)

// writeRepo lays out a txtar archive in a folder of its own.
func writeRepo(t testing.TB, archive string) string {
	t.Helper()
	top := t.TempDir()
	for _, f := range txtar.Parse([]byte(archive)).Files {
		name := filepath.Join(top, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return top
}

// locate turns "file: text" into the place where the text stands in the file; a
// second text after " >> " is looked for behind the first.
func locate(t *testing.T, top, at string) manifest.Position {
	t.Helper()
	file, text, _ := strings.Cut(at, ": ")
	data, err := os.ReadFile(filepath.Join(top, file))
	if err != nil {
		t.Fatal(err)
	}
	offset := 0
	for _, part := range strings.Split(text, " >> ") {
		i := strings.Index(string(data[offset:]), part)
		if i < 0 {
			t.Fatalf("%s does not hold %q", file, part)
		}
		offset += i
	}
	before := string(data[:offset])
	return manifest.Position{File: file, Line: strings.Count(before, "\n") + 1,
		Column: len([]rune(before[strings.LastIndex(before, "\n")+1:])) + 1}
}

// want is one expectation: the place of a path of a resource, named by kind and
// name.
type want struct {
	resource, path, at string
	related            string
}

const web = `-- base/kustomization.yaml --
resources:
- web.yaml
-- base/web.yaml --
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  type: NodePort
---
# the workload
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  annotations:
    team: blue
spec:
  replicas: 2
  template:
    spec:
      securityContext:
        runAsNonRoot: true
      containers:
      - name: web
        image: registry.example/web:1.0
        securityContext:
          privileged: false
          readOnlyRootFilesystem: true
      - name: side
        image: registry.example/side:1.0
        env:
        - {name: A, value: "1"}
`

const privileged = "spec.template.spec.containers[0].securityContext.privileged"

func TestProvenance(t *testing.T) {
	rows := []struct {
		name, archive, root string
		wants               []want
	}{
		{"1 base", web + `-- prod/kustomization.yaml --
resources: [../base]
`, "prod", []want{
			{resource: "Deployment web", path: privileged, at: "base/web.yaml: privileged: false"},
			{resource: "Service web", path: "spec.type", at: "base/web.yaml: type: NodePort"},
			{resource: "Deployment web", path: `metadata.annotations.team`, at: "base/web.yaml: team: blue"},
			{resource: "Deployment web", path: `metadata.name`, at: "base/web.yaml: Deployment >> name: web"},
		}},
		{"2 strategic merge patch file", web + `-- prod/kustomization.yaml --
resources: [../base]
patches:
- path: patch.yaml
-- prod/patch.yaml --
# why
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  annotations:
    team: red
spec:
  template:
    spec:
      containers:
      - name: web
        securityContext:
          privileged: true
`, "prod", []want{
			{resource: "Deployment web", path: privileged, at: "prod/patch.yaml: privileged: true"},
			{resource: "Deployment web", path: "metadata.annotations.team", at: "prod/patch.yaml: team: red"},
			{resource: "Deployment web", path: "metadata.name", at: "base/web.yaml: Deployment >> name: web"},
			{resource: "Deployment web", path: "kind", at: "base/web.yaml: kind: Deployment"},
			{resource: "Deployment web", path: "spec.template.spec.containers[0].securityContext.readOnlyRootFilesystem",
				at: "base/web.yaml: readOnlyRootFilesystem"},
		}},
		{"3 inline patch", web + `-- prod/kustomization.yaml --
resources: [../base]
patches:
- patch: |-

    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: web
    spec:
      template:
        spec:
          containers:
          - name: web
            securityContext:
              privileged: true
- patch: '{apiVersion: v1, kind: Service, metadata: {name: web}, spec: {type: LoadBalancer}}'
`, "prod", []want{
			{resource: "Deployment web", path: privileged, at: "prod/kustomization.yaml: privileged: true"},
			{resource: "Service web", path: "spec.type", at: "prod/kustomization.yaml: type: LoadBalancer"},
		}},
		{"3 inline patchesStrategicMerge", web + `-- prod/kustomization.yaml --
resources: [../base]
patchesStrategicMerge:
- |
  apiVersion: v1
  kind: Service
  metadata:
    name: web
  spec:
    type: LoadBalancer
  ---
  apiVersion: apps/v1
  kind: Deployment
  metadata:
    name: web
  spec:
    replicas: 9
`, "prod", []want{
			{resource: "Service web", path: "spec.type", at: "prod/kustomization.yaml: type: LoadBalancer"},
			{resource: "Deployment web", path: "spec.replicas", at: "prod/kustomization.yaml: replicas: 9"},
		}},
		{"4 JSON 6902 patch file", web + `-- prod/kustomization.yaml --
resources: [../base]
patches:
- path: ops.yaml
  target: {kind: Deployment, name: web}
-- prod/ops.yaml --
- op: replace
  path: /spec/template/spec/containers/0/securityContext
  value:
    privileged: true
    runAsUser: 0
- op: add
  path: /metadata/annotations/a.b~1c
  value: "x"
- op: add
  path: /spec/template/spec/containers/0
  value: {name: first, image: first:1}
- op: remove
  path: /spec/template/spec/securityContext/runAsNonRoot
`, "prod", []want{
			{resource: "Deployment web", path: "spec.template.spec.containers[1].securityContext.privileged", at: "prod/ops.yaml: privileged: true"},
			{resource: "Deployment web", path: "spec.template.spec.containers[1].securityContext.runAsUser", at: "prod/ops.yaml: runAsUser"},
			{resource: "Deployment web", path: `metadata.annotations["a.b/c"]`, at: `prod/ops.yaml: "x"`},
			{resource: "Deployment web", path: "spec.template.spec.containers[0].image", at: "prod/ops.yaml: image: first:1"},
			{resource: "Deployment web", path: "spec.template.spec.containers[2].image", at: "base/web.yaml: image: registry.example/side"},
			{resource: "Deployment web", path: "spec.template.spec.securityContext.runAsNonRoot", at: "prod/ops.yaml: op: remove"},
		}},
		{"4 JSON 6902 inline and patchesJson6902", web + `-- prod/kustomization.yaml --
resources: [../base]
patchesJson6902:
- target: {version: v1, kind: Service, name: web}
  patch: |-
    - op: replace
      path: /spec/type
      value: LoadBalancer
patches:
- target: {kind: Deployment}
  patch: |-
    [{"op": "add", "path": "/spec/template/spec/hostPID",
      "value": true}]
`, "prod", []want{
			{resource: "Service web", path: "spec.type", at: "prod/kustomization.yaml: LoadBalancer"},
			{resource: "Deployment web", path: "spec.template.spec.hostPID", at: "prod/kustomization.yaml: true"},
			{resource: "Deployment web", path: privileged, at: "base/web.yaml: privileged: false"},
		}},
		{"5 component", web + `-- prod/kustomization.yaml --
resources: [../base]
components: [../open]
-- open/kustomization.yaml --
apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
patches:
- path: p.yaml
-- open/p.yaml --
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec: {hostNetwork: true}
`, "prod", []want{
			{resource: "Deployment web", path: "spec.template.spec.hostNetwork", at: "open/p.yaml: hostNetwork"},
		}},
		{"6 images", web + `-- prod/kustomization.yaml --
resources: [../base]
images:
- name: registry.example/web
  newName: mirror.example/web
  newTag: latest
- name: registry.example/side
  digest: sha256:0000000000000000000000000000000000000000000000000000000000000000
`, "prod", []want{
			{resource: "Deployment web", path: "spec.template.spec.containers[0].image", at: "prod/kustomization.yaml: newTag: latest"},
			{resource: "Deployment web", path: "spec.template.spec.containers[1].image", at: "prod/kustomization.yaml: digest: sha"},
		}},
		{"7 other transformers", web + `-- prod/kustomization.yaml --
resources: [../base]
namespace: shop
namePrefix: prod-
replicas:
- name: web
  count: 7
labels:
- pairs:
    tier: front
commonAnnotations:
  owner: me
-- top/kustomization.yaml --
resources: [../prod]
nameSuffix: -x
commonLabels: {env: prod}
`, "top", []want{
			{resource: "Deployment prod-web-x", path: "spec.replicas", at: "prod/kustomization.yaml: count: 7"},
			{resource: "Deployment prod-web-x", path: "metadata.namespace", at: "prod/kustomization.yaml: namespace: shop"},
			{resource: "Deployment prod-web-x", path: "metadata.name", at: "top/kustomization.yaml: nameSuffix"},
			{resource: "Deployment prod-web-x", path: "metadata.labels.tier", at: "prod/kustomization.yaml: tier: front"},
			{resource: "Deployment prod-web-x", path: "metadata.labels.env", at: "top/kustomization.yaml: env: prod"},
			{resource: "Deployment prod-web-x", path: "spec.template.metadata.labels.env", at: "top/kustomization.yaml: env: prod"},
			{resource: "Deployment prod-web-x", path: "metadata.annotations.owner", at: "prod/kustomization.yaml: owner: me"},
			{resource: "Deployment prod-web-x", path: "metadata.annotations.team", at: "base/web.yaml: team: blue"},
		}},
		{"8 generators", `-- base/kustomization.yaml --
generatorOptions: {disableNameSuffixHash: true}
configMapGenerator:
- name: settings
  literals:
  - A=1
  - B="two"
  files: [app.ini, other=data/o.txt]
  envs: [e.env]
secretGenerator:
- name: key
  literals: [token=abc]
-- base/app.ini --
x = 1
-- base/data/o.txt --
o
-- base/e.env --
# comment
  E=5
-- prod/kustomization.yaml --
resources: [../base]
configMapGenerator:
- name: settings
  behavior: merge
  literals:
  - A=changed
`, "prod", []want{
			{resource: "ConfigMap settings", path: "data.A", at: "prod/kustomization.yaml: A=changed"},
			{resource: "ConfigMap settings", path: "data.B", at: "base/kustomization.yaml: B="},
			{resource: "ConfigMap settings", path: `data["app.ini"]`, at: "base/app.ini: x = 1"},
			{resource: "ConfigMap settings", path: "data.other", at: "base/data/o.txt: o"},
			{resource: "ConfigMap settings", path: "data.E", at: "base/e.env: E=5"},
			{resource: "Secret key", path: "data.token", at: "base/kustomization.yaml: token=abc"},
			{resource: "Secret key", path: "metadata.name", at: "base/kustomization.yaml: name: key"},
		}},
		{"9 replacements and vars", web + `-- base/extra.yaml --
apiVersion: v1
kind: ConfigMap
metadata:
  name: source
data:
  image: registry.example/web:latest
---
apiVersion: v1
kind: Pod
metadata:
  name: pod
spec:
  containers:
  - name: c
    image: c:1
    args: ["--to=$(WHERE)"]
-- prod/kustomization.yaml --
resources: [../base, ../base/extra.yaml]
replacements:
- source: {kind: ConfigMap, name: source, fieldPath: data.image}
  targets:
  - select: {kind: Deployment}
    fieldPaths:
    - spec.template.spec.containers.[name=web].image
vars:
- name: WHERE
  objref: {apiVersion: v1, kind: ConfigMap, name: source}
`, "prod", []want{
			{resource: "Deployment web", path: "spec.template.spec.containers[0].image",
				at: "prod/kustomization.yaml: spec.template.spec", related: "base/extra.yaml: image: registry"},
			{resource: "Pod pod", path: "spec.containers[0].args[0]", at: `base/extra.yaml: "--to`, related: "prod/kustomization.yaml: WHERE"},
		}},
		{"10 patch with a target for several", web + `-- base/more.yaml --
apiVersion: apps/v1
kind: Deployment
metadata: {name: more}
spec: {template: {spec: {containers: [{name: m, image: m}]}}}
-- prod/kustomization.yaml --
resources: [../base, ../base/more.yaml]
patches:
- path: p.yaml
  target: {kind: Deployment}
-- prod/p.yaml --
apiVersion: apps/v1
kind: Deployment
metadata: {name: any}
spec:
  template:
    spec:
      hostIPC: true
`, "prod", []want{
			{resource: "Deployment web", path: "spec.template.spec.hostIPC", at: "prod/p.yaml: hostIPC"},
			{resource: "Deployment more", path: "spec.template.spec.hostIPC", at: "prod/p.yaml: hostIPC"},
		}},
		{"11 protection taken away", web + `-- prod/kustomization.yaml --
resources: [../base]
patches:
- path: p.yaml
-- prod/p.yaml --
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      securityContext: null
      containers:
      - name: web
        securityContext:
          $patch: replace
          privileged: false
      - name: side
        env:
        - name: A
          $patch: delete
`, "prod", []want{
			{resource: "Deployment web", path: "spec.template.spec.securityContext.runAsNonRoot", at: "prod/p.yaml: securityContext: null"},
			{resource: "Deployment web", path: "spec.template.spec.containers[0].securityContext.readOnlyRootFilesystem", at: "prod/p.yaml: $patch: replace"},
			// What never was there was not taken away.
			{resource: "Deployment web", path: "spec.template.spec.containers[0].securityContext.runAsUser", at: "prod/p.yaml: containers >> securityContext"},
		}},
		{"13 missing field", web + `-- prod/kustomization.yaml --
resources: [../base]
patches:
- path: p.yaml
-- prod/p.yaml --
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers:
      - name: added
        image: added:1
`, "prod", []want{
			{resource: "Deployment web", path: "spec.template.spec.containers[2].securityContext", at: "base/web.yaml: name: side"},
			{resource: "Deployment web", path: "spec.template.spec.containers[0].securityContext", at: "prod/p.yaml: name: added"},
			{resource: "Deployment web", path: "spec.template.spec.hostUsers", at: "base/web.yaml: template: >> spec"},
			{resource: "Service web", path: "spec.selector", at: "base/web.yaml: spec"},
		}},
		{"15 and 17 three levels, the last one counts", web + `-- mid/kustomization.yaml --
resources: [../base]
patches: [{path: p.yaml}]
-- mid/p.yaml --
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  type: LoadBalancer
-- prod/kustomization.yaml --
resources: [../mid]
patches: [{path: p.yaml}, {path: q.yaml}]
-- prod/p.yaml --
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {type: ClusterIP}
-- prod/q.yaml --
apiVersion: v1
kind: Service
metadata: {name: web}
spec:   {type: ClusterIP}
`, "prod", []want{
			{resource: "Service web", path: "spec.type", at: "prod/q.yaml: type: ClusterIP"},
		}},
		{"16 list item after re-ordering", web + `-- prod/kustomization.yaml --
resources: [../base]
patches: [{path: p.yaml}]
-- prod/p.yaml --
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers:
      - name: side
        tty: true
      - name: web
`, "prod", []want{
			{resource: "Deployment web", path: "spec.template.spec.containers[0].image", at: "base/web.yaml: image: registry.example/side"},
			{resource: "Deployment web", path: "spec.template.spec.containers[0].tty", at: "prod/p.yaml: tty"},
			{resource: "Deployment web", path: "spec.template.spec.containers[1].image", at: "base/web.yaml: image: registry.example/web"},
		}},
		{"sorted, generated, and renamed by a JSON patch", web + `-- prod/kustomization.yaml --
resources: [../base]
sortOptions: {order: legacy}
configMapGenerator:
- name: settings
  literals: [A=1]
patches:
- target: {kind: Service}
  patch: |-
    - {op: replace, path: /metadata/name, value: other}
    - {op: add, path: /spec/ports, value: [{port: 80}]}
    - {op: copy, from: /spec/type, path: /spec/externalTrafficPolicy}
    - {op: move, from: /spec/type, path: /spec/sessionAffinity}
- target: {kind: Deployment}
  path: smp.yaml
-- prod/smp.yaml --
apiVersion: apps/v1
kind: Deployment
metadata: {name: x}
spec:
  template:
    metadata: {labels: {a: b}}
`, "prod", []want{
			{resource: "Service other", path: "metadata.name", at: "prod/kustomization.yaml: value: other >> other"},
			{resource: "Service other", path: "spec.ports[0].port", at: "prod/kustomization.yaml: port: 80"},
			{resource: "Service other", path: "spec.externalTrafficPolicy", at: "base/web.yaml: type: >> NodePort"},
			{resource: "Service other", path: "spec.sessionAffinity", at: "base/web.yaml: type: >> NodePort"},
			{resource: "Deployment web", path: "spec.template.metadata.labels.a", at: "prod/smp.yaml: a: b"},
		}},
		{"a JSON patch between two strategic ones", web + `-- mid/kustomization.yaml --
resources: [../base]
patches:
- path: first.yaml
- target: {kind: Deployment}
  patch: '[{"op": "replace", "path": "/spec/replicas", "value": 3}, {"op": "add", "path": "/spec/paused", "value": true}]'
-- mid/first.yaml --
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 5
  minReadySeconds: 6
  template: {spec: {hostPID: true}}
-- prod/kustomization.yaml --
resources: [../mid]
patches: [{path: last.yaml}]
images: [{name: registry.example/side, newTag: "2"}]
-- prod/last.yaml --
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  paused: false
  template: {spec: {hostIPC: true}}
`, "prod", []want{
			{resource: "Deployment web", path: "spec.replicas", at: "mid/kustomization.yaml: 3}"},
			{resource: "Deployment web", path: "spec.minReadySeconds", at: "mid/first.yaml: minReady"},
			{resource: "Deployment web", path: "spec.template.spec.hostPID", at: "mid/first.yaml: hostPID"},
			{resource: "Deployment web", path: "spec.template.spec.hostIPC", at: "prod/last.yaml: hostIPC"},
			{resource: "Deployment web", path: "spec.paused", at: "prod/last.yaml: paused"},
			{resource: "Deployment web", path: privileged, at: "base/web.yaml: privileged: false"},
			{resource: "Deployment web", path: "spec.template.spec.containers[1].image", at: "prod/kustomization.yaml: newTag"},
			{resource: "Deployment web", path: "kind", at: "base/web.yaml: kind: Deployment"},
		}},
		{"a generator that merges into a file's object", `-- prod/kustomization.yaml --
resources: [m.yaml]
generatorOptions: {disableNameSuffixHash: true}
configMapGenerator:
- name: m
  behavior: merge
  literals: [B=2]
-- prod/m.yaml --
apiVersion: v1
kind: ConfigMap
metadata:
  name: m
  labels: {a: b}
data:
  A: "1"
  B: "1"
`, "prod", []want{
			{resource: "ConfigMap m", path: "data.A", at: `prod/m.yaml: A: "1"`},
			{resource: "ConfigMap m", path: "data.B", at: "prod/kustomization.yaml: B=2"},
			{resource: "ConfigMap m", path: "metadata.labels.a", at: "prod/m.yaml: a: b"},
		}},
		{"18 one base twice", `-- base/kustomization.yaml --
resources: [s.yaml]
-- base/s.yaml --
apiVersion: v1
kind: Service
metadata:
  name: s
spec:
  type: NodePort
-- a/kustomization.yaml --
resources: [../base]
namePrefix: a-
-- b/kustomization.yaml --
resources: [../base]
namePrefix: b-
-- top/kustomization.yaml --
resources: [../a, ../b]
`, "top", []want{
			{resource: "Service a-s", path: "spec.type", at: "base/s.yaml: type"},
			{resource: "Service b-s", path: "spec.type", at: "base/s.yaml: type"},
			{resource: "Service a-s", path: "metadata.name", at: "a/kustomization.yaml: namePrefix"},
			{resource: "Service b-s", path: "metadata.name", at: "b/kustomization.yaml: namePrefix"},
		}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			top := writeRepo(t, row.archive)
			got := Render(openTree(t, top), kustomizeRoot(row.root), Options{})
			if len(got.Problems) > 0 {
				t.Fatal(got.Problems)
			}
			expect(t, top, got, row.wants)
			disk, err := krustyOnDisk(filepath.Join(top, row.root))
			if err != nil {
				t.Fatal(err)
			}
			compare(t, row.root, got, disk)
		})
	}
}

func expect(t *testing.T, top string, got *Result, wants []want) {
	t.Helper()
	for _, w := range wants {
		var r *manifest.Resource
		for _, have := range got.Resources {
			if have.ID.Kind+" "+have.ID.Name == w.resource {
				r = have
			}
		}
		if r == nil {
			t.Errorf("no %s was rendered", w.resource)
			continue
		}
		path, err := manifest.ParsePath(w.path)
		if err != nil {
			t.Fatal(err)
		}
		pos, related := r.Locate(path)
		if at := locate(t, top, w.at); pos.String() != at.String() || pos.Approximate {
			t.Errorf("%s %s: at %s (approximate: %v), want %s", w.resource, w.path, pos, pos.Approximate, at)
		}
		if w.related == "" {
			continue
		}
		at := locate(t, top, w.related)
		found := false
		for _, rel := range related {
			found = found || rel.Position.File == at.File && rel.Position.Line == at.Line
		}
		if !found {
			t.Errorf("%s %s: related %v, want one at %s", w.resource, w.path, related, at)
		}
	}
}
