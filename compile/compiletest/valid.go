package compiletest

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strings"

	calico "github.com/projectcalico/api/pkg/apis/projectcalico/v3"
	"go.yaml.in/yaml/v3"
	admissionv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1validation "k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
	kjson "sigs.k8s.io/json"
)

//go:embed schemas.yaml
var schemasText []byte

// Checker judges printed files as the API servers that take them would: what
// Kubernetes' and Calico's own types do not decode strictly, what the schemas of
// custom resources refuse, names and labels, and two objects of one identity.
type Checker struct {
	scheme  *runtime.Scheme
	schemas map[string]any
	// Seen counts the objects by apiVersion/kind.
	Seen map[string]int
	ids  map[string]string
}

// NewChecker makes a checker for the files of one cluster.
func NewChecker() (*Checker, error) {
	c := &Checker{scheme: runtime.NewScheme(), Seen: map[string]int{}, ids: map[string]string{}}
	for _, add := range []func(*runtime.Scheme) error{
		corev1.AddToScheme, rbacv1.AddToScheme, networkingv1.AddToScheme, admissionv1.AddToScheme, calico.AddToScheme,
	} {
		if err := add(c.scheme); err != nil {
			return nil, err
		}
	}
	return c, yaml.Unmarshal(schemasText, &c.schemas)
}

// File returns what is wrong with the objects of one file, by its path in the
// output folder.
func (c *Checker) File(file string, content []byte) []string {
	var out []string
	d := yaml.NewDecoder(bytes.NewReader(content))
	for {
		var doc map[string]any
		if err := d.Decode(&doc); errors.Is(err, io.EOF) {
			return out
		} else if err != nil {
			return append(out, fmt.Sprintf("%s: %v", file, err))
		}
		for _, problem := range c.object(file, doc) {
			out = append(out, fmt.Sprintf("%s: %v %v: %s", file, doc["kind"], name(doc), problem))
		}
	}
}

func name(doc map[string]any) string {
	metadata, _ := doc["metadata"].(map[string]any)
	text, _ := metadata["name"].(string)
	return text
}

func (c *Checker) object(file string, doc map[string]any) []string {
	version, _ := doc["apiVersion"].(string)
	kind, _ := doc["kind"].(string)
	bootstrap := slices.Contains(strings.Split(file, "/"), "bootstrap")
	if version == "" && kind == "" && bootstrap {
		return nil // a runbook
	}
	key := version + "/" + kind
	c.Seen[key]++
	if path.Base(file) == "kustomization.yaml" || bootstrap {
		return c.match(key, doc, false)
	}
	gv, err := schema.ParseGroupVersion(version)
	if err != nil {
		return []string{err.Error()}
	}
	patch := slices.Contains(strings.Split(file, "/"), "components")
	var out []string
	typed := false
	if patch {
		// What a patch does to an object is for kustomize to say.
	} else if typed, out = c.decode(gv.WithKind(kind), doc); !typed && c.schemas[key] == nil {
		return []string{"no schema for " + key + "; add one to schemas.yaml"}
	} else if c.schemas[key] != nil {
		out = append(out, c.match(key, doc, typed)...)
	}
	if !patch {
		out = append(out, c.metadata(file, key, doc)...)
	}
	return out
}

// decode decodes an object strictly into its Go type, where there is one.
func (c *Checker) decode(kind schema.GroupVersionKind, doc map[string]any) (bool, []string) {
	if kind.Group == "projectcalico.org" {
		var wrong []string
		if kind.Kind, doc, wrong = older(kind.Kind, doc); wrong != nil {
			return true, wrong
		}
	}
	into, err := c.scheme.New(kind)
	if err != nil {
		return false, nil
	}
	data, err := json.Marshal(doc)
	if err != nil {
		return true, []string{err.Error()}
	}
	strict, err := kjson.UnmarshalStrict(data, into)
	if err != nil {
		strict = append(strict, err)
	}
	var out []string
	for _, e := range strict {
		out = append(out, e.Error())
	}
	return true, out
}

// older is a policy as Calico's types had it before tiers and staged policies were
// in its free edition: without the tier, and as the kind that is not staged.
func older(kind string, doc map[string]any) (string, map[string]any, []string) {
	rest, staged := strings.CutPrefix(kind, "Staged")
	spec, _ := doc["spec"].(map[string]any)
	doc, spec = maps.Clone(doc), maps.Clone(spec)
	doc["spec"] = spec
	for key, wanted := range map[string]bool{"stagedAction": staged, "tier": strings.HasSuffix(kind, "NetworkPolicy")} {
		if value, there := spec[key]; there && wanted {
			if text, ok := value.(string); !ok || key == "stagedAction" && text != "Set" {
				return kind, doc, []string{fmt.Sprintf("spec.%s is %v", key, value)}
			}
			delete(spec, key)
		}
	}
	return rest, doc, nil
}

