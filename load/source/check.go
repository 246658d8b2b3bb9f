package source

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Check reads a YAML or JSON file: it refuses what Guard refuses, splits the file
// as kustomize does, parses each document and refuses what no client of
// Kubernetes can read (duplicate keys, keys that are no scalars, infinite
// numbers). The documents are those before the problem, if there is one. Empty
// documents have no Node.
func Check(file string, data []byte, limits Limits) ([]Document, *Problem) {
	if p := checkPointer(file, data); p != nil {
		return nil, p
	}
	if p := preflight(file, data, limits); p != nil {
		return nil, p
	}
	docs, p := Split(file, data)
	if p != nil {
		return nil, likelyCause(file, data, p)
	}
	for i := range docs {
		p := docs[i].parse(file)
		if p == nil {
			p = inspect(file, docs[i].Node, limits)
		}
		switch {
		case p == nil:
		case p.malformed:
			return docs[:i], likelyCause(file, data, p.Problem)
		default:
			return docs[:i], p.Problem
		}
	}
	return docs, nil
}

// parseProblem tells malformed YAML, which kustomize refuses as well, from what
// it would accept.
type parseProblem struct {
	*Problem
	malformed bool
}

// parse sets Node. The YAML parser itself is bounded: it refuses more than 10,000
// levels, and resolves aliases to pointers.
func (d *Document) parse(file string) (p *parseProblem) {
	defer func() {
		if r := recover(); r != nil {
			p = &parseProblem{Problem: problemAt(file, d.Line, 0, "makes the YAML parser fail (%v), and would make kustomize crash", r)}
		}
	}()
	decoder := yaml.NewDecoder(bytes.NewReader(d.Text))
	var node yaml.Node
	if err := decoder.Decode(&node); errors.Is(err, io.EOF) {
		return nil
	} else if err != nil {
		return &parseProblem{Problem: d.yamlProblem(file, err), malformed: true}
	}
	if bytes.Contains(d.Text, []byte("\n...")) || bytes.Contains(d.Text, separator) {
		if p := d.dangling(file, decoder); p != nil {
			return &parseProblem{Problem: p}
		}
	}
	d.relocate(&node)
	d.Node = &node
	return nil
}

// dangling refuses content behind the first document of a text, which kustomize
// does not read.
func (d *Document) dangling(file string, decoder *yaml.Decoder) *Problem {
	var next yaml.Node
	err := decoder.Decode(&next)
	if errors.Is(err, io.EOF) {
		return nil
	}
	if err == nil && (Document{Node: &next}).Root() == nil {
		return nil
	}
	line := d.Line
	for i, text := range bytes.Split(d.Text, newline) {
		if i > 0 && (bytes.HasPrefix(text, []byte("...")) || bytes.HasPrefix(text, []byte("---"))) {
			line += i
			break
		}
	}
	return problemAt(file, line, 1, "kustomize reads nothing of what follows this line; separate documents by a line of --- alone")
}

// relocate gives the nodes of a document the lines and columns of the file. The
// YAML parser counts from the document's start, ends lines at CR, NEL, LS and PS
// too, and does not count a byte order mark.
func (d *Document) relocate(n *yaml.Node) {
	starts := d.parserLines()
	if d.Line == 1 && starts == nil {
		return
	}
	var walk func(n *yaml.Node)
	walk = func(n *yaml.Node) {
		if n.Line < len(starts) {
			n.Column += starts[n.Line].column
			n.Line = starts[n.Line].line
		}
		n.Line += d.Line - 1
		for _, c := range n.Content {
			walk(c)
		}
	}
	walk(n)
}

// lineStart is where a line of the parser begins in the document: on which line,
// and behind how many code points.
type lineStart struct{ line, column int }

// parserLines lists the starts of the parser's lines, the first at index 1; it is
// empty where they are those of the document.
func (d *Document) parserLines() []lineStart {
	marked := d.Line > 1 && bytes.HasPrefix(d.Text, []byte(bom))
	if !marked && !oddBreaks(d.Text) {
		return nil
	}
	starts := []lineStart{{}, {line: 1}}
	if marked {
		starts[1].column = 1
	}
	line, column := 1, 0
	for i, r := range string(d.Text) {
		column++
		switch r {
		case '\n':
			line, column = line+1, 0
		case '\r':
			if i+1 < len(d.Text) && d.Text[i+1] == '\n' {
				continue
			}
		case '\u0085', '\u2028', '\u2029':
		default:
			continue
		}
		starts = append(starts, lineStart{line, column})
	}
	if d.Line == 1 && bytes.HasPrefix(d.Text, []byte(bom)) {
		// Lines of a file begin behind its byte order mark.
		for i := range starts {
			if starts[i].line == 1 && starts[i].column > 0 {
				starts[i].column--
			}
		}
	}
	return starts
}

var yamlLine = regexp.MustCompile(`^(?:yaml: )?(?:line (\d+): )?`)

// yamlProblem makes a problem of the parser's error, whose line may be that of
// the collection's start.
func (d *Document) yamlProblem(file string, err error) *Problem {
	m := yamlLine.FindStringSubmatch(err.Error())
	line := d.Line
	if n, err := strconv.Atoi(m[1]); err == nil {
		line += n - 1
	}
	return problemAt(file, line, 0, "is no valid YAML, near this line: %s", strings.TrimPrefix(err.Error(), m[0]))
}
