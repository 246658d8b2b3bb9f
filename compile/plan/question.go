package plan

import (
	"fmt"

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
	return fmt.Sprintf("%s; answer it in secgen.cue with `%s` (%s)", text, q.Answer, q.Guardrail)
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
