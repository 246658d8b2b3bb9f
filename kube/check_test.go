package kube

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/secgen/secgen/manifest"
)

func parse(t testing.TB, source string) *manifest.Node {
	t.Helper()
	var y yaml.Node
	if err := yaml.Unmarshal([]byte(source), &y); err != nil {
		t.Fatalf("%v in\n%s", err, source)
	}
	n, err := manifest.FromYAML(&y, nil)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestCheck(t *testing.T) {
	const web = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n"
	const pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\n"
	const service = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\n"
	for name, row := range map[string]struct {
		source string
		want   []string // fault path: found, want or nearest
	}{
		"all is well":         {pod + "spec: {containers: [{name: a, image: b, ports: [{containerPort: 80}]}]}", nil},
		"other kinds":         {"apiVersion: example.com/v1\nkind: Shop\nspecc: 1", nil},
		"misspelled":          {web + "spec: {template: {spec: {containers: [{name: a, securityContex: {}}]}}}", []string{`unknown spec.template.spec.containers[0].securityContex: securityContext`}},
		"wrong case":          {web + "spec: {Replicas: 2}", []string{"unknown spec.Replicas: replicas"}},
		"swapped letters":     {pod + "spec: {contianers: []}", []string{"unknown spec.contianers: containers"}},
		"of another place":    {web + "spec: {containers: []}", []string{"unknown spec.containers: "}},
		"top level":           {web + "data: {}", []string{"unknown data: "}},
		"short names":         {service + "spec: {ports: [{port: 80, protcol: TCP}]}", []string{"unknown spec.ports[0].protcol: protocol"}},
		"SOPS":                {"apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata: {a: 'ENC[AES256_GCM,data:x]'}\nsops: {version: 3}", nil},
		"status is ignored":   {web + "status: {anything: 1}", nil},
		"null is unset":       {pod + "spec: {containers: null, nodeName: null, nonsense: null}", nil},
		"string for number":   {web + `spec: {replicas: "3"}`, []string{"type spec.replicas: a string, want a whole number"}},
		"whole float":         {web + `spec: {replicas: 3.0}`, nil},
		"number for string":   {pod + "spec: {containers: [{name: a, env: [{name: PORT, value: 8080}]}]}", []string{"type spec.containers[0].env[0].value: a number, want a string"}},
		"boolean annotation":  {"apiVersion: v1\nkind: Pod\nmetadata: {name: a, annotations: {b: true}}", []string{"type metadata.annotations.b: a boolean, want a string"}},
		"map for list":        {pod + "spec: {containers: {name: a}}", []string{"type spec.containers: a map, want a list"}},
		"variable":            {web + "spec: {replicas: '${REPLICAS}'}\n", nil},
		"name":                {"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: My_Config}", []string{`value metadata.name: "My_Config", want a DNS name`}},
		"empty namespace":     {"apiVersion: v1\nkind: Node\nmetadata: {name: a, namespace: ''}", nil},
		"dots in a name":      {"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a.b}", nil},
		"dots in a namespace": {"apiVersion: v1\nkind: Namespace\nmetadata: {name: a.b}", []string{`value metadata.name: "a.b", want a DNS label`}},
		"colon in a role":     {"apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: 'system:x', namespace: A}", []string{`value metadata.namespace: "A", want a DNS label`}},
		"label value":         {"apiVersion: v1\nkind: Pod\nmetadata: {name: a, labels: {app: 'a b', 'x/y/z': c}}", []string{`value metadata.labels.app: "a b", want at most 63`, `value metadata.labels["x/y/z"]: the key "x/y/z", want a key such as`}},
		"annotation key":      {"apiVersion: v1\nkind: Pod\nmetadata: {name: a, annotations: {'Example.com/a': 'b c', 'd e': f}}", []string{`value metadata.annotations["d e"]: the key "d e", want a key such as`}},
		"quantity":            {pod + "spec: {containers: [{name: a, resources: {limits: {memory: 1GB, cpu: 0.5}, requests: {cpu: '-1'}}}]}", []string{`value spec.containers[0].resources.limits.memory: "1GB", want a quantity such as`, `value spec.containers[0].resources.requests.cpu: "-1", want a quantity that`}},
		"ports":               {service + "spec: {ports: [{port: 70000, targetPort: '80', nodePort: 0}, {port: 1, targetPort: http-Web}]}", []string{`value spec.ports[0].port: "70000", want a port from`, `value spec.ports[0].targetPort: "80", want a port from 1 to 65535, unquoted`, `value spec.ports[1].targetPort: "http-Web", want a port from`}},
		"CIDR":                {service + "spec: {loadBalancerSourceRanges: [10.0.0.0/8, 10.0.0.1/99, ' 10.1.0.0/16 ']}", []string{`value spec.loadBalancerSourceRanges[1]: "10.0.0.1/99", want a CIDR`}},
		"choice":              {service + "spec: {type: Loadbalancer}", []string{`value spec.type: "Loadbalancer", want ClusterIP or NodePort`}},
		"host":                {"apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: a}\nspec: {rules: [{host: 'https://a.example'}, {host: '*.a.example'}, {host: ''}]}", []string{`value spec.rules[0].host: "https://a.example", want a host name`}},
		"base64 is not told":  {"apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata: {p: hunter2!, q: aGk=}", []string{"value data.p: a value that is not encoded, want base64"}},
		"selector":            {"apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: a}\nspec: {selector: {matchExpressions: [{key: a b, operator: in, values: [c d]}]}}", []string{`value spec.selector.matchExpressions[0].key: "a b"`, `value spec.selector.matchExpressions[0].operator: "in", want In or`, `value spec.selector.matchExpressions[0].values[0]: "c d"`}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, p := range Check(parse(t, row.source)) {
				end := p.Found + ", want " + p.Want
				if p.Fault == Unknown {
					end = p.Nearest
				}
				got = append(got, fmt.Sprintf("%s %s: %s", p.Fault, p.Path, end))
			}
			if !slices.EqualFunc(got, row.want, func(g, w string) bool {
				return g == w || !strings.HasPrefix(w, "unknown") && strings.HasPrefix(g, w)
			}) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(row.want, "\n"))
			}
		})
	}
}

