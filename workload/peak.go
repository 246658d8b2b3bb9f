package workload

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/secgen/secgen/manifest"
)

// Peak is the most pods of a workload that exist at one time.
type Peak struct {
	// Pods includes the surge of a roll-out.
	Pods int64
	// Replicas is Pods without the surge: each has volumes of its own.
	Replicas int64
	// Why derives Pods: "HPA max 10 + surge 3".
	Why string
	// Unknown says what has to be known to count; "" where Pods is right.
	Unknown string
	// Ask is what the owner has to fill in: AskNodes or AskPods; "" where Unknown is.
	Ask Ask
	// From are the fields that the count comes from.
	From []Field
}

// Ask names the line of the policy that tells a count.
type Ask string

// What may be asked.
const (
	AskNodes Ask = "nodes"
	AskPods  Ask = "pods"
)

// Field is a field of a resource.
type Field struct {
	Resource *manifest.Resource
	Path     manifest.FieldPath
}

// String names file and field, not the line, so that a comment stays as it is
// when lines shift.
func (f Field) String() string {
	pos, _ := f.Resource.Locate(f.Path)
	return strings.TrimSpace(pos.File + " " + f.Path.String())
}

// Position is where the field stands in the source.
func (f Field) Position() manifest.Position {
	pos, _ := f.Resource.Locate(f.Path)
	return pos
}

// PeakOf counts the pods of a workload by the rules of its controller. s is the
// autoscaler that scales it, nil where none does; nodes is the number of nodes of
// the cluster, 0 where nobody says.
func PeakOf(r *manifest.Resource, s *Scaler, nodes int64) Peak {
	id, spec := r.ID, r.Object.Get("spec")
	switch id.Group() + "/" + id.Kind {
	case "/Pod":
		return Peak{Pods: 1, Replicas: 1, Why: "1 pod"}
	case "/PodTemplate":
		return Peak{Why: "a template makes no pods"}
	case "apps/Deployment", "extensions/Deployment":
		p := replicas(r, s)
		if spec.Get("strategy", "type").Str() == "Recreate" {
			p.Why += ", recreated without surge"
			return p
		}
		return p.surge(r, manifest.Path("spec", "strategy", "rollingUpdate", "maxSurge"), "25%")
	case "argoproj.io/Rollout":
		p := replicas(r, s)
		if spec.Get("strategy", "blueGreen") != nil {
			p.Pods, p.Why = 2*p.Pods, p.Why+", twice for blue and green"
			return p
		}
		return p.surge(r, manifest.Path("spec", "strategy", "canary", "maxSurge"), "25%")
	case "apps/StatefulSet", "apps/ReplicaSet", "extensions/ReplicaSet", "/ReplicationController":
		return replicas(r, s)
	case "apps/DaemonSet", "extensions/DaemonSet":
		if nodes == 0 {
			return Peak{Unknown: "how many nodes the cluster has, each of which runs a pod of " + id.String(), Ask: AskNodes}
		}
		p := Peak{Pods: nodes, Replicas: nodes, Why: fmt.Sprintf("%d nodes by policy", nodes)}
		return p.surge(r, manifest.Path("spec", "updateStrategy", "rollingUpdate", "maxSurge"), "0")
	case "batch/Job":
		return jobPods(r, manifest.Path("spec"))
	case "batch/CronJob":
		return cronPods(r)
	}
	return Peak{Unknown: "how many pods " + id.String() + " makes", Ask: AskPods}
}

// Floor is what runs of a workload all the time.
type Floor struct {
	// Pods is 0 where nobody knows.
	Pods int64
	// Spare is the pods that must find room beside these: without them a roll-out does
	// not go on, or a job does not start.
	Spare int64
	// Why says what Spare is for, to follow a figure: " while a pod is replaced".
	Why string
}

// FloorOf counts the pods of a workload that run all the time: its replicas, or
// the least that an autoscaler leaves. It never counts too many.
func FloorOf(r *manifest.Resource, s *Scaler) Floor {
	id, spec := r.ID, r.Object.Get("spec")
	n, known := integer(spec.Get("replicas"), 1)
	if !known {
		n = 0
	}
	if s != nil {
		n = s.Min
	}
	switch id.Group() + "/" + id.Kind {
	case "/Pod":
		return Floor{Pods: 1}
	case "apps/StatefulSet", "apps/ReplicaSet", "extensions/ReplicaSet", "/ReplicationController", "argoproj.io/Rollout":
		return Floor{Pods: n}
	case "apps/Deployment", "extensions/Deployment":
		f := Floor{Pods: n}
		if n > 0 && spec.Get("strategy", "type").Str() != "Recreate" && stalls(spec.Get("strategy", "rollingUpdate"), n) {
			f.Spare, f.Why = 1, " while a pod is replaced"
		}
		return f
	case "batch/Job", "batch/CronJob":
		return Floor{Spare: 1, Why: " for a job"}
	}
	return Floor{}
}

