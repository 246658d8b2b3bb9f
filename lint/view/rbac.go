package view

import (
	"slices"
	"strings"

	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/schema"
)

func (b *builder) role() *manifest.Node { return b.rbacFacts("ClusterRole") }

func (b *builder) binding() *manifest.Node { return b.rbacFacts("ClusterRoleBinding") }

func (b *builder) rbacFacts(clusterKind string) *manifest.Node {
	facts := facts{}
	facts.set("object", b.object)
	facts.set("cluster", boolean(b.resource.ID.Kind == clusterKind))
	return facts.node()
}

// aggregateTo begins the labels that add a ClusterRole to those of Kubernetes.
const aggregateTo = "rbac.authorization.k8s.io/aggregate-to-"

// permissions adds a view of each rule of a role.
func (b *builder) permissions() {
	if !b.env.wants(schema.ViewPermission) {
		return
	}
	aggregatesTo := []string{}
	for key, value := range b.resource.Object.Get("metadata", "labels").StringMap() {
		if name, ok := strings.CutPrefix(key, aggregateTo); ok && value == "true" {
			aggregatesTo = append(aggregatesTo, name)
		}
	}
	slices.Sort(aggregatesTo)
	for i, rule := range b.resource.Object.Get("rules").Elems() {
		if rule == nil || rule.Kind != manifest.Map {
			continue
		}
		facts := make(facts, 0, 4)
		facts.set("object", b.object)
		facts.set("cluster", boolean(b.resource.ID.Kind == "ClusterRole"))
		facts.set("aggregatesTo", manifest.Of(aggregatesTo))
		facts.set("writes", boolean(writes(rule.Get("verbs").Strings())))
		b.add(schema.ViewPermission, manifest.Path("rules").At(i), b.label(), rule, facts.node())
	}
}

func writes(verbs []string) bool {
	return slices.ContainsFunc(verbs, func(verb string) bool { return verb != "get" && verb != "list" && verb != "watch" })
}
