package discover

import (
	"github.com/secgen/secgen/manifest"
)

// checkStrings refuses values that must be strings and that YAML 1.1 reads as
// something else, such as `namespace: n` or `newTag: 1.0`. Kustomize fails on them
// with the name of a Go type.
func (p *parser) checkStrings() {
	for _, name := range []string{"namespace", "namePrefix", "nameSuffix"} {
		p.wantString(name, p.field(name))
	}
	for _, name := range []string{"commonLabels", "commonAnnotations"} {
		p.wantStrings(name, p.field(name))
	}
	for _, item := range p.field("labels").Elems() {
		p.wantStrings("labels[].pairs", fold(item, "pairs"))
	}
	for _, item := range p.field("images").Elems() {
		for _, name := range []string{"name", "newName", "newTag", "digest"} {
			p.wantString("images[]."+name, fold(item, name))
		}
	}
	for _, item := range p.field("replicas").Elems() {
		p.wantString("replicas[].name", fold(item, "name"))
	}
	for _, name := range []string{"resources", "bases", "components", "patchesStrategicMerge", "generators", "transformers",
		"validators", "configurations", "crds"} {
		for _, item := range p.field(name).Elems() {
			p.wantString(name+"[]", item)
		}
	}
	for _, name := range []string{"configMapGenerator", "secretGenerator"} {
		for _, g := range p.field(name).Elems() {
			for _, field := range []string{"name", "namespace", "type", "env"} {
				p.wantString(name+"[]."+field, fold(g, field))
			}
			for _, field := range []string{"literals", "files", "envs"} {
				for _, item := range fold(g, field).Elems() {
					p.wantString(name+"[]."+field+"[]", item)
				}
			}
		}
	}
}

func (p *parser) wantStrings(path string, m *manifest.Node) {
	if m == nil {
		return
	}
	for _, f := range m.Fields {
		p.wantString(path+"."+f.Key, f.Value)
	}
}

func (p *parser) wantString(path string, n *manifest.Node) {
	switch {
	case n.IsNull() || n.Kind == manifest.String:
	case n.Kind == manifest.Map || n.Kind == manifest.List:
		p.k.refuse(Malformed, n.Pos, "%s must be a string; found a %s", path, n.Kind)
	default:
		p.k.refuse(Malformed, n.Pos, "%s must be a string, and what stands here unquoted is a %s (%s) in YAML 1.1; quote it", path, n.Kind, n.Text)
	}
}
