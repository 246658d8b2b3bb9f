package main

import (
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/secgen/secgen/lint"
	"github.com/secgen/secgen/schema"
)

func (a *app) rulesCommand() *cobra.Command {
	var profile string
	cmd := &cobra.Command{
		Use:   "rules",
		Short: "List the rules",
		Long: `Rules lists every rule with its severity, what it looks at, how it runs (compiled to
a predicate, or evaluated by CUE) and the profiles that hold it.`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return a.rules(profile) },
	}
	cmd.Flags().StringVar(&profile, "profile", "", "list the rules of this profile only")
	return cmd
}

func (a *app) rules(profile string) error {
	set, err := schema.Builtin()
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
	return &cobra.Command{
		Use:   "explain RULE",
		Short: "Print the page of a rule: what it demands, why, examples, parameters",
		Args:  cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			rule, err := findRule(args[0])
			if err != nil {
				return err
			}
			_, err = fmt.Fprint(a.out, rule.Page())
			return err
		},
	}
}

// findRule finds a rule of CUE or one of those that the loader decides.
func findRule(id string) (*schema.Rule, error) {
	own := []*schema.Rule{lint.UnreadRule(), lint.ExceptionRule()}
	if i := slices.IndexFunc(own, func(r *schema.Rule) bool { return r.ID == id }); i >= 0 {
		return own[i], nil
	}
	set, err := schema.Builtin()
	if err != nil {
		return nil, err
	}
	if r := set.Rule(id); r != nil {
		return r, nil
	}
	return nil, unknownRule(id)
}
