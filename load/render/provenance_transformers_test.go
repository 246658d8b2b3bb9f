package render

// transformerRows: what transformers and generators set.
func transformerRows() []row {
	return []row{
		{"images", web + `-- prod/kustomization.yaml --
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
		{"other transformers", web + `-- prod/kustomization.yaml --
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
		{"generators", `-- base/kustomization.yaml --
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
		{"replacements and vars", web + `-- base/extra.yaml --
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
	}
}
