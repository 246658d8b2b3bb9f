package view

import (
	"net/url"
	"slices"
	"strings"

	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/remote"
	"github.com/secgen/secgen/schema"
)

const kustomizeGroup = "kustomize.config.k8s.io"

// Kustomization is a kustomization file as a resource to judge, with the roots
// that use it.
type Kustomization struct {
	Resource *manifest.Resource
	Roots    []string
}

// NewKustomization makes what rules see of the file in a folder. The file need
// not say its apiVersion and kind, for which kustomize has defaults.
func NewKustomization(folder, file string, object *manifest.Node, component bool, roots []string) Kustomization {
	id := manifest.ID{APIVersion: kustomizeGroup + "/v1beta1", Kind: "Kustomization", Name: folder}
	if component {
		id.APIVersion, id.Kind = kustomizeGroup+"/v1alpha1", "Component"
	}
	at := object.Pos
	at.File = file
	return Kustomization{&manifest.Resource{ID: id, Object: object, Origin: manifest.Origin{ID: id, Position: at}}, roots}
}

// deprecatedFields are those of which kustomize says so (types.Kustomization and
// its CheckDeprecatedFields, api v0.21), with what replaces them.
var deprecatedFields = []struct{ field, instead string }{
	{"bases", "the same items in resources"},
	{"commonLabels", "labels, each item with pairs, and includeSelectors: true to keep what it does"},
	{"helmChartInflationGenerator", "helmCharts, with name in the place of chartName and repo in that of chartRepoUrl"},
	{"imageTags", "the same items in images"},
	{"patchesJson6902", "patches, with the same target and path or patch"},
	{"patchesStrategicMerge", "patches, with each file as path and each inline document as patch"},
	{"vars", "replacements, with the object as source and the fields to fill as targets"},
}

// kustomization makes a view of each field that is deprecated and of each
// reference that would be fetched. kustomize reads keys in any case.
func (b *builder) kustomization() {
	b.object = b.kustomizationRef()
	for _, f := range b.resource.Object.Fields {
		at := manifest.Path(f.Key)
		for _, d := range deprecatedFields {
			if strings.EqualFold(f.Key, d.field) {
				b.outdated(at, d.field, d.instead)
			}
		}
		for i, item := range f.Value.Elems() {
			switch strings.ToLower(f.Key) {
			case "configmapgenerator", "secretgenerator":
				if item.Has("env") {
					b.outdated(at.At(i).Field("env"), "env", "envs, a list of files")
				}
			case "resources", "bases", "components":
				b.remote(at.At(i), item)
			}
		}
	}
}

func (b *builder) kustomizationRef() *manifest.Node {
	facts := facts{}
	facts.set("apiVersion", text(b.resource.ID.APIVersion))
	facts.set("group", text(b.resource.ID.Group()))
	facts.set("version", text(b.resource.ID.Version()))
	facts.set("kind", text(b.resource.ID.Kind))
	facts.set("name", optional(b.resource.ID.Name))
	return facts.node()
}

func (b *builder) outdated(at manifest.FieldPath, field, instead string) {
	what := facts{}
	what.set("field", text(field))
	what.set("instead", text(instead))
	b.ofKustomization(at, "deprecated", what)
}

// remote looks at one item; a value with a variable may be anything.
func (b *builder) remote(at manifest.FieldPath, item *manifest.Node) {
	ref, ok := remote.Of(item.Str())
	if !ok || manifest.Unresolved(item.Str()) {
		return
	}
	what := facts{}
	what.set("text", text(withoutPassword(item.Str())))
	what.set("host", text(ref.Host))
	what.set("revision", optional(ref.Revision))
	what.set("commit", boolean(ref.Commit))
	what.set("moves", boolean(ref.Moves))
	b.ofKustomization(at, "remote", what)
}

func withoutPassword(address string) string {
	if u, err := url.Parse(address); err == nil && u.User != nil {
		return u.Redacted()
	}
	return address
}

func (b *builder) ofKustomization(at manifest.FieldPath, key string, what facts) {
	f := b.fieldFacts(at)
	f.set(key, what.node())
	b.views = append(b.views, View{Kind: schema.ViewKustomization, Resource: b.resource, Path: slices.Clone(at),
		Label: "field " + at.String(), Node: (&manifest.Node{Kind: manifest.Map}).With("facts", f.node())})
}
