package workload

import (
	"cmp"

	"github.com/secgen/secgen/manifest"
)

// Scaled names what an autoscaler scales.
type Scaled struct{ Namespace, Kind, Name string }

// Scaler is what an autoscaler lets a workload have.
type Scaler struct {
	noun string
	// Min and Max replicas; Min is a lower bound of what runs.
	Min, Max int64
	// Field is the one that Max comes from.
	Field Field
	// Unknown says what has to be known for Max; "" where it is.
	Unknown string
}

// kedaDefaultMax is KEDA's default of maxReplicaCount.
const kedaDefaultMax = 100

// ScalerOf reads a HorizontalPodAutoscaler or a KEDA ScaledObject.
func ScalerOf(r *manifest.Resource) (target Scaled, s *Scaler, ok bool) {
	spec := r.Object.Get("spec")
	s = &Scaler{}
	switch r.ID.Group() + "/" + r.ID.Kind {
	case "autoscaling/HorizontalPodAutoscaler":
		s.noun, s.Field = "HPA", Field{r, manifest.Path("spec", "maxReplicas")}
		s.read(spec.Get("maxReplicas"), 0, r)
		s.Min, _ = integer(spec.Get("minReplicas"), 1)
	case "keda.sh/ScaledObject":
		s.noun, s.Field = "KEDA", Field{r, manifest.Path("spec", "maxReplicaCount")}
		s.read(spec.Get("maxReplicaCount"), kedaDefaultMax, r)
		s.Min, _ = integer(spec.Get("minReplicaCount"), 0)
	default:
		return Scaled{}, nil, false
	}
	to := spec.Get("scaleTargetRef")
	return Scaled{r.ID.Namespace, cmp.Or(to.Get("kind").Str(), "Deployment"), to.Get("name").Str()}, s, true
}

// Wider tells whether s allows more than another autoscaler of the same target,
// which may be nil: of two the larger maximum counts, and before it one that is
// not known.
func (s *Scaler) Wider(other *Scaler) bool {
	return other == nil || other.Unknown == "" && (s.Unknown != "" || s.Max > other.Max)
}

func (s *Scaler) read(n *manifest.Node, fallback int64, r *manifest.Resource) {
	var ok bool
	if s.Max, ok = integer(n, fallback); !ok || s.Max == 0 {
		s.Unknown = "the most replicas that " + r.ID.String() + " allows"
	}
}
