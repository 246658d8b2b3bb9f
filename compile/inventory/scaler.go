package inventory

import (
	"cmp"

	"github.com/secgen/secgen/manifest"
)

// scaled names what an autoscaler scales.
type scaled struct{ namespace, kind, name string }

// scaler is an autoscaler's upper bound.
type scaler struct {
	noun    string
	max     int64
	field   Field
	unknown string
}

// kedaDefaultMax is KEDA's default of maxReplicaCount.
const kedaDefaultMax = 100

// scalersOf reads HorizontalPodAutoscalers and KEDA ScaledObjects. Of two for one
// target the larger maximum counts.
func scalersOf(inv *Inventory) map[scaled]*scaler {
	out := map[scaled]*scaler{}
	for _, r := range inv.Resources {
		spec := r.Object.Get("spec")
		s := &scaler{}
		switch r.ID.Group() + "/" + r.ID.Kind {
		case "autoscaling/HorizontalPodAutoscaler":
			s.noun, s.field = "HPA", Field{r, manifest.Path("spec", "maxReplicas")}
			s.read(spec.Get("maxReplicas"), 0, r)
		case "keda.sh/ScaledObject":
			s.noun, s.field = "KEDA", Field{r, manifest.Path("spec", "maxReplicaCount")}
			s.read(spec.Get("maxReplicaCount"), kedaDefaultMax, r)
		default:
			continue
		}
		target := spec.Get("scaleTargetRef")
		key := scaled{r.ID.Namespace, cmp.Or(target.Get("kind").Str(), "Deployment"), target.Get("name").Str()}
		if old := out[key]; old == nil || old.unknown == "" && (s.unknown != "" || s.max > old.max) {
			out[key] = s
		}
	}
	return out
}

func (s *scaler) read(n *manifest.Node, fallback int64, r *manifest.Resource) {
	var ok bool
	if s.max, ok = integer(n, fallback); !ok || s.max == 0 {
		s.unknown = "the most replicas that " + r.ID.String() + " allows"
	}
}
