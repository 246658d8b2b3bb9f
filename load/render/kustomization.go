package render

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"sigs.k8s.io/yaml"

	"github.com/secgen/secgen/load/source"
	"github.com/secgen/secgen/manifest"
)

// kustomization is a kustomization file, or a Component's, with positions.
type kustomization struct {
	dir  string // real path of its folder
	file *file
	node *manifest.Node
	// edits are changes to the file as kustomize reads it, which keep its meaning.
	edits []edit
}

// edit replaces, in item number index of the list under field, the value under
// key by a path; for a list of strings key is "".
type edit struct {
	field, key string
	index      int
	path       string
}

var kustomizationNames = []string{"kustomization.yaml", "kustomization.yml", "Kustomization"}

// readKustomization finds and parses the kustomization of a folder. ref is where
// it is asked for.
func (r *repo) readKustomization(dir string, ref manifest.Position) (*kustomization, *source.Problem) {
	var found []*file
	for _, name := range kustomizationNames {
		f, err := r.load(path.Join(dir, name))
		switch {
		case err == nil:
			found = append(found, f)
		case !errors.Is(err, fs.ErrNotExist):
			return nil, asProblem(err, ref)
		}
	}
	switch len(found) {
	case 0:
		return nil, problem(ref, "folder %s has no kustomization.yaml, kustomization.yml or Kustomization", dir)
	case 1:
	default:
		return nil, problem(manifest.Position{File: found[1].path}, "folder %s has two kustomizations, %s and this one; keep one of them",
			dir, path.Base(found[0].path))
	}
	k := &kustomization{dir: dir, file: found[0]}
	docs, p := r.documents(k.file)
	if p != nil {
		return nil, p
	}
	// kustomize reads the first document only.
	if len(docs) == 0 || docs[0].node == nil {
		return nil, problem(manifest.Position{File: k.file.path}, "the kustomization is empty")
	}
	node, err := manifest.FromYAML(docs[0].node, docs[0].place)
	if err != nil {
		return nil, problem(manifest.Position{File: k.file.path}, "%v", err)
	}
	if node.Kind != manifest.Map {
		return nil, problem(node.Pos, "a kustomization must be a map; found a %s", node.Kind)
	}
	k.node = node
	if bad := k.unquoted(); bad != nil {
		return nil, bad
	}
	return k, k.foreign()
}

// unquoted refuses words that YAML 1.1, which kustomize reads, takes for something
// else than text.
func (k *kustomization) unquoted() *source.Problem {
	for _, name := range []string{"apiVersion", "kind", "namespace", "namePrefix", "nameSuffix"} {
		if n := k.field(name); n != nil && n.Kind != manifest.String && n.Kind != manifest.Null {
			return problem(n.Pos, "%s must be a string; found %s", name, unquoted(n))
		}
	}
	return nil
}

// foreign refuses Flux's object of the same kind, which often has the same file
// name.
func (k *kustomization) foreign() *source.Problem {
	api := k.field("apiVersion")
	if strings.HasPrefix(api.Str(), "kustomize.toolkit.fluxcd.io/") {
		return problem(api.Pos, "this is a Flux Kustomization object (%s), no kustomize file; rename the file, so that kustomize does not take it for its own", api.Str())
	}
	return nil
}

// field finds a field as encoding/json does, whatever its case.
func (k *kustomization) field(name string) *manifest.Node { return fold(k.node, name) }

func (k *kustomization) component() bool { return k.field("kind").Str() == "Component" }

func fold(n *manifest.Node, name string) *manifest.Node {
	if v := n.Get(name); v != nil {
		return v
	}
	if n == nil || n.Kind != manifest.Map {
		return nil
	}
	for _, f := range n.Fields {
		if strings.EqualFold(f.Key, name) {
			return f.Value
		}
	}
	return nil
}

// items returns the elements of several list fields, in order.
func (k *kustomization) items(fields ...string) []*manifest.Node {
	var out []*manifest.Node
	for _, f := range fields {
		out = append(out, k.field(f).Elems()...)
	}
	return out
}

// content is what kustomize reads: the file as it is, or with its edits, as the
// JSON into which kustomize turns it anyway.
func (k *kustomization) content() ([]byte, error) {
	if len(k.edits) == 0 {
		return k.file.data, nil
	}
	asJSON, err := yaml.YAMLToJSON(k.file.data)
	if err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(bytes.NewReader(asJSON))
	decoder.UseNumber()
	var tree map[string]any
	if err := decoder.Decode(&tree); err != nil {
		return nil, err
	}
	for _, e := range k.edits {
		if err := e.apply(tree); err != nil {
			return nil, fmt.Errorf("%s: %w", k.file.path, err)
		}
	}
	return json.Marshal(tree)
}

func (e edit) apply(tree map[string]any) error {
	for name, value := range tree {
		list, ok := value.([]any)
		if !ok || !strings.EqualFold(name, e.field) || e.index >= len(list) {
			continue
		}
		if e.key == "" {
			list[e.index] = e.path
			return nil
		}
		item, ok := list[e.index].(map[string]any)
		if !ok {
			break
		}
		for key := range item {
			if strings.EqualFold(key, e.key) {
				delete(item, key)
			}
		}
		item["path"] = e.path
		return nil
	}
	return fmt.Errorf("field %s has no item %d to edit", e.field, e.index)
}

func problem(at manifest.Position, format string, args ...any) *source.Problem {
	return &source.Problem{Position: at, Reason: fmt.Sprintf(format, args...)}
}

// asProblem keeps a problem of a file as it is, and adds where the file was asked
// for to what is missing.
func asProblem(err error, ref manifest.Position) *source.Problem {
	var p *source.Problem
	if errors.As(err, &p) {
		if p.Position.Line > 0 || ref.IsZero() {
			return p
		}
		return problem(ref, "%s %s", p.Position.File, p.Reason)
	}
	return problem(ref, "%v", err)
}
