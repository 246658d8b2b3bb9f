package view

import (
	"slices"
	"strings"
	"testing"

	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/schema"
)

const deployment = `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
spec:
  template:
    metadata:
      labels: {app: web}
    spec:
      securityContext:
        runAsNonRoot: true
      initContainers:
        - name: proxy
          image: proxy
          restartPolicy: Always
      containers:
        - name: web
          image: de.icr.io/shop/web:1.4.2
          securityContext:
            privileged: null
            runAsNonRoot: false
          resources:
            limits: {memory: 1Gi, cpu: 500m}
            requests: {memory: "${MEM}"}
`

func TestViewsOfDeployment(t *testing.T) {
	r := resources(t, deployment)[0]
	var got []string
	for _, v := range env(t).Of(r) {
		got = append(got, string(v.Kind)+" "+v.Path.String()+" "+v.Label)
		if len(v.Path) > 0 && v.Kind == schema.ViewContainer && r.Object.Lookup(v.Path) == nil {
			t.Errorf("the path %s does not lead into the object", v.Path)
		}
	}
	want := []string{
		`object  Deployment "web"`,
		`pod spec.template pod`,
		`container spec.template.spec.initContainers[0] sidecar container "proxy"`,
		`container spec.template.spec.containers[0] container "web"`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if r.Object.Get("spec", "template", "spec", "containers").Items[0].Get("securityContext").Field("privileged") == nil {
		t.Error("the resource itself was changed")
	}
}

func TestContainerFacts(t *testing.T) {
	web := viewsOf(t, schema.ViewContainer, deployment)[1]
	for path, want := range map[string]string{
		"kind":                            `"container"`,
		"object.namespace":                `"shop"`,
		"object.group":                    `"apps"`,
		"image.registry":                  `"de.icr.io"`,
		"image.name":                      `"de.icr.io/shop/web"`,
		"image.tag":                       `"1.4.2"`,
		"image.digest":                    "absent",
		"effective.privileged":            "false",
		"effective.runAsNonRoot":          "false",
		"effective.seccompProfile":        "absent",
		"effective.capabilitiesDropped":   "[]",
		"resources.limits.memory.value":   "1073741824",
		"resources.limits.cpu.value":      "0.5",
		"resources.requests.cpu.text":     `"500m"`,
		"resources.requests.memory.value": "absent",
		"resources.requests.memory.text":  `"${MEM}"`,
		"pod.spec.initContainers[0].name": `"proxy"`,
		"pod.facts.serviceAccount":        `"default"`,
		"pod.facts.windows":               "false",
	} {
		if got := fact(t, web, path); got != want {
			t.Errorf("facts.%s is %s, want %s", path, got, want)
		}
	}
	if web.Node.Get("securityContext").Field("privileged") != nil {
		t.Error("a null is left in the view")
	}
	proxy := viewsOf(t, schema.ViewContainer, deployment)[0]
	if got := fact(t, proxy, "effective.runAsNonRoot"); got != "true" {
		t.Errorf("the sidecar's runAsNonRoot is %s, want its pod's, true", got)
	}
}

func TestFactsHavePositions(t *testing.T) {
	web := viewsOf(t, schema.ViewContainer, deployment)[1]
	for path, line := range map[string]int{
		"facts.effective.runAsNonRoot":          23,
		"facts.image.tag":                       20,
		"facts.resources.limits.memory":         25,
		"facts.resources.requests.memory.text":  26,
		"facts.effective.privileged":            0,
		"facts.pod.spec.securityContext":        13,
		"facts.effective.capabilitiesAdded":     0,
		"facts.object.name":                     5,
		"facts.pod.metadata.labels":             10,
		"facts.pod.facts.object.namespace":      6,
		"facts.pod.spec.initContainers[0].name": 15,
	} {
		p, err := manifest.ParsePath(path)
		if err != nil {
			t.Fatal(err)
		}
		if n := web.Node.Lookup(p); n == nil || n.Pos.Line != line {
			t.Errorf("%s is at %+v, want line %d", path, n, line)
		}
	}
}

func TestOnly(t *testing.T) {
	e := env(t)
	e.Only = []schema.View{schema.ViewContainer}
	views := e.Of(resources(t, deployment)[0])
	if len(views) != 2 || views[0].Kind != schema.ViewContainer {
		t.Errorf("got %d views, the first a %s; want two containers", len(views), views[0].Kind)
	}
	e.Only = []schema.View{schema.ViewService}
	if views := e.Of(resources(t, deployment)[0]); len(views) != 0 {
		t.Errorf("got %d views, want none", len(views))
	}
}

func TestWithoutNulls(t *testing.T) {
	r := resources(t, "{a: {b: null, c: [{d: null, e: 1}, null, {f: 2}]}, g: 3}")[0]
	clean := withoutNulls(r.Object)
	want := resources(t, "{a: {c: [{e: 1}, null, {f: 2}]}, g: 3}")[0].Object
	if string(print(t, clean)) != string(print(t, want)) {
		t.Errorf("got %s, want %s", print(t, clean), print(t, want))
	}
	if r.Object.Get("a").Field("b") == nil {
		t.Error("the tree itself was changed")
	}
	if again := withoutNulls(want); again.Get("a") != want.Get("a") {
		t.Error("a tree without nulls was copied")
	}
}
