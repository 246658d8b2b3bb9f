package netpol

import (
	"fmt"
	"strings"
)

// whyOpen says why no policy applies to an endpoint in a direction: those that
// select it are for the other direction, or those of its namespace select others.
func (c *Cluster) whyOpen(e *Endpoint, d Direction) string {
	text := fmt.Sprintf("no policy applies to %s for %s", e, d)
	if near := c.nearMisses(e, d); near != "" {
		text += " (" + near + ")"
	}
	return text + ", so everything is allowed"
}

// nearMisses names a policy or two that one might take for one that applies.
func (c *Cluster) nearMisses(e *Endpoint, d Direction) string {
	var other, others []string
	for _, p := range c.Policies() {
		switch selected := p.appliesTo(e); {
		case p.preDNAT || p.doNotTrack:
		case selected != no && !p.applies[d]:
			other = append(other, p.String())
		case selected == no && p.applies[d] && p.subject.hasHome && p.subject.home == e.Namespace && e.Kind != Host:
			others = append(others, p.String())
		}
	}
	if len(other) > 0 {
		return fmt.Sprintf("%s selects it for %s only", firstOf(other), 1-d)
	}
	if len(others) > 0 {
		return firstOf(others) + " selects other pods"
	}
	return ""
}

// firstOf names the first of a list and counts the rest.
func firstOf(names []string) string {
	if len(names) == 1 {
		return names[0]
	}
	return fmt.Sprintf("%s, like %d more,", names[0], len(names)-1)
}

// joined is a list in words: a, b and c; of many the first and a count.
func joined(names []string) string {
	const most = 3
	switch n := len(names); {
	case n == 1:
		return names[0]
	case n <= most:
		return strings.Join(names[:n-1], ", ") + " and " + names[n-1]
	default:
		return fmt.Sprintf("%s and %d more policies", names[0], n-1)
	}
}

// whyDenied says which policies isolate an endpoint when none of their rules
// matches.
func whyDenied(s *planTier, e *Endpoint, d Direction) string {
	names := make([]string, 0, len(s.policies))
	for _, p := range s.policies {
		names = append(names, p.String())
	}
	apply := "applies"
	if len(names) > 1 {
		apply = "apply"
	}
	return fmt.Sprintf("%s %s to %s for %s and no rule allows it", joined(names), apply, e, d)
}
