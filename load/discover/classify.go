package discover

import (
	"bytes"
	"path"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/secgen/secgen/load/source"
	"github.com/secgen/secgen/manifest"
)

// stray is what a file that no kustomization uses turned out to be.
type stray struct {
	bucket  Bucket
	reason  string
	at      manifest.Position
	objects []manifest.ID // of a manifest
}

// charts are the folders that hold a Chart.yaml.
type charts map[string]bool

// part tells which part of a Helm chart a file is, "" for none.
func (c charts) part(file string) string {
	for dir := path.Dir(file); ; dir = parent(dir) {
		if c[dir] {
			rest := strings.TrimPrefix(file, dir+"/")
			switch {
			case strings.HasPrefix(rest, "templates/"):
				return "template"
			case strings.HasPrefix(rest, "crds/"):
				return "CRD"
			case !strings.Contains(rest, "/") && (strings.HasPrefix(rest, "Chart.") || strings.HasPrefix(rest, "values")):
				return "settings"
			}
		}
		if dir == "." {
			return ""
		}
	}
}

// classify reads a YAML or JSON file that no kustomization uses.
func classify(tree *source.Tree, file string, charts charts) stray {
	switch charts.part(file) {
	case "template":
		return stray{bucket: Template, reason: "template of a Helm chart; render the chart to have it linted"}
	case "CRD":
		return stray{bucket: Other, reason: "CRD of a Helm chart"}
	case "settings":
		return stray{bucket: Other, reason: "settings of a Helm chart"}
	}
	if isKustomizationName(file) {
		return stray{bucket: Template, reason: "template of a kustomization: holds {{ and nothing uses it"}
	}
	data, err := tree.ReadFile(file)
	if err != nil {
		f := unreadFile(file, err)
		return stray{bucket: Unread, reason: f.Reason, at: f.Position}
	}
	if len(bytes.TrimSpace(data)) == 0 {
		return stray{bucket: Other, reason: "empty"}
	}
	template := bytes.Contains(data, []byte("{{"))
	if !bytes.Contains(data, []byte("apiVersion")) && !bytes.ContainsRune(data, '\\') && !template && !utf16(data) {
		// A backslash may hide the word in a quoted key.
		return stray{bucket: Other, reason: "no manifest: it has no apiVersion"}
	}
	docs, problem := source.Check(file, data, tree.Limits())
	if problem == nil {
		return judge(docs)
	}
	switch {
	case template:
		return stray{bucket: Template, reason: "template: holds {{, is no YAML as it stands, and nothing uses it"}
	case looksLikeManifest(data):
		return stray{bucket: Unread, reason: problem.Reason, at: problem.Position}
	}
	return stray{bucket: Other, reason: "no manifest, and no YAML: " + problem.Reason}
}

// utf16 tells whether the file may be a manifest in an encoding that nobody reads.
func utf16(data []byte) bool {
	return bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff"))
}

// looksLikeManifest tells whether text that does not parse was meant as one.
func looksLikeManifest(data []byte) bool {
	if utf16(data) {
		return true
	}
	lines := func(key string) bool {
		return bytes.HasPrefix(data, []byte(key)) || bytes.Contains(data, []byte("\n"+key)) ||
			bytes.HasPrefix(data, []byte("\ufeff"+key))
	}
	return lines("apiVersion:") && lines("kind:") ||
		bytes.Contains(data, []byte(`"apiVersion"`)) && bytes.Contains(data, []byte(`"kind"`))
}

// judge decides on a file that parses. One document that is an object makes it a
// manifest.
func judge(docs []source.Document) stray {
	s := stray{bucket: Other, reason: "no manifest: no document has apiVersion and kind"}
	for _, doc := range docs {
		s.object(doc.Root())
	}
	if len(s.objects) > 0 {
		s.bucket, s.reason = Linted, "manifest"
	}
	return s
}

// object looks at one object, or at the items of a list.
func (s *stray) object(n *yaml.Node) {
	id := manifest.ID{
		APIVersion: text(n, "apiVersion"), Kind: text(n, "kind"),
		Name: text(get(n, "metadata"), "name"), Namespace: text(get(n, "metadata"), "namespace"),
	}
	if id.APIVersion == "" || id.Kind == "" {
		return
	}
	if items := get(n, "items"); strings.HasSuffix(id.Kind, "List") && items != nil && items.Kind == yaml.SequenceNode {
		if len(items.Content) == 0 {
			s.reason = "empty list"
		}
		for _, item := range items.Content {
			if item.Kind == yaml.AliasNode {
				item = item.Alias
			}
			s.item(item, id)
		}
		return
	}
	if reason := notDeployed(n, id); reason != "" {
		s.reason = reason
		return
	}
	s.objects = append(s.objects, id)
}

// item is an item of a list. In a PodList and its like it may leave out its kind.
func (s *stray) item(n *yaml.Node, list manifest.ID) {
	if list.Kind != "List" && text(n, "kind") == "" {
		s.objects = append(s.objects, manifest.ID{
			APIVersion: list.APIVersion, Kind: strings.TrimSuffix(list.Kind, "List"),
			Name: text(get(n, "metadata"), "name"), Namespace: text(get(n, "metadata"), "namespace"),
		})
		return
	}
	s.object(n)
}

