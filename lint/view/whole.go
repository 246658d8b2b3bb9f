package view

import (
	"net/netip"

	"github.com/secgen/secgen/netpol"
	"github.com/secgen/secgen/schema"
	"github.com/secgen/secgen/workload"
)

// Whole is what all roots make up together.
type Whole struct {
	Digests []Digest
	Landscape
	// Workloads finds pod templates, as for Env.
	Workloads *workload.Table
	// Only lists the kinds of views to make; empty means all.
	Only []schema.View
	// Network says that the digests hold what the views of network policies need, and
	// asks for the facts about them in the views of namespaces.
	Network bool
}

// Views returns the views that need more than one resource, by environment: of
// namespaces, of objects that refer to others, and of what network policies do.
// Without environments all roots count as one. Policies are evaluated only where
// Network is set.
func (w Whole) Views() []View {
	var views []View
	env := Env{Only: w.Only}
	for _, c := range clusters(w.Digests, w.Landscape) {
		c.held = map[string]bool{}
		if w.Network {
			c.network = newNetwork(c, netpol.Options{Workloads: w.Workloads, Boundaries: []netip.Prefix{netip.PrefixFrom(metadataService, 32)}}, len(w.Environments) > 0)
		}
		for _, kind := range []struct {
			view schema.View
			make func() []View
		}{
			{schema.ViewNamespace, c.namespaceViews}, {schema.ViewEnvironment, c.environmentViews},
			{schema.ViewNetworkPolicy, c.policyViews}, {schema.ViewNetworkFlaw, c.flawViews},
			{schema.ViewEndpoint, c.endpointViews}, {schema.ViewReference, c.referenceViews},
			{schema.ViewWorkload, func() []View { return c.workloadViews(w.Workloads) }},
			{schema.ViewGuardrail, func() []View { return c.guardrailViews(w.Workloads) }},
		} {
			if env.wants(kind.view) {
				views = append(views, kind.make()...)
			}
		}
	}
	return views
}
