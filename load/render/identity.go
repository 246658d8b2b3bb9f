package render

import (
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/secgen/secgen/load/source"
	"github.com/secgen/secgen/manifest"
)

// unnamed says why kustomize takes a document for no resource. Kustomize itself
// names neither file nor line, and crashes on a kind that SOPS encrypted.
func (rec *record) unnamed() *source.Problem {
	kind, meta := child(rec.node, "kind"), child(rec.node, "metadata")
	name := child(meta, "name")
	at := func(n *yaml.Node) manifest.Position { return rec.use.doc.place(n) }
	switch {
	case rec.node.Kind != yaml.MappingNode || merged(rec.node):
		return nil
	case strings.HasPrefix(scalar(kind), "ENC["):
		return problem(at(kind), "the kind is encrypted (SOPS), so that nobody can tell what this object is; "+
			"encrypt only the values, with encrypted_regex: ^(data|stringData)$")
	case missing(kind):
		return problem(start(at(rec.node)), "the object has no kind")
	case strings.HasSuffix(kind.Value, "List"):
		return nil
	case meta != nil && meta.Kind != yaml.MappingNode && !missing(meta):
		return problem(at(meta), "metadata must be a map; found a %s", words[meta.Kind])
	case missing(name) && !merged(meta):
		return problem(start(at(rec.node)), "the %s has no metadata.name, which kustomize wants", kind.Value)
	}
	return nil
}

var words = map[yaml.Kind]string{yaml.SequenceNode: "list", yaml.ScalarNode: "single value"}

func missing(n *yaml.Node) bool {
	return n == nil || n.Kind == yaml.ScalarNode && (n.ShortTag() == "!!null" || n.Value == "")
}

// merged tells whether a map takes fields from elsewhere through <<.
func merged(n *yaml.Node) bool {
	if n == nil || n.Kind != yaml.MappingNode {
		return false
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].ShortTag() == "!!merge" {
			return true
		}
	}
	return false
}
