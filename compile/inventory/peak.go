package inventory

import (
	"fmt"

	"github.com/secgen/secgen/workload"
)

// Facts are what no manifest says about the number of pods.
type Facts struct {
	// Nodes is the number of nodes of the cluster, 0 where nobody says.
	Nodes int64
	// Pods is the most pods of a workload, by namespace and Kind/name, for those
	// whose number no manifest tells.
	Pods map[string]map[string]int64
}

// Peak, Field and Ask are package workload's.
type (
	Peak  = workload.Peak
	Field = workload.Field
	Ask   = workload.Ask
)

// What may be asked.
const (
	AskNodes = workload.AskNodes
	AskPods  = workload.AskPods
)

// peakOf counts the pods of a workload. told is the numbers that the policy
// gives, by Kind/name: they come before what the manifests say.
func peakOf(w *Workload, s *workload.Scaler, nodes int64, told map[string]int64) Peak {
	if n, ok := told[w.Key()]; ok {
		return Peak{Pods: n, Replicas: n, Why: fmt.Sprintf("%d by policy", n)}
	}
	return workload.PeakOf(w.Resource, s, nodes)
}
