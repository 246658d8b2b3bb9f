package render

import (
	"encoding/base64"
	"path"
	"slices"
	"strings"

	"github.com/secgen/secgen/manifest"
)

// generated explains a value of a generated ConfigMap or Secret.
func (x *explainer) generated(l lost) (place, bool) {
	if found, ok := x.regenerated(l); ok {
		return found, true
	}
	return x.fromGenerator(x.rec.generator, l)
}

// regenerated explains a value that a generator with behavior merge or replace
// set, the last one first.
func (x *explainer) regenerated(l lost) (place, bool) {
	for _, g := range slices.Backward(x.rec.regenerated) {
		if len(l.path) < 2 || isName(l.path) {
			break
		}
		if found, ok := x.fromGenerator(g, l); ok {
			return found, true
		}
	}
	return place{}, false
}

func (x *explainer) fromGenerator(g *generator, l lost) (place, bool) {
	if g.kind == "" {
		return place{}, false // a plugin, of which nothing is known
	}
	parent, key := lastKey(parentOf(l.path)), lastKey(l.path)
	options := []*manifest.Node{fold(g.entry, "options"), g.layer.k.field("generatorOptions")}
	switch {
	case l.node.Kind >= manifest.List:
		return place{value: start(g.entry.Pos)}, true
	case isName(l.path):
		return fieldPlace(g.entry, "name"), strings.HasPrefix(l.node.Text, fold(g.entry, "name").Str()) || x.hasName(fold(g.entry, "name").Str())
	case parent == "data" || parent == "binaryData":
		return x.datum(g, key, l.node.Text, parent == "binaryData" || g.kind == "Secret")
	case parent == "labels" || parent == "annotations":
		for _, o := range options {
			if found, ok := pair(fold(o, parent), key, l.node); ok {
				return found, true
			}
		}
	case key == "immutable":
		for _, o := range options {
			if v := fold(o, key); v != nil && v.Text == l.node.Text {
				return fieldPlace(o, key), true
			}
		}
	case key == "type" || key == "namespace":
		if v := fold(g.entry, key); v != nil && v.Text == l.node.Text {
			return fieldPlace(g.entry, key), true
		}
		if key == "type" && l.node.Text == "Opaque" {
			return place{value: start(g.entry.Pos)}, true
		}
	case key == "kind" || key == "apiVersion":
		return place{value: start(g.entry.Pos)}, true
	}
	return place{}, false
}

// datum finds the literal, file or line of an env file that a key of a generated
// object came from.
func (x *explainer) datum(g *generator, key, text string, encoded bool) (place, bool) {
	holds := func(value string) bool {
		return value == text || encoded && base64.StdEncoding.EncodeToString([]byte(value)) == strings.Join(strings.Fields(text), "")
	}
	for _, item := range slices.Backward(fold(g.entry, "literals").Elems()) {
		if k, v, ok := strings.Cut(item.Text, "="); ok && k == key && (holds(v) || holds(unquote(v))) {
			return place{value: item.Pos}, true
		}
	}
	for _, item := range slices.Backward(fold(g.entry, "files").Elems()) {
		k, name, ok := strings.Cut(item.Text, "=")
		if !ok {
			k, name = path.Base(item.Text), item.Text
		}
		if f := x.file(g, name); k == key && f != nil && holds(string(f.data)) {
			return place{value: manifest.Position{File: f.path, Line: 1, Column: 1}, file: true,
				related: []manifest.Related{{Position: item.Pos, Message: "read in here"}}}, true
		}
	}
	envs := append([]*manifest.Node{}, fold(g.entry, "envs").Elems()...)
	if env := fold(g.entry, "env"); env != nil {
		envs = append(envs, env)
	}
	for _, item := range slices.Backward(envs) {
		f := x.file(g, item.Text)
		if f == nil {
			continue
		}
		for i, line := range f.textLines() {
			trimmed := strings.TrimLeft(line, " \t")
			if k, v, _ := strings.Cut(trimmed, "="); k == key && holds(v) {
				column := len([]rune(line)) - len([]rune(trimmed)) + 1
				return place{value: manifest.Position{File: f.path, Line: i + 1, Column: column, EndLine: i + 1, EndColumn: len([]rune(line)) + 1},
					related: []manifest.Related{{Position: item.Pos, Message: "read in here"}}}, true
			}
		}
	}
	return place{}, false
}

// file returns a file that a generator has read.
func (x *explainer) file(g *generator, name string) *file {
	rel, ok := join(g.layer.k.dir, name)
	if !ok {
		return nil
	}
	f, err := x.plan.repo.load(rel)
	if err != nil {
		return nil
	}
	return f
}

// unquote removes one pair of quotes around a literal, as kustomize does.
func unquote(s string) string {
	if n := len(s); n >= 2 && s[0] == s[n-1] && (s[0] == '"' || s[0] == '\'') {
		return s[1 : n-1]
	}
	return s
}
