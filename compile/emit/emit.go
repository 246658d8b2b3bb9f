// Package emit prints a plan as manifests: one folder a namespace, one for the
// cluster, and a kustomize Component for each root whose own objects have to
// change.
//
// It promises that values come through a YAML library and read back as the same
// tree, whatever they hold, that each number and each allow carries its
// derivation as a comment with file and field, and that the same plan prints the
// same bytes. It decides nothing.
package emit

import (
	"cmp"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/secgen/secgen/compile/plan"
	"github.com/secgen/secgen/manifest"
)

// File is one file of the output.
type File struct {
	// Path is relative to the output folder and uses "/".
	Path    string
	Content []byte
	// Objects are what the file holds, for the proof; none for a kustomization and
	// for a patch.
	Objects []Object
}

// Bootstrap is the folder of what no GitOps controller applies.
const Bootstrap = "bootstrap/"

// Object is one Kubernetes object to print.
type Object struct {
	Node *manifest.Node
	// Guardrail and Namespace say what the object belongs to.
	Guardrail plan.Guardrail
	Namespace string
	// Head stands above the object; Comments above fields, by field path.
	Head     []string
	Comments map[string][]string
}

// Files prints a plan. unproven are reasons to print above the objects of a
// guardrail that is written although its proof failed.
func Files(p *plan.Plan, unproven func(namespace string, g plan.Guardrail) []string) ([]File, error) {
	t := &tree{unproven: unproven}
	for _, n := range p.Namespaces {
		t.namespace(n)
	}
	for _, g := range p.NodeGroups {
		t.nodeGroup(g)
	}
	if p.Images != nil {
		t.add("cluster/image-policy.yaml", clusterImagePolicy(p.Images))
	}
	if p.Audit {
		t.add(Bootstrap+"audit-policy.yaml", auditPolicy())
	}
	for _, r := range p.Legacy {
		t.add("cluster/migrated.yaml", legacy(r))
	}
	if p.Hosts != nil {
		for _, o := range hosts(p.Hosts) {
			t.add("cluster/hosts.yaml", o)
		}
	}
	if p.NodePorts != nil {
		for _, o := range nodePorts(p.NodePorts) {
			t.add("cluster/node-ports.yaml", o)
		}
	}
	for _, s := range p.NetworkSets() {
		t.add("cluster/network-sets.yaml", network(s))
	}
	if p.Region != nil {
		sets, policies := region(p.Region)
		for _, o := range sets {
			t.add("cluster/network-sets.yaml", o)
		}
		for _, o := range policies {
			t.add("cluster/region-policies.yaml", o)
		}
	}
	return t.files()
}

// tree collects objects by file.
type tree struct {
	objects  map[string][]Object
	patches  map[string][]patch // by root
	unproven func(string, plan.Guardrail) []string
}

// patch changes an object of a root.
type patch struct {
	name string
	// target is the object as its file names it.
	target manifest.ID
	Object
}

func (t *tree) add(file string, o Object) {
	if t.objects == nil {
		t.objects = map[string][]Object{}
	}
	if t.unproven != nil {
		for _, reason := range t.unproven(o.Namespace, o.Guardrail) {
			o.Head = append(o.Head, "NOT PROVEN: "+reason)
		}
	}
	t.objects[file] = append(t.objects[file], o)
}

// namespace adds the folder of a namespace.
func (t *tree) namespace(n *plan.Namespace) {
	dir := path.Join("namespaces", n.Name)
	t.labels(dir, n)
	if n.Quota != nil {
		t.add(dir+"/resource-quota.yaml", quota(n, n.Quota))
	}
	for _, q := range n.Priorities {
		t.add(dir+"/resource-quota.yaml", quota(n, q))
	}
	if n.Limits != nil && len(n.Limits.Items) > 0 {
		t.add(dir+"/limit-range.yaml", limitRange(n))
	}
	for _, r := range n.Roles {
		for _, o := range role(n.Name, r) {
			t.add(dir+"/access.yaml", o)
		}
	}
	if n.ServiceAccount != nil {
		t.add(dir+"/service-account.yaml", account(n))
	}
	if n.Images != nil {
		t.add(dir+"/image-policy.yaml", imagePolicy(n))
	}
	if n.Mesh != nil {
		t.add(dir+"/peer-authentication.yaml", peerAuthentication(n))
	}
	if n.Project != nil {
		t.add("cluster/argo-projects.yaml", project(n))
	}
	if n.Tenant != nil {
		t.tenant(dir, n)
	}
	if n.Traffic != nil {
		for _, o := range isolation(n) {
			t.add(dir+"/network-policies.yaml", o)
		}
	}
}

