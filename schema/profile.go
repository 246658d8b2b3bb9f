package schema

import (
	"fmt"
	"slices"
	"strings"

	"cuelang.org/go/cue"
)

// DefaultProfile holds where nobody chooses one.
const DefaultProfile = "recommended"

// Profile is a named set of rules and parameters.
type Profile struct {
	Name  string `json:"name"`
	Title string `json:"title"`
	// Includes names the profiles whose rules belong to this one too.
	Includes []string `json:"includes,omitempty"`
	// Parameters that differ from the rules' defaults, by rule.
	Parameters map[string]Parameters `json:"parameters,omitempty"`
}

// allRules is the profile to which every rule belongs.
const allRules = "all"

// InProfile returns the rules of a profile, those of the profiles that it
// includes among them, and the parameters that it sets. An unknown name is an
// error that lists the known ones.
func (s *Set) InProfile(name string) ([]*Rule, map[string]Parameters, error) {
	parameters := map[string]Parameters{}
	names, err := s.includes(name, parameters, nil)
	if err != nil {
		return nil, nil, err
	}
	var rules []*Rule
	for _, r := range s.Rules {
		if slices.Contains(names, allRules) || slices.ContainsFunc(names, r.In) {
			rules = append(rules, r)
		}
	}
	return rules, parameters, nil
}

// includes adds a profile and those that it includes to names. What the outer
// profile says about parameters wins.
func (s *Set) includes(name string, parameters map[string]Parameters, names []string) ([]string, error) {
	if slices.Contains(names, name) {
		return names, nil
	}
	var known []string
	for _, p := range s.Profiles {
		if p.Name != name {
			known = append(known, p.Name)
			continue
		}
		for rule, values := range p.Parameters {
			if parameters[rule] == nil {
				parameters[rule] = Parameters{}
			}
			for key, value := range values {
				if _, set := parameters[rule][key]; !set {
					parameters[rule][key] = value
				}
			}
		}
		names = append(names, name)
		for _, inner := range p.Includes {
			var err error
			if names, err = s.includes(inner, parameters, names); err != nil {
				return nil, err
			}
		}
		return names, nil
	}
	return nil, fmt.Errorf("there is no profile %q%s", name, didYouMean(name, known))
}

// readProfiles reads the profiles of the module, by name.
func (c *compiler) readProfiles() ([]Profile, error) {
	fields, err := c.profiles.Fields()
	if err != nil {
		return nil, err
	}
	var out []Profile
	for fields.Next() {
		v := fields.Value()
		p := Profile{Name: fields.Selector().Unquoted()}
		if p.Title, err = v.LookupPath(cue.ParsePath("title")).String(); err != nil {
			return nil, err
		}
		if err := v.LookupPath(cue.ParsePath("includes")).Decode(&p.Includes); err != nil {
			return nil, err
		}
		set, err := nodeOf(v.LookupPath(cue.ParsePath("parameters")))
		if err != nil {
			return nil, err
		}
		for _, rule := range set.Fields {
			if p.Parameters == nil {
				p.Parameters = map[string]Parameters{}
			}
			p.Parameters[rule.Key] = Parameters{}
			for _, f := range rule.Value.Fields {
				p.Parameters[rule.Key][f.Key] = f.Value
			}
		}
		out = append(out, p)
	}
	slices.SortFunc(out, func(a, b Profile) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}
