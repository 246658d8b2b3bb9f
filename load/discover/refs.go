package discover

import (
	"fmt"
	"path"
	"strings"

	"github.com/secgen/secgen/load/source"
	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/remote"
)

// references reads every field that names files, in kustomize's order.
func (p *parser) references() {
	for _, field := range []string{"resources", "bases"} {
		for _, item := range texts(p.field(field)) {
			p.resource(field, item)
		}
	}
	for _, item := range texts(p.field("configurations")) {
		p.file("configurations", Configuration, item)
	}
	for _, item := range texts(p.field("crds")) {
		p.file("crds", CRD, item)
	}
	for _, field := range []string{"configMapGenerator", "secretGenerator"} {
		for _, g := range p.field(field).Elems() {
			p.keyValues(field, g)
		}
	}
	p.helm()
	for _, item := range texts(p.field("generators")) {
		p.plugin("generators", item)
	}
	for _, item := range texts(p.field("components")) {
		p.folder("components", Component, item)
	}
	for _, item := range texts(p.field("patchesStrategicMerge")) {
		p.pathOrInline("patchesStrategicMerge", item)
	}
	for _, field := range []string{"patches", "patchesJson6902"} {
		for _, item := range p.field(field).Elems() {
			p.patch(field, item)
		}
	}
	p.replacements("replacements", p.field("replacements"))
	for _, field := range []string{"transformers", "validators"} {
		for _, item := range texts(p.field(field)) {
			p.plugin(field, item)
		}
	}
	if item := fold(p.field("openapi"), "path"); item.Str() != "" {
		p.file("openapi", OpenAPI, item)
	}
}

// texts is the string items of a list. What else stands there kustomize refuses
// by itself.
func texts(list *manifest.Node) []*manifest.Node {
	var out []*manifest.Node
	for _, item := range list.Elems() {
		if item.Str() != "" {
			out = append(out, item)
		}
	}
	return out
}

func (p *parser) add(ref Ref) { p.k.Refs = append(p.k.Refs, ref) }

func (p *parser) refuseRef(ref Ref, refusal Refusal) {
	p.add(ref)
	p.k.Refusals = append(p.k.Refusals, refusal)
}

func notVendored(ref Ref) Refusal {
	return Refusal{Remote, ref.Position, fmt.Sprintf("remote base not vendored: %s in %s needs the network, and secgen opens no connection; "+
		"copy it into the repository and refer to the copy", ref.Text, ref.Field)}
}

// resource is a file of manifests or else a base: kustomize tries a file first,
// then a Git repository, then a folder.
func (p *parser) resource(field string, item *manifest.Node) {
	p.fileOrFolder(Ref{Field: field, Role: Resource, Text: item.Text, Position: item.Pos}, Base)
}

func (p *parser) fileOrFolder(ref Ref, folderRole Role) {
	if remote.IsFile(ref.Text) {
		p.refuseRef(ref, notVendored(ref))
		return
	}
	real, dir, refusal := p.locate(ref.Text, ref.Position)
	switch {
	case refusal == nil && !dir:
		ref.Path = real
		p.add(ref)
		p.noteElsewhere(ref)
		if ref.Role == Plugin {
			p.pluginFile(ref, real)
		}
	case remote.IsRepository(ref.Text):
		p.refuseRef(ref, notVendored(ref))
	case refusal != nil:
		p.refuseRef(ref, *refusal)
	default:
		ref.Role = folderRole
		p.addFolder(ref, real)
	}
}

// folder is a reference that only a folder satisfies.
func (p *parser) folder(field string, role Role, item *manifest.Node) {
	ref := Ref{Field: field, Role: role, Text: item.Text, Position: item.Pos}
	if remote.IsRepository(ref.Text) {
		p.refuseRef(ref, notVendored(ref))
		return
	}
	real, dir, refusal := p.locate(ref.Text, ref.Position)
	switch {
	case refusal != nil:
		p.refuseRef(ref, *refusal)
	case !dir:
		p.refuseRef(ref, Refusal{Missing, ref.Position, fmt.Sprintf("%s is a file; %s takes folders with a kustomization", ref.Text, field)})
	default:
		p.addFolder(ref, real)
	}
}

func (p *parser) addFolder(ref Ref, real string) {
	switch {
	case path.IsAbs(ref.Text):
		p.refuseRef(ref, Refusal{Malformed, ref.Position, fmt.Sprintf("%s is an absolute path, which kustomize refuses for folders; write it relative to %s", ref.Text, p.k.Dir)})
		return
	case mixesDots(ref.Text):
		p.refuseRef(ref, Refusal{Malformed, ref.Position, fmt.Sprintf("%q holds .. inside a name, which kustomize refuses; two list items may have run together", ref.Text)})
		return
	case real == p.k.Dir || real == "." || strings.HasPrefix(p.k.Dir, real+"/"):
		p.refuseRef(ref, Refusal{Cycle, ref.Position, fmt.Sprintf("cycle: %s -> %s, which is the folder itself or one above it", p.k.Dir, real)})
		return
	}
	ref.Path = real
	p.add(ref)
}

