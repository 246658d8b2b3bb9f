package view

import (
	"strings"
	"testing"

	"github.com/secgen/secgen/schema"
)

func TestWorkloadFacts(t *testing.T) {
	account := func(fields string) string {
		return "---\n{apiVersion: v1, kind: ServiceAccount, metadata: {name: web, namespace: shop}" + fields + "}\n"
	}
	binding := func(kind, subject string) string {
		return "---\n{apiVersion: rbac.authorization.k8s.io/v1, kind: " + kind + ", metadata: {name: b, namespace: shop}, roleRef: {kind: ClusterRole, name: view}, subjects: [" + subject + "]}\n"
	}
	web := strings.Replace(deploymentOf("web", 2), "spec: {containers", "spec: {serviceAccountName: web, containers", 1)
	const helm = "---\n{apiVersion: helm.toolkit.fluxcd.io/v2, kind: HelmRelease, metadata: {name: h, namespace: shop}}\n"
	for _, tt := range []struct{ name, text, path, want string }{
		{"replicas", web, "replicas", "2"},
		{"autoscaled", web + "---\n{apiVersion: keda.sh/v1alpha1, kind: ScaledObject, metadata: {name: s, namespace: shop}, spec: {minReplicaCount: 3, scaleTargetRef: {name: web}}}\n", "replicas", "3"},
		{"autoscaler", web + "---\n{apiVersion: keda.sh/v1alpha1, kind: ScaledObject, metadata: {name: s, namespace: shop}, spec: {scaleTargetRef: {name: web}}}\n", "autoscaler", `"ScaledObject s"`},
		{"a token of an account that is not rendered", web, "serviceAccount.token", "absent"},
		{"a token by default", web + account(""), "serviceAccount.token", "true"},
		{"no token by the account", web + account(", automountServiceAccountToken: false"), "serviceAccount.token", "false"},
		{"the pod decides", strings.Replace(web, "serviceAccountName: web", "serviceAccountName: web, automountServiceAccountToken: true", 1) + account(", automountServiceAccountToken: false"), "serviceAccount.token", "true"},
		{"bound by name", web + binding("RoleBinding", "{kind: ServiceAccount, name: web, namespace: shop}"), "serviceAccount.granted", "true"},
		{"bound in the binding's namespace", web + binding("RoleBinding", "{kind: ServiceAccount, name: web}"), "serviceAccount.granted", "true"},
		{"bound as a group", web + binding("ClusterRoleBinding", "{kind: Group, name: 'system:serviceaccounts:shop'}"), "serviceAccount.granted", "true"},
		{"bound as a user", web + binding("ClusterRoleBinding", "{kind: User, name: 'system:serviceaccount:shop:web'}"), "serviceAccount.granted", "true"},
		{"another account is bound", web + binding("RoleBinding", "{kind: ServiceAccount, name: web, namespace: billing}"), "serviceAccount.granted", "false"},
		{"a chart may bind it", web + helm, "serviceAccount.granted", "absent"},
		{"pull secret of the account", web + account(", imagePullSecrets: [{name: a}]"), "serviceAccount.pullSecrets", "true"},
		{"no pull secret", web + account(""), "serviceAccount.pullSecrets", "false"},
		{"pull secret of an account that is not rendered", web, "serviceAccount.pullSecrets", "absent"},
		{"pull secret of the default account", deploymentOf("web", 1), "serviceAccount.pullSecrets", "false"},
		{"budget", web + "---\n{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: b, namespace: shop}, spec: {selector: {matchLabels: {app: web}}}}\n", "budget", "true"},
		{"budget for others", web + "---\n{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: b, namespace: shop}, spec: {selector: {matchLabels: {app: db}}}}\n", "budget", "false"},
		{"a chart may bring a budget", web + helm, "budget", "absent"},
		{"spread", web, "spread", "false"},
		{"images", web, "images", `["docker.io/library/web"]`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := fact(t, whole(t, schema.ViewWorkload, []Digest{digest(t, "a", tt.text)}, nil)[0], tt.path); got != tt.want {
				t.Errorf("%s is %s, want %s", tt.path, got, tt.want)
			}
		})
	}
}
