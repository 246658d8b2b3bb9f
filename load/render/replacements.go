package render

import (
	"slices"
	"strconv"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/utils"

	"github.com/secgen/secgen/manifest"
)

// replacement looks for the value among the replacements of a layer: the target
// that names the path, if the source's value is in the value.
//
// loose lets the index of a list item differ, since a later patch may have
// re-ordered the list.
func (x *explainer) replacement(k *kustomization, l lost, loose bool) (place, bool) {
	for _, entry := range slices.Backward(x.replacements(k)) {
		for _, target := range slices.Backward(fold(entry, "targets").Elems()) {
			if !x.selected(fold(target, "select")) {
				continue
			}
			for _, at := range fold(target, "fieldPaths").Elems() {
				if !fits(at.Str(), x.built.object, l.path, loose) {
					continue
				}
				source, message, ok := x.replaced(entry, target, l.node.Text)
				if ok {
					x.pending = append(x.pending, pending{node: l.node, source: source, message: message})
					return place{value: at.Pos}, true
				}
			}
		}
	}
	return place{}, false
}

// replacements are the entries that stand in the kustomization and those of the
// files that it names.
func (x *explainer) replacements(k *kustomization) []*manifest.Node {
	if out, ok := x.plan.replacements[k]; ok {
		return out
	}
	var out []*manifest.Node
	for _, entry := range k.items("replacements") {
		at := fold(entry, "path")
		if at.Str() == "" {
			out = append(out, entry)
			continue
		}
		f := x.file(&generator{layer: &layer{k: k}}, at.Str())
		if f == nil {
			continue
		}
		docs, _ := x.plan.repo.documents(f)
		for _, d := range docs {
			n, err := manifest.FromYAML(d.node, d.place)
			switch {
			case err != nil:
			case n.Kind == manifest.List:
				out = append(out, n.Items...)
			default:
				out = append(out, n)
			}
		}
	}
	x.plan.replacements[k] = out
	return out
}

func (x *explainer) selected(target *manifest.Node) bool {
	if target == nil {
		return false
	}
	id := manifest.IDOf(x.built.object)
	for field, have := range map[string]string{"kind": id.Kind, "group": id.Group(), "version": id.Version()} {
		if want := fold(target, field).Str(); want != "" && want != have {
			return false
		}
	}
	want := fold(target, "name").Str()
	return want == "" || x.hasName(want)
}

// pending is a related position that is known once all values are explained.
type pending struct {
	node, source *manifest.Node
	message      string
}

// settle adds the related positions that had to wait.
func (x *explainer) settle() {
	for _, p := range x.pending {
		if !p.source.Pos.IsZero() {
			p.node.Related = append(p.node.Related, manifest.Related{Position: p.source.Pos, Message: p.message})
		}
	}
}

// replaced tells whether the value of a replacement's source is in a text, and
// where it comes from.
func (x *explainer) replaced(entry, target *manifest.Node, text string) (from *manifest.Node, message string, ok bool) {
	if literal := fold(entry, "sourceValue"); literal != nil {
		return literal, "the value stands here", strings.Contains(text, literal.Text)
	}
	source := fold(entry, "source")
	value := x.sourceValue(source)
	if value == nil {
		return nil, "", false
	}
	have := value.Text
	if options := fold(source, "options"); fold(options, "delimiter").Str() != "" {
		parts := strings.Split(have, fold(options, "delimiter").Str())
		i, _ := fold(options, "index").Int()
		if i < 0 || int(i) >= len(parts) {
			return nil, "", false
		}
		have = parts[i]
	}
	inPart := fold(fold(target, "options"), "delimiter").Str() != "" && strings.Contains(text, have)
	return value, "the value comes from here", text == have || inPart
}

// sourceValue finds the field that a replacement copies, in the rendered resources.
func (x *explainer) sourceValue(source *manifest.Node) *manifest.Node {
	field := fold(source, "fieldPath").Str()
	if field == "" {
		field = "metadata.name"
	}
	for _, b := range x.all {
		id := manifest.IDOf(b.object)
		kind, name := fold(source, "kind").Str(), fold(source, "name").Str()
		if kind != "" && kind != id.Kind || name != "" && name != id.Name && (b.rec == nil || name != b.rec.id().Name) {
			continue
		}
		if n := follow(b.object, utils.SmarterPathSplitter(field, ".")); n != nil {
			return n
		}
	}
	return nil
}

// follow walks a path in kustomize's notation.
func follow(n *manifest.Node, parts []string) *manifest.Node {
	for _, part := range parts {
		if n.Elems() == nil {
			n = n.Get(part)
			continue
		}
		var next *manifest.Node
		for i, item := range n.Elems() {
			if next == nil && fitsItem(part, n, i, item) {
				next = item
			}
		}
		n = next
	}
	return n
}

// fits tells whether a path in kustomize's notation, such as
// spec.containers.[name=web].image, leads to a path of an object.
func fits(field string, object *manifest.Node, path manifest.FieldPath, loose bool) bool {
	parts := utils.SmarterPathSplitter(field, ".")
	if len(parts) != len(path) {
		return false
	}
	at := object
	for i, step := range path {
		next := at.Lookup(manifest.FieldPath{step})
		_, err := strconv.Atoi(parts[i])
		if step.IsIndex && !(loose && err == nil) && !fitsItem(parts[i], at, step.Index, next) || !step.IsIndex && parts[i] != step.Key && parts[i] != "*" {
			return false
		}
		at = next
	}
	return true
}

func fitsItem(part string, list *manifest.Node, i int, item *manifest.Node) bool {
	if part == "*" || part == strconv.Itoa(i) || part == "-" && i == len(list.Items)-1 {
		return true
	}
	key, value, ok := strings.Cut(strings.TrimSuffix(strings.TrimPrefix(part, "["), "]"), "=")
	return ok && textOf(item.Get(key)) == value
}
