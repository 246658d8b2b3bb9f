package plan

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/secgen/secgen/manifest"
)

// Question is what compile needs to know and cannot.
type Question struct {
	Namespace string
	Guardrail Guardrail
	// Text completes "Nothing says": "how many nodes the cluster has".
	Text string
	// Answer is the line of secgen.cue that answers it; where only a manifest can,
	// it is "" and Remedy says what to write there.
	Answer string
	Remedy string
	// Position is the field that raises the question; zero where none does.
	Position manifest.Position
	// Joins says that the answer's list belongs into one that the policy has already.
	Joins bool
	// Open says that the guardrail is made all the same, without what is asked.
	Open bool
}

func (q Question) String() string {
	text := "nothing says " + q.Text
	if q.Namespace != "" {
		text = "namespace " + q.Namespace + ": " + text
	}
	if !q.Position.IsZero() {
		text = q.Position.String() + ": " + text
	}
	if q.Answer == "" {
		return fmt.Sprintf("%s; %s (%s)", text, q.Remedy, q.Guardrail)
	}
	joins := ""
	if q.Joins {
		joins = ", in the list that is there already,"
	}
	return fmt.Sprintf("%s; answer it in secgen.cue%s with `%s` (%s)", text, joins, q.Answer, q.Guardrail)
}

// In is the question with an answer that holds for one environment only; "" is
// that of a repository without environments.
func (q Question) In(environment string) Question {
	if q.Answer != "" && environment != "" {
		q.Answer = "environments: " + strconv.Quote(environment) + ": " + q.Answer
	}
	return q
}

// Note is a decision that the reader should know of and need not answer.
type Note struct {
	Namespace string
	Guardrail Guardrail
	Text      string
}

func (n Note) String() string {
	text := n.Text
	for _, part := range []string{string(n.Guardrail), n.Namespace} {
		if part != "" {
			text = part + " " + text
		}
	}
	return text
}

func (p *planner) ask(q Question) { p.plan.Questions = append(p.plan.Questions, q) }

func (p *planner) note(namespace string, g Guardrail, format string, args ...any) {
	p.plan.Notes = append(p.plan.Notes, Note{Namespace: namespace, Guardrail: g, Text: fmt.Sprintf(format, args...)})
}

// grouped joins questions about traffic that one line answers, a fact of the
// cluster or an entry of a namespace: the first stands for all, and says how many
// more there are and which namespaces wait.
func grouped(list []Question) []Question {
	type group struct {
		at, more   int
		namespaces []string
	}
	groups := map[string]*group{}
	var out []Question
	for _, q := range list {
		if q.Guardrail != Traffic || q.Namespace == "" || q.Answer == "" {
			out = append(out, q)
			continue
		}
		g := groups[q.Answer]
		if g == nil {
			groups[q.Answer] = &group{at: len(out), namespaces: []string{q.Namespace}}
			out = append(out, q)
			continue
		}
		g.more++
		if !slices.Contains(g.namespaces, q.Namespace) {
			g.namespaces = append(g.namespaces, q.Namespace)
		}
	}
	for _, g := range groups {
		q := &out[g.at]
		if g.more > 0 {
			q.Text += fmt.Sprintf(" (and %d more like it)", g.more)
		}
		if len(g.namespaces) > 1 {
			q.Text += "; the traffic of " + strings.Join(g.namespaces, ", ") + " waits for it"
			q.Namespace = ""
		}
	}
	return out
}
