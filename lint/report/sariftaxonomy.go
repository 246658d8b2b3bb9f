package report

import (
	"slices"
	"strings"

	"github.com/secgen/secgen/lint"
)

// taxonomies are the frameworks that the report is read by, each control a taxon
// with its state, as SARIF 3.14.8 has it: rules relate to the taxa that they
// check, and results to those that they break.
type taxonomies struct {
	components []sarifComponent
	// related are the references to taxa by rule, broken those by fingerprint.
	related, broken map[string][]sarifTaxonRef
}

func taxonomiesOf(r *lint.Report) taxonomies {
	out := taxonomies{related: map[string][]sarifTaxonRef{}, broken: map[string][]sarifTaxonRef{}}
	for i := range r.Frameworks {
		f := &r.Frameworks[i]
		component := sarifComponent{
			Name: clean(f.Framework), FullName: clean(f.Title), Version: clean(f.Edition), Organization: clean(f.Publisher), InformationURI: f.URL,
			ShortDescription: &sarifMessage{Text: clean(f.Title + " " + f.Edition)},
			IsComprehensive:  true, Taxa: make([]sarifTaxon, len(f.Controls)),
			Properties: map[string]any{"summary": f.Summary},
		}
		for j := range f.Controls {
			c := &f.Controls[j]
			component.Taxa[j] = taxon(c)
			ref := sarifTaxonRef{ID: clean(c.Control), Index: j, ToolComponent: sarifComponentRef{Name: component.Name, Index: i}}
			note(out.related, c.Rules, ref)
			note(out.broken, c.Findings, ref)
			note(out.broken, c.Accepted, ref)
		}
		out.components = append(out.components, component)
	}
	return out
}

// note adds a reference to each name, once.
func note(refs map[string][]sarifTaxonRef, names []string, ref sarifTaxonRef) {
	for _, name := range names {
		if !slices.Contains(refs[name], ref) {
			refs[name] = append(refs[name], ref)
		}
	}
}

func taxon(c *lint.ControlReport) sarifTaxon {
	out := sarifTaxon{
		ID: clean(c.Control), Name: clean(controlName(c)), ShortDescription: &sarifMessage{Text: clean(c.Title)},
		Properties: map[string]any{"section": clean(sectionTitle(c.Section)), "state": c.State},
	}
	if len(c.Reasons) > 0 {
		out.Properties["reasons"] = c.Reasons
	}
	if c.Instead != "" {
		out.Properties["instead"] = c.Instead
	}
	return out
}

// supported are the references of the driver to its taxonomies.
func (t taxonomies) supported() []sarifComponentRef {
	var out []sarifComponentRef
	for i, c := range t.components {
		out = append(out, sarifComponentRef{Name: c.Name, Index: i})
	}
	return out
}

// relate adds to the rules the controls that they check.
func (t taxonomies) relate(rules []sarifRule) {
	for i := range rules {
		for _, ref := range t.related[rules[i].ID] {
			rules[i].Relationships = append(rules[i].Relationships, sarifRelationship{Target: ref, Kinds: []string{"relevant"}})
		}
	}
}

// frameworkNames is "framework cis" or "frameworks cis, pss".
func frameworkNames(r *lint.Report) string {
	var names []string
	for _, f := range r.Frameworks {
		names = append(names, clean(f.Framework))
	}
	if len(names) == 1 {
		return "framework " + names[0]
	}
	return "frameworks " + strings.Join(names, ", ")
}
