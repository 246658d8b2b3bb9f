package view

import (
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/schema"
	"github.com/secgen/secgen/workload"
)

// nameLabel is the label that the API server gives to every namespace.
const nameLabel = "kubernetes.io/metadata.name"

// vital are the resources that kube-system cannot run without: what makes pods,
// what elects leaders, and what finds them.
var vital = []string{
	"/pods", "/services", "/endpoints", "/configmaps", "/secrets", "/serviceaccounts", "coordination.k8s.io/leases",
	"discovery.k8s.io/endpointslices", "apps/deployments", "apps/daemonsets", "apps/replicasets", "apps/statefulsets",
}

// webhooks adds a view of each webhook of a configuration.
func (b *builder) webhooks() {
	if !b.env.wants(schema.ViewWebhook) {
		return
	}
	for i, hook := range b.resource.Object.Get("webhooks").Elems() {
		if hook == nil || hook.Kind != manifest.Map {
			continue
		}
		label := "webhook " + strconv.Quote(hook.Get("name").Str())
		b.add(schema.ViewWebhook, manifest.Path("webhooks").At(i), label, hook, b.webhookFacts(hook))
	}
}

func (b *builder) webhookFacts(hook *manifest.Node) *manifest.Node {
	first := b.resource.ID.Version() == "v1beta1"
	facts := make(facts, 0, 9)
	facts.set("object", b.object)
	facts.set("mutating", boolean(b.resource.ID.Kind == "MutatingWebhookConfiguration"))
	policy := hook.Get("failurePolicy")
	facts.set("failsClosed", from(policy, boolean(policy.Str() == "Fail" || policy.IsNull() && !first)))
	timeout := 10
	if first {
		timeout = 30
	}
	if seconds, ok := hook.Get("timeoutSeconds").Int(); ok {
		timeout = int(seconds)
	}
	facts.set("timeout", from(hook.Get("timeoutSeconds"), manifest.Of(timeout)))
	own := hook.Get("clientConfig", "service", "namespace")
	if own.Str() != "" {
		facts.set("namespace", own)
	}
	if asked, known := reachesNamespace(hook, "kube-system", vital); known {
		facts.set("reachesSystem", from(policy, boolean(asked)))
	}
	if name := own.Str(); name != "" && !manifest.Unresolved(name) {
		if asked, known := reachesNamespace(hook, name, []string{"/pods"}); known {
			facts.set("reachesOwn", from(policy, boolean(asked)))
		}
	}
	facts.set("everything", boolean(asksForEverything(hook)))
	facts.set("secrets", boolean(asksFor(hook, []string{"/secrets"})))
	return facts.node()
}

// reachesNamespace tells whether a webhook is asked for some of the resources in a
// namespace, of whose labels only its name is known.
func reachesNamespace(hook *manifest.Node, namespace string, resources []string) (asked, known bool) {
	if !asksFor(hook, resources) {
		return false, true
	}
	inNamespace, known := selectsNamespace(hook.Get("namespaceSelector"), namespace)
	if !known || !inNamespace {
		return false, known
	}
	if len(hook.Get("matchConditions").Elems()) > 0 || !emptySelector(hook.Get("objectSelector")) {
		return false, false
	}
	return true, true
}

func emptySelector(n *manifest.Node) bool {
	return len(n.Get("matchExpressions").Elems()) == 0 && len(n.Get("matchLabels").StringMap()) == 0
}

// selectsNamespace tells whether a selector matches a namespace. A label that it
// has to have, and that is not its name, nobody knows; nor one that it may not
// have.
func selectsNamespace(selector *manifest.Node, namespace string) (selects, known bool) {
	if emptySelector(selector) {
		return true, true
	}
	parsed, err := workload.LabelSelector(selector)
	if err != nil {
		return false, false
	}
	requirements, _ := parsed.Requirements()
	known = true
	for _, r := range requirements {
		if r.Key() != nameLabel {
			known = false
		} else if !r.Matches(labels.Set{nameLabel: namespace}) {
			return false, true
		}
	}
	return known, known
}

// asksFor tells whether the rules of a webhook cover the creation or the update of
// one of the resources, each written as group/resource.
func asksFor(hook *manifest.Node, resources []string) bool {
	for _, rule := range hook.Get("rules").Elems() {
		operations, scope := rule.Get("operations").Strings(), rule.Get("scope").Str()
		if scope == "Cluster" || !slices.ContainsFunc(operations, func(o string) bool { return o == "*" || o == "CREATE" || o == "UPDATE" }) {
			continue
		}
		for _, wanted := range resources {
			group, resource, _ := strings.Cut(wanted, "/")
			if covers(rule.Get("apiGroups").Strings(), group) && covers(rule.Get("resources").Strings(), resource) {
				return true
			}
		}
	}
	return false
}

func covers(list []string, wanted string) bool {
	return slices.ContainsFunc(list, func(s string) bool { return s == wanted || s == "*" || s == "*/*" })
}

func asksForEverything(hook *manifest.Node) bool {
	if !emptySelector(hook.Get("namespaceSelector")) || !emptySelector(hook.Get("objectSelector")) || len(hook.Get("matchConditions").Elems()) > 0 {
		return false
	}
	return slices.ContainsFunc(hook.Get("rules").Elems(), func(rule *manifest.Node) bool {
		return slices.Contains(rule.Get("apiGroups").Strings(), "*") && covers(rule.Get("resources").Strings(), "*") &&
			(slices.Contains(rule.Get("operations").Strings(), "*") || len(rule.Get("operations").Strings()) >= 3)
	})
}
