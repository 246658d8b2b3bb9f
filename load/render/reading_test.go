package render

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/secgen/secgen/manifest"
)

// TestReading covers how files are written: positions stay right, with and
// without kustomize.
func TestReading(t *testing.T) {
	rows := []struct {
		name, archive string
		wants         []want
	}{
		{"first document begins with a separator", `-- k/m.yaml --
--- # first
# a
apiVersion: v1
kind: Service
metadata: {name: a}
spec:
  type: NodePort
---

---
apiVersion: v1
kind: Service
metadata: {name: b}
spec:
  type: LoadBalancer
`, []want{
			{resource: "Service a", path: "spec.type", at: "k/m.yaml: type: NodePort"},
			{resource: "Service b", path: "spec.type", at: "k/m.yaml: type: LoadBalancer"},
		}},
		{"byte order mark and CRLF", "-- k/m.yaml --\n\ufeff---\r\napiVersion: v1\r\nkind: Service\r\nmetadata: {name: a}\r\n---\r\napiVersion: v1\r\nkind: Service\r\nmetadata: {name: b}\r\nspec:\r\n  \"é\": {type: NodePort}\r\n", []want{
			{resource: "Service a", path: "kind", at: "k/m.yaml: kind"},
			{resource: "Service b", path: "spec[\"é\"].type", at: "k/m.yaml: type"},
		}},
		{"anchors and merge keys", `-- k/m.yaml --
apiVersion: v1
kind: Pod
metadata:
  name: a
  labels: &labels
    app: a
x-defaults: &defaults
  privileged: true
spec:
  containers:
  - name: c
    securityContext:
      <<: *defaults
      runAsUser: 0
  nodeSelector: *labels
  affinity: &text "quoted \
    text"
  copy: *text
`, []want{
			{resource: "Pod a", path: "spec.containers[0].securityContext.privileged", at: "k/m.yaml: privileged", related: "k/m.yaml: *defaults"},
			{resource: "Pod a", path: "spec.nodeSelector.app", at: "k/m.yaml: app: a"},
			{resource: "Pod a", path: "spec.containers[0].securityContext.runAsUser", at: "k/m.yaml: runAsUser"},
		}},
		{"JSON", `-- k/m.json --
{"apiVersion": "v1", "kind": "Service", "metadata": {"name": "a"},
 "spec": {"type": "NodePort"}}
`, []want{{resource: "Service a", path: "spec.type", at: `k/m.json: "type"`}}},
		{"lists", `-- k/m.yaml --
apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: Service
  metadata: {name: a}
  spec: {type: NodePort}
- apiVersion: v1
  kind: List
  items:
  - apiVersion: v1
    kind: Pod
    metadata: {name: p}
    spec: {hostNetwork: true}
`, []want{
			{resource: "Service a", path: "spec.type", at: "k/m.yaml: type"},
			{resource: "Pod p", path: "spec.hostNetwork", at: "k/m.yaml: hostNetwork"},
		}},
		{"block scalars", `-- k/m.yaml --
apiVersion: v1
kind: ConfigMap
metadata: {name: a}
data:
  text: |
    one

    ---
  folded: >-
    one
    two
  b: 'it''s'
`, []want{
			{resource: "ConfigMap a", path: "data.text", at: "k/m.yaml: text"},
			{resource: "ConfigMap a", path: "data.folded", at: "k/m.yaml: folded"},
			{resource: "ConfigMap a", path: "data.b", at: "k/m.yaml: b: 'it"},
		}},
	}
	for _, row := range rows {
		for _, way := range []string{"kustomize", "plain"} {
			t.Run(row.name+"/"+way, func(t *testing.T) {
				top := writeRepo(t, row.archive)
				file := row.wants[0].at[:strings.Index(row.wants[0].at, ":")]
				root := plainRoot(file)
				if way == "kustomize" {
					root = kustomizeRoot("k")
					content := "resources: [" + filepath.Base(file) + "]\n"
					if err := os.WriteFile(filepath.Join(top, "k", "kustomization.yaml"), []byte(content), 0o644); err != nil {
						t.Fatal(err)
					}
				}
				got := Render(openTree(t, top), root, Options{})
				if len(got.Problems) > 0 {
					t.Fatal(got.Problems)
				}
				expect(t, top, got, row.wants)
				exact(t, got)
			})
		}
	}
}