func TestLifeOf(t *testing.T) {
	for _, row := range []struct {
		apiVersion, kind string
		want             Life
		ok               bool
	}{
		{"apps/v1", "Deployment", Life{}, false},
		{"extensions/v1beta1", "Deployment", Life{8, 16, "apps/v1"}, true},
		{"extensions/v1beta1", "Ingress", Life{14, 22, "networking.k8s.io/v1"}, true},
		{"networking.k8s.io/v1beta1", "IngressClass", Life{19, 22, "networking.k8s.io/v1"}, true},
		{"flowcontrol.apiserver.k8s.io/v1beta1", "FlowSchema", Life{23, 26, "flowcontrol.apiserver.k8s.io/v1"}, true},
		{"policy/v1beta1", "PodSecurityPolicy", Life{21, 25, ""}, true},
		{"policy/v1beta1", "PodDisruptionBudget", Life{21, 25, "policy/v1"}, true},
		{"autoscaling/v2beta2", "HorizontalPodAutoscaler", Life{23, 26, "autoscaling/v2"}, true},
		{"apiextensions.k8s.io/v1beta1", "CustomResourceDefinition", Life{16, 22, "apiextensions.k8s.io/v1"}, true},
		{"storage.k8s.io/v1alpha1", "CSIStorageCapacity", Life{21, 24, "storage.k8s.io/v1"}, true},
		{"v1", "Endpoints", Life{33, 0, "discovery.k8s.io/v1 EndpointSlice"}, true},
		{"v1", "Pod", Life{}, false},
		{"", "", Life{}, false},
	} {
		if got, ok := LifeOf(row.apiVersion, row.kind); got != row.want || ok != row.ok {
			t.Errorf("%s %s: got %+v, %v; want %+v, %v", row.apiVersion, row.kind, got, ok, row.want, row.ok)
		}
	}
}

// The tables are searched by halves, and every replacement is a kind that is
// known, or one that only package kube's own table names.
func TestTablesAreSorted(t *testing.T) {
	for name, table := range map[string][]apiLife{"lives": lives[:], "gone": gone[:]} {
		keys := make([]string, len(table))
		for i, l := range table {
			keys[i] = l.apiVersion + "\x00" + l.kind
			if version, kind, ok := strings.Cut(l.life.Replacement, " "); name == "lives" && ok && typeOf(version, kind) == nil {
				t.Errorf("%s %s is replaced by %s, which is not known", l.apiVersion, l.kind, l.life.Replacement)
			}
		}
		if !slices.IsSorted(keys) {
			t.Errorf("%s is not sorted", name)
		}
	}
	keys := make([]string, len(kinds))
	for i, k := range kinds {
		keys[i] = k.apiVersion + "\x00" + k.kind
	}
	if !slices.IsSorted(keys) {
		t.Error("kinds is not sorted")
	}
	for _, typ := range types {
		if !slices.IsSortedFunc(typ.fields, func(a, b field) int { return strings.Compare(a.name, b.name) }) {
			t.Errorf("the fields of %s are not sorted", typ.name)
		}
	}
}

// Every place of the table of values is a field that exists.
func TestPlacesExist(t *testing.T) {
	for p := range values {
		if !slices.ContainsFunc(types[:], func(t typ) bool { return t.name == p.in && t.field(p.field) != nil }) {
			t.Errorf("there is no field %s of %s", p.field, p.in)
		}
	}
}

func BenchmarkCheck(b *testing.B) {
	o := parse(b, `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop, labels: {app: web}}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      serviceAccountName: web
      securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
      containers:
      - name: web
        image: de.icr.io/shop/web:1
        ports: [{name: http, containerPort: 8080}]
        env: [{name: A, value: b}, {name: C, valueFrom: {secretKeyRef: {name: d, key: e}}}]
        resources: {requests: {cpu: 100m, memory: 128Mi}, limits: {memory: 256Mi}}
        readinessProbe: {httpGet: {path: /, port: http}}
        securityContext: {allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}}
`)
	b.ReportAllocs()
	for b.Loop() {
		if len(Check(o)) > 0 {
			b.Fatal("problems")
		}
	}
}
