package schema

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"time"

	"github.com/secgen/secgen/manifest"
)

// Check judges what a configuration says about rules by the rules that there are:
// names and parameters. Names of rules that are no CUE, such as "unread", are
// given as others. The position of a problem is in the configuration.
func (c *Config) Check(set *Set, others ...string) error {
	var problems Problems
	known := slices.Clone(others)
	for _, r := range set.Rules {
		known = append(known, r.ID)
	}
	wrong := func(at manifest.Position, format string, args ...any) {
		problems = append(problems, &Problem{Position: at, Message: fmt.Sprintf(format, args...)})
	}
	if _, _, err := set.InProfile(c.Profile); err != nil {
		wrong(c.ProfileAt, "%v", err)
	}
	for _, r := range c.Rules {
		rule := set.Rule(r.Rule)
		if rule == nil && !slices.Contains(others, r.Rule) {
			wrong(r.Position, "there is no rule %q%s", r.Rule, whichRule(r.Rule, known))
			continue
		}
		if rule == nil && r.Off != "" {
			wrong(r.Position, "rule %q cannot be switched off: it says that something was not checked, or is accepted no more", r.Rule)
		}
		for _, name := range slices.Sorted(maps.Keys(r.Parameters)) {
			value := r.Parameters[name]
			if rule == nil {
				wrong(value.Pos, "rule %q has no parameters", r.Rule)
			} else if err := rule.CheckParameter(name, value); err != nil {
				wrong(value.Pos, "%v", err)
			} else if rule.Lowered() {
				// A regular expression shows only here that it is none.
				if _, err := rule.Bind(Parameters{name: value}); err != nil {
					wrong(value.Pos, "%v", err)
				}
			}
		}
	}
	for _, e := range c.Exceptions {
		if !slices.Contains(known, e.Rule) {
			wrong(e.Position, "the exception names the rule %q, which does not exist%s", e.Rule, whichRule(e.Rule, known))
		}
		if slices.Contains(others, e.Rule) {
			wrong(e.Position, "the findings of rule %q cannot be accepted: they say that something was not checked, or is accepted no more", e.Rule)
		}
		if e.Expires != "" {
			if _, err := time.Parse(time.DateOnly, e.Expires); err != nil {
				wrong(e.Position, "the exception expires on %q, which is no date; write YYYY-MM-DD", e.Expires)
			}
		}
		if e.Path != "" {
			if _, err := manifest.ParsePath(e.Path); err != nil {
				wrong(e.Position, "%v", err)
			}
		}
		for _, glob := range slices.Concat(e.Files, e.Kinds, e.Namespaces, e.Names, e.Roots) {
			if _, err := path.Match(glob, ""); err != nil {
				wrong(e.Position, "%q is no pattern: %v", glob, err)
			}
		}
	}
	if len(problems) == 0 {
		return nil
	}
	return problems
}