// exact fails for scalars without an exact position.
func exact(t *testing.T, got *Result) {
	t.Helper()
	for _, r := range got.Resources {
		visit(r.Object, nil, func(path manifest.FieldPath, n *manifest.Node) {
			if n.Kind < manifest.List && (n.Pos.IsZero() || n.Pos.Approximate) {
				t.Errorf("%s %s: no exact position", r.ID, path)
			}
		})
	}
}

func visit(n *manifest.Node, path manifest.FieldPath, do func(manifest.FieldPath, *manifest.Node)) {
	do(path, n)
	for _, f := range n.Fields {
		visit(f.Value, path.Field(f.Key), do)
	}
	for i, item := range n.Items {
		visit(item, path.At(i), do)
	}
}

func TestSpans(t *testing.T) {
	top := writeRepo(t, `-- k/kustomization.yaml --
resources: [m.yaml]
-- k/m.yaml --
apiVersion: v1
kind: Pod
metadata: {name: a}
spec:
  containers:
  - securityContext:
      privileged: true   # why
`)
	got := Render(openTree(t, top), kustomizeRoot("k"), Options{})
	pos, _ := got.Resources[0].Locate(manifest.Path("spec", "containers").At(0).Field("securityContext", "privileged"))
	want := manifest.Position{File: "k/m.yaml", Line: 7, Column: 7, EndLine: 7, EndColumn: 23}
	if pos != want {
		t.Errorf("got %+v, want %+v", pos, want)
	}
	pos, _ = got.Resources[0].Locate(manifest.Path("spec", "hostPID"))
	want = manifest.Position{File: "k/m.yaml", Line: 4, Column: 1, EndLine: 4, EndColumn: 5}
	if pos != want {
		t.Errorf("missing field: got %+v, want %+v", pos, want)
	}
}

// TestNames holds for folders whose names other tools skip or take for remote.
func TestNames(t *testing.T) {
	for _, dir := range []string{"a+b", "my app", "résumé", "user@host", "github.com", "x(1)#%,=~", "a\nb"} {
		top := writeRepo(t, "-- k/x --\n")
		base := filepath.Join(top, "k", dir, "team", "base")
		if err := os.MkdirAll(base, 0o755); err != nil {
			t.Fatal(err)
		}
		ref, err := json.Marshal(dir + "/team/base")
		if err != nil {
			t.Fatal(err)
		}
		for name, content := range map[string]string{
			filepath.Join(top, "k", "kustomization.yaml"): "resources: [" + string(ref) + "]\n",
			filepath.Join(base, "kustomization.yaml"):     "resources: [s.yaml]\n",
			filepath.Join(base, "s.yaml"):                 "apiVersion: v1\nkind: Service\nmetadata: {name: s}\n",
		} {
			if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		got := Render(openTree(t, top), kustomizeRoot("k"), Options{})
		if len(got.Problems) > 0 || len(got.Resources) != 1 {
			t.Errorf("%q: %v, %d resources", dir, got.Problems, len(got.Resources))
			continue
		}
		if pos, _ := got.Resources[0].Locate(manifest.Path("kind")); pos.File != "k/"+dir+"/team/base/s.yaml" || pos.Line != 2 {
			t.Errorf("%q: at %s", dir, pos)
		}
	}
}

func TestBothRoles(t *testing.T) {
	top := writeRepo(t, `-- k/kustomization.yaml --
resources: [a.yaml, b.yaml]
configMapGenerator:
- name: raw
  files: [a.yaml]
-- k/a.yaml --
apiVersion: v1
kind: Service
metadata: {name: a}
spec:
  type: NodePort
-- k/b.yaml --
apiVersion: v1
kind: Service
metadata: {name: b}
spec:
  type: NodePort
`)
	got := Render(openTree(t, top), kustomizeRoot("k"), Options{})
	disk, err := krustyOnDisk(filepath.Join(top, "k"))
	if err != nil {
		t.Fatal(err)
	}
	compare(t, "k", got, disk) // the hash in the ConfigMap's name among others
	expect(t, top, got, []want{
		{resource: "Service a", path: "spec.type", at: "k/a.yaml: type"},
		{resource: "Service b", path: "spec.type", at: "k/b.yaml: type"},
	})
}
