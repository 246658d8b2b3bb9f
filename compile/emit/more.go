package emit

import (
	"github.com/secgen/secgen/compile/plan"
	"github.com/secgen/secgen/manifest"
)

// imagePolicy prints Portieris' policy of a namespace: what no repository matches
// is refused.
func imagePolicy(n *plan.Namespace) Object {
	return Object{
		Guardrail: plan.Images, Namespace: n.Name,
		Head: []string{"Images come from the registries of the policy; all others are refused."},
		Node: object("portieris.cloud.ibm.com/v1", "ImagePolicy", n.Name, "secgen", "spec", repositories(n.Images)),
	}
}

// clusterImagePolicy prints Portieris' policy of the namespaces that have none.
func clusterImagePolicy(r *plan.ImageRule) Object {
	return Object{
		Guardrail: plan.Images,
		Head: []string{
			"Namespaces without an image policy of their own pull from these registries; all else is refused there.",
			"Portieris comes with a ClusterImagePolicy \"default\" that may allow more: the policies add up, so take that one away.",
		},
		Node: labelled("portieris.cloud.ibm.com/v1", "ClusterImagePolicy", "", "secgen", nil, denyLast, "spec", repositories(r)),
	}
}

func repositories(r *plan.ImageRule) *manifest.Node {
	var list []*manifest.Node
	for _, name := range r.Repositories {
		list = append(list, fields("name", name, "policy", fields()))
	}
	return fields("repositories", list)
}

// peerAuthentication prints mutual TLS for a namespace.
func peerAuthentication(n *plan.Namespace) Object {
	return Object{
		Guardrail: plan.Mesh, Namespace: n.Name,
		Head: []string{"The namespace is in the mesh: " + n.Mesh.Why + "."},
		Node: object("security.istio.io/v1", "PeerAuthentication", n.Name, "default", "spec", fields("mtls", fields("mode", "STRICT"))),
	}
}

// auditPolicy prints what the API server logs: who changed what, in full for what
// guards the cluster, and never the content of what is secret. The first rule
// that matches counts.
func auditPolicy() Object {
	resources := func(group string, names ...string) *manifest.Node {
		if len(names) == 0 {
			return fields("group", group) // all of the group
		}
		return fields("group", group, "resources", names)
	}
	change := []string{"create", "update", "patch", "delete", "deletecollection"}
	return Object{
		Guardrail: plan.Audit,
		Head: []string{
			"The audit policy of the API server (--audit-policy-file). Nothing syncs this file: it belongs on the masters,",
			"or with the provider. Secrets and tokens are logged without their content.",
		},
		Comments: map[string][]string{
			"rules[0]": {"health checks and discovery"},
			"rules[1]": {"what is secret: who and when, never what"},
			"rules[2]": {"ways into pods and around them"},
			"rules[3]": {"what guards the cluster: every change with its content"},
			"rules[4]": {"reads of nodes and controllers about their own work"},
			"rules[5]": {"all else"},
		},
		Node: fields("apiVersion", "audit.k8s.io/v1", "kind", "Policy", "omitStages", []string{"RequestReceived"}, "rules", []*manifest.Node{
			fields("level", "None", "nonResourceURLs", []string{"/healthz*", "/livez*", "/readyz*", "/version", "/openapi/*"}),
			fields("level", "Metadata", "resources", []*manifest.Node{
				resources("", "secrets", "configmaps", "serviceaccounts/token"), resources("authentication.k8s.io", "tokenreviews")}),
			fields("level", "Metadata", "resources", []*manifest.Node{
				resources("", "pods/exec", "pods/attach", "pods/portforward", "pods/ephemeralcontainers", "pods/proxy", "services/proxy", "nodes/proxy")}),
			fields("level", "RequestResponse", "verbs", change, "resources", []*manifest.Node{
				resources("", "namespaces", "limitranges", "resourcequotas", "serviceaccounts"),
				resources("rbac.authorization.k8s.io"), resources("networking.k8s.io"), resources("projectcalico.org"),
				resources("admissionregistration.k8s.io"), resources("policy")}),
			fields("level", "None", "verbs", []string{"get", "list", "watch"}, "userGroups", []string{"system:nodes"}),
			fields("level", "Metadata"),
		}),
	}
}
