package schema

import (
	"cmp"
	"fmt"
	"path"
	"regexp"
	"slices"

	"cuelang.org/go/cue"

	"github.com/secgen/secgen/manifest"
)

var environmentName = regexp.MustCompile(`^[A-Za-z0-9_][-A-Za-z0-9_.]*$`)

// configDecoder makes plain data of a configuration that CUE has judged.
type configDecoder struct {
	value  cue.Value
	places *places
	out    Config
}

func (d *configDecoder) decode() (*Config, error) {
	var raw struct {
		Profile string
		Demand  struct{ Owner, Expires bool }
		Policy  *Policy
	}
	if err := d.value.Decode(&raw); err != nil {
		return nil, problemsOf(err)
	}
	d.out.Profile = cmp.Or(raw.Profile, DefaultProfile)
	d.out.ProfileAt = d.places.of(d.value.LookupPath(cue.ParsePath("profile")))
	d.out.Policy = raw.Policy
	if raw.Policy != nil {
		raw.Policy.place(d.value.LookupPath(cue.ParsePath("policy")), d.places)
	}
	problems := d.policyProblems("policy", raw.Policy)
	d.out.DemandOwner, d.out.DemandExpires = raw.Demand.Owner, raw.Demand.Expires
	for _, part := range []func() error{d.rules, d.folders, d.environments, d.exceptions, d.workloads} {
		if err := part(); err != nil {
			return nil, problemsOf(err)
		}
	}
	for _, e := range d.out.Environments {
		if !environmentName.MatchString(e.Name) {
			problems = append(problems, &Problem{Position: e.Position,
				Message: fmt.Sprintf("environments: %q is no name for an environment, of which compile makes a folder; want letters, digits, '-', '_' and '.'", e.Name)})
		}
		problems = append(problems, d.policyProblems("environments."+quotedLabel(e.Name)+".policy", e.Policy)...)
	}
	if len(problems) > 0 {
		slices.SortStableFunc(problems, func(a, b *Problem) int { return a.Position.Compare(b.Position) })
		return nil, problems
	}
	return &d.out, nil
}

// policyProblems finds what is wrong with the policy at a path; nil has none.
func (d *configDecoder) policyProblems(path string, p *Policy) Problems {
	var out Problems
	if p == nil {
		return nil
	}
	for _, problem := range p.problems() {
		full := path + "." + problem.path
		out = append(out, &Problem{Position: d.places.of(d.value.LookupPath(cue.ParsePath(full))), Message: full + " " + problem.message})
	}
	return out
}

func (d *configDecoder) rules() error {
	return d.eachField("rules", func(name string, v cue.Value, at manifest.Position) error {
		rule := RuleConfig{Rule: name, Position: at}
		if off := v.LookupPath(cue.ParsePath("off")); off.Exists() {
			var err error
			if rule.Off, err = off.String(); err != nil {
				return err
			}
		}
		parameters := v.LookupPath(cue.ParsePath("parameters"))
		if !parameters.Exists() {
			d.out.Rules = append(d.out.Rules, rule)
			return nil
		}
		rule.Parameters = Parameters{}
		fields, err := parameters.Fields()
		for err == nil && fields.Next() {
			var node *manifest.Node
			if node, err = nodeOf(fields.Value()); err == nil {
				node.Pos = d.places.of(fields.Value())
				rule.Parameters[fields.Selector().Unquoted()] = node
			}
		}
		d.out.Rules = append(d.out.Rules, rule)
		return err
	})
}

func (d *configDecoder) folders() error {
	return d.eachItem("ruleFolders", func(v cue.Value, at manifest.Position) error {
		name, err := v.String()
		d.out.RuleFolders = append(d.out.RuleFolders, RuleFolder{path.Clean(name), at})
		return err
	})
}

func (d *configDecoder) environments() error {
	return d.eachField("environments", func(name string, v cue.Value, at manifest.Position) error {
		e := EnvironmentConfig{Name: name, Position: at}
		err := v.Decode(&struct {
			Roots  *[]string
			Policy **Policy
		}{&e.Roots, &e.Policy})
		if e.Policy != nil {
			e.Policy.place(v.LookupPath(cue.ParsePath("policy")), d.places)
		}
		d.out.Environments = append(d.out.Environments, e)
		return err
	})
}

func (d *configDecoder) exceptions() error {
	return d.eachItem("exceptions", func(v cue.Value, at manifest.Position) error {
		var e ExceptionConfig
		err := v.Decode(&e)
		e.Position = at
		d.out.Exceptions = append(d.out.Exceptions, e)
		return err
	})
}

func (d *configDecoder) workloads() error {
	return d.eachItem("workloads", func(v cue.Value, at manifest.Position) error {
		var w WorkloadConfig
		err := v.Decode(&w)
		w.Position = at
		d.out.Workloads = append(d.out.Workloads, w)
		return err
	})
}

func (d *configDecoder) eachItem(name string, use func(cue.Value, manifest.Position) error) error {
	list := d.value.LookupPath(cue.ParsePath(name))
	if !list.Exists() {
		return nil
	}
	items, err := list.List()
	for err == nil && items.Next() {
		err = use(items.Value(), d.places.of(items.Value()))
	}
	return err
}

func (d *configDecoder) eachField(name string, use func(string, cue.Value, manifest.Position) error) error {
	all := d.value.LookupPath(cue.ParsePath(name))
	if !all.Exists() {
		return nil
	}
	fields, err := all.Fields()
	for err == nil && fields.Next() {
		err = use(fields.Selector().Unquoted(), fields.Value(), d.places.of(fields.Value()))
	}
	return err
}
