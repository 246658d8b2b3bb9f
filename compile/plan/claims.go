package plan

import (
	"github.com/secgen/secgen/compile/inventory"
	"github.com/secgen/secgen/manifest"
)

// ClaimUse is a kind of volume claim and how many of it exist at the peak.
type ClaimUse struct {
	// Who makes it, as Kind/name.
	Who  string
	Spec *manifest.Node
	// Count is -1 where the workload's pods cannot be counted.
	Count int64
	Why   string
	From  []inventory.Field
}

// Claims are the volume claims of a namespace: those that stand for themselves,
// the templates of StatefulSets for each replica, and the ephemeral volumes of
// each pod.
func Claims(n *inventory.Namespace) []ClaimUse {
	var out []ClaimUse
	for _, r := range n.Of("", "PersistentVolumeClaim") {
		out = append(out, ClaimUse{Who: "PersistentVolumeClaim/" + r.ID.Name, Spec: r.Object.Get("spec"), Count: 1})
	}
	for _, w := range n.Workloads {
		replicas, pods := w.Peak.Replicas, w.Peak.Pods
		if w.Peak.Unknown != "" {
			replicas, pods = -1, -1
		}
		if w.Resource.ID.Kind == "StatefulSet" {
			for _, t := range w.Resource.Object.Get("spec", "volumeClaimTemplates").Elems() {
				out = append(out, ClaimUse{Who: w.Key(), Spec: t.Get("spec"), Count: replicas, Why: "a claim a replica", From: w.Peak.From})
			}
		}
		for _, v := range w.Pod.Spec.Get("volumes").Elems() {
			if spec := v.Get("ephemeral", "volumeClaimTemplate", "spec"); spec != nil {
				out = append(out, ClaimUse{Who: w.Key(), Spec: spec, Count: pods, Why: "a claim a pod, " + w.Peak.Why, From: w.Peak.From})
			}
		}
	}
	return out
}