// stalls tells whether a roll-out of n replicas can take no old pod away before a
// new one runs: maxUnavailable, rounded down, is 0, and maxSurge is not.
func stalls(rolling *manifest.Node, n int64) bool {
	text := func(key string) string {
		if v := rolling.Get(key); !v.IsNull() {
			return v.Text
		}
		return "25%"
	}
	surge, ok := share(text("maxSurge"), n)
	unavailable := text("maxUnavailable")
	percent, isPercent := strings.CutSuffix(unavailable, "%")
	v, err := strconv.ParseInt(percent, 10, 32)
	if err != nil || !ok {
		return false
	}
	if isPercent {
		v = v * n / 100
	}
	return v == 0 && surge > 0
}

// replicas is what the autoscaler or the object itself demands.
func replicas(r *manifest.Resource, s *Scaler) Peak {
	if s != nil {
		if s.Unknown != "" {
			return Peak{Unknown: s.Unknown, Ask: AskPods}
		}
		return Peak{Pods: s.Max, Replicas: s.Max, Why: fmt.Sprintf("%s max %d", s.noun, s.Max), From: []Field{s.Field}}
	}
	path := manifest.Path("spec", "replicas")
	n, ok := integer(r.Object.Lookup(path), 1)
	if !ok {
		return Peak{Unknown: "how many replicas " + r.ID.String() + " has", Ask: AskPods}
	}
	return Peak{Pods: n, Replicas: n, Why: plural(n, "replica"), From: []Field{{r, path}}}
}

// surge adds the pods that a roll-out makes before it takes old ones away,
// rounded up as the controllers do (k8s.io/kubernetes/pkg/controller/deployment/util).
func (p Peak) surge(r *manifest.Resource, path manifest.FieldPath, fallback string) Peak {
	if p.Unknown != "" {
		return p
	}
	text, from := fallback, " by default"
	if n := r.Object.Lookup(path); !n.IsNull() {
		text, from = n.Text, ""
		p.From = append(p.From, Field{r, path})
	}
	extra, ok := share(text, p.Pods)
	if !ok {
		return Peak{Unknown: fmt.Sprintf("what %s: %q of %s means", path, text, r.ID), Ask: AskPods}
	}
	if extra > 0 {
		p.Pods += extra
		p.Why += fmt.Sprintf(" + surge %d", extra)
		if strings.HasSuffix(text, "%") {
			p.Why += fmt.Sprintf(" (%s%s)", text, from)
		}
	}
	return p
}

// share reads a number or a percentage of n, rounded up.
func share(text string, n int64) (int64, bool) {
	percent, isPercent := strings.CutSuffix(text, "%")
	v, err := strconv.ParseInt(percent, 10, 32)
	if err != nil || v < 0 {
		return 0, false
	}
	if !isPercent {
		return v, true
	}
	return int64(math.Ceil(float64(v) * float64(n) / 100)), true
}

// jobPods counts the pods that a Job runs beside each other.
func jobPods(r *manifest.Resource, spec manifest.FieldPath) Peak {
	at := func(key string) *manifest.Node { return r.Object.Lookup(spec.Field(key)) }
	parallelism, ok := integer(at("parallelism"), 1)
	completions, known := integer(at("completions"), parallelism)
	if !ok || !known {
		return Peak{Unknown: "how many pods " + r.ID.String() + " runs at a time", Ask: AskPods}
	}
	n := min(parallelism, max(completions, 1))
	return Peak{Pods: n, Replicas: n, Why: fmt.Sprintf("%s at a time", plural(n, "pod")), From: []Field{{r, spec.Field("parallelism")}}}
}

// cronPods counts the pods of the jobs of a CronJob that may overlap.
func cronPods(r *manifest.Resource) Peak {
	p := jobPods(r, manifest.Path("spec", "jobTemplate", "spec"))
	if p.Unknown != "" {
		return p
	}
	path := manifest.Path("spec", "concurrencyPolicy")
	switch policy := r.Object.Lookup(path); policy.Str() {
	case "Forbid":
		p.Why += ", jobs never overlap"
	case "Replace":
		p.Pods, p.Replicas = 2*p.Pods, 2*p.Replicas
		p.Why += ", twice while one job replaces the other"
	default:
		return Peak{Unknown: "how many jobs of " + r.ID.String() + " may overlap, since its concurrencyPolicy is Allow", Ask: AskPods}
	}
	p.From = append(p.From, Field{r, path})
	return p
}

// integer reads a whole number that defaults where it is absent.
func integer(n *manifest.Node, fallback int64) (int64, bool) {
	if n.IsNull() {
		return fallback, true
	}
	v, ok := n.Int()
	return v, ok && v >= 0
}

func plural(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