// clusterWide are the kinds that are in no namespace.
var clusterWide = []string{"Namespace", "GlobalNetworkPolicy", "StagedGlobalNetworkPolicy", "GlobalNetworkSet", "HostEndpoint", "Tier",
	"ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding", "MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding",
	"ClusterImagePolicy", "ClusterRole", "ClusterRoleBinding", "NodePool"}

func (c *Checker) metadata(file, key string, doc map[string]any) []string {
	var out []string
	metadata, _ := doc["metadata"].(map[string]any)
	kind := path.Base(key)
	namespace, _ := metadata["namespace"].(string)
	if inside := !slices.Contains(clusterWide, kind); inside != (namespace != "") {
		out = append(out, fmt.Sprintf("metadata.namespace is %q", namespace))
	}
	valid := validation.IsDNS1123Subdomain
	if kind == "Namespace" {
		valid = validation.IsDNS1123Label
	}
	for _, why := range valid(name(doc)) {
		out = append(out, "metadata.name: "+why)
	}
	if namespace != "" {
		for _, why := range validation.IsDNS1123Label(namespace) {
			out = append(out, "metadata.namespace: "+why)
		}
	}
	for _, e := range append(metav1validation.ValidateLabels(texts(metadata["labels"]), field.NewPath("metadata", "labels")),
		annotationErrors(texts(metadata["annotations"]))...) {
		out = append(out, e.Error())
	}
	if texts(metadata["labels"])["app.kubernetes.io/managed-by"] != "secgen" {
		out = append(out, "it does not say that secgen manages it")
	}
	if strings.HasPrefix(key, "projectcalico.org/") && strings.HasSuffix(kind, "NetworkPolicy") {
		// The API server adds what is missing, and Argo CD shows it as drift.
		spec, _ := doc["spec"].(map[string]any)
		if spec["tier"] == nil || spec["types"] == nil || texts(metadata["labels"])["projectcalico.org/tier"] != spec["tier"] {
			out = append(out, "spec.tier, spec.types or the label of the tier is missing")
		}
	}
	id := key + " " + namespace + "/" + name(doc)
	if other, ok := c.ids[id]; ok {
		out = append(out, "is in "+other+" too")
	}
	c.ids[id] = file
	return out
}

func annotationErrors(annotations map[string]string) field.ErrorList {
	var out field.ErrorList
	for _, key := range slices.Sorted(maps.Keys(annotations)) {
		for _, why := range validation.IsQualifiedName(strings.ToLower(key)) {
			out = append(out, field.Invalid(field.NewPath("metadata", "annotations"), key, why))
		}
	}
	return out
}

func texts(value any) map[string]string {
	m, _ := value.(map[string]any)
	out := map[string]string{}
	for key, v := range m {
		out[key] = fmt.Sprint(v)
		if _, ok := v.(string); !ok {
			out[key] += " (no string)" // the API server takes none but strings
		}
	}
	return out
}

// match holds an object against the schema of its kind. Where it was decoded
// before, fields that the schema does not name pass.
func (c *Checker) match(key string, doc map[string]any, open bool) []string {
	want, _ := c.schemas[key].(map[string]any)
	if want == nil {
		return []string{"no schema for " + key + "; add one to schemas.yaml"}
	}
	want = maps.Clone(want)
	want["apiVersion"], want["kind"], want["metadata"] = "string", "string", "any"
	if open {
		want["*"] = "any"
	}
	return against(want, doc, "")
}

// against returns what of a value is not as a schema wants it.
func against(want, value any, at string) []string {
	switch want := want.(type) {
	case map[string]any:
		fields, ok := value.(map[string]any)
		if !ok {
			return []string{fmt.Sprintf("%s is %T, want fields", at, value)}
		}
		var out []string
		for _, key := range slices.Sorted(maps.Keys(want)) {
			if required, ok := strings.CutSuffix(key, "!"); ok && fields[required] == nil {
				out = append(out, at+"."+required+" is missing")
			}
		}
		for _, key := range slices.Sorted(maps.Keys(fields)) {
			next := want[key]
			for _, other := range []string{key + "!", "*"} {
				if next == nil {
					next = want[other]
				}
			}
			if next == nil {
				out = append(out, at+"."+key+" is unknown")
				continue
			}
			out = append(out, against(next, fields[key], at+"."+key)...)
		}
		return out
	case []any:
		items, ok := value.([]any)
		if !ok {
			return []string{fmt.Sprintf("%s is %T, want a list", at, value)}
		}
		var out []string
		for i, item := range items {
			out = append(out, against(want[0], item, fmt.Sprintf("%s[%d]", at, i))...)
		}
		return out
	}
	return scalar(want.(string), value, at)
}

func scalar(want string, value any, at string) []string {
	ok := false
	switch want {
	case "any":
		ok = value != nil
	case "string":
		_, ok = value.(string)
	case "integer":
		_, ok = value.(int)
	case "boolean":
		_, ok = value.(bool)
	default:
		text, isText := value.(string)
		ok = isText && slices.Contains(strings.Split(want, "|"), text)
	}
	if ok {
		return nil
	}
	return []string{fmt.Sprintf("%s is %v, want %s", at, value, want)}
}
