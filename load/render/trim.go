package render

import (
	"bytes"
	"regexp"
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/secgen/secgen/load/source"
)

// trimmed cuts the OpenAPI schemas out of a file's CustomResourceDefinitions,
// which are most of the bytes of many repositories, and which no rule reads. The
// lines of a schema become empty ones, so that all others keep their numbers. What
// is not surely a schema in its usual form stays, and so does what lies on the paths
// of keep, below schemas.
func trimmed(file string, data []byte, keep [][]string) []byte {
	if !bytes.Contains(data, schemaKey) {
		return data
	}
	docs, problem := source.Split(file, data)
	if problem != nil {
		return data
	}
	var b bytes.Buffer
	b.Grow(len(data))
	for i, d := range docs {
		if i > 0 {
			b.WriteString("---\n")
		}
		b.Write(trimDocument(d.Text, keep))
	}
	return b.Bytes()
}

// patchesSchemas tells whether some patch speaks of a schema, in which it may want
// to change something.
func (p *plan) patchesSchemas() bool {
	return slices.ContainsFunc(p.patches, func(u *use) bool { return bytes.Contains(u.doc.text, schemaName) })
}

var (
	schemaKey  = []byte("openAPIV3Schema:")
	schemaName = bytes.TrimSuffix(schemaKey, []byte(":"))
	crdKind    = regexp.MustCompile(`(?m)^kind: *["']?CustomResourceDefinition["']? *\r?$`)
	// schemaLine is the key with nothing but a comment behind it.
	schemaLine = regexp.MustCompile(`^ *openAPIV3Schema: *(#.*)?\r?\n?$`)
	// parentLine is the key that holds a schema in v1 and in v1beta1.
	parentLine = regexp.MustCompile(`^ *(- )?(schema|validation): *(#.*)?\r?\n?$`)
	// anchor is the definition of an anchor; text is the start of a block scalar.
	anchor = regexp.MustCompile(`(^|[:\-\[{,]) +&[^ \n]`)
	block  = regexp.MustCompile(`[:\-] +[|>][-+0-9]* *(#.*)?\r?\n?$`)
)

// dropSchemas empties the schemas of a built CustomResourceDefinition, of which
// nobody wants to know where each line came from.
func dropSchemas(object *yaml.Node) {
	if scalar(child(object, "kind")) != "CustomResourceDefinition" {
		return
	}
	spec := child(object, "spec")
	parents := []*yaml.Node{child(spec, "validation")}
	if versions := child(spec, "versions"); versions != nil && versions.Kind == yaml.SequenceNode {
		for _, version := range versions.Content {
			parents = append(parents, child(version, "schema"))
		}
	}
	for _, parent := range parents {
		if schema := child(parent, string(schemaName)); schema != nil && schema.Kind == yaml.MappingNode {
			schema.Content = nil
		}
	}
}

// trimDocument returns the document's text without schemas, but for what lies on the
// paths of keep; or as it is.
func trimDocument(text []byte, keep [][]string) []byte {
	if !bytes.Contains(text, schemaKey) || !crdKind.Match(text) {
		return text
	}
	out := make([]byte, 0, len(text)/8)
	var parent []byte // the last line that holds something
	inside := -1      // the indentation of the schema's key, inside its block
	held := true      // whether the block had a line
	var kept *skeleton
	for line := range bytes.Lines(text) {
		content := bytes.TrimSpace(line)
		if len(content) == 0 || content[0] == '#' {
			if inside >= 0 && !kept.kept() {
				line = emptyLine
			}
			out = append(out, line...)
			continue
		}
		indent := len(line) - len(bytes.TrimLeft(line, " "))
		if inside >= 0 && indent > inside {
			if bytes.IndexByte(line, '&') >= 0 && anchor.Match(line) {
				return text // something outside may use it
			}
			part, ok := kept.line(line, content, indent)
			if !ok {
				return text
			}
			out, held = append(out, part...), true
			continue
		}
		if !held {
			return text // no map of its own lines
		}
		inside = -1
		if bytes.ContainsAny(line, "|>") && block.Match(line) {
			return text // what looks like a schema may be text
		}
		if bytes.HasPrefix(content, schemaKey) && schemaLine.Match(line) && parentLine.Match(parent) {
			inside, held = indent, false
			if len(keep) > 0 {
				kept = newSkeleton(indent, keep)
				out = append(out, line...)
			} else {
				out = append(append(out, line[:indent]...), "openAPIV3Schema: {}\n"...)
			}
		} else {
			out = append(out, line...)
		}
		parent = line
	}
	if !held {
		return text
	}
	return out
}