// mixesDots tells whether a part of the path holds ".." beside other characters.
func mixesDots(text string) bool {
	for part := range strings.SplitSeq(text, "/") {
		if part != ".." && strings.Contains(part, "..") {
			return true
		}
	}
	return false
}

// file is a reference to one file.
func (p *parser) file(field string, role Role, item *manifest.Node) {
	p.fileAt(Ref{Field: field, Role: role, Text: item.Text, Position: item.Pos}, item.Text)
}

func (p *parser) fileAt(ref Ref, name string) {
	if remote.IsFile(name) {
		p.refuseRef(ref, notVendored(ref))
		return
	}
	real, dir, refusal := p.locate(name, ref.Position)
	switch {
	case refusal != nil:
		p.refuseRef(ref, *refusal)
	case dir:
		p.refuseRef(ref, Refusal{Missing, ref.Position, fmt.Sprintf("%s is a folder; %s takes files", name, ref.Field)})
	default:
		ref.Path = real
		p.add(ref)
		p.noteElsewhere(ref)
	}
}

// noteElsewhere says that plain kustomize refuses a file that is not below the
// kustomization, which Argo CD and Flux may allow.
func (p *parser) noteElsewhere(ref Ref) {
	if p.k.Dir == "." || strings.HasPrefix(ref.Path, p.k.Dir+"/") {
		return
	}
	p.k.Notes = append(p.k.Notes, Note{ref.Position, fmt.Sprintf(
		"%s is read from %s, which is not below %s: plain kustomize refuses that without --load-restrictor LoadRestrictionsNone",
		ref.Text, ref.Path, p.k.Dir)})
}

// keyValues reads the sources of a ConfigMap or Secret generator.
func (p *parser) keyValues(field string, g *manifest.Node) {
	for _, item := range texts(fold(g, "files")) {
		name := item.Text
		if key, file, found := strings.Cut(name, "="); found && key != "" {
			name = file
		}
		p.fileAt(Ref{Field: field, Role: Generator, Text: item.Text, Position: item.Pos}, name)
	}
	envs := texts(fold(g, "envs"))
	if env := fold(g, "env"); env.Str() != "" {
		envs = append(envs, env)
	}
	for _, item := range envs {
		p.file(field, Env, item)
	}
}

func (p *parser) helm() {
	for _, field := range []string{"helmCharts", "helmChartInflationGenerator"} {
		for _, chart := range p.field(field).Elems() {
			name := fold(chart, "name").Str() + fold(chart, "chartName").Str()
			p.k.refuse(Helm, chart.Pos, "the chart %q needs helm, which secgen does not run; render it first (helm template) and list the result in resources", name)
		}
	}
}

func (p *parser) patch(field string, item *manifest.Node) {
	if file := fold(item, "path"); file.Str() != "" {
		p.file(field, Patch, file)
	}
	if inline := fold(item, "patch"); inline.Str() != "" {
		p.add(Ref{Field: field, Role: Patch, Text: inline.Text, Inline: true, Position: inline.Pos})
	}
}

// pathOrInline is a patch that may be a document or name a file; kustomize tries
// the document first.
func (p *parser) pathOrInline(field string, item *manifest.Node) {
	if len(p.inline(item)) > 0 {
		p.add(Ref{Field: field, Role: Patch, Text: item.Text, Inline: true, Position: item.Pos})
		return
	}
	if p.brokenInline(field, Patch, item) {
		return
	}
	p.file(field, Patch, item)
}

// brokenInline refuses a text of several lines that was meant as a document, and
// is none: it is no path either.
func (p *parser) brokenInline(field string, role Role, item *manifest.Node) bool {
	if !strings.Contains(item.Text, "\n") {
		return false
	}
	reason := "it is no map"
	if _, problem := source.Check(p.k.File, []byte(item.Text), p.tree.Limits()); problem != nil {
		reason = fmt.Sprintf("line %d of the text %s", problem.Position.Line, problem.Reason)
	}
	p.refuseRef(Ref{Field: field, Role: role, Text: item.Text, Inline: true, Position: item.Pos},
		Refusal{Malformed, item.Pos, fmt.Sprintf("this item of %s is neither a document nor a path: %s", field, reason)})
	return true
}

func (p *parser) replacements(field string, list *manifest.Node) {
	for _, item := range list.Elems() {
		if file := fold(item, "path"); file.Str() != "" {
			p.file(field, Replacement, file)
		}
	}
}

// inline parses a text as the documents of resources. It returns nothing where
// the text is a path instead.
func (p *parser) inline(item *manifest.Node) []*manifest.Node {
	docs, problem := source.Check(p.k.File, []byte(item.Text), p.tree.Limits())
	if problem != nil {
		return nil
	}
	var out []*manifest.Node
	for _, doc := range docs {
		root := doc.Root()
		if root == nil {
			continue
		}
		n, err := manifest.FromYAML(root, func(*yamlNode) manifest.Position { return item.Pos })
		if err != nil || n.Kind != manifest.Map {
			return nil
		}
		out = append(out, n)
	}
	return out
}
