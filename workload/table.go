package workload

import (
	"fmt"
	"strings"

	"github.com/secgen/secgen/manifest"
)

// Shape says where the objects of one kind keep their pod templates. It is data,
// so that a repository can name the kinds of its own operators.
type Shape struct {
	// Group is the API group, "" for the core group; every version counts.
	Group string `json:"group"`
	Kind  string `json:"kind"`
	// Template is the path from the object to a map that has the pod's metadata
	// and spec, such as spec.template; "" if the object is itself the pod. A step
	// [*] stands for every item of a list, .* for every value of a map.
	Template string `json:"template"`
}

// Table finds the pod templates of an object. It is read-only once made, and
// safe for concurrent use. A nil Table knows no kind.
type Table struct {
	shapes map[groupKind][]template
}

type groupKind struct{ group, kind string }

// template is a parsed Shape.Template.
type template []step

type step struct {
	key      string
	each     bool // every item of a list
	eachKeys bool // every value of a map
}

// BuiltIn is the shapes of Kubernetes' own kinds and of well-known custom
// resources whose pod template has Kubernetes' form.
func BuiltIn() []Shape {
	shapes := []Shape{
		{"", "Pod", ""},
		{"", "PodTemplate", "template"},
		{"", "ReplicationController", "spec.template"},
		{"batch", "CronJob", "spec.jobTemplate.spec.template"},
		{"batch", "Job", "spec.template"},
	}
	for _, group := range []string{"apps", "extensions"} {
		for _, kind := range []string{"DaemonSet", "Deployment", "ReplicaSet"} {
			shapes = append(shapes, Shape{group, kind, "spec.template"})
		}
	}
	return append(append(shapes, Shape{"apps", "StatefulSet", "spec.template"}), custom...)
}

// custom holds the custom resources; schema/workload.cue is the same table, for
// users to read and to extend.
var custom = []Shape{
	{"apps.kruise.io", "CloneSet", "spec.template"},
	{"apps.kruise.io", "DaemonSet", "spec.template"},
	{"apps.kruise.io", "StatefulSet", "spec.template"},
	{"apps.openshift.io", "DeploymentConfig", "spec.template"},
	{"argoproj.io", "Rollout", "spec.template"},
	{"batch.volcano.sh", "Job", "spec.tasks[*].template"},
	{"jobset.x-k8s.io", "JobSet", "spec.replicatedJobs[*].template.spec.template"},
	{"keda.sh", "ScaledJob", "spec.jobTargetRef.template"},
	{"kubeflow.org", "Notebook", "spec.template"},
	{"kubeflow.org", "PyTorchJob", "spec.pytorchReplicaSpecs.*.template"},
	{"kubeflow.org", "TFJob", "spec.tfReplicaSpecs.*.template"},
	{"leaderworkerset.x-k8s.io", "LeaderWorkerSet", "spec.leaderWorkerTemplate.leaderTemplate"},
	{"leaderworkerset.x-k8s.io", "LeaderWorkerSet", "spec.leaderWorkerTemplate.workerTemplate"},
	{"serving.knative.dev", "Configuration", "spec.template"},
	{"serving.knative.dev", "Revision", ""},
	{"serving.knative.dev", "Service", "spec.template"},
}

// NewTable makes a table of the shapes. A kind may have several templates; each
// adds to the others. An error names the shape and the path that is wrong.
func NewTable(shapes []Shape) (*Table, error) {
	t := &Table{shapes: make(map[groupKind][]template, len(shapes))}
	for _, s := range shapes {
		if s.Kind == "" {
			return nil, fmt.Errorf("pod template table: an entry of group %q has no kind", s.Group)
		}
		parsed, err := parseTemplate(s.Template)
		if err != nil {
			return nil, fmt.Errorf("pod template table: %s %s: template %q: %w", s.Group, s.Kind, s.Template, err)
		}
		key := groupKind{s.Group, s.Kind}
		t.shapes[key] = append(t.shapes[key], parsed)
	}
	return t, nil
}

func parseTemplate(text string) (template, error) {
	var t template
	if text == "" {
		return t, nil
	}
	for part := range strings.SplitSeq(text, ".") {
		lists := 0
		for strings.HasSuffix(part, "[*]") {
			part = strings.TrimSuffix(part, "[*]")
			lists++
		}
		switch {
		case part == "*":
			t = append(t, step{eachKeys: true})
		case part == "" || strings.ContainsAny(part, "[]*"):
			return nil, fmt.Errorf("want keys joined by dots, with [*] for every item of a list and .* for every value of a map")
		default:
			t = append(t, step{key: part})
		}
		for range lists {
			t = append(t, step{each: true})
		}
	}
	return t, nil
}

// Knows tells whether objects of the kind have a pod template.
func (t *Table) Knows(id manifest.ID) bool {
	if t == nil {
		return false
	}
	_, ok := t.shapes[groupKind{id.Group(), id.Kind}]
	return ok
}

// Pods returns the pod templates of an object, in the order of its fields; none
// where the kind has none, or where it has no spec there.
func (t *Table) Pods(r *manifest.Resource) []Pod {
	if t == nil {
		return nil
	}
	var pods []Pod
	for _, path := range t.shapes[groupKind{r.ID.Group(), r.ID.Kind}] {
		walk(r.Object, path, nil, func(at manifest.FieldPath, n *manifest.Node) {
			if spec := n.Get("spec"); spec != nil && spec.Kind == manifest.Map {
				pods = append(pods, Pod{Path: at, Metadata: n.Get("metadata"), Spec: spec})
			}
		})
	}
	return pods
}

func walk(n *manifest.Node, path template, at manifest.FieldPath, visit func(manifest.FieldPath, *manifest.Node)) {
	if n.IsNull() {
		return
	}
	if len(path) == 0 {
		visit(at, n)
		return
	}
	switch s := path[0]; {
	case s.each:
		for i, item := range n.Elems() {
			walk(item, path[1:], at.At(i), visit)
		}
	case s.eachKeys:
		if n.Kind == manifest.Map {
			for _, f := range n.Fields {
				walk(f.Value, path[1:], at.Field(f.Key), visit)
			}
		}
	default:
		walk(n.Get(s.key), path[1:], at.Field(s.key), visit)
	}
}
