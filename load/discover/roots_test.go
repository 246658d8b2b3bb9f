package discover

import "testing"

func TestRootsAndBuckets(t *testing.T) {
	cm, ns := object("ConfigMap", "a"), object("Namespace", "n")
	for _, c := range []discoverCase{
		{"plain: topmost folders", `
-- apps/a/x.yaml --
` + object("ConfigMap", "x") + `-- apps/a/deep/er/y.json --
{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "y"}}
-- apps/b/z.yaml --
` + object("ConfigMap", "z"), "root apps/a: apps/a/deep/er/y.json apps/a/x.yaml\nroot apps/b: apps/b/z.yaml\n"},
		{"plain: the same object twice splits", `
-- ns.yaml --
` + ns + `-- dev/x.yaml --
` + cm + `-- prod/x.yaml --
` + cm, "root .: ns.yaml\nroot dev: dev/x.yaml\nroot prod: prod/x.yaml\n"},
		{"plain: stray beside a kustomization", `
-- base/kustomization.yaml --
resources: [a.yaml]
-- base/a.yaml --
` + cm + `-- base/b.yaml --
` + ns + `-- base/extra/c.yaml --
` + object("ConfigMap", "c"), "root base: base/a.yaml base/kustomization.yaml\nroot base/b.yaml: base/b.yaml\nroot base/extra: base/extra/c.yaml\n"},
		{"plain: a kustomization is a border", `
-- apps/ns.yaml --
` + ns + `-- apps/k/kustomization.yaml --
namePrefix: x
-- apps/k/sub/c.yaml --
` + cm, "root apps: apps/ns.yaml\nroot apps/k: apps/k/kustomization.yaml\nroot apps/k/sub: apps/k/sub/c.yaml\n"},
		{"no manifests", `
-- .github/workflows/ci.yaml --
on: push
-- values.yaml --
a: 1
-- package.json --
{"name": "x"}
-- patch.yaml --
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec: {template: {spec: {containers: [{name: web, resources: {}}]}}}
-- delete.yaml --
apiVersion: v1
kind: ConfigMap
metadata: {name: web}
$patch: delete
-- skaffold.yaml --
apiVersion: skaffold/v4beta1
kind: Config
metadata: {name: x}
-- nameless.yaml --
apiVersion: v1
kind: Config
-- empty.yaml --
-- broken.yaml --
a: [
-- template.yaml --
apiVersion: v1
kind: ConfigMap
metadata: {name: {{ .Name }}}
-- chart/Chart.yaml --
apiVersion: v2
name: x
-- chart/values-prod.yaml --
apiVersion: x
-- chart/templates/sa.yaml --
` + object("ServiceAccount", "x") + `-- t/kustomization.yaml --
namePrefix: {{ x }}
`, `other .github/workflows/ci.yaml: no manifest: it has no apiVersion
other broken.yaml: no manifest: it has no apiVersion
other chart/Chart.yaml: settings of a Helm chart
templates chart/templates/sa.yaml: template of a Helm chart; render the chart to have it linted
other chart/values-prod.yaml: settings of a Helm chart
other delete.yaml: patch that no kustomization uses ($patch)
other empty.yaml: empty
other nameless.yaml: no manifest: the Config has no name, as a patch or a tool's configuration
other package.json: no manifest: it has no apiVersion
other patch.yaml: patch that no kustomization uses: the Deployment lacks what its kind requires
other skaffold.yaml: no manifest: skaffold/v4beta1 is read by a tool, not by a cluster
templates t/kustomization.yaml: template of a kustomization: holds {{ and nothing uses it
templates template.yaml: template: holds {{, is no YAML as it stands, and nothing uses it
other values.yaml: no manifest: it has no apiVersion
note delete.yaml:1:1: not linted, since it is a patch that no kustomization uses ($patch)
note patch.yaml:1:1: not linted, since it is a patch that no kustomization uses: the Deployment lacks what its kind requires
`},
		{"unreadable manifest", "-- a.yaml --\napiVersion: v1\nkind: Pod\nmetadata:\n\tname: x\n-- b.yaml --\n" + cm + "a: 1\na: 2\n",
			"unread a.yaml: is indented with a tab, which YAML forbids; use spaces (is no valid YAML, near this line: found character that cannot start any token)\n" +
				"unread b.yaml: the key \"a\" stands in this map twice, in lines 4 and 5; keep one\n"},
		{"unused Component", "-- c/kustomization.yaml --\nkind: Component\nresources: [a.yaml]\n-- c/a.yaml --\n" + cm,
			"other c/a.yaml: used only by the Component c, which no kustomization uses\nother c/kustomization.yaml: used only by the Component c, which no kustomization uses\n" +
				"note c/kustomization.yaml:1:1: no kustomization uses this Component, so it is not linted\n"},
		{"secgenignore", `
-- .secgenignore --
# comment
/old/
*.gen.yaml
-- old/kustomization.yaml --
resources: [../base]
-- base/kustomization.yaml --
resources: [a.yaml]
-- base/a.yaml --
` + cm + `-- x/a.gen.yaml --
` + cm + `-- k/kustomization.yaml --
resources: [b.gen.yaml]
-- k/b.gen.yaml --
` + ns, `root k: k/b.gen.yaml k/kustomization.yaml
ignored base/a.yaml: used only by old, which .secgenignore names
ignored base/kustomization.yaml: used only by old, which .secgenignore names
ignored old/kustomization.yaml: .secgenignore names it: /old/
ignored x/a.gen.yaml: .secgenignore names it: *.gen.yaml
`},
		{"gitignore without Git", "-- .gitignore --\n*.yaml\n-- a.yaml --\n" + cm, "root .: a.yaml\n"},
		{"gitignore with nothing tracked", "-- .git/HEAD --\nref: refs/heads/main\n-- .git/x.yaml --\n" + cm +
			"-- .gitignore --\n/out\n-- out/a.yaml --\n" + cm + "-- out/k/kustomization.yaml --\nresources: [../../k]\n-- k/kustomization.yaml --\nresources: [b.yaml]\n-- k/b.yaml --\n" + ns +
			"-- k/.gitignore --\n*.yaml\n!kustomization.yaml\n-- k/c.yaml --\n" + cm,
			`root k: k/b.yaml k/kustomization.yaml
ignored k/c.yaml: untracked, and .gitignore names it: *.yaml
ignored out/a.yaml: untracked, and .gitignore names it: /out
ignored out/k/kustomization.yaml: untracked, and .gitignore names it: /out
`},
	} {
		t.Run(c.name, c.run)
	}
}
