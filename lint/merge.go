package lint

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/secgen/secgen/manifest"
)

// RootViolations is what one root's resources break.
type RootViolations struct {
	Root       string
	Violations []Violation
}

// cause tells findings apart: the same line breaks the same rule in the same
// way, however many resources and roots it reaches.
type cause struct {
	rule, file   string
	line, column int
	field        string
	// Where the position is approximate, all fields of a resource share it.
	approximate string
	// What is accepted in one root may not be in another.
	exception Exception
}

func causeOf(v *Violation) cause {
	c := cause{rule: v.Rule, file: v.Position.File, line: v.Position.Line, column: v.Position.Column, field: v.Field}
	if v.Position.Approximate || v.Position.IsZero() {
		c.approximate = v.StablePath + "\n" + v.Origin.String()
	}
	if v.Exception != nil {
		c.exception = *v.Exception
	}
	return c
}

// Merge makes one finding of each cause, with all resources and roots that it
// reaches. The result is sorted and does not depend on the order of the input.
func Merge(all []RootViolations) []Finding {
	all = slices.SortedFunc(slices.Values(all), func(a, b RootViolations) int { return cmp.Compare(a.Root, b.Root) })
	byCause := map[cause]*merging{}
	for _, rv := range all {
		for i := range rv.Violations {
			v := &rv.Violations[i]
			c := causeOf(v)
			if byCause[c] == nil {
				byCause[c] = &merging{resources: map[resourceKey]*ResourceRef{}}
			}
			byCause[c].add(v, rv.Root)
		}
	}
	findings := make([]Finding, 0, len(byCause))
	for _, m := range byCause {
		findings = append(findings, m.finding())
	}
	SortFindings(findings)
	tellApart(findings)
	return findings
}

type resourceKey struct {
	id   manifest.ID
	path string
}

// merging is a finding in the making.
type merging struct {
	first     *Violation // the least violation: what the finding says
	resources map[resourceKey]*ResourceRef
	related   []manifest.Related
	secret    bool
	subjects  []Subject
}

func (m *merging) add(v *Violation, root string) {
	if m.first == nil || compareViolations(v, m.first) < 0 {
		m.first = v
	}
	if v.Resource != (manifest.ID{}) { // an exception in secgen.cue has none
		key := resourceKey{v.Resource, v.Path}
		ref := m.resources[key]
		if ref == nil {
			ref = &ResourceRef{ID: v.Resource, Path: v.Path, Roots: []string{}}
			m.resources[key] = ref
		}
		if root != "" {
			ref.Roots = addSorted(ref.Roots, root)
		}
	}
	for _, r := range v.Related {
		if !slices.Contains(m.related, r) {
			m.related = append(m.related, r)
		}
	}
	m.secret = m.secret || v.Secret
	if !slices.Contains(m.subjects, v.Subject) {
		m.subjects = append(m.subjects, v.Subject)
	}
}

func compareViolations(a, b *Violation) int {
	return cmp.Or(a.Origin.Compare(b.Origin), cmp.Compare(a.StablePath, b.StablePath), a.Resource.Compare(b.Resource), cmp.Compare(a.Message, b.Message))
}

func (m *merging) finding() Finding {
	f := Finding{
		Rule: m.first.Rule, Severity: m.first.Severity, Message: m.first.Message, Remediation: m.first.Remediation,
		Position: m.first.Position, Related: m.related, Secret: m.secret, Exception: m.first.Exception, Roots: []string{},
		Subjects: m.subjects,
		Fingerprint: fingerprint(m.first.Rule, m.first.Position.File, m.first.Origin.APIVersion, m.first.Origin.Kind,
			m.first.Origin.Namespace, m.first.Origin.Name, m.first.StablePath),
	}
	if f.Related == nil {
		f.Related = []manifest.Related{}
	}
	slices.SortFunc(f.Related, func(a, b manifest.Related) int {
		return cmp.Or(a.Position.Compare(b.Position), cmp.Compare(a.Message, b.Message))
	})
	f.Resources = make([]ResourceRef, 0, len(m.resources))
	for _, ref := range m.resources {
		f.Resources = append(f.Resources, *ref)
		for _, root := range ref.Roots {
			f.Roots = addSorted(f.Roots, root)
		}
	}
	slices.SortFunc(f.Resources, func(a, b ResourceRef) int {
		return cmp.Or(a.ID.Compare(b.ID), cmp.Compare(a.Path, b.Path))
	})
	return f
}

func addSorted(list []string, s string) []string {
	i, found := slices.BinarySearch(list, s)
	if found {
		return list
	}
	return slices.Insert(list, i, s)
}

// SortFindings sorts by file, line, column and rule, then by what else tells
// findings apart.
func SortFindings(findings []Finding) {
	slices.SortFunc(findings, func(a, b Finding) int {
		return cmp.Or(a.Position.Compare(b.Position), cmp.Compare(a.Rule, b.Rule),
			cmp.Compare(a.Message, b.Message), compareExceptions(a.Exception, b.Exception), cmp.Compare(a.Fingerprint, b.Fingerprint),
			compareRefs(a.Resources, b.Resources), slices.Compare(a.Roots, b.Roots))
	})
}

// compareExceptions puts what is open before what is accepted elsewhere.
func compareExceptions(a, b *Exception) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return -1
	case b == nil:
		return 1
	}
	return cmp.Or(a.Position.Compare(b.Position), cmp.Compare(a.Reason, b.Reason), cmp.Compare(a.Owner, b.Owner), cmp.Compare(a.Expires, b.Expires))
}

func compareRefs(a, b []ResourceRef) int {
	return slices.CompareFunc(a, b, func(x, y ResourceRef) int {
		return cmp.Or(x.ID.Compare(y.ID), cmp.Compare(x.Path, y.Path))
	})
}

// fingerprint is made of what stays when lines move, roots come and go, and the
// repository is checked out elsewhere.
func fingerprint(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:16])
}

// tellApart numbers findings whose fingerprints are equal, in their sorted order.
func tellApart(findings []Finding) {
	seen := map[string]int{}
	for i := range findings {
		f := &findings[i]
		seen[f.Fingerprint]++
		if n := seen[f.Fingerprint]; n > 1 {
			f.Fingerprint = fingerprint(f.Fingerprint, fmt.Sprint(n))
		}
	}
}
