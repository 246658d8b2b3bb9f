package render

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sigs.k8s.io/kustomize/kyaml/openapi"
)

// TestRefusals covers what must end in a problem that names file, line and cause.
// The numbers are those of HOSTILE.md.
func TestRefusals(t *testing.T) {
	const service = "-- k/s.yaml --\napiVersion: v1\nkind: Service\nmetadata: {name: s}\n"
	rows := []struct {
		name, archive string
		// wants are parts of the first problem, its position first.
		wants []string
	}{
		{"12 base above the repository", "-- k/kustomization.yaml --\nresources:\n- ../../out\n",
			[]string{"k/kustomization.yaml:2:3: ", "../../out", "outside the repository"}},
		{"13 generator reads an absolute path", "-- k/kustomization.yaml --\nconfigMapGenerator:\n- name: a\n  files: [/etc/passwd]\n",
			[]string{"k/kustomization.yaml:3:11: ", "/etc/passwd", "outside the repository"}},
		{"14 cycle", "-- k/kustomization.yaml --\nresources: [../m]\n-- m/kustomization.yaml --\nresources: [../k]\n",
			[]string{"m/kustomization.yaml:1:13: ", "cycle: k -> m -> k"}},
		{"14 self cycle", "-- k/kustomization.yaml --\nresources: [.]\n", []string{"k/kustomization.yaml:1:13: ", "cycle: k -> k"}},
		{"15 remote base", "-- k/kustomization.yaml --\nresources:\n- github.com/a/b\n", []string{"k/kustomization.yaml:2:3: ", "remote base", "vendor it"}},
		{"15 remote file", "-- k/kustomization.yaml --\nresources: ['https://a.example/x.yaml']\n", []string{"k/kustomization.yaml:1:13: ", "nothing is fetched"}},
		{"15 remote patch", service + "-- k/kustomization.yaml --\nresources: [s.yaml]\npatches:\n- path: http://169.254.169.254/x\n",
			[]string{"k/kustomization.yaml:3:9: ", "nothing is fetched"}},
		{"17 function", service + `-- k/kustomization.yaml --
resources: [s.yaml]
transformers: [f.yaml]
-- k/f.yaml --
apiVersion: example.com/v1
kind: Fn
metadata:
  name: f
  annotations:
    config.kubernetes.io/function: |
      exec: {path: ./touch-canary}
`, []string{"k/f.yaml:6:36: ", "Fn f", "nothing is executed"}},
		{"17 exec plugin", service + "-- k/kustomization.yaml --\nresources: [s.yaml]\ngenerators: [g.yaml]\n-- k/g.yaml --\napiVersion: viaduct.ai/v1\nkind: ksops\nmetadata: {name: x}\n",
			[]string{"k/g.yaml:1:13: ", "ksops of viaduct.ai/v1 is a plugin"}},
		{"17 built-in plugin with a URL", service + `-- k/kustomization.yaml --
resources: [s.yaml]
transformers:
- |-
  apiVersion: builtin
  kind: PatchTransformer
  metadata: {name: x}
  path: https://a.example/x.yaml
`, []string{"k/kustomization.yaml:7:9: ", "nothing is fetched"}},
		{"18 helm", "-- k/kustomization.yaml --\nhelmCharts:\n- name: minecraft\n", []string{"k/kustomization.yaml:2:3: ", "needs helm"}},
		{"33 no kind", "-- k/kustomization.yaml --\nresources: [a.yaml]\n-- k/a.yaml --\napiVersion: v1\nmetadata: {name: a}\n", []string{"k/a.yaml:1:1: ", "has no kind"}},
		{"35 two kustomizations", "-- k/kustomization.yaml --\nresources: []\n-- k/Kustomization --\nresources: []\n", []string{"k/Kustomization: ", "two kustomizations"}},
		{"35 unknown field", "-- k/kustomization.yaml --\nresorces: []\n", []string{"k/kustomization.yaml:1:1: ", `unknown field "resorces"`}},
		{"35 Flux object", "-- k/kustomization.yaml --\napiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n", []string{"k/kustomization.yaml:1:13: ", "Flux Kustomization"}},
		{"35 duplicate resource", service + "-- k/kustomization.yaml --\nresources: [s.yaml, s.yaml]\n", []string{"k/kustomization.yaml:1:21: ", "already registered", "k/s.yaml is read twice"}},
		{"35 component under resources", "-- k/kustomization.yaml --\nresources: [../c]\n-- c/kustomization.yaml --\napiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n",
			[]string{"k/kustomization.yaml:1:13: ", "c is a Component"}},
		{"28 namespace that is a boolean", "-- k/kustomization.yaml --\nnamespace: n\n", []string{"k/kustomization.yaml:1:12: ", "namespace must be a string; found the boolean false; quote it"}},
		{"missing file", "-- k/kustomization.yaml --\nresources:\n  - x.yaml\n", []string{"k/kustomization.yaml:2:5: ", "x.yaml does not exist"}},
		{"patch without target", service + "-- k/kustomization.yaml --\nresources: [s.yaml]\npatches:\n- path: p.yaml\n-- k/p.yaml --\n# p\napiVersion: v1\nkind: Service\nmetadata: {name: other}\n",
			[]string{"k/p.yaml:2:1: ", "no matches for Id Service"}},
		{"28 name that is a boolean", "-- k/kustomization.yaml --\nresources: [a.yaml]\n-- k/a.yaml --\napiVersion: v1\nkind: Namespace\nmetadata:\n  name: n\n",
			nil}, // kustomize takes it for text, and quotes it
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			offline(t)
			got := Render(openTree(t, writeRepo(t, row.archive)), kustomizeRoot("k"), Options{})
			if row.wants == nil {
				if len(got.Problems) > 0 {
					t.Error(got.Problems)
				}
				return
			}
			if len(got.Problems) == 0 || len(got.Resources) > 0 {
				t.Fatalf("no problem, %d resources", len(got.Resources))
			}
			text := got.Problems[0].Error()
			for i, part := range row.wants {
				if i == 0 && !strings.HasPrefix(text, part) || !strings.Contains(text, part) {
					t.Errorf("problem is\n%s\nwhich lacks %q", text, part)
				}
			}
			if strings.Contains(text, top) || strings.Contains(text, os.TempDir()) {
				t.Errorf("problem names a folder of this machine: %s", text)
			}
		})
	}
}

