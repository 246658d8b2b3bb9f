package view

import (
	"slices"
	"strings"

	"github.com/secgen/secgen/manifest"
)

// request is an API request by an ordinary user.
type request struct{ group, resource, verb string }

// auditFacts tells at which level an audit policy records the requests that
// matter: the level of the first rule that catches them, with its position.
// Rules for some users, namespaces or objects only are passed over: what they say
// is not what holds in general.
func auditFacts(object *manifest.Node) *manifest.Node {
	rules := object.Get("rules")
	f := facts{}
	for _, q := range []struct {
		fact string
		request
	}{
		{"secrets", request{"", "secrets", "update"}},
		{"configMaps", request{"", "configmaps", "update"}},
		{"tokens", request{"", "serviceaccounts/token", "create"}},
		{"exec", request{"", "pods/exec", "create"}},
		{"roles", request{"rbac.authorization.k8s.io", "clusterrolebindings", "create"}},
		{"workloads", request{"apps", "deployments", "create"}},
	} {
		f.set(q.fact, levelOf(rules, q.request))
	}
	return f.node()
}

func levelOf(rules *manifest.Node, q request) *manifest.Node {
	for _, rule := range rules.Elems() {
		if q.caughtBy(rule) {
			return from(rule, text(rule.Get("level").Str()))
		}
	}
	return from(rules, text("None"))
}

func (q request) caughtBy(rule *manifest.Node) bool {
	if groups := rule.Get("userGroups").Strings(); len(groups) > 0 && !slices.Contains(groups, "system:authenticated") {
		return false
	}
	if len(rule.Get("users").Elems())+len(rule.Get("namespaces").Elems())+len(rule.Get("nonResourceURLs").Elems()) > 0 {
		return false
	}
	if verbs := rule.Get("verbs").Strings(); len(verbs) > 0 && !slices.Contains(verbs, q.verb) && !slices.Contains(verbs, "*") {
		return false
	}
	resources := rule.Get("resources").Elems()
	if len(resources) == 0 {
		return true
	}
	return slices.ContainsFunc(resources, func(r *manifest.Node) bool {
		names := r.Get("resources").Strings()
		return r.Get("group").Str() == q.group && len(r.Get("resourceNames").Elems()) == 0 &&
			(len(names) == 0 || slices.ContainsFunc(names, q.named))
	})
}

// named compares as the audit policy does: pods is not pods/exec, pods/* is, and
// so is */exec.
func (q request) named(name string) bool {
	if name == q.resource || name == "*" {
		return true
	}
	base, sub, isSub := strings.Cut(q.resource, "/")
	return isSub && (name == base+"/*" || name == "*/"+sub)
}
