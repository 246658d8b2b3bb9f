// Package starter proposes the first files of a repository that adopts secgen:
// its secgen.cue, the pre-commit hook and the CI step.
//
// It promises that what it writes is valid, that it holds for the repository as it
// is (nothing is switched on that is only guessed: guesses are commented out, each
// so that it is valid once the comment signs are gone), and that no file is
// overwritten or half written. It does not know which findings matter to the
// repository's owners, which clusters its roots land in, or where secgen will be
// installed from: it says what it assumes.
package starter

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/secgen/secgen/schema"
)

// Found is what is known about a repository. Nothing in it has to be sorted.
type Found struct {
	// Roots are the names of all roots.
	Roots []string
	// Resources counts what was rendered, Unread what could not be read or rendered.
	Resources, Unread int
	// Rules are those that find something, with how often.
	Rules []RuleCount
	// Surveys are those of all roots.
	Surveys []Survey
	// Exceptions counts those in the files that name no owner or no end.
	Exceptions int
	// Profiles are all that there are.
	Profiles []schema.Profile
	// Clash tells whether two roots render one object differently; nil where none do.
	Clash func(a, b string) bool
	// Questions are what compile would ask, beside facts of the cluster.
	Questions []Question
	// Today is what proposed dates count from.
	Today time.Time
	// Version of secgen as a module version, or "" for a build from a checkout.
	Version string
}

// RuleCount is how many findings a rule has.
type RuleCount struct {
	Rule     *schema.Rule
	Findings int
}

// Findings counts the findings of all rules.
func (f *Found) Findings() int {
	n := 0
	for _, r := range f.Rules {
		n += r.Findings
	}
	return n
}

// FailOn is the threshold with which lint passes today, or the nearest to it: ""
// where there is no finding, "critical" also where there are critical ones.
func (f *Found) FailOn() schema.Severity {
	worst := 0
	for _, r := range f.Rules {
		worst = max(worst, r.Rule.Severity.Rank())
	}
	if worst == 0 {
		return ""
	}
	for _, s := range slices.Backward(schema.Severities()) {
		if s.Rank() > worst {
			return s
		}
	}
	return schema.Critical
}

// Failing counts what lint fails for with that threshold.
func (f *Found) Failing() int {
	n := f.Unread
	for _, r := range f.Rules {
		if r.Rule.Severity.Rank() >= f.FailOn().Rank() {
			n += r.Findings
		}
	}
	return n
}

// Command is how lint is called so that today's findings below FailOn do not stop
// anybody.
func (f *Found) Command() string {
	if s := f.FailOn(); s != "" {
		return "secgen lint --fail-on " + string(s)
	}
	return "secgen lint"
}

// bySeverity sorts the rules, worst first.
func (f *Found) bySeverity() []RuleCount {
	return slices.SortedFunc(slices.Values(f.Rules), func(a, b RuleCount) int {
		return cmp.Or(b.Rule.Severity.Rank()-a.Rule.Severity.Rank(), b.Findings-a.Findings, strings.Compare(a.Rule.ID, b.Rule.ID))
	})
}

// sample is the ID of the worst rule with findings, or of the mildest: one to show
// in an example. It is one of the rules that judge manifests.
func (f *Found) sample(worst bool, otherwise string) string {
	rules := slices.DeleteFunc(f.bySeverity(), func(r RuleCount) bool { return r.Rule.Category == "loading" })
	switch {
	case len(rules) == 0:
		return otherwise
	case worst:
		return rules[0].Rule.ID
	}
	return rules[len(rules)-1].Rule.ID
}

// images counts the images below each beginning of registry/repository: the
// registry and the first folder in it.
func (f *Found) images() []count {
	seen := map[string]bool{}
	counts := map[string]int{}
	for _, s := range f.Surveys {
		for _, image := range s.Images {
			if !seen[image] {
				seen[image] = true
				counts[beginning(image)]++
			}
		}
	}
	out := make([]count, 0, len(counts))
	for name, n := range counts {
		out = append(out, count{name, n})
	}
	slices.SortFunc(out, func(a, b count) int { return cmp.Or(b.n-a.n, strings.Compare(a.name, b.name)) })
	return out
}

type count struct {
	name string
	n    int
}

func beginning(image string) string {
	parts := strings.SplitN(image, "/", 3)
	if len(parts) < 3 {
		return parts[0] + "/"
	}
	return parts[0] + "/" + parts[1] + "/"
}

// unknown is the kinds that nobody knows, of all roots.
func (f *Found) unknown() []UnknownKind {
	var out []UnknownKind
	for _, s := range f.Surveys {
		out = append(out, s.Unknown...)
	}
	slices.SortFunc(out, func(a, b UnknownKind) int { return cmp.Or(compareKinds(a, b), a.Position.Compare(b.Position)) })
	return slices.CompactFunc(out, func(a, b UnknownKind) bool { return compareKinds(a, b) == 0 })
}
