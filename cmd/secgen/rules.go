package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/secgen/secgen/lint"
	"github.com/secgen/secgen/load/discover"
	"github.com/secgen/secgen/load/source"
	"github.com/secgen/secgen/schema"
)

func (a *app) rulesCommand() *cobra.Command {
	var profile string
	var limits limitFlags
	var own ruleFlags
	cmd := &cobra.Command{
		Use:   "rules",
		Short: "List the rules",
		Long: `Rules lists every rule with its severity, what it looks at, how it runs (compiled to
a predicate, or evaluated by CUE) and the profiles that hold it: the built-in ones,
those of the repository around the working directory, and those of --rules.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			rules, err := a.ownRules(cmd.Context(), &limits, &own)
			if err != nil {
				return err
			}
			return a.rules(profile, rules)
		},
	}
	addOwn(cmd, &limits, &own)
	cmd.Flags().StringVar(&profile, "profile", "", "list the rules of this profile only")
	return cmd
}

// ownRules are the rules of the repository around the working directory, if it is
// in one, and of --rules. A worker reads them, since they are CUE.
func (a *app) ownRules(ctx context.Context, flags *limitFlags, own *ruleFlags) ([]*schema.Rule, error) {
	limits, err := flags.limits()
	if err != nil {
		return nil, err
	}
	cwd, err := a.getwd()
	if err != nil {
		return nil, err
	}
	top, _, err := discover.Locate(cwd, flags.root, nil)
	if err != nil {
		if flags.root != "" {
			return nil, err
		}
		top = cwd // no repository: what --rules and --config name is all there is
	}
	s := &session{}
	if s.tree, err = source.Open(top, source.DefaultLimits()); err != nil {
		return nil, err
	}
	if s.pool, err = a.pool(limits); err != nil {
		s.tree.Close()
		return nil, err
	}
	defer s.close()
	policy, _, err := s.policy(ctx, own, cwd)
	if err != nil {
		return nil, err
	}
	return policy.Rules, nil
}

func (a *app) rules(profile string, own []*schema.Rule) error {
	set, err := rulesWith(own)
	if err != nil {
		return err
	}
	rules := set.Rules
	if profile != "" {
		if rules, _, err = set.InProfile(profile); err != nil {
			return fmt.Errorf("--profile: %w", err)
		}
	}
	table := tabwriter.NewWriter(a.out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(table, "RULE\tSEVERITY\tVIEW\tRUNS\tPROFILES\tTITLE")
	for _, r := range rules {
		runs := "compiled"
		if !r.Lowered() {
			runs = "CUE"
		}
		profiles := strings.Join(r.Profiles, ",")
		if profiles == "" {
			profiles = "-"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", r.ID, r.Severity, r.View, runs, profiles, r.Title)
	}
	return table.Flush()
}

func (a *app) explainCommand() *cobra.Command {
	var limits limitFlags
	var own ruleFlags
	cmd := &cobra.Command{
		Use:   "explain RULE",
		Short: "Print the page of a rule: what it demands, why, examples, parameters",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			rule, err := findRule(args[0], func() ([]*schema.Rule, error) { return a.ownRules(cmd.Context(), &limits, &own) })
			if err != nil {
				return err
			}
			_, err = fmt.Fprint(a.out, rule.Page())
			return err
		},
	}
	addOwn(cmd, &limits, &own)
	return cmd
}

// addOwn adds the flags that say where rules of one's own are.
func addOwn(cmd *cobra.Command, limits *limitFlags, own *ruleFlags) {
	limits.add(cmd)
	cmd.Flags().StringSliceVar(&own.ruleDirs, "rules", nil, "a folder with more rules; may be repeated")
	cmd.Flags().StringVar(&own.config, "config", "", "configuration that replaces the repository's own secgen.cue")
}

// findRule finds a rule that secgen brings, one of those that the loader decides
// included, or one of the user's own, which are read only where it is none of the others.
func findRule(id string, read func() ([]*schema.Rule, error)) (*schema.Rule, error) {
	loader := []*schema.Rule{lint.UnreadRule(), lint.ExceptionRule()}
	if i := slices.IndexFunc(loader, func(r *schema.Rule) bool { return r.ID == id }); i >= 0 {
		return loader[i], nil
	}
	set, err := schema.Builtin()
	if err != nil {
		return nil, err
	}
	if r := set.Rule(id); r != nil {
		return r, nil
	}
	rules, err := read()
	if err != nil {
		return nil, err
	}
	if i := slices.IndexFunc(rules, func(r *schema.Rule) bool { return r.ID == id }); i >= 0 {
		return rules[i], nil
	}
	return nil, unknownRule(id)
}