// files prints all, with a kustomization a folder.
func (t *tree) files() ([]File, error) {
	var out []File
	byDir := map[string][]string{}
	for file, objects := range t.objects {
		content, err := encode(objects)
		if err != nil {
			return nil, err
		}
		out = append(out, File{Path: file, Content: content, Objects: objects})
		byDir[path.Dir(file)] = append(byDir[path.Dir(file)], path.Base(file))
	}
	var dirs []string
	for dir, names := range byDir {
		if dir+"/" == Bootstrap {
			continue // nothing there is for a GitOps controller
		}
		dirs = append(dirs, dir)
		f, err := kustomization(dir, names)
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	if len(dirs) > 0 {
		f, err := kustomization("", dirs)
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	components, err := t.components()
	if err != nil {
		return nil, err
	}
	out = append(out, components...)
	slices.SortFunc(out, func(a, b File) int { return cmp.Compare(a.Path, b.Path) })
	return out, nil
}

func kustomization(dir string, resources []string) (File, error) {
	slices.Sort(resources)
	content, err := encode([]Object{{Node: fields(
		"apiVersion", "kustomize.config.k8s.io/v1beta1",
		"kind", "Kustomization",
		"resources", resources,
	)}})
	return File{Path: path.Join(dir, "kustomization.yaml"), Content: content}, err
}

// components prints a kustomize Component for each root that has patches.
func (t *tree) components() ([]File, error) {
	var out []File
	for root, patches := range t.patches {
		dir := path.Join("components", root)
		var list []*manifest.Node
		for _, p := range patches {
			content, err := encode([]Object{p.Object})
			if err != nil {
				return nil, err
			}
			list = append(list, fields("path", p.name, "target", target(p.target)))
			out = append(out, File{Path: path.Join(dir, p.name), Content: content})
		}
		f, err := component(dir, "Include this from "+path.Join(root, "kustomization.yaml")+", under components.", "patches", list)
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return out, nil
}

// target selects an object for a patch. Without a target a patch would break its
// root on the day on which the object leaves the repository, and compile could not
// read the root to take the patch back. The parts are regular expressions.
func target(id manifest.ID) *manifest.Node {
	group, version := id.Group(), id.APIVersion
	if group != "" {
		version = strings.TrimPrefix(version, group+"/")
	}
	var parts []any
	for _, part := range []struct{ key, value string }{
		{"group", group}, {"version", version}, {"kind", id.Kind}, {"name", id.Name}, {"namespace", id.Namespace},
	} {
		if part.value != "" {
			parts = append(parts, part.key, regexp.QuoteMeta(part.value))
		}
	}
	return fields(parts...)
}

// NoPatches is the Component of a folder that a kustomization still includes and
// that needs no patch any more: without it the kustomization would break.
func NoPatches(dir string) (File, error) {
	// Kustomize takes no kustomization without a field.
	return component(dir, "Nothing is patched here any more: take this out of the components of what includes it.", "patches", []string{})
}

func component(dir, head string, rest ...any) (File, error) {
	content, err := encode([]Object{{
		Head: []string{head},
		Node: fields(append([]any{"apiVersion", "kustomize.config.k8s.io/v1alpha1", "kind", "Component"}, rest...)...),
	}})
	return File{Path: path.Join(dir, "kustomization.yaml"), Content: content}, err
}
