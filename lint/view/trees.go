package view

import (
	"encoding/binary"
	"errors"

	"github.com/secgen/secgen/manifest"
)

// Trees are resources on their way to another process. Every node of them has a
// position with the name of a file, so they are written with each text once; gob
// itself would need ten times the bytes, and time.
type Trees []*manifest.Resource

// GobEncode writes the resources.
func (t Trees) GobEncode() ([]byte, error) {
	w := treeWriter{texts: map[string]uint64{}}
	w.number(uint64(len(t)))
	for _, r := range t {
		w.id(r.ID)
		w.id(r.Origin.ID)
		w.position(r.Origin.Position)
		w.node(r.Object)
		w.number(uint64(len(r.Removed)))
		for _, removal := range r.Removed {
			w.text(removal.Path.String())
			w.position(removal.Position)
		}
	}
	return w.out, nil
}

// GobDecode reads what GobEncode wrote.
func (t *Trees) GobDecode(data []byte) error {
	r := treeReader{in: data}
	*t = make(Trees, r.count())
	for i := range *t {
		res := &manifest.Resource{ID: r.id()}
		res.Origin.ID, res.Origin.Position = r.id(), r.position()
		res.Object = r.node()
		if n := r.count(); n > 0 {
			res.Removed = make([]manifest.Removal, n)
		}
		for j := range res.Removed {
			path, err := manifest.ParsePath(r.text())
			if err != nil {
				return err
			}
			res.Removed[j] = manifest.Removal{Path: path, Position: r.position()}
		}
		(*t)[i] = res
	}
	return r.err
}

// treeWriter writes numbers as varints, and a text that it has seen as its number.
type treeWriter struct {
	out   []byte
	texts map[string]uint64
}

func (w *treeWriter) number(n uint64) { w.out = binary.AppendUvarint(w.out, n) }

func (w *treeWriter) text(s string) {
	if n, seen := w.texts[s]; seen {
		w.number(n)
		return
	}
	w.texts[s] = uint64(len(w.texts) + 1)
	w.number(0)
	w.number(uint64(len(s)))
	w.out = append(w.out, s...)
}

func (w *treeWriter) id(id manifest.ID) {
	for _, s := range []string{id.APIVersion, id.Kind, id.Namespace, id.Name} {
		w.text(s)
	}
}

func (w *treeWriter) position(p manifest.Position) {
	w.text(p.File)
	for _, n := range []int{p.Line, p.Column, p.EndLine, p.EndColumn} {
		w.number(uint64(n))
	}
	if p.Approximate {
		w.number(1)
	} else {
		w.number(0)
	}
}

func (w *treeWriter) node(n *manifest.Node) {
	if n == nil {
		n = &manifest.Node{}
	}
	w.number(uint64(n.Kind))
	w.text(n.Text)
	w.position(n.Pos)
	w.number(uint64(len(n.Related)))
	for _, r := range n.Related {
		w.position(r.Position)
		w.text(r.Message)
	}
	w.number(uint64(len(n.Fields)))
	for _, f := range n.Fields {
		w.text(f.Key)
		w.position(f.KeyPos)
		w.node(f.Value)
	}
	w.number(uint64(len(n.Items)))
	for _, item := range n.Items {
		w.node(item)
	}
}

var errTrees = errors.New("a digest of resources ends early or is damaged")

// treeReader reads what a treeWriter wrote; once err is set it returns zeros.
type treeReader struct {
	in    []byte
	texts []string
	err   error
}

func (r *treeReader) number() uint64 {
	n, size := binary.Uvarint(r.in)
	if size <= 0 {
		r.err, r.in = errTrees, nil
		return 0
	}
	r.in = r.in[size:]
	return n
}

// count reads a length. Whatever is counted takes a byte at least.
func (r *treeReader) count() int {
	n := r.number()
	if n > uint64(len(r.in)) {
		r.err, r.in = errTrees, nil
		return 0
	}
	return int(n)
}

func (r *treeReader) text() string {
	n := r.number()
	if n > 0 {
		if n > uint64(len(r.texts)) {
			r.err, r.in = errTrees, nil
			return ""
		}
		return r.texts[n-1]
	}
	size := r.count()
	s := string(r.in[:size])
	r.in = r.in[size:]
	r.texts = append(r.texts, s)
	return s
}

func (r *treeReader) id() manifest.ID {
	return manifest.ID{APIVersion: r.text(), Kind: r.text(), Namespace: r.text(), Name: r.text()}
}

func (r *treeReader) position() manifest.Position {
	p := manifest.Position{File: r.text()}
	for _, n := range []*int{&p.Line, &p.Column, &p.EndLine, &p.EndColumn} {
		*n = int(r.number())
	}
	p.Approximate = r.number() == 1
	return p
}

func (r *treeReader) node() *manifest.Node {
	n := &manifest.Node{Kind: manifest.Kind(r.number()), Text: r.text(), Pos: r.position()}
	if count := r.count(); count > 0 {
		n.Related = make([]manifest.Related, count)
	}
	for i := range n.Related {
		n.Related[i] = manifest.Related{Position: r.position(), Message: r.text()}
	}
	if count := r.count(); count > 0 {
		n.Fields = make([]manifest.Field, count)
	}
	for i := range n.Fields {
		n.Fields[i] = manifest.Field{Key: r.text(), KeyPos: r.position(), Value: r.node()}
	}
	if count := r.count(); count > 0 {
		n.Items = make([]*manifest.Node, count)
	}
	for i := range n.Items {
		n.Items[i] = r.node()
	}
	return n
}
