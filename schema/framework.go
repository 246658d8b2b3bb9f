package schema

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"cuelang.org/go/cue"
)

// Framework is a published list of controls that rules check, in plain data.
type Framework struct {
	// Name is how rules and --framework call it: cis.
	Name      string             `json:"name"`
	Title     string             `json:"title"`
	Edition   string             `json:"edition"`
	URL       string             `json:"url"`
	Publisher string             `json:"publisher"`
	Sections  []FrameworkSection `json:"sections"`
}

// FrameworkSection is a chapter of a framework.
type FrameworkSection struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	// Instead is what to check where the repository holds nothing that the section's
	// controls are about, or "".
	Instead  string    `json:"instead,omitempty"`
	Controls []Control `json:"controls"`
}

// Control is one demand of a framework.
type Control struct {
	// ID is what Rule.Controls names.
	ID    string `json:"id"`
	Title string `json:"title"`
	// Beyond is why no manifest can show whether the control holds, or nil.
	Beyond *Beyond `json:"beyond,omitempty"`
	// NotYet is what a rule would have to judge, where none does, or "".
	NotYet string `json:"notYet,omitempty"`
	// Partly is what the rules that check the control do not look at, or "".
	Partly string `json:"partly,omitempty"`
	// By says of a rule which of its violations break the control; of rules that are
	// not named here all do.
	By map[string]Concerns `json:"by,omitempty"`
}

// Concerns selects violations: what is not empty has to hold.
type Concerns struct {
	// Component is the program of the control plane, Field the name of the field or
	// flag with the offending value.
	Component string `json:"component,omitempty"`
	Field     string `json:"field,omitempty"`
	// Value lists texts of which the value holds one, Without is one that it does not
	// hold.
	Value   []string `json:"value,omitempty"`
	Without string   `json:"without,omitempty"`
}

// Beyond is something that no manifest shows.
type Beyond struct {
	Why     string `json:"why"`
	Instead string `json:"instead"`
}

// Framework returns the framework of a name. An unknown name is an error that
// lists the known ones.
func (s *Set) Framework(name string) (*Framework, error) {
	var known []string
	for i := range s.Frameworks {
		if s.Frameworks[i].Name == name {
			return &s.Frameworks[i], nil
		}
		known = append(known, s.Frameworks[i].Name)
	}
	return nil, fmt.Errorf("there is no framework %q; known are %s", name, strings.Join(known, ", "))
}

// Checking lists the rules that check a control of the framework.
func (s *Set) Checking(framework string) []*Rule {
	var out []*Rule
	for _, r := range s.Rules {
		if r.Checks(framework) {
			out = append(out, r)
		}
	}
	return out
}

// Checks tells whether the rule checks a control of the framework.
func (r *Rule) Checks(framework string) bool { return len(r.Controls[framework]) > 0 }

// readFrameworks reads the frameworks of the module, by name.
func (c *compiler) readFrameworks() ([]Framework, error) {
	fields, err := c.frameworks.Fields()
	if err != nil {
		return nil, err
	}
	var out []Framework
	for fields.Next() {
		f := Framework{Name: fields.Selector().Unquoted()}
		if err := fields.Value().Validate(cue.Concrete(true)); err != nil {
			return nil, problemsOf(err)
		}
		if err := fields.Value().Decode(&f); err != nil {
			return nil, fmt.Errorf("framework %s: %w", f.Name, err)
		}
		seen := map[string]bool{}
		for i := range f.Sections {
			section := &f.Sections[i]
			section.Instead = paragraphs(section.Instead)
			for j := range section.Controls {
				control := &section.Controls[j]
				if control.Beyond != nil {
					control.Beyond.Why, control.Beyond.Instead = paragraphs(control.Beyond.Why), paragraphs(control.Beyond.Instead)
				}
				if seen[control.ID] {
					return nil, fmt.Errorf("framework %s: the control %q is there twice", f.Name, control.ID)
				}
				seen[control.ID] = true
			}
		}
		out = append(out, f)
	}
	slices.SortFunc(out, func(a, b Framework) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

// unknownControls says which controls a rule names that their framework does not
// have: no report by control would ever show the rule there.
func unknownControls(rule *Rule, frameworks []Framework) []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(rule.Controls)) {
		i := slices.IndexFunc(frameworks, func(f Framework) bool { return f.Name == name })
		if i < 0 {
			continue // vulnerabilities are no framework
		}
		var known []string
		for _, section := range frameworks[i].Sections {
			for _, control := range section.Controls {
				known = append(known, control.ID)
			}
		}
		for _, id := range rule.Controls[name] {
			if !slices.Contains(known, id) {
				out = append(out, fmt.Sprintf("%s, edition %s, has no control %q%s", frameworks[i].Title, frameworks[i].Edition, id, didYouMean(id, known)))
			}
		}
	}
	return out
}
