package view

import (
	"testing"

	"github.com/secgen/secgen/schema"
)

func TestServiceFacts(t *testing.T) {
	tests := []struct {
		name, service, path, want string
	}{
		{"type is defaulted", "spec: {}", "type", `"ClusterIP"`},
		{"type", "spec: {type: NodePort}", "type", `"NodePort"`},
		{"traffic policy is defaulted", "spec: {}", "externalTrafficPolicy", `"Cluster"`},
		{"no ranges", "spec: {}", "sourceRanges", "[]"},
		{"ranges of the field", "spec: {loadBalancerSourceRanges: [10.0.0.0/8]}", "sourceRanges", `["10.0.0.0/8"]`},
		{"ranges of the annotation", "metadata: {annotations: {service.beta.kubernetes.io/load-balancer-source-ranges: '10.0.0.0/8, 192.0.2.1/32'}}", "sourceRanges", `["10.0.0.0/8","192.0.2.1/32"]`},
		{"a variable", "metadata: {annotations: {service.beta.kubernetes.io/load-balancer-source-ranges: '${RANGES}'}}", "sourceRanges", "absent"},
		{"public", "spec: {type: LoadBalancer}", "internal", "false"},
		{"private at IBM", "metadata: {annotations: {service.kubernetes.io/ibm-load-balancer-cloud-provider-ip-type: private}}", "internal", "true"},
		{"private at Google", "metadata: {annotations: {networking.gke.io/load-balancer-type: Internal}}", "internal", "true"},
		{"public at IBM", "metadata: {annotations: {service.kubernetes.io/ibm-load-balancer-cloud-provider-ip-type: public}}", "internal", "false"},
		{"selector", "spec: {selector: {app: web}}", "selector", `"app=web"`},
		{"selector with a variable", "spec: {selector: {app: '${APP}'}}", "selector", "absent"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			views := viewsOf(t, schema.ViewService, "apiVersion: v1\nkind: Service\n"+tt.service)
			if got := fact(t, views[0], tt.path); got != tt.want {
				t.Errorf("%s is %s, want %s", tt.path, got, tt.want)
			}
		})
	}
}

func TestIngressFacts(t *testing.T) {
	tests := []struct{ name, spec, plain string }{
		{"no TLS", "spec: {rules: [{host: a.example.org}]}", `["a.example.org"]`},
		{"TLS", "spec: {tls: [{hosts: [a.example.org]}], rules: [{host: a.example.org}]}", "[]"},
		{"one of two", "spec: {tls: [{hosts: [a.example.org]}], rules: [{host: a.example.org}, {host: b.example.org}]}", `["b.example.org"]`},
		{"wildcard", "spec: {tls: [{hosts: ['*.example.org']}], rules: [{host: a.example.org}]}", "[]"},
		{"wildcard covers one label", "spec: {tls: [{hosts: ['*.example.org']}], rules: [{host: a.b.example.org}]}", `["a.b.example.org"]`},
		{"TLS for every host", "spec: {tls: [{secretName: a}], rules: [{host: a.example.org}]}", "[]"},
		{"default backend", "spec: {defaultBackend: {}}", `["*"]`},
		{"rule for any host", "spec: {rules: [{http: {}}]}", `["*"]`},
		{"certificate by annotation", "metadata: {annotations: {networking.gke.io/managed-certificates: a}}\nspec: {rules: [{host: a.example.org}]}", "[]"},
		{"certificate by a family of annotations", "metadata: {annotations: {traefik.ingress.kubernetes.io/router.tls.certresolver: a}}\nspec: {rules: [{host: a.example.org}]}", "[]"},
		{"switched off by annotation", "metadata: {annotations: {traefik.ingress.kubernetes.io/router.tls: 'false'}}\nspec: {rules: [{host: a.example.org}]}", `["a.example.org"]`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v := viewsOf(t, schema.ViewIngress, "apiVersion: networking.k8s.io/v1\nkind: Ingress\n"+tt.spec)[0]
			tls := map[bool]string{true: "true", false: "false"}[tt.plain == "[]"]
			if plain, got := fact(t, v, "plainHosts"), fact(t, v, "tls"); plain != tt.plain || got != tls {
				t.Errorf("plainHosts %s, tls %s; want %s, %s", plain, got, tt.plain, tls)
			}
		})
	}
}

