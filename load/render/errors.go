package render

import (
	"fmt"
	"strings"

	"github.com/secgen/secgen/load/source"
	"github.com/secgen/secgen/manifest"
)

// explainError turns an error of kustomize into words for the user: on one line,
// without the folder that only this build knows, at the line that it is about
// where that can be told.
func (p *plan) explainError(err error) *source.Problem {
	text := err.Error()
	for name, uses := range p.virtual {
		text = strings.ReplaceAll(text, name, fmt.Sprintf("patch in %s:%d", uses[0].doc.file.path, uses[0].doc.line))
	}
	text = strings.ReplaceAll(text, top+"/", "")
	text = strings.ReplaceAll(text, top, ".")
	text = strings.Join(strings.Fields(text), " ")
	at := p.place(text)
	text = withoutNesting(text) + p.definitions(text)
	if len(text) > maxMessage {
		text = strings.ToValidUTF8(text[:maxMessage], "") + "..."
	}
	if at.Line == 0 && strings.Contains(text, "patch") {
		for _, u := range p.patches {
			if u.blamed(text) {
				at = start(u.doc.place(u.doc.node))
				break
			}
		}
	}
	if hint := p.hint(text); hint != "" {
		text += "; " + hint
	}
	return problem(at, "kustomize cannot build this root: %s", text)
}

// maxMessage bounds a message: kustomize prints whole objects and patches.
const maxMessage = 600

// blamed tells whether a message names what a strategic merge patch is for, as
// kustomize prints it: Kind.version.group/name.namespace.
func (u *use) blamed(text string) bool {
	if u.doc.node == nil || u.patch.json || u.patch.target != nil {
		return false
	}
	name := scalar(child(child(u.doc.node, "metadata"), "name"))
	kind := scalar(child(u.doc.node, "kind"))
	_, rest, ok := strings.Cut(text, `"`+kind+".")
	return ok && name != "" && kind != "" && strings.Contains(rest, "/"+name+".")
}

// hint adds the likely cause to an error that does not say it.
func (p *plan) hint(text string) string {
	if !strings.Contains(text, "cannot unmarshal") && !strings.Contains(text, "missing metadata.name") && !strings.Contains(text, "expected string") {
		return ""
	}
	for _, rec := range p.records {
		if rec.use == nil {
			continue
		}
		if hint := rec.use.doc.misread(); hint != "" {
			return hint
		}
	}
	return ""
}

// misread finds a word in a document's identity that YAML reads as something
// else than text.
func (d *doc) misread() string {
	meta := child(d.node, "metadata")
	for _, field := range []string{"name", "namespace"} {
		n := child(meta, field)
		if n == nil {
			continue
		}
		if kind, text := manifest.Resolve(n); kind != manifest.String && kind < manifest.List {
			return fmt.Sprintf("at %s metadata.%s is the %s %s, not text; quote it: %q", d.place(n), field, kind, text, n.Value)
		}
	}
	return ""
}
