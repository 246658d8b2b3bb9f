package render

import (
	"slices"
	"strings"

	"github.com/secgen/secgen/manifest"
)

// lateEntries looks for the value among the transformers that kustomize runs
// last: replacements, images and replicas.
func (x *explainer) lateEntries(k *kustomization, l lost) (place, bool) {
	if found, ok := x.replacement(k, l, false); ok {
		return found, true
	}
	switch lastKey(l.path) {
	case "replicas":
		for _, entry := range slices.Backward(k.items("replicas")) {
			count := fold(entry, "count")
			if count != nil && count.Text == l.node.Text && x.hasName(fold(entry, "name").Str()) {
				return fieldPlace(entry, "count"), true
			}
		}
	default:
		for _, entry := range slices.Backward(k.items("images", "imageTags")) {
			if found, ok := image(entry, l.node.Text, lastKey(l.path) == "image"); ok {
				return found, true
			}
		}
	}
	return place{}, false
}

// earlyEntries looks for the value among annotations, labels, prefixes and the
// namespace.
func (x *explainer) earlyEntries(k *kustomization, layer int, l lost) (place, bool) {
	key := lastKey(l.path)
	if parent := lastKey(parentOf(l.path)); parent == "annotations" {
		if found, ok := pair(k.field("commonAnnotations"), key, l.node); ok {
			return found, true
		}
	} else if parent != "" {
		if found, ok := pair(k.field("commonLabels"), key, l.node); ok {
			return found, true
		}
		for _, entry := range slices.Backward(k.items("labels")) {
			if found, ok := pair(fold(entry, "pairs"), key, l.node); ok {
				return found, true
			}
		}
	}
	if isName(l.path) {
		if found, ok := x.affixed(k, layer, l); ok {
			return found, true
		}
	}
	namespace := k.field("namespace")
	named := key == "namespace" || isName(l.path) && x.built.object.Get("kind").Str() == "Namespace"
	if named && namespace.Str() != "" && namespace.Str() == l.node.Text {
		return fieldPlace(k.node, "namespace"), true
	}
	return place{}, false
}

// affixed explains the name by the namePrefix or nameSuffix of a layer.
func (x *explainer) affixed(k *kustomization, layer int, l lost) (place, bool) {
	before, _ := x.identities(layer)
	after, _ := x.identities(layer + 1)
	inner, outer := before[len(before)-1], after[len(after)-1]
	if inner == outer || !strings.Contains(l.node.Text, outer) {
		return place{}, false
	}
	field := "namePrefix"
	if k.field(field).Str() == "" {
		field = "nameSuffix"
	}
	found := fieldPlace(k.node, field)
	if x.rec.use != nil {
		if n, _ := lookup(x.rec.node, x.built.object, l.path); n != nil {
			found.related = []manifest.Related{{Position: x.rec.use.doc.place(n), Message: "the name as it was written"}}
		}
	}
	return found, true
}

// image explains an image reference by an entry of images. sure says that the
// text is one; elsewhere tag or digest must show it.
func image(entry *manifest.Node, text string, sure bool) (place, bool) {
	name, tag, digest := splitImage(text)
	if !sure && tag == "" && digest == "" {
		return place{}, false
	}
	newName, newTag, newDigest := fold(entry, "newName").Str(), textOf(fold(entry, "newTag")), fold(entry, "digest").Str()
	want := newName
	if want == "" {
		want = fold(entry, "name").Str()
	}
	if want != name || newTag != "" && newTag != tag || newDigest != "" && newDigest != digest {
		return place{}, false
	}
	for _, field := range []string{"digest", "newTag", "tagSuffix", "newName"} {
		if v := fold(entry, field); textOf(v) != "" {
			if field == "tagSuffix" && !strings.HasSuffix(tag, textOf(v)) {
				return place{}, false
			}
			return fieldPlace(entry, field), true
		}
	}
	return place{}, false
}

// splitImage cuts a reference into name, tag and digest.
func splitImage(text string) (name, tag, digest string) {
	name, digest, _ = strings.Cut(text, "@")
	if colon := strings.LastIndexByte(name, ':'); colon > strings.LastIndexByte(name, '/') {
		name, tag = name[:colon], name[colon+1:]
	}
	return name, tag, digest
}

// textOf is the text of a scalar as it was meant where a string is wanted.
func textOf(n *manifest.Node) string {
	if n == nil {
		return ""
	}
	return n.Text
}

// pair finds a key of a map of labels or annotations that holds the value.
func pair(pairs *manifest.Node, key string, value *manifest.Node) (place, bool) {
	f := pairs.Field(key)
	if f == nil || f.Value.Text != value.Text {
		return place{}, false
	}
	return place{value: f.Value.Pos, key: f.KeyPos}, true
}

// fieldPlace is the place of a field that is known to be there.
func fieldPlace(n *manifest.Node, name string) place {
	for _, f := range n.Fields {
		if strings.EqualFold(f.Key, name) {
			return place{value: f.Value.Pos, key: f.KeyPos}
		}
	}
	return place{value: n.Pos}
}

func lastKey(path manifest.FieldPath) string {
	if len(path) == 0 {
		return ""
	}
	return path[len(path)-1].Key
}

func parentOf(path manifest.FieldPath) manifest.FieldPath {
	if len(path) == 0 {
		return nil
	}
	return path[:len(path)-1]
}

func isName(path manifest.FieldPath) bool {
	return len(path) == 2 && path[0].Key == "metadata" && path[1].Key == "name"
}

// hasName tells whether the resource has ever had a name.
func (x *explainer) hasName(name string) bool {
	names, _ := x.identities(len(x.rec.layers))
	return contains(names, name) || x.built.object.Get("metadata", "name").Str() == name
}
