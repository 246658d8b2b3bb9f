package render

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/secgen/secgen/load/source"
	"github.com/secgen/secgen/manifest"
)

// transformers plans the patches of a layer, in the order in which kustomize
// reads and applies them, and the configuration of other transformers.
func (p *plan) transformers(l *layer) *source.Problem {
	for i, item := range l.k.items("patchesStrategicMerge") {
		one := &patch{layer: l, entry: item}
		var bad *source.Problem
		if strings.Contains(item.Str(), "\n") {
			bad = p.inlinePatch(l, one, item, edit{field: "patchesStrategicMerge", index: i}, false)
		} else {
			bad = p.patchFile(l, one, item)
		}
		if bad != nil {
			return bad
		}
		l.patches = append(l.patches, one)
	}
	for _, field := range []string{"patches", "patchesJson6902"} {
		for i, entry := range l.k.items(field) {
			one := &patch{layer: l, entry: entry, target: fold(entry, "target"), late: field == "patchesJson6902"}
			text, at := fold(entry, "patch"), fold(entry, "path")
			var bad *source.Problem
			switch {
			case strings.TrimSpace(text.Str()) != "":
				bad = p.inlinePatch(l, one, text, edit{field: field, key: "patch", index: i}, field == "patches")
			case at.Str() != "":
				bad = p.patchFile(l, one, at)
			default:
				bad = problem(entry.Pos, "the entry of %s has neither path nor patch", field)
			}
			if bad != nil {
				return bad
			}
			l.patches = append(l.patches, one)
		}
	}
	for _, field := range []string{"transformers", "validators"} {
		if _, bad := p.plugins(l, field); bad != nil {
			return bad
		}
	}
	return nil
}

func (p *plan) inlinePatch(l *layer, one *patch, text *manifest.Node, e edit, trim bool) *source.Problem {
	docs, bad := p.repo.inline(l.k, text, trim)
	if bad != nil {
		return bad
	}
	one.inline = true
	one.take(l, docs)
	p.patches = append(p.patches, one.uses...)
	if one.json || len(docs) == 0 {
		return nil
	}
	e.path = fmt.Sprintf("%s/%d.yaml", inlineDir, len(p.virtual)+1)
	l.k.edits = append(l.k.edits, e)
	p.virtual[e.path] = one.uses
	return nil
}

func (p *plan) patchFile(l *layer, one *patch, at *manifest.Node) *source.Problem {
	f, bad := p.fileReference(l, at)
	if bad != nil {
		return bad
	}
	docs, bad := p.repo.documents(f)
	if bad != nil {
		return bad
	}
	one.take(l, docs)
	p.patches = append(p.patches, one.uses...)
	if one.json {
		// Its lines are lost in any case, and a text that begins with [ is read
		// differently from one that does not.
		p.raw[f.path] = true
		return nil
	}
	p.reads[f.path] = append(p.reads[f.path], one.uses)
	return nil
}

// take makes the uses of a patch's documents and finds out what kind it is.
func (one *patch) take(l *layer, docs []*doc) {
	for _, d := range docs {
		one.uses = append(one.uses, &use{doc: d, layer: l, tag: tag{patch: one}})
		if d.node != nil && d.node.Kind == yaml.SequenceNode {
			one.json = true
		}
	}
}
