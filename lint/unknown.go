package lint

import (
	"fmt"

	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/workload"
)

// unknownPods says that an object of a kind without an entry in the table holds
// containers all the same, so that no rule on pods has seen them.
func unknownPods(workloads *workload.Table, r *manifest.Resource) []Note {
	var notes []Note
	for _, u := range workloads.Unlisted(r, 1) {
		wayOut := "secgen.cue"
		if u.Listable {
			wayOut = fmt.Sprintf("secgen.cue: workloads: [{group: %q, kind: %q, template: %q}]", r.ID.Group(), r.ID.Kind, u.Template)
		}
		pos, _ := r.Locate(u.Path.Field("containers"))
		notes = append(notes, Note{Position: pos, Message: fmt.Sprintf(
			"the containers at %s are not checked: secgen does not know the kind %s of %s; if they become pods, say so in %s",
			u.Path, r.ID.Kind, r.ID.APIVersion, wayOut)})
	}
	return notes
}
