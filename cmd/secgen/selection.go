package main

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/secgen/secgen/lint"
	"github.com/secgen/secgen/schema"
	"github.com/secgen/secgen/workload"
)

// ruleFlags say which rules run, and how.
type ruleFlags struct {
	profile, config      string
	only, skip, ruleDirs []string
	// frameworks ask for the rules that check their controls.
	frameworks []string
}

func (f *ruleFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.profile, "profile", "", `the set of rules to run (default: that of the configuration, or "recommended")`)
	flags.StringSliceVar(&f.only, "rule", nil, "run this rule only, whatever the profile; may be repeated")
	flags.StringSliceVar(&f.skip, "skip-rule", nil, "leave this rule out; may be repeated, and every report says so")
	flags.StringSliceVar(&f.ruleDirs, "rules", nil, "a folder with more rules; may be repeated")
	flags.StringVar(&f.config, "config", "", "configuration that replaces the repository's own secgen.cue")
}

// ruleSelection is which rules run with which parameters. It is plain data for
// gob, so that workers can bind the same rules.
type ruleSelection struct {
	Profile    string
	IDs        []string
	Parameters map[string]schema.Parameters
	Off        []lint.RuleOff
	// Own are the rules of the repository and of --rules.
	Own []*schema.Rule
	// Shapes are kinds with a pod template beyond those that secgen knows.
	Shapes []workload.Shape
	// Clusters says that secgen.cue names environments.
	Clusters bool
}

func (s *ruleSelection) equal(other *ruleSelection) bool { return reflect.DeepEqual(s, other) }

// selection picks the rules of the set that the flags and the configuration name.
func (f *ruleFlags) selection(policy *policyAnswer, set *schema.Set) (*ruleSelection, error) {
	config := policy.Config
	if err := policy.check(set); err != nil {
		return nil, err
	}
	for _, id := range slices.Concat(f.only, f.skip) {
		if set.Rule(id) == nil {
			return nil, unknownRule(id)
		}
	}
	frameworks, err := f.asked(set)
	if err != nil {
		return nil, err
	}
	s := &ruleSelection{Own: policy.Rules}
	s.Profile = cmp.Or(f.profile, config.Profile)
	rules, parameters, err := set.InProfile(s.Profile)
	if err != nil {
		return nil, fmt.Errorf("--profile: %w", err)
	}
	rules = slices.Concat(rules, s.Own)
	if len(frameworks) > 0 {
		if f.profile == "" {
			// The profile that the repository chose still sets parameters.
			s.Profile, rules = "", nil
		}
		for _, framework := range frameworks {
			rules = append(rules, set.Checking(framework.Name)...)
		}
	}
	s.Parameters = parameters
	s.Shapes, s.Clusters = policy.shapes(), len(config.Environments) > 0
	s.choose(f, config, rules)
	return s, nil
}

// shapes are the kinds with a pod template that the configuration adds.
func (p *policyAnswer) shapes() []workload.Shape {
	var shapes []workload.Shape
	for _, w := range p.Config.Workloads {
		shapes = append(shapes, workload.Shape{Group: w.Group, Kind: w.Kind, Template: w.Template})
	}
	return shapes
}

// check judges what the configuration says by what there is: rules, parameters,
// paths to pod templates. Its error names the file as the user did.
func (p *policyAnswer) check(set *schema.Set) error {
	var problems schema.Problems
	if err := p.Config.Check(set, lint.UnreadRule().ID, lint.ExceptionRule().ID); err != nil && !errors.As(err, &problems) {
		return err
	}
	problems = append(problems, p.checkShapes()...)
	if len(problems) == 0 {
		return nil
	}
	for _, problem := range problems {
		problem.Position.File = p.File
	}
	return problems
}

func (p *policyAnswer) checkShapes() schema.Problems {
	var problems schema.Problems
	for i, shape := range p.shapes() {
		if _, err := workload.NewTable([]workload.Shape{shape}); err != nil {
			at := p.Config.Workloads[i].Position
			at.File = p.File
			problems = append(problems, &schema.Problem{Position: at, Message: "workloads: " + strings.TrimPrefix(err.Error(), "pod template table: ")})
		}
	}
	return problems
}

