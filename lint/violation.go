package lint

import (
	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/schema"
)

// Violation is one rule that one resource of one root breaks, before the same
// cause in other roots is merged with it. It crosses the process boundary.
type Violation struct {
	Rule        string
	Severity    schema.Severity
	Message     string
	Remediation string
	Position    manifest.Position
	Related     []manifest.Related
	// Resource is the rendered identity, Origin the one in the source.
	Resource manifest.ID
	Origin   manifest.ID
	// Path leads from the object to the field. StablePath is the same with list
	// items by their merge key.
	Path, StablePath string
	// Field leads from the rule's view to the field, with list items by their merge
	// key: the same line breaks the same rule through the same Field in every
	// resource that it reaches.
	Field  string
	Secret bool
	// Subject tells the controls apart that one rule checks.
	Subject Subject
	// Exception is set where a waiver covers the violation.
	Exception *Exception
}

// Subject is what a violation is about, as schema.Concerns selects it.
type Subject struct {
	// Component is the program of the control plane that was judged, or "".
	Component string
	// Field is the name of the field or flag, Value its value where that is a plain
	// one of a program or a container and no credential.
	Field, Value string
}

// mergeKeys are the fields by which Kubernetes tells the items of a list apart,
// in the order in which they are tried.
var mergeKeys = [...]string{"name", "containerPort", "port", "mountPath", "devicePath", "topologyKey", "type", "ip", "key", "host"}

// StablePath prints a path with list items by their merge key where they have
// one, so that it survives a re-ordered list.
func StablePath(object *manifest.Node, path manifest.FieldPath) string {
	stable := make(manifest.FieldPath, 0, len(path))
	node := object
	for _, step := range path {
		if !step.IsIndex {
			stable = append(stable, step)
			node = node.Get(step.Key)
			continue
		}
		item := node.Lookup(manifest.FieldPath{step})
		if key, ok := mergeKey(item); ok {
			step = manifest.Step{Key: key}
		}
		stable = append(stable, step)
		node = item
	}
	return stable.String()
}

func mergeKey(item *manifest.Node) (string, bool) {
	for _, key := range mergeKeys {
		if v := item.Get(key); v != nil && (v.Kind == manifest.String || v.Kind == manifest.Int) {
			return key + "=" + v.Text, true
		}
	}
	return "", false
}
