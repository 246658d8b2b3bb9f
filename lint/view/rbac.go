package view

import "github.com/secgen/secgen/manifest"

func (b *builder) role() *manifest.Node { return b.rbacFacts("ClusterRole") }

func (b *builder) binding() *manifest.Node { return b.rbacFacts("ClusterRoleBinding") }

func (b *builder) rbacFacts(clusterKind string) *manifest.Node {
	facts := facts{}
	facts.set("object", b.object)
	facts.set("cluster", boolean(b.resource.ID.Kind == clusterKind))
	return facts.node()
}
