package schema

import (
	"fmt"
	"strings"

	"github.com/secgen/secgen/manifest"
)

// Set is rules in order of their IDs. It is plain data; a Set that LoadRules made
// also holds the CUE values, which stay in the process.
type Set struct {
	Rules []*Rule
}

// Rule returns the rule with an ID, or nil.
func (s *Set) Rule(id string) *Rule {
	for _, r := range s.Rules {
		if r.ID == id {
			return r
		}
	}
	return nil
}

// Profile is a named set of rules and parameters.
type Profile struct {
	Name  string `json:"name"`
	Title string `json:"title"`
	// Includes names the profiles whose rules belong to this one too.
	Includes []string `json:"includes,omitempty"`
	// Parameters that differ from the rules' defaults, by rule.
	Parameters map[string]Parameters `json:"parameters,omitempty"`
}

// Problem is what is wrong with a rule or a configuration, for its author: an
// error that names file, line and the way out. File is relative to the fs.FS
// that was read.
type Problem struct {
	Rule     string
	Position manifest.Position
	Message  string
}

func (p *Problem) Error() string {
	if p.Position.IsZero() {
		return p.Message
	}
	return fmt.Sprintf("%s: %s", p.Position, p.Message)
}

// Problems is one error of several problems, in order of their positions.
type Problems []*Problem

func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, problem := range p {
		lines[i] = problem.Error()
	}
	return strings.Join(lines, "\n")
}
