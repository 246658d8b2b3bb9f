package view

import (
	"strconv"

	"github.com/secgen/secgen/kube"
	"github.com/secgen/secgen/leak"
	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/schema"
)

// fields makes a view of each field that is wrong or gives something away. Most
// objects have none. No fact holds the value of a credential.
func (b *builder) fields() {
	for _, p := range kube.Check(b.resource.Object) {
		f := b.fieldFacts(p.Path)
		f.set("name", text(p.Name))
		switch p.Fault {
		case kube.Unknown:
			unknown := facts{}
			unknown.set("in", text(p.In))
			unknown.set("nearest", optional(p.Nearest))
			f.set("unknown", unknown.node())
		case kube.WrongType:
			f.set("mistyped", mistake(p))
		case kube.Invalid:
			f.set("invalid", mistake(p))
		}
		b.field(p.Path, f)
	}
	for _, l := range leak.Find(b.resource.Object) {
		if l.Evidence == leak.Name && hasOwnRules(b.resource.ID.Group()) {
			continue
		}
		f := b.fieldFacts(l.Path)
		f.set("name", optional(l.Key))
		what := facts{}
		what.set("noun", text(l.Noun))
		if l.Evidence == leak.Personal {
			f.set("personal", what.node())
		} else {
			what.set("evidence", text(string(l.Evidence)))
			credential := what.node()
			if text := b.resource.Object.Lookup(l.Path); text != nil && text.File {
				credential.Pos, credential.Related = text.PosOfLine(l.Line), text.Related
			}
			f.set("credential", credential)
		}
		b.field(l.Path, f)
	}
}

// hasOwnRules tells whether rules of their own name the keys and tokens in the
// files of a group.
func hasOwnRules(group string) bool {
	return group == "apiserver.config.k8s.io" || group == "kubeadm.k8s.io"
}

func mistake(p kube.Problem) *manifest.Node {
	m := facts{}
	m.set("found", text(p.Found))
	m.set("want", text(p.Want))
	return m.node()
}

func (b *builder) fieldFacts(path manifest.FieldPath) facts {
	f := make(facts, 0, 4)
	f.set("object", b.object)
	f.set("path", text(path.String()))
	return f
}

func (b *builder) field(path manifest.FieldPath, f facts) {
	b.views = append(b.views, View{Kind: schema.ViewField, Resource: b.resource, Path: path,
		Label: "field " + path.String(), Node: (&manifest.Node{Kind: manifest.Map}).With("facts", f.node())})
}

// apiFacts tells when the object's API version goes out of use; nil where it does
// not.
func apiFacts(r *manifest.Resource) *manifest.Node {
	life, ok := kube.LifeOf(r.ID.APIVersion, r.ID.Kind)
	if !ok {
		return nil
	}
	version := r.Object.Get("apiVersion")
	f := facts{}
	if life.DeprecatedIn > 0 {
		f.set("deprecatedIn", from(version, manifest.Of(life.DeprecatedIn)))
		f.set("deprecatedRelease", text("1."+strconv.Itoa(life.DeprecatedIn)))
	}
	if life.RemovedIn > 0 {
		f.set("removedIn", from(version, manifest.Of(life.RemovedIn)))
		f.set("removedRelease", text("1."+strconv.Itoa(life.RemovedIn)))
	}
	replacement := "another API: this one has no successor"
	if life.Replacement != "" {
		replacement = life.Replacement
	}
	f.set("replacement", text(replacement))
	return from(version, f.node())
}
