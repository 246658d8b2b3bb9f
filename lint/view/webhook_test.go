package view

import (
	"testing"

	"github.com/secgen/secgen/schema"
)

func TestWebhookFacts(t *testing.T) {
	const pods = "rules: [{apiGroups: [''], operations: [CREATE], resources: [pods]}], clientConfig: {service: {namespace: policy}}"
	tests := []struct{ name, hook, system, own, everything string }{
		{"pods everywhere", pods, "true", "true", "false"},
		{"empty selectors", pods + ", namespaceSelector: {}, objectSelector: {}", "true", "true", "false"},
		{"exempt by name", pods + ", namespaceSelector: {matchExpressions: [{key: kubernetes.io/metadata.name, operator: NotIn, values: [kube-system]}]}", "false", "true", "false"},
		{"one namespace", pods + ", namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: shop}}", "false", "false", "false"},
		{"a label decides", pods + ", namespaceSelector: {matchLabels: {team: a}}", "absent", "absent", "false"},
		{"a label decides, but the name before it", pods + ", namespaceSelector: {matchExpressions: [{key: a, operator: Exists}, {key: kubernetes.io/metadata.name, operator: NotIn, values: [policy]}]}", "absent", "false", "false"},
		{"labels of objects decide", pods + ", objectSelector: {matchLabels: {a: b}}", "absent", "absent", "false"},
		{"a condition decides", pods + ", matchConditions: [{name: a, expression: 'true'}]", "absent", "absent", "false"},
		{"a broken selector", pods + ", namespaceSelector: {matchExpressions: [{key: a, operator: Like}]}", "absent", "absent", "false"},
		{"deletion only", "rules: [{apiGroups: [''], operations: [DELETE], resources: [pods]}], clientConfig: {service: {namespace: policy}}", "false", "false", "false"},
		{"cluster-wide objects only", "rules: [{apiGroups: ['*'], operations: ['*'], resources: ['*'], scope: Cluster}], clientConfig: {service: {namespace: policy}}", "false", "false", "true"},
		{"leases", "rules: [{apiGroups: ['*'], operations: [UPDATE], resources: [leases]}], clientConfig: {service: {namespace: policy}}", "true", "false", "false"},
		{"custom resources", "rules: [{apiGroups: [shop.example.org], operations: ['*'], resources: ['*']}], clientConfig: {service: {namespace: policy}}", "false", "false", "false"},
		{"everything", "rules: [{apiGroups: ['*'], operations: [CREATE, UPDATE, DELETE], resources: ['*/*']}], clientConfig: {url: 'https://a'}", "true", "absent", "true"},
		{"a variable as namespace", "rules: [{apiGroups: [''], operations: [CREATE], resources: [pods]}], clientConfig: {service: {namespace: '${NS}'}}", "true", "absent", "false"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v := viewsOf(t, schema.ViewWebhook, "{apiVersion: admissionregistration.k8s.io/v1, kind: ValidatingWebhookConfiguration, metadata: {name: a}, webhooks: [{name: a, "+tt.hook+"}]}")[0]
			got := [3]string{fact(t, v, "reachesSystem"), fact(t, v, "reachesOwn"), fact(t, v, "everything")}
			if want := [3]string{tt.system, tt.own, tt.everything}; got != want {
				t.Errorf("reachesSystem, reachesOwn, everything: %v, want %v", got, want)
			}
		})
	}
}

func TestWebhookDefaults(t *testing.T) {
	for _, tt := range []struct{ version, hook, closed, timeout string }{
		{"v1", "", "true", "10"},
		{"v1beta1", "", "false", "30"},
		{"v1beta1", "failurePolicy: Fail, timeoutSeconds: 3", "true", "3"},
		{"v1", "failurePolicy: Ignore", "false", "10"},
	} {
		v := viewsOf(t, schema.ViewWebhook, "{apiVersion: admissionregistration.k8s.io/"+tt.version+", kind: MutatingWebhookConfiguration, webhooks: [1, {name: a, "+tt.hook+"}]}")[0]
		if closed, timeout := fact(t, v, "failsClosed"), fact(t, v, "timeout"); closed != tt.closed || timeout != tt.timeout || v.Path.String() != "webhooks[1]" {
			t.Errorf("%s {%s}: failsClosed %s, timeout %s at %s; want %s, %s at webhooks[1]", tt.version, tt.hook, closed, timeout, v.Path, tt.closed, tt.timeout)
		}
	}
}

func TestPermissionFacts(t *testing.T) {
	const role = "{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: a, labels: {rbac.authorization.k8s.io/aggregate-to-view: 'true', rbac.authorization.k8s.io/aggregate-to-admin: 'true', rbac.authorization.k8s.io/aggregate-to-edit: 'false'}}, rules: [{verbs: [get, watch]}, {verbs: [get, '*']}]}"
	views := viewsOf(t, schema.ViewPermission, role)
	if len(views) != 2 || views[1].Path.String() != "rules[1]" {
		t.Fatalf("got %d views, want one of each rule", len(views))
	}
	if got := fact(t, views[0], "aggregatesTo"); got != `["admin","view"]` {
		t.Errorf("aggregatesTo is %s, want admin and view", got)
	}
	if a, b := fact(t, views[0], "writes"), fact(t, views[1], "writes"); a != "false" || b != "true" {
		t.Errorf("writes is %s and %s, want false and true", a, b)
	}
}
