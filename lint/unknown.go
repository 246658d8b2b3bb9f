package lint

import (
	"fmt"
	"regexp"

	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/workload"
)

// unknownPods says that an object of a kind without an entry in the table holds
// containers all the same, so that no rule on pods has seen them.
func unknownPods(workloads *workload.Table, r *manifest.Resource) []Note {
	if workloads.Knows(r.ID) || r.ID.Kind == "CustomResourceDefinition" || r.ID.Kind == "ConfigMap" || r.ID.Kind == "Secret" {
		return nil
	}
	spec := containersAt(r.Object, nil)
	if spec == nil {
		return nil
	}
	pos, _ := r.Locate(spec.Field("containers"))
	wayOut := "secgen.cue"
	if last := len(spec) - 1; !spec[last].IsIndex && spec[last].Key == "spec" {
		wayOut = fmt.Sprintf("secgen.cue: workloads: [{group: %q, kind: %q, template: %q}]", r.ID.Group(), r.ID.Kind,
			listIndex.ReplaceAllLiteralString(spec[:last].String(), "[*]"))
	}
	return []Note{{Position: pos, Message: fmt.Sprintf(
		"the containers at %s are not checked: secgen does not know the kind %s of %s; if they become pods, say so in %s",
		spec, r.ID.Kind, r.ID.APIVersion, wayOut)}}
}

var listIndex = regexp.MustCompile(`\[\d+\]`)

// containersAt finds the first map below n that has containers with images. It is
// nil where there is none, and never empty.
func containersAt(n *manifest.Node, at manifest.FieldPath) manifest.FieldPath {
	if len(at) > 0 && isContainers(n.Get("containers")) {
		return at
	}
	switch n.Kind {
	case manifest.Map:
		for _, f := range n.Fields {
			if f.Value.Kind >= manifest.List {
				if found := containersAt(f.Value, at.Field(f.Key)); found != nil {
					return found
				}
			}
		}
	case manifest.List:
		for i, item := range n.Items {
			if item.Kind >= manifest.List {
				if found := containersAt(item, at.At(i)); found != nil {
					return found
				}
			}
		}
	}
	return nil
}

func isContainers(list *manifest.Node) bool {
	if list == nil || list.Kind != manifest.List || len(list.Items) == 0 {
		return false
	}
	for _, c := range list.Items {
		if c.Get("image").Str() == "" || c.Get("name").Str() == "" {
			return false
		}
	}
	return true
}
