package inventory

import "github.com/secgen/secgen/workload"

// scalersOf reads HorizontalPodAutoscalers and KEDA ScaledObjects. Of two for one
// target the wider one counts.
func scalersOf(inv *Inventory) map[workload.Scaled]*workload.Scaler {
	out := map[workload.Scaled]*workload.Scaler{}
	for _, r := range inv.Resources {
		if target, s, ok := workload.ScalerOf(r); ok && s.Wider(out[target]) {
			out[target] = s
		}
	}
	return out
}
