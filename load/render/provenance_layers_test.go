package render

// layeredRows: what was taken away, is missing, or was set several times.
func layeredRows() []row {
	return []row{
		{"protection taken away", web + `-- prod/kustomization.yaml --
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
		{"missing field", web + `-- prod/kustomization.yaml --
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
		{"list item after re-ordering", web + `-- prod/kustomization.yaml --
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
	}
}
