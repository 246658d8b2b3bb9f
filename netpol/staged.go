package netpol

import "slices"

// applyStaged makes the policies what they were if the staged ones were enforced,
// where the options ask for it: a staged policy replaces the enforced one of its
// name, or removes it with stagedAction Delete
// (docs.tigera.io/calico/latest/network-policy/staged-network-policies).
func (c *Cluster) applyStaged() {
	if !c.opt.Staged {
		return
	}
	gone := map[*Policy]bool{}
	for _, p := range c.policies {
		if !p.Staged {
			continue
		}
		action := p.Resource.Object.Get("spec", "stagedAction").Str()
		if action == "Delete" || action == "Ignore" || action == "Learn" {
			gone[p] = true
		}
		if action == "Ignore" || action == "Learn" {
			continue
		}
		for _, q := range c.policies {
			if !q.Staged && q.kind == p.kind && q.namespace == p.namespace && q.key == p.key {
				gone[q] = true
			}
		}
	}
	c.policies = slices.DeleteFunc(c.policies, func(p *Policy) bool { return gone[p] })
}

// StagedChange says what would change if the staged policies were enforced.
func (c *Cluster) StagedChange() []Change {
	opt := c.opt
	opt.Staged = true
	after, _ := New(c.resources, opt)
	return Diff(c, after)
}
