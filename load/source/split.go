package source

import (
	"bytes"

	"go.yaml.in/yaml/v3"
)

// Document is one YAML document of a file.
type Document struct {
	// Line is the file's line, 1-based, on which the document's text begins: the
	// one after the separator.
	Line int
	// Text is what kustomize parses: CRLF became LF, the separators are gone.
	Text []byte
	// Node is the document node, or nil where the document is empty. Lines and
	// columns are those of the file.
	Node *yaml.Node
}

// Root is the document's top value, or nil where it is empty or null.
func (d Document) Root() *yaml.Node {
	if d.Node == nil || len(d.Node.Content) == 0 || d.Node.Content[0].ShortTag() == "!!null" {
		return nil
	}
	return d.Node.Content[0]
}

// Split cuts a file into documents as kyaml's kio.ByteReader does: CRLF becomes
// LF; a line that starts with --- ends a document, if it is not the first line
// and ends in a line break; what follows --- must be blank or a comment. Nodes are
// not set. The problem is nil or the first bad separator.
func Split(file string, data []byte) ([]Document, *Problem) {
	if len(data) == 0 {
		return nil, nil
	}
	text := data
	if bytes.Contains(data, crlf) {
		text = bytes.ReplaceAll(data, crlf, []byte{'\n'})
	}
	var docs []Document
	line, start, from := 1, 0, 0
	for {
		i := bytes.Index(text[from:], separator)
		if i < 0 {
			break
		}
		i += from
		end := bytes.IndexByte(text[i+1:], '\n')
		if end < 0 {
			break
		}
		end += i + 1
		if rest := bytes.TrimSpace(text[i+len(separator) : end]); len(rest) > 0 && rest[0] != '#' {
			return nil, problemAt(file, line+bytes.Count(text[start:i+1], newline), 1,
				"a line that starts with --- separates documents, and nothing but a comment may follow on it; found %q", clip(rest))
		}
		docs = append(docs, Document{Line: line, Text: text[start : i+1]})
		line += bytes.Count(text[start:end+1], newline)
		// The line break that ends a separator cannot also begin the next one.
		start, from = end+1, end+1
	}
	return append(docs, Document{Line: line, Text: text[start:]}), nil
}

var (
	crlf      = []byte("\r\n")
	newline   = []byte("\n")
	separator = []byte("\n---")
)

// clip shortens input for a message.
func clip(b []byte) string {
	const most = 40
	r := []rune(string(b))
	if len(r) > most {
		return string(r[:most]) + "..."
	}
	return string(r)
}
