package prove

import (
	"github.com/secgen/secgen/compile/inventory"
	"github.com/secgen/secgen/compile/plan"
	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/workload"
)

// images asks whether every rendered image may be pulled.
func (p *proof) images() {
	for _, n := range p.plan.Namespaces {
		if n.Images == nil {
			continue
		}
		for _, w := range n.Workloads {
			for _, c := range w.Pod.Containers() {
				reference := c.Node.Get("image").Str()
				at := []manifest.Position{inventory.Field{Resource: w.Resource, Path: c.Path.Field("image")}.Position()}
				image, err := workload.ParseImage(reference)
				if err != nil {
					p.fail(n.Name, plan.Images, at, "%s of %s: %v, so that nobody knows whether it may be pulled", c.Kind.Noun(), w.Resource.ID, err)
				} else if !n.Images.Allows(image) {
					p.fail(n.Name, plan.Images, at, "%s of %s pulls %s, which no registry of the policy holds; add its registry to policy.namespaces.%q.registries, or pull the image from one that is there", c.Kind.Noun(), w.Resource.ID, image.Name(), n.Name)
				}
			}
		}
	}
}
