package render

import (
	"fmt"
	"path"
	"regexp"
	"strings"

	"github.com/secgen/secgen/manifest"
)

// place finds the line that an error of kustomize is about. Where the text does
// not tell, it is the root's kustomization, without a line.
func (p *plan) place(text string) manifest.Position {
	for _, find := range []func(string) manifest.Position{p.copying, p.unknown, p.second, p.accumulating} {
		if at := find(text); !at.IsZero() {
			return start(at)
		}
	}
	return manifest.Position{File: p.layers[0].k.file.path}
}

// withoutNesting takes the innermost reason out of what kustomize wraps around it
// for each base, and drops its guess that a file which it could not use is a
// folder.
func withoutNesting(text string) string {
	const mark = "accumulation err='"
	i := strings.LastIndex(text, mark)
	if i < 0 {
		return text
	}
	reason, _, _ := strings.Cut(text[i+len(mark):], "': must build at directory: ")
	return reason
}

// copying finds the patch behind an overrun of maxCopied: the one that copies most.
func (p *plan) copying(text string) (at manifest.Position) {
	if !strings.Contains(text, "accumulated size increase of copy") {
		return at
	}
	most := 0
	for _, u := range p.patches {
		var copies []operation
		for _, op := range operations(u.doc.node) {
			if op.name == "copy" {
				copies = append(copies, op)
			}
		}
		if len(copies) > most {
			most, at = len(copies), u.doc.place(copies[0].node)
		}
	}
	return at
}

var unknownField = regexp.MustCompile(`unknown field "([^"]+)"`)

// unknown finds a field that kustomize does not know.
func (p *plan) unknown(text string) manifest.Position {
	if m := unknownField.FindStringSubmatch(text); m != nil {
		for _, l := range p.layers {
			if f := findField(l.k.node, m[1]); f != nil {
				return f.KeyPos
			}
		}
	}
	return manifest.Position{}
}

func findField(n *manifest.Node, name string) *manifest.Field {
	if f := n.Field(name); f != nil {
		return f
	}
	if n == nil {
		return nil
	}
	for i := range n.Fields {
		if f := findField(n.Fields[i].Value, name); f != nil {
			return f
		}
	}
	for _, item := range n.Elems() {
		if f := findField(item, name); f != nil {
			return f
		}
	}
	return nil
}

var registered = regexp.MustCompile(`already registered id: ([^.]+)\S*/(\S+?)'?(?::|$)`)

// same lists the records of an object that stands in the root twice.
func (p *plan) same(text string) []*record {
	m := registered.FindStringSubmatch(text)
	if m == nil {
		return nil
	}
	var out []*record
	for _, rec := range p.seen {
		id := rec.id()
		if id.Kind == m[1] && (m[2] == id.Name+"."+id.Namespace || m[2] == id.Name+".[noNs]") {
			out = append(out, rec)
		}
	}
	return out
}

func (p *plan) second(text string) manifest.Position {
	if all := p.same(text); len(all) > 1 && all[0].origin().Position != all[1].origin().Position {
		return all[1].origin().Position
	}
	return manifest.Position{} // one document is read twice: the reference is wrong
}

// definitions names the places where an object stands that is there twice.
func (p *plan) definitions(text string) string {
	all := p.same(text)
	if len(all) < 2 {
		return ""
	}
	first, second := all[0].origin().Position, all[1].origin().Position
	if first == second {
		return fmt.Sprintf("; %s is read twice", first.File)
	}
	return fmt.Sprintf("; the object stands at %s and at %s", first, second)
}

var accumulating = regexp.MustCompile(`(?:accumulating resources from|merging resources from|of path|from path) '([^']+)'`)

// accumulating follows the references that kustomize names, from the root inwards.
func (p *plan) accumulating(text string) (at manifest.Position) {
	l := p.layers[0]
	for _, m := range accumulating.FindAllStringSubmatch(text, -1) {
		for _, item := range l.k.items("resources", "bases", "components") {
			if item.Str() == m[1] && (at.IsZero() || at.File != l.k.file.path || strings.Contains(m[0], "merging")) {
				at = item.Pos // what does not merge is the later one of two
			}
		}
		for _, next := range p.layers {
			if next.parent == l && next.k.dir == path.Join(l.k.dir, m[1]) {
				l = next
				break
			}
		}
	}
	return at
}
