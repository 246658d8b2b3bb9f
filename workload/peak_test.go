package workload

import (
	"testing"
)

func TestFloorOf(t *testing.T) {
	for _, tt := range []struct {
		kind, spec string
		scaler     *Scaler
		pods       int64
		spare      int64
	}{
		{"apps/v1, kind: Deployment", "{}", nil, 1, 1},
		{"apps/v1, kind: Deployment", "{replicas: 4}", nil, 4, 0}, // 25 % of 4 may be away
		{"apps/v1, kind: Deployment", "{replicas: 3}", nil, 3, 1},
		{"apps/v1, kind: Deployment", "{replicas: 8, strategy: {rollingUpdate: {maxUnavailable: 0}}}", nil, 8, 1},
		{"apps/v1, kind: Deployment", "{replicas: 2, strategy: {rollingUpdate: {maxUnavailable: 1}}}", nil, 2, 0},
		{"apps/v1, kind: Deployment", "{replicas: 2, strategy: {rollingUpdate: {maxSurge: 0}}}", nil, 2, 0}, // Kubernetes then takes one away
		{"apps/v1, kind: Deployment", "{replicas: 2, strategy: {rollingUpdate: {maxUnavailable: '${N}'}}}", nil, 2, 0},
		{"apps/v1, kind: Deployment", "{replicas: 2, strategy: {type: Recreate}}", nil, 2, 0},
		{"apps/v1, kind: Deployment", "{replicas: 9}", &Scaler{Min: 2}, 2, 1},
		{"apps/v1, kind: Deployment", "{replicas: 0}", nil, 0, 0},
		{"apps/v1, kind: Deployment", "{replicas: '${N}'}", nil, 0, 0},
		{"apps/v1, kind: StatefulSet", "{replicas: 3}", nil, 3, 0},
		{"apps/v1, kind: DaemonSet", "{}", nil, 0, 0},
		{"batch/v1, kind: Job", "{parallelism: 5}", nil, 0, 1},
		{"v1, kind: Pod", "{}", nil, 1, 0},
		{"example.org/v1, kind: Fleet", "{replicas: 3}", nil, 0, 0},
	} {
		r := object(t, "{apiVersion: "+tt.kind+", spec: "+tt.spec+"}")
		if f := FloorOf(r, tt.scaler); f.Pods != tt.pods || f.Spare != tt.spare {
			t.Errorf("%s %s: %d pods and %d spare, want %d and %d", tt.kind, tt.spec, f.Pods, f.Spare, tt.pods, tt.spare)
		}
	}
}

// What runs all the time is never more than the peak.
func TestFloorIsBelowThePeak(t *testing.T) {
	for _, spec := range []string{"{}", "{replicas: 3}", "{replicas: 7, strategy: {rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}}", "{strategy: {type: Recreate}}"} {
		r := object(t, "{apiVersion: apps/v1, kind: Deployment, spec: "+spec+"}")
		f, p := FloorOf(r, nil), PeakOf(r, nil, 0)
		if f.Pods+f.Spare > p.Pods {
			t.Errorf("%s: %d pods and %d spare, and a peak of %d", spec, f.Pods, f.Spare, p.Pods)
		}
	}
}
