package lint

import (
	"cmp"
	"slices"

	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/schema"
)

// UnreadRule is the rule of what could not be read or rendered. It is no CUE:
// the loader decides it, no profile leaves it out and no flag forgives it.
func UnreadRule() *schema.Rule {
	return &schema.Rule{
		ID: "unread", Category: "loading", Severity: schema.High, View: schema.ViewObject,
		Title: "File or root could not be read or rendered",
		Why: "What was not read was not checked. A clean report would then say that something is safe which nobody " +
			"looked at, so that an attacker, or an accident, only has to break the linter's input to get past it.",
		Remedy: "Repair what the message names.\n\nWhere a remote base is meant, vendor it: commit a copy and point " +
			"resources at the folder. Where a Helm chart is meant, commit what it renders. Where a file is no " +
			"manifest at all, name it in .secgenignore.",
		Always: true,
	}
}

// Problem of one root or file that could not be read, with the place to repair.
type UnreadAt struct {
	Position manifest.Position
	// Roots that are not, or not wholly, rendered because of it.
	Roots  []string
	Reason string
}

// unreadFindings makes the findings and the list of what was not read. The same
// place and reason, met by several roots, is one finding and one entry a root.
func unreadFindings(all []UnreadAt) ([]Finding, []Unread) {
	rule := UnreadRule()
	type key struct {
		pos    manifest.Position
		reason string
	}
	roots := map[key][]string{}
	var order []key
	for _, u := range all {
		if u.Position.File != "" && u.Position.Line == 0 { // the file as a whole
			u.Position.Line = 1
		}
		if u.Position.File != "" && u.Position.Column == 0 {
			u.Position.Column = 1
		}
		k := key{u.Position, u.Reason}
		if _, seen := roots[k]; !seen {
			order = append(order, k)
			roots[k] = []string{}
		}
		for _, root := range u.Roots {
			roots[k] = addSorted(roots[k], root)
		}
	}
	findings := make([]Finding, 0, len(order))
	list := []Unread{}
	for _, k := range order {
		findings = append(findings, Finding{
			Rule: rule.ID, Severity: rule.Severity, Message: k.reason, Remediation: rule.Remedy,
			Position: k.pos, Related: []manifest.Related{}, Resources: []ResourceRef{}, Roots: roots[k],
			Fingerprint: fingerprint(rule.ID, k.pos.File, k.reason),
		})
		entries := roots[k]
		if len(entries) == 0 {
			entries = []string{""}
		}
		for _, root := range entries {
			list = append(list, Unread{File: k.pos.File, Root: root, Reason: k.reason})
		}
	}
	slices.SortFunc(list, func(a, b Unread) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Root, b.Root), cmp.Compare(a.Reason, b.Reason))
	})
	return findings, list
}
