package main

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/secgen/secgen/compile"
	"github.com/secgen/secgen/compile/inventory"
	"github.com/secgen/secgen/compile/plan"
	"github.com/secgen/secgen/load/discover"
	"github.com/secgen/secgen/schema"
	"github.com/secgen/secgen/starter"
	"github.com/secgen/secgen/workload"
)

// foresee notes what compile would say of the repository: which roots do not land
// in one cluster together, and what it would ask about each of the environments
// that are proposed. What could not be rendered is left out.
func foresee(ctx context.Context, s *session, found *starter.Found) error {
	var roots []discover.Root
	for _, r := range s.repo.Roots {
		if !s.wrote(r) {
			roots = append(roots, r)
		}
	}
	results, err := s.render(ctx, roots, nil, func() {})
	if err != nil {
		return err
	}
	var rendered []inventory.Root
	for _, r := range results {
		if !r.failed {
			rendered = append(rendered, inventory.Root{Path: r.root.Name, Resources: r.answer.Resources})
		}
	}
	var conflict *inventory.Conflict
	if err := compile.Together(rendered, nil); errors.As(err, &conflict) {
		found.Clash = conflict.Between
	}
	environments, shared, _ := found.Environments()
	if len(environments) == 0 {
		environments = []starter.Environment{{Roots: found.Roots}}
	}
	table, err := workload.NewTable(workload.BuiltIn())
	if err != nil {
		return err
	}
	api := true
	policy := &schema.Policy{
		Cluster:  schema.ClusterPolicy{Nodes: 1, Calico: schema.CalicoPolicy{API: &api, Version: "3.30"}},
		Defaults: schema.NamespacePolicy{Owners: []schema.Owner{}},
	}
	in := compile.Input{Policy: policy, Lint: judgeOf(table), Workloads: table}
	for _, e := range environments {
		in.Roots = nil
		for _, r := range rendered {
			if slices.Contains(e.Roots, r.Path) || slices.Contains(shared, r.Path) {
				in.Roots = append(in.Roots, r)
			}
		}
		result, err := compile.Run(in)
		if errors.As(err, &conflict) {
			continue // two versions in one root: compile says so
		}
		if err != nil {
			return err
		}
		for _, q := range result.Questions {
			if q.Answer != "" {
				found.Questions = append(found.Questions, asked(q))
			}
		}
	}
	return nil
}

// asked is a question as a starter lists it.
func asked(q plan.Question) starter.Question {
	text, _, _ := strings.Cut(q.String(), "; answer it in secgen.cue")
	return starter.Question{Asked: text, Answer: q.Answer}
}
