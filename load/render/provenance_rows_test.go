package render

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

// patchRows: what patches and components set.
func patchRows() []row {
	return []row{
		{"strategic merge patch file", web + `-- prod/kustomization.yaml --
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
		{"inline patch", web + `-- prod/kustomization.yaml --
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
		{"inline patchesStrategicMerge", web + `-- prod/kustomization.yaml --
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
		{"JSON 6902 patch file", web + `-- prod/kustomization.yaml --
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
		{"JSON 6902 inline and patchesJson6902", web + `-- prod/kustomization.yaml --
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
	}
}
