package prove

import (
	"fmt"

	"github.com/secgen/secgen/compile/inventory"
	"github.com/secgen/secgen/compile/plan"
	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/workload"
)

// images asks whether every rendered image may be pulled, by the printed policy of
// its namespace, or by the cluster's where there is none.
func (p *proof) images() {
	own := map[string]*plan.ImageRule{}
	var cluster *plan.ImageRule
	for _, e := range p.emitted {
		switch e.ID.Kind {
		case "ImagePolicy":
			own[e.namespace] = ruleOf(e.Object)
		case "ClusterImagePolicy":
			cluster = ruleOf(e.Object)
		}
	}
	for _, n := range p.inv.Namespaces {
		if rule := own[n.Name]; rule != nil {
			p.pulls(n, rule, n.Name, fmt.Sprintf("policy.namespaces.%q.registries", n.Name))
		} else if cluster != nil && len(n.Of("portieris.cloud.ibm.com", "ImagePolicy")) == 0 {
			p.pulls(n, cluster, "", "policy.cluster.registries, or name registries of its namespace")
		}
	}
}

func ruleOf(o *manifest.Node) *plan.ImageRule {
	r := &plan.ImageRule{}
	for _, repository := range o.Get("spec", "repositories").Elems() {
		r.Repositories = append(r.Repositories, repository.Get("name").Str())
	}
	return r
}

// pulls asks whether a rule lets in all images of a namespace. blame is the
// namespace whose guardrail fails else, "" for the cluster's.
func (p *proof) pulls(n *inventory.Namespace, rule *plan.ImageRule, blame, where string) {
	for _, w := range n.Workloads {
		for _, c := range w.Pod.Containers() {
			reference := c.Node.Get("image").Str()
			at := []manifest.Position{inventory.Field{Resource: w.Resource, Path: c.Path.Field("image")}.Position()}
			image, err := workload.ParseImage(reference)
			if err != nil {
				p.fail(blame, plan.Images, at, "%s of %s: %v, so that nobody knows whether it may be pulled", c.Kind.Noun(), w.Resource.ID, err)
			} else if !rule.Allows(image) {
				p.fail(blame, plan.Images, at, "%s of %s pulls %s, which no registry of the policy holds; pull the image from one that is there, or add its registry to %s", c.Kind.Noun(), w.Resource.ID, image.Name(), where)
			}
		}
	}
}
