// Package schema holds all CUE of secgen: the importable module (rule, policy,
// views), the rules, the profiles and the data sets, and the rule compiler that
// lowers a rule's CUE into a predicate tree. It is the only importer of CUE.
package schema

import "github.com/secgen/secgen/manifest"

// Severity grades a rule.
type Severity string

// The severities, worst first.
const (
	Critical Severity = "critical"
	High     Severity = "high"
	Medium   Severity = "medium"
	Low      Severity = "low"
)

// Severities lists all severities, worst first.
func Severities() []Severity { return []Severity{Critical, High, Medium, Low} }

// Rank orders severities: 4 for critical down to 1 for low, 0 for an unknown one.
func (s Severity) Rank() int {
	for i, known := range Severities() {
		if s == known {
			return 4 - i
		}
	}
	return 0
}

// View names what a rule sees.
type View string

// The views. See view.cue for their fields and facts.
const (
	ViewObject      View = "object"
	ViewPod         View = "pod"
	ViewContainer   View = "container"
	ViewService     View = "service"
	ViewIngress     View = "ingress"
	ViewRole        View = "role"
	ViewBinding     View = "binding"
	ViewNamespace   View = "namespace"
	ViewEnvironment View = "environment"
)

// Violation is one reason why a view does not satisfy a rule.
type Violation struct {
	// Path leads from the view to the offending value, or to where a missing
	// field should be.
	Path manifest.FieldPath
	// Found is the offending value, nil where it is missing.
	Found *manifest.Node
	// Want says in words what the rule accepts there: `false`, `one of "a", "b"`.
	Want string
}
