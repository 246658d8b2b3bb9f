package lint

import (
	"strings"

	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/schema"
)

// waiverAnnotation is the prefix of annotations such as
//
//	secgen.dev/ignore.host-namespaces: node exporter reads the host [owner=NAME] [expires=YYYY-MM-DD]
//
// that except the object which carries them from a rule.
const waiverAnnotation = "secgen.dev/ignore."

// annotationWaivers finds the exceptions that an object carries itself.
func annotationWaivers(r *manifest.Resource) []Waiver {
	var out []Waiver
	annotations := r.Object.Get("metadata", "annotations")
	if annotations == nil {
		return nil
	}
	for _, f := range annotations.Fields {
		rule, ok := strings.CutPrefix(f.Key, waiverAnnotation)
		if !ok {
			continue
		}
		id := r.ID
		w := Waiver{Rule: rule, Exception: parseReason(f.Value.Str()), Scope: Scope{Object: &id}}
		w.Position, _ = r.Object.Locate(manifest.Path("metadata", "annotations", f.Key))
		out = append(out, w)
	}
	return out
}

// ExceptionRule is the rule of exceptions that do not hold or cover nothing.
func ExceptionRule() *schema.Rule {
	return &schema.Rule{
		ID: "exception", Category: "loading", Severity: schema.Low, View: schema.ViewObject,
		Title: "Exception does not hold or matches nothing",
		Why: "An exception without a reason, past its date or for something that is no longer there hides the next " +
			"finding in its place, and nobody remembers who accepted it.",
		Remedy: "Remove the exception, or write its reason and, where secgen.cue demands them, owner and a date in the future.",
		Always: true,
	}
}
