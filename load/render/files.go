package render

import (
	"bytes"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/secgen/secgen/load/source"
	"github.com/secgen/secgen/manifest"
)

// repo reads the files of one build once, and remembers what it looked for.
type repo struct {
	tree *source.Tree
	// known is what earlier builds have checked.
	known *Renderer
	files map[string]*file
	// looked is every path that the build read, listed or missed.
	looked map[string]bool
	bytes  int64
	// checking is the time that the pre-check took.
	checking time.Duration
	// trim says that the schemas of CustomResourceDefinitions are left out.
	trim bool
	// keep are the paths below the schemas that stay, which patches lead to.
	keep [][]string
	// bare says that they are dropped from what kustomize has built with them.
	bare bool
	// trimmed says that some were.
	trimmed bool
}

func (r *Renderer) newRepo(tree *source.Tree, trim bool) *repo {
	return &repo{tree: tree, known: r, trim: trim, files: map[string]*file{}, looked: map[string]bool{}}
}

// file is a file as committed. path is its real path, with symlinks followed.
type file struct {
	path  string
	data  []byte
	lines []string // see textLines

	checked bool
	docs    []*doc
	problem *source.Problem
}

// doc is one YAML document. Its nodes carry the file's own lines and columns,
// also where the document is the text of an inline patch.
type doc struct {
	file *file
	// node is the top value, nil for an empty document.
	node *yaml.Node
	text []byte
	// line is the file's line on which text begins; column is what to add to the
	// text's columns to have the file's.
	line, column int
	// index finds the document's nodes in the file. It is nil where the text does
	// not stand in the file as it is (some inline patches).
	index *source.Index
	// shared are the values in anchors that aliases use, once searched.
	shared   map[*yaml.Node]bool
	searched bool
}

// load reads a file and follows symlinks inside the repository.
func (r *repo) load(name string) (*file, error) {
	if f := r.files[name]; f != nil {
		return f, nil
	}
	r.looked[name] = true
	real, dir, err := r.tree.Resolve(name)
	if err != nil {
		return nil, err
	}
	if dir {
		return nil, &source.Problem{Position: manifest.Position{File: name}, Reason: "is a folder; a file is wanted"}
	}
	r.looked[real] = true
	if f := r.files[real]; f != nil {
		return f, nil
	}
	data, err := r.tree.ReadFile(real)
	if err != nil {
		return nil, err
	}
	r.bytes += int64(len(data))
	if limit := r.tree.Limits().RootBytes; r.bytes > limit {
		return nil, &source.Problem{Position: manifest.Position{File: real},
			Reason: fmt.Sprintf("brings what this root reads over the limit of %d bytes; %s", limit, source.RaiseRoot)}
	}
	f := &file{path: real, data: data}
	r.files[real] = f
	return f, nil
}

// documents runs the pre-check on a file and returns its documents. The problem
// is why the file must not be parsed.
func (r *repo) documents(f *file) ([]*doc, *source.Problem) {
	if !f.checked {
		f.checked = true
		c := r.checkedFile(f)
		r.trimmed = r.trimmed || c.trimmed
		f.problem = c.problem
		for _, d := range c.docs {
			f.docs = append(f.docs, &doc{file: f, node: d.Root(), text: d.Text, line: d.Line, index: c.index})
		}
	}
	return f.docs, f.problem
}

// checkedFile checks and parses a file, without schemas where they are left out.
func (r *repo) checkedFile(f *file) *checkedFile {
	key := checkedKey{path: f.path, trim: r.trim, limits: r.tree.Limits()}
	special := len(r.keep) > 0 && bytes.Contains(f.data, schemaKey)
	if c := r.known.recall(key, f.data); c != nil && !special {
		return c
	}
	data := f.data
	if r.trim {
		data = trimmed(f.path, f.data, r.keep)
	}
	c := &checkedFile{content: f.data, trimmed: len(data) != len(f.data)}
	c.docs, c.problem = r.check(f.path, data)
	c.index = source.NewIndex(f.path, data, c.docs)
	if !special {
		r.known.remember(key, c, len(data))
	}
	return c
}

func (r *repo) check(file string, data []byte) ([]source.Document, *source.Problem) {
	begin := time.Now()
	defer func() { r.checking += time.Since(begin) }()
	return source.Check(file, data, r.tree.Limits())
}

// paths returns what the build looked for, sorted.
func (r *repo) paths() []string {
	out := make([]string, 0, len(r.looked))
	for p := range r.looked {
		out = append(out, p)
	}
	slices.Sort(out)
	return out
}

// lineCount is how many lines the document's text has.
func (d *doc) lineCount() int { return bytes.Count(d.text, []byte("\n")) + 1 }

// place is where a node of the document stands in its file.
func (d *doc) place(n *yaml.Node) manifest.Position {
	if d.index != nil {
		pos := d.index.Span(n)
		if n.Kind == yaml.MappingNode || n.Kind == yaml.SequenceNode {
			// A finding about a map marks its key, not all its lines.
			pos.EndLine, pos.EndColumn = 0, 0
		}
		return pos
	}
	return manifest.Position{File: d.file.path, Line: d.line, Column: 1, Approximate: true}
}

// join makes a repository path of a reference from a folder. ok is false where it
// leads above the top.
func join(dir, ref string) (string, bool) {
	p := path.Join(dir, ref)
	return p, p != ".." && !strings.HasPrefix(p, "../") && !path.IsAbs(ref)
}
