package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/secgen/secgen/load/discover"
	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/netpol"
	"github.com/secgen/secgen/netpol/graph"
	"github.com/secgen/secgen/workload"
)

const graphLong = `Graph shows who may talk to whom, by the network policies of Kubernetes and Calico in the
selected roots: which pods and addresses policies let through, on which ports, and
what is open because no policy isolates it. The roots have to land in one cluster
together; where PATH selects more, name those of one cluster, or its environment.

Formats: text, mermaid (for Markdown), dot (for Graphviz) and svg.`

func (a *app) graphCommand() *cobra.Command {
	var flags limitFlags
	var rules ruleFlags
	var format, environment string
	cmd := &cobra.Command{
		Use:   "graph [PATH...]",
		Short: "Show who may talk to whom",
		Long:  graphLong,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.graph(cmd.Context(), args, &flags, &rules, format, environment)
		},
	}
	flags.add(cmd)
	cmd.Flags().StringVar(&format, "format", "text", "text, mermaid, dot or svg")
	cmd.Flags().StringVar(&environment, "environment", "", "take the selected roots of this environment of the configuration")
	cmd.Flags().StringVar(&rules.config, "config", "", "configuration that replaces the repository's own secgen.cue")
	return cmd
}

// graph ends with exitFindings where something was not read, so that nobody takes
// what is missing for denied.
func (a *app) graph(ctx context.Context, paths []string, flags *limitFlags, rules *ruleFlags, format, environment string) error {
	// A wrong format should not cost a rendering.
	if _, err := graph.Write(&graph.Graph{}, format); err != nil {
		return fmt.Errorf("--format: %w", err)
	}
	s, err := a.open(paths, flags)
	if err != nil {
		return err
	}
	defer s.close()
	table, err := a.graphRoots(ctx, s, rules, environment)
	if err != nil {
		return err
	}
	if len(s.selected) == 0 {
		return fmt.Errorf("nothing to show: no manifest and no kustomization at or below %s", strings.Join(s.paths, ", "))
	}
	results, err := s.render(ctx, s.selected, nil, func() {})
	if err != nil {
		return err
	}
	resources, unread, err := a.oneCluster(results)
	if err != nil {
		return err
	}
	cluster, problems := netpol.New(resources, netpol.Options{Workloads: table})
	for _, p := range problems {
		if p.Refused || p.Code == netpol.CodeNotUnderstood || p.Code == netpol.CodeUnresolved {
			fmt.Fprintf(a.err, "%s: %s: %s %s\n", p.Position(), p.Resource.ID, p.Path, p.Message)
		}
	}
	picture, err := graph.Write(graph.Of(cluster), format)
	if err != nil {
		return err
	}
	if _, err := a.out.Write(picture); err != nil {
		return err
	}
	for _, f := range s.unreadFiles() {
		fmt.Fprintf(a.err, "%s: %s\n", f.Position, f.Reason)
		unread = true
	}
	if unread {
		return exitError(exitFindings)
	}
	return nil
}

// graphRoots narrows the selection to the roots of an environment, and returns the
// table of kinds with pod templates, with those that the configuration adds.
func (a *app) graphRoots(ctx context.Context, s *session, rules *ruleFlags, environment string) (*workload.Table, error) {
	cwd, err := a.getwd()
	if err != nil {
		return nil, err
	}
	policy, _, err := s.policy(ctx, rules, cwd)
	if err != nil {
		return nil, err
	}
	table, err := policy.table()
	if err != nil || environment == "" {
		return table, err
	}
	var known []string
	for _, e := range landscapeOf(policy, s.repo.Roots).Environments {
		if e.Name == environment {
			s.selected = slices.DeleteFunc(slices.Clone(s.selected), func(r discover.Root) bool { return !slices.Contains(e.Roots, r.Name) })
			return table, nil
		}
		known = append(known, e.Name)
	}
	if len(known) == 0 {
		return nil, fmt.Errorf("--environment %s: the configuration names no environments", environment)
	}
	return nil, fmt.Errorf("--environment %s: there is none of that name; want one of %s", environment, strings.Join(known, ", "))
}

// oneCluster is the resources of all roots as one cluster would hold them. That two
// roots render one object in two ways means that they are for two clusters.
func (a *app) oneCluster(results []rendered) (all []*manifest.Resource, unread bool, err error) {
	type variant struct {
		root, text string
	}
	seen := map[manifest.ID]variant{}
	for _, r := range results {
		for _, u := range r.unread {
			unread = true
			fmt.Fprintf(a.err, "%s: %s\n", u.Position, u.Reason)
		}
		for _, res := range r.answer.Resources {
			text, err := res.Object.EncodeYAML(nil)
			if err != nil {
				return nil, unread, fmt.Errorf("print %s of root %s: %w", res.ID, r.root.Name, err)
			}
			before, again := seen[res.ID]
			switch {
			case !again || res.ID.Name == "":
				seen[res.ID] = variant{r.root.Name, string(text)}
				all = append(all, res)
			case before.text != string(text) && before.root != r.root.Name:
				return nil, unread, fmt.Errorf("the roots %s and %s both render %s, each in its own way, so they are for two clusters; "+
					"name the roots of one as PATHs, or its environment with --environment", before.root, r.root.Name, res.ID)
			}
		}
	}
	return all, unread, nil
}