// TestFanOut is row 6: each level uses the one below twice.
func TestFanOut(t *testing.T) {
	var b strings.Builder
	fmt.Fprintf(&b, "-- l0/kustomization.yaml --\nresources: [s.yaml]\n-- l0/s.yaml --\napiVersion: v1\nkind: Service\nmetadata: {name: s}\n")
	for i := 1; i <= 14; i++ {
		fmt.Fprintf(&b, "-- l%d/kustomization.yaml --\nresources: [a, b]\n", i)
		for _, side := range []string{"a", "b"} {
			fmt.Fprintf(&b, "-- l%d/%s/kustomization.yaml --\nresources: [../../l%d]\nnamePrefix: %s-\n", i, side, i-1, side)
		}
	}
	got := Render(openTree(t, writeRepo(t, b.String())), kustomizeRoot("l14"), Options{})
	if len(got.Problems) != 1 || !strings.Contains(got.Problems[0].Reason, "accumulated more than 5000") {
		t.Errorf("got %v", got.Problems)
	}
}

// TestPoison is row 19: an OpenAPI schema of one root must retire the process.
func TestPoison(t *testing.T) {
	t.Cleanup(openapi.ResetOpenAPI)
	top := writeRepo(t, `-- k/kustomization.yaml --
resources: [s.yaml]
openapi: {path: schema.json}
-- k/schema.json --
{"definitions": {}}
-- k/s.yaml --
apiVersion: v1
kind: Service
metadata: {name: s}
-- crd/kustomization.yaml --
resources: [../k/s.yaml]
crds: [../k/schema.json]
-- clean/kustomization.yaml --
resources: [../k/s.yaml]
`)
	for dir, tainted := range map[string]bool{"k": true, "crd": true, "clean": false} {
		got := Render(openTree(t, top), kustomizeRoot(dir), Options{})
		if len(got.Problems) > 0 || got.Tainted != tainted {
			t.Errorf("%s: tainted %v, want %v; %v", dir, got.Tainted, tainted, got.Problems)
		}
	}
}