func TestSecretFacts(t *testing.T) {
	tests := []struct{ name, data, keys string }{
		{"plain", "stringData: {password: hunter2, token: t0ken}", `["password","token"]`},
		{"beside a credential", "stringData: {password: hunter2, user: shop, POSTGRES_DB: shop, db_username: shop, pg-host: db}", `["password"]`},
		{"names that only end so", "stringData: {superuser: x, export: z}", `["superuser","export"]`},
		{"Argo CD", "metadata: {labels: {argocd.argoproj.io/secret-type: repository}}\nstringData: {type: git, url: 'https://git.example.org/shop', password: x1}", `["password"]`},
		{"to be replaced", "stringData: {token: your-token-here, key: XXXX, a: '****', b: replace-with-key}", "[]"},
		{"a weak password is one", "stringData: {password: changeme}", `["password"]`},
		{"encoded", "data: {password: aHVudGVyMg==}", `["password"]`},
		{"not base64", "data: {password: hunter2!}", `["password"]`},
		{"SOPS", "data: {password: 'ENC[AES256_GCM,data:p673w==]'}\nsops: {}", "[]"},
		{"variable", "stringData: {password: '${PASSWORD}'}", "[]"},
		{"encoded variable", "data: {password: JHtQQVNTV09SRH0=}", "[]"},
		{"placeholder", "stringData: {password: <password>}", "[]"},
		{"empty", "stringData: {password: ''}\ndata: {a: ''}", "[]"},
		{"certificate", "stringData: {tls.crt: '-----BEGIN CERTIFICATE----- x'}", "[]"},
		{"certificate with its key", "stringData: {tls.pem: '-----BEGIN CERTIFICATE----- x -----BEGIN RSA PRIVATE KEY----- y'}", `["tls.pem"]`},
		{"key", "stringData: {tls.key: '-----BEGIN PRIVATE KEY----- x'}", `["tls.key"]`},
		{"nothing", "type: Opaque", "[]"},
		{"data is a string", "data: hunter2", "[]"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v := viewsOf(t, schema.ViewObject, "apiVersion: v1\nkind: Secret\n"+tt.data)[0]
			plain := map[bool]string{true: "false", false: "true"}[tt.keys == "[]"]
			if keys, got := fact(t, v, "secret.keys"), fact(t, v, "secret.plain"); keys != tt.keys || got != plain {
				t.Errorf("keys %s, plain %s; want %s, %s", keys, got, tt.keys, plain)
			}
		})
	}
	sealed := viewsOf(t, schema.ViewObject, "{apiVersion: bitnami.com/v1alpha1, kind: SealedSecret}")[0]
	if got := fact(t, sealed, "secret"); got != "absent" {
		t.Errorf("a SealedSecret has the fact secret: %s", got)
	}
}

func TestOtherViews(t *testing.T) {
	tests := []struct {
		object string
		kind   schema.View
		path   string
		want   string
	}{
		{"{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: a}}", schema.ViewRole, "cluster", "false"},
		{"{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: a}}", schema.ViewRole, "cluster", "true"},
		{"{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding, metadata: {name: a}}", schema.ViewBinding, "cluster", "true"},
		{"{apiVersion: extensions/v1beta1, kind: Ingress, metadata: {name: a}}", schema.ViewIngress, "object.version", `"v1beta1"`},
		{"{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}", schema.ViewObject, "workload", "false"},
		{"{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {}}", schema.ViewObject, "workload", "true"},
		{"{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {os: {name: windows}}}", schema.ViewPod, "windows", "true"},
		{"{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {}}", schema.ViewPod, "template", "false"},
	}
	for _, tt := range tests {
		views := viewsOf(t, tt.kind, tt.object)
		if len(views) != 1 {
			t.Errorf("%s has %d views of kind %s, want 1", tt.object, len(views), tt.kind)
			continue
		}
		if got := fact(t, views[0], tt.path); got != tt.want {
			t.Errorf("%s: %s is %s, want %s", tt.object, tt.path, got, tt.want)
		}
	}
	if views := viewsOf(t, schema.ViewService, "{apiVersion: serving.knative.dev/v1, kind: Service}"); len(views) != 0 {
		t.Error("Knative's Service has the view of a core Service")
	}
}
