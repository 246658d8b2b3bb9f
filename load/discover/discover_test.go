package discover

import (
	"bytes"
	"encoding/gob"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// repository writes a txtar archive to a folder. A file that begins with "-> "
// becomes a symlink.
func repository(t testing.TB, archive string) string {
	t.Helper()
	dir := t.TempDir()
	for _, f := range txtar.Parse([]byte(archive)).Files {
		name := filepath.Join(dir, f.Name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if target, ok := strings.CutPrefix(string(f.Data), "-> "); ok {
			if err := os.Symlink(strings.ReplaceAll(strings.TrimSpace(target), "$TOP", dir), name); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if err := os.WriteFile(name, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// object is a manifest for the archives.
func object(kind, name string) string {
	return fmt.Sprintf("apiVersion: v1\nkind: %s\nmetadata: {name: %s}\n", kind, name)
}

// summary is what a test compares: the roots with their refusals and files, then
// the buckets of files that are not linted.
func summary(repo *Repository) string {
	var b strings.Builder
	for _, r := range repo.Roots {
		fmt.Fprintf(&b, "root %s: %s\n", r.Name, strings.Join(r.Reads, " "))
		for _, x := range r.Refusals {
			fmt.Fprintf(&b, "  %s %v: %s\n", x.Kind, x.Position, x.Reason)
		}
		for _, n := range r.Notes {
			fmt.Fprintf(&b, "  note %v: %s\n", n.Position, n.Message)
		}
	}
	for _, f := range repo.Files {
		if f.Bucket != Linted {
			fmt.Fprintf(&b, "%s %s: %s\n", f.Bucket, f.Path, f.Reason)
		}
	}
	for _, n := range repo.Notes {
		fmt.Fprintf(&b, "note %v: %s\n", n.Position, n.Message)
	}
	return b.String()
}

func TestDiscover(t *testing.T) {
	cm, ns := object("ConfigMap", "a"), object("Namespace", "n")
	for _, c := range []struct{ name, archive, want string }{
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
`},
		{"unreadable manifest", "-- a.yaml --\napiVersion: v1\nkind: Pod\nmetadata:\n\tname: x\n-- b.yaml --\n" + cm + "a: 1\na: 2\n",
			"unread a.yaml: is indented with a tab, which YAML forbids; use spaces (is no valid YAML, near this line: found character that cannot start any token)\n" +
				"unread b.yaml: the key \"a\" stands in this map twice, in lines 4 and 5; keep one\n"},
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
`, `root a: a/kustomization.yaml
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
ignored old/kustomization.yaml: .secgenignore:2: /old/
ignored x/a.gen.yaml: .secgenignore:3: *.gen.yaml
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
		{"second document of a kustomization", "-- kustomization.yaml --\nnamePrefix: a\n---\nresources: [x]\n",
			"root .: kustomization.yaml\n  note kustomization.yaml:3:1: kustomize reads only the first document of a kustomization; what begins here has no effect\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := repository(t, c.archive)
			repo := open(t, dir)
			if got := strings.ReplaceAll(summary(repo), dir, "$TOP"); got != c.want {
				t.Errorf("got:\n%s\nwant:\n%s", got, c.want)
			}
			if again := open(t, dir); !reflect.DeepEqual(repo, again) {
				t.Error("a second run differs")
			}
			checkBuckets(t, repo)
		})
	}
}

// checkBuckets wants each file once, and the result to survive a process boundary.
func checkBuckets(t testing.TB, repo *Repository) {
	t.Helper()
	seen := map[string]bool{}
	for _, f := range repo.Files {
		if seen[f.Path] || f.Bucket == "" || f.Reason == "" {
			t.Errorf("%s: twice %v, bucket %q, reason %q", f.Path, seen[f.Path], f.Bucket, f.Reason)
		}
		seen[f.Path] = true
	}
	names := map[string]bool{}
	for _, r := range repo.Roots {
		if names[r.Name] {
			t.Errorf("two roots are called %s", r.Name)
		}
		names[r.Name] = true
		for _, f := range r.Reads {
			if !seen[f] {
				t.Errorf("%s reads %s, which is in no bucket", r.Name, f)
			}
		}
	}
	var b bytes.Buffer
	if err := gob.NewEncoder(&b).Encode(repo); err != nil {
		t.Fatal(err)
	}
	if err := gob.NewDecoder(&b).Decode(new(Repository)); err != nil {
		t.Fatal(err)
	}
}

// remotes are the refusals of remote references that stand in a list.
func remotes(file, field string, line int, refs ...string) string {
	var b strings.Builder
	for i, ref := range refs {
		fmt.Fprintf(&b, "  remote %s:%d:3: remote base not vendored: %s in %s needs the network, and secgen opens no connection; copy it into the repository and refer to the copy\n",
			file, line+i, ref, field)
	}
	return b.String()
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
