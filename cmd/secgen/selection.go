package main

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/secgen/secgen/lint"
	"github.com/secgen/secgen/schema"
)

// ruleFlags say which rules run.
type ruleFlags struct {
	profile    string
	only, skip []string
}

func (f *ruleFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.profile, "profile", "", `the set of rules to run (default "recommended"; see 'secgen rules')`)
	flags.StringSliceVar(&f.only, "rule", nil, "run this rule only, whatever the profile; may be repeated")
	flags.StringSliceVar(&f.skip, "skip-rule", nil, "leave this rule out; may be repeated, and every report says so")
}

// ruleSelection is which rules run with which parameters. It is plain data for
// gob, so that workers can bind the same rules.
type ruleSelection struct {
	Profile    string
	IDs        []string
	Parameters map[string]schema.Parameters
	Off        []lint.RuleOff
}

func (s *ruleSelection) equal(other *ruleSelection) bool { return reflect.DeepEqual(s, other) }

// selection picks the rules that the flags name.
func (f *ruleFlags) selection() (*ruleSelection, error) {
	set, err := schema.Builtin()
	if err != nil {
		return nil, err
	}
	for _, id := range slices.Concat(f.only, f.skip) {
		if set.Rule(id) == nil {
			return nil, unknownRule(id)
		}
	}
	s := &ruleSelection{Profile: f.profile}
	if s.Profile == "" {
		s.Profile = schema.DefaultProfile
	}
	rules, parameters, err := set.InProfile(s.Profile)
	if err != nil {
		return nil, fmt.Errorf("--profile: %w", err)
	}
	s.Parameters = parameters
	wanted := map[string]bool{}
	for _, r := range rules {
		wanted[r.ID] = len(f.only) == 0
	}
	for _, id := range f.only {
		wanted[id] = true
	}
	maps.DeleteFunc(wanted, func(_ string, runs bool) bool { return !runs })
	for _, id := range f.skip {
		if wanted[id] {
			s.Off = append(s.Off, lint.RuleOff{Rule: id, Reason: "--skip-rule"})
			delete(wanted, id)
		}
	}
	s.IDs = slices.Sorted(maps.Keys(wanted))
	return s, nil
}

func unknownRule(id string) error {
	return fmt.Errorf("there is no rule %q; 'secgen rules' lists them all", strings.TrimSpace(id))
}

// bind makes the selected rules ready to judge.
func (s *ruleSelection) bind() ([]*schema.Bound, error) {
	set, err := schema.Builtin()
	if err != nil {
		return nil, err
	}
	bound := make([]*schema.Bound, 0, len(s.IDs))
	for _, id := range s.IDs {
		rule := set.Rule(id)
		if rule == nil {
			return nil, unknownRule(id)
		}
		b, err := set.Bind(rule, s.Parameters[id])
		if err != nil {
			return nil, err
		}
		bound = append(bound, b)
	}
	return bound, nil
}
