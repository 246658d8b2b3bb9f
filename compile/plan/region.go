package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/secgen/secgen/compile/dataset"
)

// Region is what a provider's workers and pods may do, by a data set.
type Region struct {
	Data *dataset.Set
	Name string
	// Nets are the CIDRs of each set that a policy names.
	Nets     map[string][]string
	Policies []dataset.Policy
	// PodNetwork stands where a rule says pods.
	PodNetwork string
}

// podNetworkByDefault is what IBM gives the pods of a classic cluster.
const podNetworkByDefault = "172.30.0.0/16"

// region plans the isolation of workers and pods by the data set that the policy
// names.
func (p *planner) region() error {
	if p.Policy == nil || p.Policy.Cluster.Isolation == nil || !p.needsCalico(RegionIsolation) {
		return nil
	}
	want := p.Policy.Cluster.Isolation
	data, err := dataset.Load(want.DataSet)
	if err != nil {
		return fmt.Errorf("%s: %w", p.Policy.Where("cluster", "isolation", "dataSet"), err)
	}
	sets, err := data.Region(want.Region)
	if err != nil {
		return fmt.Errorf("%s: %w", p.Policy.Where("cluster", "isolation", "region"), err)
	}
	r := &Region{Data: data, Name: want.Region, Nets: map[string][]string{}, PodNetwork: cmp.Or(p.Policy.Cluster.PodNetwork, podNetworkByDefault)}
	kind := "kubernetes"
	if p.Policy.Cluster.OpenShift {
		kind = "openshift"
	}
	for _, q := range data.Policies {
		if !slices.Contains(want.Networks, q.Network) || q.Optional && !want.Services || q.Only != "" && q.Only != kind {
			continue
		}
		q.Ingress, q.Egress = inRegion(q.Ingress, sets), inRegion(q.Egress, sets)
		for _, rule := range slices.Concat(q.Ingress, q.Egress) {
			if rule.Set != "" {
				r.Nets[rule.Set] = sets[rule.Set]
			}
		}
		r.Policies = append(r.Policies, q)
	}
	if len(r.Policies) == 0 {
		p.note("", RegionIsolation, "of %s has nothing for the networks that the policy names", data.Name)
		return nil
	}
	p.plan.Region = r
	return nil
}

// forPods tells whether a policy of the region is for all pods.
func (r *Region) forPods() bool {
	return r != nil && slices.ContainsFunc(r.Policies, func(q dataset.Policy) bool {
		return q.Namespace == "" && strings.Contains(q.Selector, "projectcalico.org/orchestrator")
	})
}

// inRegion leaves out rules about a set that the region lacks: without addresses a
// rule would be about everybody.
func inRegion(rules []dataset.Rule, sets map[string][]string) []dataset.Rule {
	return slices.DeleteFunc(slices.Clone(rules), func(r dataset.Rule) bool { return r.Set != "" && len(sets[r.Set]) == 0 })
}