// clientSide are the API groups, and groups' prefixes that end in a dot or slash,
// of files for tools that never reach a cluster.
var clientSide = []string{
	"builtin", "skaffold/", "kustomize.config.k8s.io/", "kind.x-k8s.io/",
	"client.authentication.k8s.io/", "config.kubernetes.io/",
	"kpt.dev/", "k3d.io/", "ctlptl.dev/", "eksctl.io/", "backstage.io/", "helmfile/", "tilt.dev/", "krew.googlecontainertools.github.com/",
}

// unusedPatch begins the reason of what looks like a patch and is none of any
// kustomization.
const unusedPatch = "patch that no kustomization uses"

// notDeployed says why an object with apiVersion and kind is not one of a
// cluster, "" where it is.
func notDeployed(n *yaml.Node, id manifest.ID) string {
	for _, prefix := range clientSide {
		if strings.HasPrefix(id.APIVersion, prefix) {
			return "no manifest: " + id.APIVersion + " is read by a tool, not by a cluster"
		}
	}
	if meta := get(n, "metadata"); meta != nil && meta.Kind != yaml.MappingNode {
		return "" // for the renderer to refuse
	}
	if manifest.OfControlPlane(id.Group()) {
		return "" // read by a component of the control plane: judged without a name
	}
	if id.Name == "" && text(get(n, "metadata"), "generateName") == "" {
		return "no manifest: the " + id.Kind + " has no name, as a patch or a tool's configuration"
	}
	if hasDirective(n, 0) {
		return unusedPatch + " ($patch)"
	}
	if partial(n, id) {
		return unusedPatch + ": the " + id.Kind + " lacks what its kind requires"
	}
	return ""
}

// requiredFields is what an object of a kind says at its top, or else says
// nothing: patches of these kinds often change metadata alone.
var requiredFields = map[string]string{
	"/Service": "spec", "/PersistentVolumeClaim": "spec",
	"networking.k8s.io/Ingress": "spec", "autoscaling/HorizontalPodAutoscaler": "spec", "policy/PodDisruptionBudget": "spec",
	"rbac.authorization.k8s.io/RoleBinding": "roleRef", "rbac.authorization.k8s.io/ClusterRoleBinding": "roleRef",
	"storage.k8s.io/StorageClass":                                 "provisioner",
	"admissionregistration.k8s.io/MutatingWebhookConfiguration":   "webhooks",
	"admissionregistration.k8s.io/ValidatingWebhookConfiguration": "webhooks",
}

// partial tells whether a workload lacks what the API server demands: it can
// only be a patch.
func partial(n *yaml.Node, id manifest.ID) bool {
	if required, ok := requiredFields[id.Group()+"/"+id.Kind]; ok {
		return get(n, required) == nil
	}
	spec := get(n, "spec")
	switch id.Group() + "/" + id.Kind {
	case "apiextensions.k8s.io/CustomResourceDefinition":
		return get(spec, "names") == nil
	case "/Pod":
	case "apps/Deployment", "apps/StatefulSet", "apps/DaemonSet", "apps/ReplicaSet":
		if get(spec, "selector") == nil {
			return true
		}
		spec = get(get(spec, "template"), "spec")
	case "batch/Job":
		spec = get(get(spec, "template"), "spec")
	case "batch/CronJob":
		if get(spec, "schedule") == nil {
			return true
		}
		spec = get(get(get(get(spec, "jobTemplate"), "spec"), "template"), "spec")
	default:
		return false
	}
	containers := get(spec, "containers")
	if containers == nil || containers.Kind != yaml.SequenceNode {
		// Something that is no list is for the linter to judge.
		return containers == nil
	}
	for _, c := range containers.Content {
		if c.Kind == yaml.MappingNode && get(c, "image") == nil {
			return true
		}
	}
	return false
}

// hasDirective looks for the directives of strategic merge patches.
func hasDirective(n *yaml.Node, depth int) bool {
	if n == nil || depth > 20 {
		return false
	}
	for i, c := range n.Content {
		if n.Kind == yaml.MappingNode && i%2 == 0 {
			if c.Value == "$patch" || c.Value == "$retainKeys" || strings.HasPrefix(c.Value, "$setElementOrder/") || strings.HasPrefix(c.Value, "$deleteFromPrimitiveList/") {
				return true
			}
			continue
		}
		if hasDirective(c, depth+1) {
			return true
		}
	}
	return false
}

func get(n *yaml.Node, key string) *yaml.Node {
	if n != nil && n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			if v := n.Content[i+1]; v.Kind == yaml.AliasNode {
				return v.Alias
			} else if v.ShortTag() != "!!null" {
				return v
			}
			return nil
		}
	}
	return nil
}

func text(n *yaml.Node, key string) string {
	if v := get(n, key); v != nil && v.Kind == yaml.ScalarNode {
		return v.Value
	}
	return ""
}
