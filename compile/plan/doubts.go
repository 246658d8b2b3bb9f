package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/secgen/secgen/compile/inventory"
)

// doubtKind is a sign that the repository does not declare all traffic of a
// namespace.
type doubtKind uint8

const (
	// unread is a ConfigMap or Secret that a pod reads and no manifest holds.
	unread doubtKind = iota
	// unreadOptional is one that the pod does without.
	unreadOptional
	// unnamed is a Service that has pods and that no manifest names.
	unnamed
	// dangling is a host that a pod names and that no root renders.
	dangling
	// unused are ports of a Service that no flow reaches, beside one that does.
	unused
	// vague is what may be such a host, and may be something else.
	vague
)

// doubt is such a sign, found at a field.
type doubt struct {
	kind doubtKind
	// item is how the policy's "settled" names it.
	item string
	// by is who raises it.
	by string
	at inventory.Field
}

// doubt takes note of a sign that traffic is not declared, unless the policy
// speaks of it.
func (t *tracing) doubt(namespace string, d doubt) {
	if t.answered(namespace, d.item) {
		return
	}
	for _, old := range t.doubts[namespace] {
		if old.kind == d.kind && old.item == d.item && old.by == d.by {
			return
		}
	}
	t.doubts[namespace] = append(t.doubts[namespace], d)
}

// doubted asks about the doubts of a namespace that is to be enforced, one
// question a kind, and tells whether there are any. Where policies only observe,
// observing is what answers them, and a note will do.
func (t *tracing) doubted(n *Namespace, mode Mode, until string) bool {
	asked := false
	for _, kind := range []doubtKind{unread, unnamed, dangling} {
		list := t.doubtsOf(n.Name, kind)
		if len(list) == 0 {
			continue
		}
		text, answer := kind.question(n, list)
		if mode != Enforce {
			t.note(n.Name, Traffic, "is staged; before it can be enforced, secgen.cue must say %s", text)
			continue
		}
		asked = true
		t.ask(Question{Namespace: n.Name, Guardrail: Traffic, Position: list[0].at.Position(), Open: true, Text: text + until + "; what needs nothing goes under settled", Answer: answer})
	}
	for _, part := range []struct {
		kind doubtKind
		text string
	}{
		{unreadOptional, "opens nothing for what may be in %s, optional for %s and held by no manifest"},
		{unused, "opens no way to the ports of %[2]s, which no manifest names"},
		{vague, "opens nothing for %s, named by %s, since no such Service is rendered"},
	} {
		if list := t.doubtsOf(n.Name, part.kind); len(list) > 0 {
			t.note(n.Name, Traffic, part.text, itemsOf(list), raisers(list))
		}
	}
	return asked
}

func (t *tracing) doubtsOf(namespace string, kind doubtKind) []doubt {
	var out []doubt
	for _, d := range t.doubts[namespace] {
		if d.kind == kind {
			out = append(out, d)
		}
	}
	slices.SortStableFunc(out, func(a, b doubt) int { return strings.Compare(a.item+" "+a.by, b.item+" "+b.by) })
	return out
}

// question is what completes "nothing says", and the lines that answer it: what
// settles all of it when nothing is to be opened, and what opens.
func (k doubtKind) question(n *Namespace, list []doubt) (text, answer string) {
	var quoted []string
	for _, item := range items(list) {
		quoted = append(quoted, fmt.Sprintf("%q", item))
	}
	settled := strings.Join(quoted, ", ")
	switch k {
	case unnamed:
		return fmt.Sprintf("who calls %s, whose pods listen and whom no manifest names", itemsOf(list)),
			fmt.Sprintf("policy: namespaces: %q: {ingress: [{why: \"...\", labels: {...}, peer: {namespace: \"...\", labels: {...}}, ports: [\"...\"]}], settled: [%s]}", n.Name, settled)
	case dangling:
		return fmt.Sprintf("what is behind %s, named by %s and rendered by no root", itemsOf(list), raisers(list)),
			fmt.Sprintf("policy: namespaces: %q: {egress: [{why: \"...\", hosts: [%s], peer: {namespace: \"...\", labels: {...}}, ports: [\"...\"]}], settled: [...]}", n.Name, settled)
	}
	return fmt.Sprintf("which addresses are in %s, read by %s and told by no manifest", itemsOf(list), raisers(list)),
		fmt.Sprintf("policy: namespaces: %q: {egress: [{why: \"...\", peer: {namespace: \"...\", labels: {...}}, ports: [\"...\"]}], settled: [%s]}", n.Name, settled)
}

func items(list []doubt) []string {
	var out []string
	for _, d := range list {
		out = append(out, d.item)
	}
	return slices.Compact(out)
}

func itemsOf(list []doubt) string { return strings.Join(items(list), ", ") }

// raisers names some of those who raise doubts.
func raisers(list []doubt) string {
	var by []string
	for _, d := range list {
		by = append(by, d.by)
	}
	return listed(by)
}
