package discover

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"
	"syscall"

	"github.com/secgen/secgen/load/source"
	"github.com/secgen/secgen/manifest"
)

// fileNames are those that kustomize looks for, in its order.
var fileNames = []string{"kustomization.yaml", "kustomization.yml", "Kustomization"}

// isKustomizationName tells whether kustomize takes a file of that name for a
// kustomization.
func isKustomizationName(name string) bool { return slices.Contains(fileNames, path.Base(name)) }

// reader reads kustomizations and remembers documents that several of them use.
// It is safe for concurrent use.
type reader struct {
	tree *source.Tree

	mu sync.Mutex
	// documents of plugin configurations, by file.
	documents map[string][]*manifest.Node
}

func (r *reader) known(file string) (docs []*manifest.Node, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	docs, ok = r.documents[file]
	return docs, ok
}

func (r *reader) learn(file string, docs []*manifest.Node) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.documents[file] = docs
}

// read parses the kustomization of a folder that holds the given ones of
// fileNames.
func (r *reader) read(dir string, names []string) *parser {
	k := &Kustomization{Dir: dir, File: path.Join(dir, names[0])}
	if len(names) > 1 {
		k.refuse(Ambiguous, manifest.Position{File: k.File, Line: 1, Column: 1},
			"the folder holds %s, and kustomize takes only one; delete the others", strings.Join(names, " and "))
	}
	p := &parser{reader: r, k: k, object: r.parse(k)}
	if k.Object = p.object; p.object == nil {
		return p
	}
	before := len(k.Refusals)
	p.checkType()
	if len(k.Refusals) == before {
		p.references()
		p.checkStrings()
	}
	return p
}

// parse reads the file into a tree, or refuses it.
func (r *reader) parse(k *Kustomization) *manifest.Node {
	data, err := r.tree.ReadFile(k.File)
	if err != nil {
		k.refuseProblem(err)
		return nil
	}
	docs, problem := source.Check(k.File, data, r.tree.Limits())
	if problem != nil {
		k.Template = bytes.Contains(data, []byte("{{"))
		k.refuseProblem(problem)
		return nil
	}
	first := true
	var object *manifest.Node
	for _, doc := range docs {
		if doc.Root() == nil {
			continue
		}
		if !first {
			k.Notes = append(k.Notes, Note{
				Position: manifest.Position{File: k.File, Line: doc.Line, Column: 1},
				Message:  "kustomize reads only the first document of a kustomization; what begins here has no effect",
			})
			break
		}
		first = false
		index := source.NewIndex(k.File, data, docs)
		object, err = manifest.FromYAML(doc.Root(), index.Place)
		if err != nil {
			k.refuse(Malformed, manifest.Position{File: k.File}, "%v", err)
			return nil
		}
	}
	if object != nil && object.Kind != manifest.Map {
		k.refuse(Malformed, object.Pos, "a kustomization is a map of fields such as resources; found a %s", object.Kind)
		return nil
	}
	return object
}

func (k *Kustomization) refuse(kind RefusalKind, at manifest.Position, format string, args ...any) {
	k.Refusals = append(k.Refusals, Refusal{Kind: kind, Position: at, Reason: fmt.Sprintf(format, args...)})
}

// refuseProblem takes over a problem of the kustomization's own file.
func (k *Kustomization) refuseProblem(err error) {
	var p *source.Problem
	if errors.As(err, &p) {
		k.refuse(Malformed, p.Position, "%s", p.Reason)
		return
	}
	k.refuse(Malformed, manifest.Position{File: k.File}, "%v", err)
}

// parser reads the fields of one kustomization.
type parser struct {
	*reader
	k      *Kustomization
	object *manifest.Node
}

const (
	kustomizeGroup = "kustomize.config.k8s.io"
	fluxGroup      = "kustomize.toolkit.fluxcd.io"
)

// checkType refuses what kustomize does not take for a kustomization, and keys
// that differ in case only, of which kustomize reads one.
func (p *parser) checkType() {
	kind, version := p.field("kind"), p.field("apiVersion")
	switch {
	case strings.HasPrefix(version.Str(), fluxGroup+"/"):
		p.k.refuse(Malformed, version.Pos, "this is Flux's Kustomization (%s), which tells Flux what to deploy, and no file for kustomize; "+
			"give it another name than %s, and write a kustomization (%s/v1beta1) with resources", version.Str(), path.Base(p.k.File), kustomizeGroup)
	case kind.Str() == "Component":
		p.k.Component = true
		if v := version.Str(); v != "" && v != kustomizeGroup+"/v1alpha1" {
			p.k.refuse(Malformed, version.Pos, "the apiVersion of a Component is %s/v1alpha1; found %q", kustomizeGroup, v)
		}
	case !kind.IsNull() && kind.Str() != "Kustomization":
		p.k.refuse(Malformed, kind.Pos, "the kind of a kustomization is Kustomization or Component; found %q", kind.Text)
	case !version.IsNull() && version.Str() != "" && version.Str() != kustomizeGroup+"/v1beta1":
		p.k.refuse(Malformed, version.Pos, "the apiVersion of a Kustomization is %s/v1beta1; found %q", kustomizeGroup, version.Text)
	}
	seen := map[string]manifest.Field{}
	for _, f := range p.object.Fields {
		key := strings.ToLower(f.Key)
		if old, ok := seen[key]; ok {
			p.k.refuse(Malformed, f.KeyPos, "the fields %s (line %d) and %s are the same to kustomize, which keeps only the later one; merge them",
				old.Key, old.KeyPos.Line, f.Key)
		}
		seen[key] = f
	}
}

// field finds a field as kustomize does, whatever the case of its letters.
func (p *parser) field(name string) *manifest.Node { return fold(p.object, name) }

func fold(n *manifest.Node, name string) *manifest.Node {
	if f := n.Field(name); f != nil {
		return f.Value
	}
	if n == nil {
		return nil
	}
	for i := range n.Fields {
		if strings.EqualFold(n.Fields[i].Key, name) {
			return n.Fields[i].Value
		}
	}
	return nil
}

// locate resolves a reference to a file or folder from the kustomization's
// folder. The refusal is nil, or says why there is none.
func (p *parser) locate(text string, at manifest.Position) (real string, dir bool, refusal *Refusal) {
	name := text
	if path.IsAbs(text) {
		rel, ok := p.tree.Rel(text)
		if !ok {
			return "", false, &Refusal{Outside, at, fmt.Sprintf("%s is outside the repository, of which nothing is read; copy it in", text)}
		}
		name = rel
	} else {
		name = path.Join(p.k.Dir, text)
	}
	real, dir, err := p.tree.Resolve(name)
	if err == nil && !dir {
		err = p.tree.Readable(real)
	}
	if err == nil {
		return real, dir, nil
	}
	return "", false, notLocated(text, name, at, err)
}

// notLocated says why a reference leads nowhere.
func notLocated(text, name string, at manifest.Position, err error) *Refusal {
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return &Refusal{Missing, at, fmt.Sprintf("%s does not exist (%s); add it or remove this reference", text, name)}
	}
	var problem *source.Problem
	if !errors.As(err, &problem) {
		return &Refusal{Malformed, at, fmt.Sprintf("%s: %v", text, err)}
	}
	subject := text
	if problem.Position.File != path.Clean(name) {
		subject = text + ": " + problem.Position.File
	}
	kind := Malformed
	if errors.Is(err, source.ErrOutside) {
		kind = Outside
	}
	return &Refusal{kind, at, subject + " " + problem.Reason}
}