// table is that of all kinds with a pod template.
func (p *policyAnswer) table() (*workload.Table, error) {
	if problems := p.checkShapes(); len(problems) > 0 {
		return nil, problems
	}
	return workload.NewTable(append(workload.BuiltIn(), p.shapes()...))
}

// asked finds the frameworks of --framework, each once.
func (f *ruleFlags) asked(set *schema.Set) ([]*schema.Framework, error) {
	var out []*schema.Framework
	for _, name := range f.frameworks {
		framework, err := set.Framework(name)
		if err != nil {
			return nil, fmt.Errorf("--framework: %w", err)
		}
		if !slices.Contains(out, framework) {
			out = append(out, framework)
		}
	}
	return out, nil
}

// choose settles which rules run: those of --rule, or else the given ones (the
// profile's and all of the repository's own, or those of a framework); without
// those that are switched off.
func (s *ruleSelection) choose(f *ruleFlags, config *schema.Config, rules []*schema.Rule) {
	wanted := map[string]bool{}
	if len(f.only) > 0 {
		for _, id := range f.only {
			wanted[id] = true
		}
	} else {
		for _, r := range rules {
			wanted[r.ID] = true
		}
	}
	off := func(id, reason string) {
		if wanted[id] {
			s.Off = append(s.Off, lint.RuleOff{Rule: id, Reason: reason})
			delete(wanted, id)
		}
	}
	for _, r := range config.Rules {
		if r.Off != "" && len(f.only) == 0 {
			off(r.Rule, r.Off)
		}
		if len(r.Parameters) > 0 {
			if s.Parameters[r.Rule] == nil {
				s.Parameters[r.Rule] = schema.Parameters{}
			}
			maps.Copy(s.Parameters[r.Rule], r.Parameters)
		}
	}
	for _, id := range f.skip {
		off(id, "--skip-rule")
	}
	s.IDs = slices.Sorted(maps.Keys(wanted))
}

func unknownRule(id string) error {
	return fmt.Errorf("there is no rule %q; 'secgen rules' lists them all", strings.TrimSpace(id))
}

// rulesWith is the built-in rules and those of a repository.
func rulesWith(own []*schema.Rule) (*schema.Set, error) {
	set, err := schema.Builtin()
	if err != nil {
		return nil, err
	}
	for _, r := range own {
		if other := set.Rule(r.ID); other != nil {
			return nil, fmt.Errorf("%s: there is a rule %q already (%s); give this one another name", r.Position, r.ID, other.Position.File)
		}
		set.Rules = append(set.Rules, r)
	}
	slices.SortFunc(set.Rules, func(a, b *schema.Rule) int { return strings.Compare(a.ID, b.ID) })
	return set, nil
}

// judge makes the judge of the selected rules of the set that are compiled or,
// where cue is given, of those that CUE has to evaluate, which cue holds.
func (s *ruleSelection) judge(set, cue *schema.Set) (*lint.Judge, []*schema.Rule, error) {
	var bound []*schema.Bound
	var rules []*schema.Rule
	for _, id := range s.IDs {
		rule := set.Rule(id)
		if rule == nil {
			return nil, nil, unknownRule(id)
		}
		rules = append(rules, rule)
		if rule.Lowered() != (cue == nil) {
			continue
		}
		source := set
		if cue != nil {
			source = cue
		}
		b, err := source.Bind(rule, s.Parameters[id])
		if err != nil {
			return nil, nil, err
		}
		bound = append(bound, b)
	}
	workloads, err := workload.NewTable(append(workload.BuiltIn(), s.Shapes...))
	if err != nil {
		return nil, nil, err
	}
	judge, err := lint.NewJudge(bound, workloads)
	if err != nil {
		return nil, nil, err
	}
	judge.Clusters = s.Clusters
	return judge, rules, nil
}

// leftToCUE lists the selected rules that are not compiled.
func (s *ruleSelection) leftToCUE() []string {
	var out []string
	for _, r := range s.Own {
		if !r.Lowered() && slices.Contains(s.IDs, r.ID) {
			out = append(out, r.ID)
		}
	}
	return out
}