// TestPanic is row 21: Flux's fixture, an encrypted Secret under a name prefix.
func TestPanic(t *testing.T) {
	top := writeRepo(t, `-- k/kustomization.yaml --
namePrefix: test-
resources: [s.yaml]
-- k/s.yaml --
apiVersion: ENC[AES256_GCM,data:KdmKnw==,type:str]
kind: ENC[AES256_GCM,data:/7CCxRl7,type:str]
metadata:
    name: ENC[AES256_GCM,data:rLYF,type:str]
    namespace: plain
stringData:
    a: ENC[AES256_GCM,data:1JsE,type:str]
`)
	got := Render(openTree(t, top), kustomizeRoot("k"), Options{})
	if len(got.Problems) != 1 || got.Tainted || got.Problems[0].Position.String() != "k/s.yaml:2:7" || !strings.Contains(got.Problems[0].Reason, "SOPS") {
		t.Errorf("got %v, tainted %v", got.Problems, got.Tainted)
	}
}

// TestPlainProblems covers rows 28, 31 to 33 without kustomize.
func TestPlainProblems(t *testing.T) {
	rows := []struct{ name, manifest, want string }{
		{"boolean name", "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: n\n", "m.yaml:4:9: metadata.name must be a string, and unquoted n is a boolean"},
		{"number kind", "apiVersion: v1\nkind: 5\nmetadata: {name: a}\n", "m.yaml:2:7: kind must be a string, and unquoted 5 is an integer"},
		{"no kind", "apiVersion: v1\nmetadata: {name: a}\n", "m.yaml:1:1: the object has no kind"},
		{"metadata list", "apiVersion: v1\nkind: Pod\nmetadata: [a]\n", "m.yaml:3:11: metadata must be a map; found a list"},
		{"generateName", "apiVersion: v1\nkind: Pod\nmetadata: {generateName: a-}\n", "m.yaml:3:26: the object has generateName"},
		{"null item", "apiVersion: v1\nkind: List\nitems: [null]\n", "m.yaml:3:9: item 0 of a List must be an object"},
		{"duplicate key", "apiVersion: v1\nkind: Pod\nkind: Pod\n", "m.yaml:3:1"},
	}
	for _, row := range rows {
		top := writeRepo(t, "-- m.yaml --\n"+row.manifest)
		got := Render(openTree(t, top), plainRoot("m.yaml"), Options{})
		if len(got.Problems) != 1 || !strings.HasPrefix(got.Problems[0].Error(), row.want) || len(got.Resources) > 0 {
			t.Errorf("%s: got %v and %d resources, want %s", row.name, got.Problems, len(got.Resources), row.want)
		}
	}
}

func TestPodList(t *testing.T) {
	top := writeRepo(t, `-- m.yaml --
apiVersion: v1
kind: PodList
items:
- metadata: {name: a}
  spec:
    hostNetwork: true
- metadata: {name: b}
`)
	got := Render(openTree(t, top), plainRoot("m.yaml"), Options{})
	if len(got.Problems) > 0 || len(got.Resources) != 2 {
		t.Fatalf("%v, %d resources", got.Problems, len(got.Resources))
	}
	expect(t, top, got, []want{{resource: "Pod a", path: "spec.hostNetwork", at: "m.yaml: hostNetwork"}})
}

// TestRead lists what a cache must watch.
func TestRead(t *testing.T) {
	top := writeRepo(t, "-- k/kustomization.yaml --\nresources: [s.yaml]\n-- k/s.yaml --\napiVersion: v1\nkind: Service\nmetadata: {name: s}\n")
	got := Render(openTree(t, top), kustomizeRoot("k"), Options{})
	want := "k k/Kustomization k/kustomization.yaml k/kustomization.yml k/s.yaml"
	if have := strings.Join(got.Read, " "); have != want {
		t.Errorf("read %s, want %s", have, want)
	}
	if _, err := os.Stat(filepath.Join(top, "k", "kustomization.yml")); err == nil {
		t.Error("the read created a file")
	}
}
