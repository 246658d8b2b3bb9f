package view

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/secgen/secgen/schema"
)

// Each mistake is a view at its own field.
func TestFieldViews(t *testing.T) {
	const pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: shop}\nspec:\n  containers:\n  - name: a\n"
	tests := []struct{ name, object, path, facts string }{
		{"nothing wrong", pod + "    image: b\n", "", ""},
		{"unknown", pod + "    Image: b\n", "spec.containers[0].Image", `"unknown":{"in":"Container","nearest":"image"}`},
		{"misplaced", pod + "    containers: []\n", "spec.containers[0].containers", `"unknown":{"in":"Container"}`},
		{"mistyped", pod + "    tty: 'yes'\n", "spec.containers[0].tty", `"mistyped":{"found":"a string","want":"a boolean"}`},
		{"invalid", pod + "    imagePullPolicy: always\n", "spec.containers[0].imagePullPolicy", `"invalid":{"found":"\"always\"","want":"Always or IfNotPresent or Never"}`},
		{"credential by name", pod + "    env: [{name: DB_PASSWORD, value: hunter2}]\n", "spec.containers[0].env[0].value", `"credential":{"evidence":"name","noun":"a password"},"name":"DB_PASSWORD"`},
		{"credential in a URL", pod + "    args: ['postgres://shop:hunter2@db/shop']\n", "spec.containers[0].args[0]", `"credential":{"evidence":"url","noun":"a password in a URL"}`},
		{"person", "apiVersion: v1\nkind: Pod\nmetadata: {name: a, annotations: {owner: jo.miller@shop.de}}", "metadata.annotations.owner", `"personal":{"noun":"an e-mail address"}`},
		{"null", pod + "    nonsense: null\n", "", ""},
		{"key of a file with rules of its own", "apiVersion: kubeadm.k8s.io/v1beta4\nkind: InitConfiguration\nbootstrapTokens: [{token: q8zrt2.vlm5xck9swb3nhyd}]", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			views := viewsOf(t, schema.ViewField, tt.object)
			if tt.path == "" {
				if len(views) > 0 {
					t.Errorf("found %s %s", views[0].Path, fact(t, views[0], "path"))
				}
				return
			}
			if len(views) != 1 {
				t.Fatalf("%d views, want 1", len(views))
			}
			v := views[0]
			if v.Path.String() != tt.path || fact(t, v, "path") != fmt.Sprintf("%q", tt.path) {
				t.Errorf("at %s (%s), want %s", v.Path, fact(t, v, "path"), tt.path)
			}
			if got := allFacts(t, v); !strings.Contains(got, tt.facts) {
				t.Errorf("facts %s, want %s", got, tt.facts)
			}
			if text := fmt.Sprintf("%+v", v.Node.Value()); strings.Contains(text, "hunter2") {
				t.Errorf("the facts tell the credential: %s", text)
			}
		})
	}
}

func TestAPIFacts(t *testing.T) {
	for object, want := range map[string]string{
		"apiVersion: v1\nkind: Pod":                     "absent",
		"apiVersion: extensions/v1beta1\nkind: Ingress": `{"deprecatedIn":14,"deprecatedRelease":"1.14","removedIn":22,"removedRelease":"1.22","replacement":"networking.k8s.io/v1"}`,
		"apiVersion: v1\nkind: Endpoints":               `{"deprecatedIn":33,"deprecatedRelease":"1.33","replacement":"discovery.k8s.io/v1 EndpointSlice"}`,
		"apiVersion: example.com/v1\nkind: Ingress":     "absent",
	} {
		v := viewsOf(t, schema.ViewObject, object+"\nmetadata: {name: a}")[0]
		if got := fact(t, v, "api"); got != want {
			t.Errorf("%q: got %s, want %s", object, got, want)
		}
		if n := v.Node.Get("facts", "api"); n != nil && n.Pos.Line != 1 {
			t.Errorf("%q: the fact stands at %s, want the line of apiVersion", object, n.Pos)
		}
	}
}

