package starter

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// Question is what compile needs to know and cannot.
type Question struct {
	Asked string
	// Answer is a line of secgen.cue with gaps to fill.
	Answer string
}

// shownQuestions is how many questions of compile a starter lists.
const shownQuestions = 12

// policy proposes the facts of the cluster that compile uses, and lists what it
// would ask about this repository.
func (f *Found) policy(w *writer) {
	w.say("For 'secgen compile', which writes the guardrails of each namespace: what no manifest\nsays. These are examples; what differs between clusters belongs into the policy of an\nenvironment. 'secgen compile --explain' writes nothing and shows what comes of it.")
	w.set(false,
		"policy: {", "\tcluster: {",
		"\t\tprovider:   \"generic\" // or \"iks-classic\" or \"iks-vpc\"",
		"\t\tkubernetes: \"1.33\" // Pod Security levels are those of this version",
		"\t\tcalico: {api: true, version: \"3.30\"} // whether projectcalico.org/v3 is served",
		"\t\tnodes: 3 // on each of which a DaemonSet runs a pod",
		"\t}",
		"\tdefaults: owners: [{group: \"team\", role: \"view\"}] // or \"operate\" or \"debug\"",
		"}")
	questions := slices.CompactFunc(slices.SortedFunc(slices.Values(f.Questions), func(a, b Question) int { return strings.Compare(a.Answer, b.Answer) }),
		func(a, b Question) bool { return a.Answer == b.Answer })
	if len(questions) == 0 {
		return
	}
	var b strings.Builder
	fmt.Fprintf(&b, "\nBeside these facts compile would ask today, each question with the line that answers it:\n")
	for i, q := range questions {
		if i == shownQuestions {
			fmt.Fprintf(&b, "\n  and %d more, which 'secgen compile --explain' lists", len(questions)-i)
			break
		}
		fmt.Fprintf(&b, "\n  %s\n    %s", oneLine(q.Asked), oneLine(q.Answer))
	}
	w.say("%s", b.String())
}

// oneLine is text of manifests that no line and no sign of a terminal breaks out
// of.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, text)
}
