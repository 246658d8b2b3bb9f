package render

import (
	"encoding/json"

	"go.yaml.in/yaml/v3"
	"sigs.k8s.io/kustomize/api/filters/patchstrategicmerge"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/kio"
	"sigs.k8s.io/kustomize/kyaml/resid"
	kyaml "sigs.k8s.io/kustomize/kyaml/yaml"

	"github.com/secgen/secgen/manifest"
)

// applied is a patch that met a resource, and the layer at which it did.
type applied struct {
	*patch
	layer int
	uses  []*use
}

// patches returns the patches that met a resource, in the order of their
// application. Early and late ones of a layer are in this order already.
func (x *explainer) findPatches() []applied {
	var out []applied
	for i, l := range x.rec.layers {
		for _, p := range l.patches {
			a := applied{patch: p, layer: i}
			for _, u := range p.uses {
				if u.doc.node != nil && x.meets(p, u, i) {
					a.uses = append(a.uses, u)
				}
			}
			if len(a.uses) > 0 {
				out = append(out, a)
			}
		}
	}
	return out
}

// meets tells whether a patch applies to the resource at a layer, as kustomize
// decides: by the target, or by kind and name of the patch.
func (x *explainer) meets(p *patch, u *use, layer int) bool {
	names, namespaces := x.identities(layer)
	kind := x.built.object.Get("kind").Str()
	if p.target == nil {
		meta := child(u.doc.node, "metadata")
		return scalar(child(u.doc.node, "kind")) == kind && contains(names, scalar(child(meta, "name"))) &&
			contains(namespaces, effective(scalar(child(meta, "namespace"))))
	}
	selector, regex := selectorOf(p.target)
	if regex == nil {
		return false
	}
	any := func(list []string, match func(string) bool) bool {
		for _, s := range list {
			if match(s) {
				return true
			}
		}
		return false
	}
	id := manifest.IDOf(x.built.object)
	if !any(names, regex.MatchName) || !any(namespaces, regex.MatchNamespace) ||
		!regex.MatchGvk(resid.NewGvk(id.Group(), id.Version(), id.Kind)) {
		return false
	}
	labels, err := x.built.res.MatchesLabelSelector(selector.LabelSelector)
	if err != nil || !labels {
		return false
	}
	annotations, err := x.built.res.MatchesAnnotationSelector(selector.AnnotationSelector)
	return err == nil && annotations
}

func selectorOf(target *manifest.Node) (*types.Selector, *types.SelectorRegex) {
	text, err := json.Marshal(target.Value())
	if err != nil {
		return nil, nil
	}
	var s types.Selector
	if err := json.Unmarshal(text, &s); err != nil {
		return nil, nil
	}
	regex, err := types.NewSelectorRegex(&s)
	if err != nil {
		return nil, nil
	}
	return &s, regex
}

func effective(namespace string) string {
	if namespace == "" {
		return "default"
	}
	return namespace
}

func contains(list []string, s string) bool {
	for _, have := range list {
		if have == s {
			return true
		}
	}
	return false
}

// identities are the names and namespaces that the resource has had when a layer's
// patches are applied.
func (x *explainer) identities(layer int) (names, namespaces []string) {
	id := x.rec.id()
	names, namespaces = []string{id.Name}, []string{effective(id.Namespace)}
	for _, l := range x.rec.layers[:layer] {
		last := names[len(names)-1]
		if name := l.k.field("namePrefix").Str() + last + l.k.field("nameSuffix").Str(); name != last {
			names = append(names, name)
		}
		if ns := l.k.field("namespace").Str(); ns != "" {
			namespaces = append(namespaces, ns)
		}
	}
	return names, namespaces
}

// replay applies the patches that met a resource to its own document, outside
// kustomize, in a way that keeps the nodes' lines through JSON 6902 as well. It
// returns nil where the document cannot be read on its own.
func (x *explainer) replay() *yaml.Node {
	if x.rec.use == nil || !x.rec.traced || x.rec.use.list {
		return nil
	}
	root := parse(x.rec.use)
	if root == nil {
		return nil
	}
	for _, p := range x.patches {
		for _, u := range p.uses {
			patch := parse(u)
			switch {
			case patch == nil:
			case p.json:
				for _, op := range operations(patch.YNode()) {
					if op.value != nil {
						x.opValues[rootKey{op.value.Line, op.value.Column}] = true
					}
					if op.name == "remove" && len(op.path) > 0 {
						last := len(op.path) - 1
						parent := walk(root.YNode(), op.path[:last])
						x.removals = append(x.removals, removal{parent: parent, key: op.path[last], value: child(parent, op.path[last]), use: u, op: op.node})
					}
					op.apply(root.YNode())
				}
			default:
				kept := p.restored(root.YNode())
				merged, err := patchstrategicmerge.Filter{Patch: patch}.Filter([]*kyaml.RNode{root})
				if err != nil || len(merged) != 1 {
					return nil
				}
				root = merged[0]
				for path, value := range kept {
					set(root.YNode(), pointer(path), value, false)
				}
			}
		}
	}
	return root.YNode()
}

// restored returns what kustomize puts back after a strategic merge patch, by
// JSON pointer.
func (p applied) restored(root *yaml.Node) map[string]*yaml.Node {
	out := map[string]*yaml.Node{}
	for pointerText, path := range map[string]manifest.FieldPath{
		"/kind": manifest.Path("kind"), "/metadata/name": manifest.Path("metadata", "name"),
		"/metadata/namespace": manifest.Path("metadata", "namespace"),
	} {
		if value := clone(walk(root, pointer(pointerText))); value != nil && !p.sets(path) {
			out[pointerText] = value
		}
	}
	return out
}

// parse reads a document as kustomize does and gives its nodes the document's
// lines.
func parse(u *use) *kyaml.RNode {
	if n, ok := u.clone(u.doc.node); ok && n != nil && u.doc.index != nil {
		return kyaml.NewRNode(n)
	}
	var root *kyaml.RNode
	if u.patch != nil && u.patch.json {
		n, err := kyaml.Parse(string(u.doc.text))
		if err != nil {
			return nil
		}
		root = n
	} else {
		all, err := kio.FromBytes(u.doc.text)
		if err != nil || len(all) != 1 {
			return nil
		}
		root = all[0]
	}
	move(root.YNode(), u.pad, 0)
	return root
}

// clone copies a value of the document and gives it the lines that kustomize
// sees. It leaves aliases and merge keys to kustomize's own parser.
func (u *use) clone(n *yaml.Node) (*yaml.Node, bool) {
	if n == nil || n.Kind == yaml.AliasNode || n.Tag == "!!merge" {
		return nil, n == nil
	}
	out := *n
	out.Anchor = ""
	out.Line += u.pad - u.doc.line + 1
	out.Column -= u.doc.column
	out.Content = make([]*yaml.Node, len(n.Content))
	for i, c := range n.Content {
		child, ok := u.clone(c)
		if !ok {
			return nil, false
		}
		out.Content[i] = child
	}
	return &out, true
}
