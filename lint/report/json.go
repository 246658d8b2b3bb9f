package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/secgen/secgen/lint"
	"github.com/secgen/secgen/schema"
)

// jsonReport is the JSON contract, version 1: the fields of lint.Report, with
// the summary's severities in their order.
type jsonReport struct {
	*lint.Report
	Summary jsonSummary `json:"summary"`
}

// jsonSummary is lint.Summary with Findings as a struct, since a map would be
// sorted by name and would leave severities out.
type jsonSummary struct {
	Roots     int             `json:"roots"`
	Rendered  int             `json:"rendered"`
	Files     lint.FileCounts `json:"files"`
	Resources int             `json:"resources"`
	Findings  struct {
		Critical int `json:"critical"`
		High     int `json:"high"`
		Medium   int `json:"medium"`
		Low      int `json:"low"`
	} `json:"findings"`
	Excepted int `json:"excepted"`
}

func writeJSON(w io.Writer, r *lint.Report, _ Options) error {
	s := r.Summary
	out := jsonReport{Report: withoutNil(r)}
	out.Summary = jsonSummary{Roots: s.Roots, Rendered: s.Rendered, Files: s.Files, Resources: s.Resources, Excepted: s.Excepted}
	for severity, n := range s.Findings {
		switch severity {
		case schema.Critical:
			out.Summary.Findings.Critical = n
		case schema.High:
			out.Summary.Findings.High = n
		case schema.Medium:
			out.Summary.Findings.Medium = n
		case schema.Low:
			out.Summary.Findings.Low = n
		default:
			return fmt.Errorf("the summary counts findings of the unknown severity %q", severity)
		}
	}
	return encodeJSON(w, out)
}

// withoutNil is a copy of the report that shows [] for what is empty.
func withoutNil(r *lint.Report) *lint.Report {
	out := *r
	out.Findings = mapped(full(r.Findings), func(f *lint.Finding) {
		f.Related, f.Roots = full(f.Related), full(f.Roots)
		f.Resources = mapped(full(f.Resources), func(ref *lint.ResourceRef) { ref.Roots = full(ref.Roots) })
	})
	out.Frameworks = mapped(r.Frameworks, func(f *lint.FrameworkReport) {
		f.Controls = mapped(full(f.Controls), func(c *lint.ControlReport) {
			c.Rules, c.Findings, c.Accepted, c.Reasons = full(c.Rules), full(c.Findings), full(c.Accepted), full(c.Reasons)
		})
	})
	out.Unread, out.RulesOff, out.Errors, out.Notes = full(r.Unread), full(r.RulesOff), full(r.Errors), full(r.Notes)
	return &out
}

func full[T any](items []T) []T {
	if items == nil {
		return []T{}
	}
	return items
}

// encodeJSON writes v indented, in characters that print.
func encodeJSON(w io.Writer, v any) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		return err
	}
	_, err := w.Write(printableJSON(b.Bytes()))
	return err
}

// printableJSON rewrites JSON to an equal one that a terminal and the log
// reader of a CI system show and do not obey: encoding/json leaves the C1
// control characters and text direction overrides as they are, and knows nothing
// of ##[commands].
func printableJSON(doc []byte) []byte {
	doc = logCommand.ReplaceAllFunc(doc, func(found []byte) []byte {
		return append(found[:len(found)-1:len(found)-1], `\u005b`...)
	})
	if !bytes.ContainsFunc(doc, hiddenRune) {
		return doc
	}
	out := make([]byte, 0, len(doc)+len(doc)/8)
	for i := 0; i < len(doc); {
		r, size := utf8.DecodeRune(doc[i:])
		switch {
		case !hiddenRune(r):
			out = append(out, doc[i:i+size]...)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			out = fmt.Appendf(out, `\u%04x\u%04x`, high, low)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
		i += size
	}
	return out
}

// hiddenRune tells whether a rune of a JSON document, where only line ends and
// strings are not plain ASCII, does not print.
func hiddenRune(r rune) bool { return r != '\n' && !strconv.IsPrint(r) }
