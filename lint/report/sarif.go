package report

import (
	"io"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/secgen/secgen/lint"
	"github.com/secgen/secgen/manifest"
)

const (
	sarifSchema  = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
	sarifVersion = "2.1.0"
	sarifRoot    = "%SRCROOT%"
	// sarifFingerprint names secgen's fingerprint. GitHub's upload action wants to
	// compute primaryLocationLineHash itself and warns about any other value.
	sarifFingerprint = "secgen/v1"
)

func writeSARIF(w io.Writer, r *lint.Report, _ Options) error {
	rules, index := sarifRules(r)
	frameworks := taxonomiesOf(r)
	frameworks.relate(rules)
	run := sarifRun{
		Tool:        sarifTool{Driver: sarifDriver{Name: r.Tool.Name, Version: r.Tool.Version, Rules: rules, SupportedTaxonomies: frameworks.supported()}},
		Invocations: []sarifInvocation{invocation(r)},
		OriginalURIBaseIDs: map[string]sarifArtifact{
			sarifRoot: {Description: &sarifMessage{Text: "The top folder of the repository."}},
		},
		ColumnKind: "unicodeCodePoints",
		Taxonomies: frameworks.components,
		Results:    make([]sarifResult, 0, len(r.Findings)),
		Properties: map[string]any{"profile": r.Profile, "roots": r.Summary.Roots, "rendered": r.Summary.Rendered, "resources": r.Summary.Resources},
	}
	// Either all results of a run say whether they are suppressed, or none does
	// (SARIF 3.27.23).
	suppressing := slices.ContainsFunc(r.Findings, func(f lint.Finding) bool { return f.Exception != nil })
	for i := range r.Findings {
		f := &r.Findings[i]
		result := sarifResultOf(f)
		result.RuleIndex = index[f.Rule]
		result.Taxa = frameworks.broken[f.Fingerprint]
		if suppressing {
			list := suppressions(f.Exception)
			result.Suppressions = &list
		}
		run.Results = append(run.Results, result)
	}
	return encodeJSON(w, sarifLog{Schema: sarifSchema, Version: sarifVersion, Runs: []sarifRun{run}})
}

func sarifResultOf(f *lint.Finding) sarifResult {
	result := sarifResult{
		RuleID:     f.Rule,
		Level:      sarifLevel(f.Severity),
		Message:    message(f.Message),
		Properties: map[string]any{"severity": f.Severity, "roots": full(f.Roots), "approximate": f.Position.Approximate},
	}
	if f.Remediation != "" {
		result.Properties["remediation"] = f.Remediation
	}
	where := location(f.Position)
	if where == nil && len(f.Resources) > 0 {
		where = &sarifLocation{}
	}
	if where != nil {
		where.LogicalLocations = logical(f.Resources)
		result.Locations = []sarifLocation{*where}
	}
	for _, related := range f.Related {
		if where := location(related.Position); where != nil {
			text := message(related.Message)
			where.ID, where.Message = len(result.RelatedLocations)+1, &text
			result.RelatedLocations = append(result.RelatedLocations, *where)
		}
	}
	if f.Fingerprint != "" {
		result.PartialFingerprints = map[string]string{sarifFingerprint: f.Fingerprint}
	}
	if f.Fix != nil {
		result.Fixes = fixes(f.Fix)
	}
	return result
}

// logical names resources and their fields, each once, as the schema demands.
func logical(refs []lint.ResourceRef) []sarifLogical {
	var out []sarifLogical
	seen := map[sarifLogical]bool{}
	for _, ref := range refs {
		l := sarifLogical{Name: ref.ID.String(), FullyQualifiedName: ref.APIVersion + " " + ref.ID.String(), Kind: "resource"}
		if ref.Path != "" {
			l.FullyQualifiedName += " " + ref.Path
		}
		// Names that differ only in bytes which are no UTF-8 are one in JSON.
		l.Name, l.FullyQualifiedName = strings.ToValidUTF8(l.Name, "\ufffd"), strings.ToValidUTF8(l.FullyQualifiedName, "\ufffd")
		if !seen[l] {
			seen[l] = true
			out = append(out, l)
		}
	}
	return out
}

// suppressions says how a finding was accepted: in the YAML itself, by a comment
// or an annotation, or in secgen.cue.
func suppressions(e *lint.Exception) []sarifSuppression {
	if e == nil {
		return []sarifSuppression{}
	}
	s := sarifSuppression{Kind: "inSource", Status: "accepted", Justification: clean(e.Reason), Location: location(e.Position)}
	if path.Ext(e.Position.File) == ".cue" || e.Position.IsZero() {
		s.Kind = "external"
	}
	if e.Owner != "" || e.Expires != "" {
		s.Properties = map[string]any{"owner": e.Owner, "expires": e.Expires}
	}
	return []sarifSuppression{s}
}

func fixes(fix *lint.Fix) []sarifFix {
	deleted := region(fix.Range)
	if deleted == nil || fix.Range.File == "" {
		return nil
	}
	return []sarifFix{{
		Description: message(fix.Description),
		ArtifactChanges: []sarifChange{{
			ArtifactLocation: artifact(fix.Range.File),
			Replacements:     []sarifReplacement{{DeletedRegion: *deleted, InsertedContent: sarifContent{Text: fix.Text}}},
		}},
	}}
}

// location is nil where the position names no file.
func location(p manifest.Position) *sarifLocation {
	if p.File == "" {
		return nil
	}
	where := &sarifLocation{PhysicalLocation: &sarifPhysical{ArtifactLocation: artifact(p.File), Region: region(p)}}
	if p.Approximate {
		where.Properties = map[string]bool{"approximate": true}
	}
	return where
}

// region has an end only where that is one that SARIF allows: not before the
// start.
func region(p manifest.Position) *sarifRegion {
	if p.Line <= 0 {
		return nil
	}
	r := &sarifRegion{StartLine: p.Line, StartColumn: max(p.Column, 0)}
	if p.EndLine > p.Line || p.EndLine == p.Line && p.EndColumn >= max(p.Column, 1) {
		r.EndLine, r.EndColumn = p.EndLine, max(p.EndColumn, 0)
	}
	return r
}

// artifact is a file of the repository as a URI reference.
func artifact(file string) sarifArtifact {
	return sarifArtifact{URI: (&url.URL{Path: file}).String(), URIBaseID: sarifRoot}
}

// message is one line of foreign text as a SARIF message, in which "[a](b)"
// would be a link unless the brackets are escaped.
func message(text string) sarifMessage {
	text = clean(text)
	if strings.Contains(text, "](") {
		text = strings.NewReplacer(`\`, `\\`, "[", `\[`, "]", `\]`).Replace(text)
	}
	return sarifMessage{Text: text}
}
