package schema

import (
	"io/fs"
	"path"

	"github.com/secgen/secgen/manifest"
)

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
	ViewField       View = "field"
	ViewComponent   View = "component"
	ViewPod         View = "pod"
	ViewContainer   View = "container"
	ViewService     View = "service"
	ViewIngress     View = "ingress"
	ViewRole        View = "role"
	ViewBinding     View = "binding"
	ViewNamespace   View = "namespace"
	ViewEnvironment View = "environment"
	ViewPermission  View = "permission"
	ViewWebhook     View = "webhook"
	ViewWorkload    View = "workload"
	ViewGuardrail   View = "guardrail"
	ViewReference   View = "reference"
	ViewEndpoint    View = "endpoint"
	// The views of network policies.
	ViewNetworkPolicy View = "networkpolicy"
	ViewNetworkFlaw   View = "networkflaw"
	// ViewKustomization is of files that kustomize reads, rather than of objects.
	ViewKustomization View = "kustomization"
)

// Views lists all views.
func Views() []View {
	return []View{ViewObject, ViewField, ViewComponent, ViewPod, ViewContainer, ViewService, ViewIngress, ViewRole, ViewBinding,
		ViewPermission, ViewWebhook, ViewNamespace, ViewWorkload, ViewGuardrail, ViewEnvironment, ViewReference,
		ViewEndpoint, ViewNetworkPolicy, ViewNetworkFlaw, ViewKustomization}
}

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

// Rule is one rule in plain data: it may be sent to another process as JSON or
// gob.
type Rule struct {
	// ID is the label of the rule's field in CUE.
	ID string `json:"id"`
	// Category is the CUE package that holds the rule.
	Category string   `json:"category"`
	Severity Severity `json:"severity"`
	View     View     `json:"view"`
	Title    string   `json:"title"`
	Why      string   `json:"why"`
	Remedy   string   `json:"remedy"`
	// Message is a template with {field.path} slots, or "". See Rule.Render.
	Message string `json:"message,omitempty"`
	// At is the view's path, as manifest.FieldPath prints it, at which to report a
	// violation of a fact; "" for the object itself.
	At         string   `json:"at,omitempty"`
	Secret     bool     `json:"secret,omitempty"`
	References []string `json:"references"`
	// Controls of published frameworks that the rule checks, by framework.
	Controls   map[string][]string `json:"controls,omitempty"`
	Profiles   []string            `json:"profiles,omitempty"`
	Parameters []Parameter         `json:"parameters,omitempty"`
	Examples   Examples            `json:"examples"`
	// Match restricts the rule to the views that satisfy it; nil matches all.
	Match *Predicate `json:"match,omitempty"`
	// Require is what a view must satisfy; nil where CUE has to judge.
	Require *Predicate `json:"require,omitempty"`
	// NotLowered is why the rule is left to CUE, or "".
	NotLowered string `json:"notLowered,omitempty"`
	// Always says that no profile and no configuration leaves the rule out: what the
	// loader decides itself, such as "unread".
	Always bool `json:"-"`
	// Position is where the rule is written. The file of a built-in rule is
	// relative to the schema folder.
	Position manifest.Position `json:"position"`

	// fixtures hold the examples of a built-in rule.
	fixtures fs.FS
}

// ShownExamples are the manifests that the rule's page shows.
func (r *Rule) ShownExamples() Examples {
	if r.Examples != (Examples{}) || r.fixtures == nil {
		return r.Examples
	}
	return fixtureExamples(r.fixtures, path.Dir(r.Position.File))
}

// Lowered tells whether the rule runs as a predicate; otherwise CUE evaluates it.
func (r *Rule) Lowered() bool { return r.NotLowered == "" }

// In tells whether the rule belongs to a profile.
func (r *Rule) In(profile string) bool {
	for _, p := range r.Profiles {
		if p == profile {
			return true
		}
	}
	return false
}

// Parameter is what a repository can set about a rule.
type Parameter struct {
	Name string `json:"name"`
	// Doc is the comment above the parameter in CUE.
	Doc string `json:"doc,omitempty"`
	// Type is the parameter's schema in CUE's syntax, for people.
	Type string `json:"type"`
	// Default is the value that holds where nobody sets one.
	Default *manifest.Node `json:"default"`
	// Check judges a value that somebody sets.
	Check *Predicate `json:"check"`
}

// Examples are manifests that show a rule. They are tested.
type Examples struct {
	Fails  string `json:"fails"`
	Passes string `json:"passes"`
}

// Parameters are the values that a repository sets about one rule, by name.
type Parameters map[string]*manifest.Node

// Result is what a rule says about one view.
type Result struct {
	Violations []Violation
	// Unknown counts the values that could not be judged because they hold an
	// unresolved ${VARIABLE}.
	Unknown int
	// Skipped says that the rule's match does not select the view.
	Skipped bool
}