func TestComponentViews(t *testing.T) {
	const kubeadm = "apiVersion: kubeadm.k8s.io/"
	static := func(namespace, command string) string {
		return "apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: " + namespace + "}\nspec: {containers: [{name: a, command: " + command + "}]}"
	}
	tests := []struct {
		name, object string
		want         []string // name, path and flags
	}{
		{"kubeadm's map", kubeadm + "v1beta3\nkind: ClusterConfiguration\napiServer: {extraArgs: {anonymous-auth: 'false'}}", []string{
			`kube-apiserver apiServer.extraArgs {"anonymous-auth":"false"}`, "kube-controller-manager controllerManager.extraArgs {}", "kube-scheduler scheduler.extraArgs {}"}},
		{"kubeadm's list", kubeadm + "v1beta4\nkind: ClusterConfiguration\netcd: {local: {extraArgs: [{name: a, value: '1'}, {name: a, value: '2'}]}}", []string{
			"kube-apiserver apiServer.extraArgs {}", "kube-controller-manager controllerManager.extraArgs {}", "kube-scheduler scheduler.extraArgs {}", `etcd etcd.local.extraArgs {"a":"2"}`}},
		{"other file of kubeadm", kubeadm + "v1beta4\nkind: InitConfiguration", nil},
		{"container", static("kube-system", "[/usr/bin/kube-scheduler, --profiling=false, --v, '2', --leader-elect]"), []string{
			`kube-scheduler spec.containers[0] {"leader-elect":"true","profiling":"false","v":"2"}`}},
		{"variable", static("kube-system", "[kube-scheduler, '--v=${LEVEL}']"), []string{"kube-scheduler spec.containers[0] {}"}},
		{"elsewhere", static("shop", "[kube-scheduler, --v=2]"), nil},
		{"other program", static("kube-system", "[coredns, --v=2]"), nil},
		{"no command", static("kube-system", "[]"), nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, v := range viewsOf(t, schema.ViewComponent, tt.object) {
				got = append(got, fmt.Sprintf("%s %s %s", strings.Trim(fact(t, v, "name"), `"`), v.Path, fact(t, v, "flags")))
				if variables := fact(t, v, "variables"); variables != fmt.Sprint(tt.name == "variable") {
					t.Errorf("variables is %s", variables)
				}
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestAuditFacts(t *testing.T) {
	tests := []struct{ name, rules, fact, want string }{
		{"no rules", "[]", "secrets", "None"},
		{"first rule that catches", "[{level: Request, resources: [{group: apps}]}, {level: Metadata}]", "secrets", "Metadata"},
		{"of the group", "[{level: Request, resources: [{group: apps}]}, {level: Metadata}]", "workloads", "Request"},
		{"all of the core group", "[{level: RequestResponse, resources: [{group: ''}]}]", "secrets", "RequestResponse"},
		{"sub-resource is apart", "[{level: None, resources: [{group: '', resources: [pods]}]}, {level: Metadata}]", "exec", "Metadata"},
		{"sub-resources of a kind", "[{level: None, resources: [{group: '', resources: ['pods/*']}]}, {level: Metadata}]", "exec", "None"},
		{"other verbs", "[{level: None, verbs: [get, list]}, {level: Metadata}]", "secrets", "Metadata"},
		{"some users", "[{level: None, users: ['system:kube-proxy']}, {level: Metadata}]", "secrets", "Metadata"},
		{"everyone", "[{level: None, userGroups: ['system:authenticated']}, {level: Metadata}]", "secrets", "None"},
		{"some namespaces", "[{level: None, namespaces: [kube-system]}, {level: Metadata}]", "secrets", "Metadata"},
		{"some objects", "[{level: None, resources: [{group: '', resources: [configmaps], resourceNames: [x]}]}, {level: Metadata}]", "configMaps", "Metadata"},
		{"paths", "[{level: None, nonResourceURLs: ['/healthz*']}, {level: Metadata}]", "secrets", "Metadata"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v := viewsOf(t, schema.ViewObject, "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: "+tt.rules)[0]
			if got := fact(t, v, "audit."+tt.fact); got != `"`+tt.want+`"` {
				t.Errorf("%s is %s, want %s", tt.fact, got, tt.want)
			}
		})
	}
}

// allFacts prints the facts of a view as JSON, keys sorted.
func allFacts(t *testing.T, v View) string {
	t.Helper()
	text, err := json.Marshal(v.Node.Get("facts").Value())
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
