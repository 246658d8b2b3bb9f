package discover

import (
	"fmt"
	"strings"
	"testing"
)

func TestReferences(t *testing.T) {
	cm, ns := object("ConfigMap", "a"), object("Namespace", "n")
	for _, c := range []discoverCase{
		{"overlay and base", `
-- base/kustomization.yaml --
resources: [a.yaml, sub/b.yaml]
-- base/a.yaml --
` + cm + `-- base/sub/b.yaml --
` + ns + `-- overlays/dev/kustomization.yml --
resources:
- ../../base/
patches:
- path: p.yaml
-- overlays/dev/p.yaml --
` + cm, `root overlays/dev: base/a.yaml base/kustomization.yaml base/sub/b.yaml overlays/dev/kustomization.yml overlays/dev/p.yaml
patches overlays/dev/p.yaml: patch of a kustomization
`},
		{"every field that names a file", `
-- k/Kustomization --
Resources: [r.yaml]
bases: [b]
components: [c]
configurations: [conf.yaml]
crds: [crd.json]
openapi: {path: schema.json}
configMapGenerator:
- name: x
  files: [f.txt, key=g.txt]
  envs: [h.env]
secretGenerator:
- {name: sec, env: i.env}
patchesStrategicMerge: [p1.yaml, "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}"]
patchesJson6902: [{target: {name: a}, path: p2.json}]
patches: [{path: p3.yaml}, {patch: "- {op: add}"}]
replacements: [{path: rep.yaml}]
generators: [gen.yaml]
transformers:
- |
  apiVersion: builtin
  kind: PatchTransformer
  metadata: {name: t}
  path: p4.yaml
validators: [val]
-- k/r.yaml --
` + cm + `-- k/b/kustomization.yaml --
namePrefix: b-
-- k/c/kustomization.yaml --
kind: Component
-- k/conf.yaml --
-- k/crd.json --
{}
-- k/schema.json --
{}
-- k/f.txt --
-- k/g.txt --
-- k/h.env --
-- k/i.env --
-- k/p1.yaml --
-- k/p2.json --
-- k/p3.yaml --
-- k/p4.yaml --
-- k/rep.yaml --
-- k/gen.yaml --
apiVersion: builtin
kind: SecretGenerator
metadata: {name: g}
files: [s.txt]
-- k/s.txt --
-- k/val/kustomization.yaml --
resources: [v.yaml]
-- k/val/v.yaml --
apiVersion: builtin
kind: ReplacementTransformer
metadata: {name: g}
replacements: [{path: rep2.yaml}]
-- k/rep2.yaml --
`, `root k: k/Kustomization k/b/kustomization.yaml k/c/kustomization.yaml k/conf.yaml k/crd.json k/f.txt k/g.txt k/gen.yaml k/h.env k/i.env k/p1.yaml k/p2.json k/p3.yaml k/p4.yaml k/r.yaml k/rep.yaml k/rep2.yaml k/s.txt k/schema.json k/val/kustomization.yaml k/val/v.yaml
other k/conf.yaml: configuration of a kustomization
other k/crd.json: crd of a kustomization
other k/f.txt: read by configMapGenerator
other k/g.txt: read by configMapGenerator
other k/gen.yaml: plugin of a kustomization
other k/h.env: read by configMapGenerator
other k/i.env: read by secretGenerator
patches k/p1.yaml: patch of a kustomization
patches k/p2.json: patch of a kustomization
patches k/p3.yaml: patch of a kustomization
patches k/p4.yaml: patch of a kustomization
other k/rep.yaml: replacement of a kustomization
other k/rep2.yaml: replacement of a kustomization
other k/s.txt: read by generators
other k/schema.json: openapi of a kustomization
`},
		{"odd names", "-- my app/a+b/résumé@~,=(#%/kustomization.yaml --\nresources: ['x y.yaml', \"new\\nline.yaml\"]\n" +
			"-- my app/a+b/résumé@~,=(#%/x y.yaml --\n" + cm,
			"root my app/a+b/résumé@~,=(#%: my app/a+b/résumé@~,=(#%/kustomization.yaml my app/a+b/résumé@~,=(#%/x y.yaml\n" +
				"  missing my app/a+b/résumé@~,=(#%/kustomization.yaml:1:25: new\nline.yaml does not exist (my app/a+b/résumé@~,=(#%/new\nline.yaml); add it or remove this reference\n"},
		{"remote", `
-- kustomization.yaml --
resources:
- https://example.com/x.yaml
- github.com/org/repo//deploy?ref=v1
- git@github.com:org/repo.git
- ssh://git@host/org/repo
- http://169.254.169.254/latest
components:
- https://github.com/org/repo//c
`, "root .: kustomization.yaml\n" + remotes("kustomization.yaml", "resources", 2,
			"https://example.com/x.yaml", "github.com/org/repo//deploy?ref=v1", "git@github.com:org/repo.git", "ssh://git@host/org/repo", "http://169.254.169.254/latest") +
			remotes("kustomization.yaml", "components", 8, "https://github.com/org/repo//c")},
		{"a local file goes before a repository, a local folder does not", `
-- kustomization.yaml --
resources:
- github.com/org/repo/x.yaml
- github.com/org/repo/base
-- github.com/org/repo/x.yaml --
` + cm + `-- github.com/org/repo/base/kustomization.yaml --
namePrefix: x
`, "root .: github.com/org/repo/x.yaml kustomization.yaml\n" + remotes("kustomization.yaml", "resources", 3, "github.com/org/repo/base") +
			"root github.com/org/repo/base: github.com/org/repo/base/kustomization.yaml\n"},
		{"helm and plugins", `
-- h/kustomization.yaml --
helmCharts:
- name: minecraft
-- o/kustomization.yaml --
helmChartInflationGenerator:
- chartName: old
-- p/kustomization.yaml --
generators: [ksops.yaml]
transformers:
- |
  apiVersion: example.com/v1
  kind: Fn
  metadata: {name: x, annotations: {config.kubernetes.io/function: "container: {image: x}"}}
-- p/ksops.yaml --
apiVersion: viaduct.ai/v1
kind: ksops
metadata: {name: s}
`, `root h: h/kustomization.yaml
  helm h/kustomization.yaml:2:3: the chart "minecraft" needs helm, which secgen does not run; render it first (helm template) and list the result in resources
root o: o/kustomization.yaml
  helm o/kustomization.yaml:2:3: the chart "old" needs helm, which secgen does not run; render it first (helm template) and list the result in resources
root p: p/ksops.yaml p/kustomization.yaml
  plugin p/ksops.yaml:2:7: ksops (viaduct.ai/v1) of generators is a plugin, a program that secgen never runs; render it first and list the result in resources
  plugin p/kustomization.yaml:3:3: Fn (example.com/v1) of transformers is a container or exec function, which secgen never runs; render it first and list the result in resources
other p/ksops.yaml: plugin of a kustomization
`},
		{"cycles", `
-- self/kustomization.yaml --
resources: [.]
-- up/a/kustomization.yaml --
resources: [..]
-- up/kustomization.yaml --
namePrefix: x
-- x/kustomization.yaml --
resources: [../y]
-- y/kustomization.yaml --
resources:
- ../x
`, `root self: self/kustomization.yaml
  cycle self/kustomization.yaml:1:13: cycle: self -> self, which is the folder itself or one above it
root up: up/kustomization.yaml
root up/a: up/a/kustomization.yaml
  cycle up/a/kustomization.yaml:1:13: cycle: up/a -> up, which is the folder itself or one above it
root x: x/kustomization.yaml y/kustomization.yaml
  cycle y/kustomization.yaml:2:3: cycle: x -> y -> x; remove one of these references
`},
		{"outside", `
-- a/kustomization.yaml --
resources:
- ../../outside
- /etc/passwd
- link.yaml
- linkdir
configMapGenerator:
- {name: x, files: [/etc/passwd, link2=link.yaml]}
-- a/link.yaml --
-> /etc/passwd
-- a/linkdir --
-> ../../..
`, `root a: a/kustomization.yaml a/link.yaml
  outside a/kustomization.yaml:2:3: ../../outside is outside the repository, of which nothing is read
  outside a/kustomization.yaml:3:3: /etc/passwd is outside the repository, of which nothing is read; copy it in
  outside a/kustomization.yaml:4:3: link.yaml is a symlink to /etc/passwd, which is outside the repository; nothing outside is read
  outside a/kustomization.yaml:5:3: linkdir is a symlink to ../../.., which is outside the repository; nothing outside is read
  outside a/kustomization.yaml:7:21: /etc/passwd is outside the repository, of which nothing is read; copy it in
  outside a/kustomization.yaml:7:34: link.yaml is a symlink to /etc/passwd, which is outside the repository; nothing outside is read
unread a/link.yaml: is a symlink to /etc/passwd, which is outside the repository; nothing outside is read
`},
		{"links inside", `
-- real/kustomization.yaml --
resources: [a.yaml]
-- real/a.yaml --
` + cm + `-- abs --
-> $TOP/real
-- k/kustomization.yaml --
resources: [../abs, b.yaml]
-- k/b.yaml --
-> ../shared/b.yaml
-- shared/b.yaml --
` + ns, `root k: k/kustomization.yaml real/a.yaml real/kustomization.yaml shared/b.yaml
  note k/kustomization.yaml:1:21: b.yaml is read from shared/b.yaml, which is not below k: plain kustomize refuses that without --load-restrictor LoadRestrictionsNone
`},
		{"misused folders", `
-- k/kustomization.yaml --
resources: [c, nothing, missing.yaml]
components: [b]
-- k/c/kustomization.yaml --
kind: Component
-- k/b/kustomization.yaml --
namePrefix: x
-- k/nothing/README --
`, `root k: k/b/kustomization.yaml k/c/kustomization.yaml k/kustomization.yaml
  missing k/kustomization.yaml:1:13: k/c is a Component; list it in components, not in resources
  missing k/kustomization.yaml:1:16: the folder k/nothing holds no kustomization.yaml, kustomization.yml, Kustomization; add one, or list the folder's files
  missing k/kustomization.yaml:1:25: missing.yaml does not exist (k/missing.yaml); add it or remove this reference
  missing k/kustomization.yaml:2:14: k/b is a Kustomization; components takes Components, so list it in resources
`},
		{"malformed kustomizations", `
-- dup/kustomization.yaml --
resources: []
Resources: []
-- flux/kustomization.yaml --
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: x}
-- kind/kustomization.yaml --
kind: Deployment
-- two/kustomization.yaml --
namePrefix: a
-- two/kustomization.yml --
namePrefix: b
-- word/kustomization.yaml --
namespace: n
images: [{name: x, newTag: 1.0}]
-- version/kustomization.yaml --
apiVersion: v1
kind: Kustomization
`, `root dup: dup/kustomization.yaml
  malformed dup/kustomization.yaml:2:1: the fields resources (line 1) and Resources are the same to kustomize, which keeps only the later one; merge them
root flux: flux/kustomization.yaml
  malformed flux/kustomization.yaml:1:13: this is Flux's Kustomization (kustomize.toolkit.fluxcd.io/v1), which tells Flux what to deploy, and no file for kustomize; give it another name than kustomization.yaml, and write a kustomization (kustomize.config.k8s.io/v1beta1) with resources
root kind: kind/kustomization.yaml
  malformed kind/kustomization.yaml:1:7: the kind of a kustomization is Kustomization or Component; found "Deployment"
root two: two/kustomization.yaml
  ambiguous two/kustomization.yaml:1:1: the folder holds kustomization.yaml and kustomization.yml, and kustomize takes only one; delete the others
root version: version/kustomization.yaml
  malformed version/kustomization.yaml:1:13: the apiVersion of a Kustomization is kustomize.config.k8s.io/v1beta1; found "v1"
root word: word/kustomization.yaml
  malformed word/kustomization.yaml:1:12: namespace must be a string, and what stands here unquoted is a boolean (false) in YAML 1.1; quote it
  malformed word/kustomization.yaml:2:28: images[].newTag must be a string, and what stands here unquoted is a number (1) in YAML 1.1; quote it
unread two/kustomization.yml: one of kustomization.yaml and kustomization.yml in one folder, of which kustomize takes only one
`},
		{"bomb in a kustomization", "-- kustomization.yaml --\nd: &d {a: *d}\n", `root .: kustomization.yaml
  malformed kustomization.yaml:1:11: the alias *d stands inside the value that it names (line 1), so it has no end; write the value out
`},
		{"broken inline documents", "-- kustomization.yaml --\npatchesStrategicMerge:\n- |\n  a: 1\n  a: 2\ntransformers:\n- |\n  - x\n", `root .: kustomization.yaml
  malformed kustomization.yaml:2:3: this item of patchesStrategicMerge is neither a document nor a path: line 2 of the text the key "a" stands in this map twice, in lines 1 and 2; keep one
  malformed kustomization.yaml:6:3: this item of transformers is neither a document nor a path: it is no map
`},
		{"second document of a kustomization", "-- kustomization.yaml --\nnamePrefix: a\n---\nresources: [x]\n",
			"root .: kustomization.yaml\n  note kustomization.yaml:3:1: kustomize reads only the first document of a kustomization; what begins here has no effect\n"},
	} {
		t.Run(c.name, c.run)
	}
}

func TestFanOut(t *testing.T) {
	var b strings.Builder
	for i := range 14 {
		fmt.Fprintf(&b, "-- a%d/kustomization.yaml --\nresources: [../a%d, ../b%d]\n-- b%d/kustomization.yaml --\nresources: [../a%d, ../b%d]\n", i, i+1, i+1, i, i+1, i+1)
	}
	b.WriteString("-- a14/kustomization.yaml --\nnamePrefix: x\n-- b14/kustomization.yaml --\nnamePrefix: x\n")
	repo := open(t, repository(t, b.String()))
	if len(repo.Roots) != 2 || len(repo.Roots[0].Refusals) != 1 || repo.Roots[0].Refusals[0].Kind != Budget {
		t.Errorf("got %s; want both roots refused for their budget", summary(repo))
	}
}
