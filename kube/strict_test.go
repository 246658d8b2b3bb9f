package kube

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	storagev1 "k8s.io/api/storage/v1"
	kjson "sigs.k8s.io/json"

	"github.com/secgen/secgen/manifest"
)

// maker makes random objects of a type, some with a misspelled field or a value
// of the wrong type.
type maker struct{ r *rand.Rand }

func (m maker) value(t *typ, depth int) any {
	if m.r.IntN(400) == 0 {
		return []any{true, int64(7), 1.5, "word", []any{}, map[string]any{}}[m.r.IntN(6)]
	}
	switch t.shape {
	case boolean:
		return m.r.IntN(2) == 0
	case integer:
		return int64(m.r.IntN(100))
	case number:
		return 0.5
	case binary:
		return "aGk="
	case quantity:
		return []any{"100m", int64(2), "1Gi", 0.5}[m.r.IntN(4)]
	case intOrString:
		return []any{"http", int64(80)}[m.r.IntN(2)]
	case duration:
		return "1m"
	case instant:
		return "2026-01-02T03:04:05Z"
	case object:
		out := map[string]any{}
		for _, f := range t.fields {
			if depth > 0 && m.r.IntN(len(t.fields)) < 5 {
				if next := &types[f.typ]; next.shape != anything {
					out[f.name] = m.value(next, depth-1)
				}
			}
		}
		if m.r.IntN(100) == 0 {
			out["nonsense"] = "x"
		}
		return out
	case list:
		return []any{m.value(&types[t.of], depth-1)}
	case mapping:
		return map[string]any{"key": m.value(&types[t.of], depth-1)}
	}
	return "word"
}

// What is unknown or of the wrong type is what the API server's strict decoder
// refuses.
func TestAgreesWithStrictDecoding(t *testing.T) {
	m := maker{rand.New(rand.NewPCG(1, 2))}
	refused, accepted := 0, 0
	for range 1500 {
		for _, row := range []struct {
			apiVersion, kind string
			into             any
		}{
			{"apps/v1", "Deployment", &appsv1.Deployment{}}, {"apps/v1", "StatefulSet", &appsv1.StatefulSet{}},
			{"batch/v1", "CronJob", &batchv1.CronJob{}}, {"v1", "Service", &corev1.Service{}}, {"v1", "Pod", &corev1.Pod{}},
			{"v1", "PersistentVolume", &corev1.PersistentVolume{}}, {"v1", "Secret", &corev1.Secret{}},
			{"networking.k8s.io/v1", "Ingress", &networkingv1.Ingress{}}, {"networking.k8s.io/v1", "NetworkPolicy", &networkingv1.NetworkPolicy{}},
			{"autoscaling/v2", "HorizontalPodAutoscaler", &autoscalingv2.HorizontalPodAutoscaler{}},
			{"rbac.authorization.k8s.io/v1", "ClusterRole", &rbacv1.ClusterRole{}}, {"storage.k8s.io/v1", "StorageClass", &storagev1.StorageClass{}},
		} {
			value, ok := m.value(typeOf(row.apiVersion, row.kind), 12).(map[string]any)
			if !ok {
				continue
			}
			value["apiVersion"], value["kind"] = row.apiVersion, row.kind
			data, err := json.Marshal(value)
			if err != nil {
				t.Fatal(err)
			}
			strict, err := kjson.UnmarshalStrict(data, row.into)
			var mine []string
			for _, p := range Check(manifest.Of(value)) {
				if p.Fault != Invalid {
					mine = append(mine, fmt.Sprintf("%s %s", p.Fault, p.Path))
				}
			}
			if theirs := err != nil || len(strict) > 0; theirs != (len(mine) > 0) && !ownDecoder(err) {
				t.Fatalf("%s\nthe decoder says %v %v, Check says %s", data, err, strict, strings.Join(mine, ", "))
			} else if theirs {
				refused++
			} else {
				accepted++
			}
		}
	}
	if refused < 1000 || accepted < 1000 {
		t.Errorf("%d objects were refused and %d accepted, want more of each", refused, accepted)
	}
}

// ownDecoder tells whether a type's own decoder refused the text of a value: a
// time, a quantity or base64. Such texts are values here, not types.
func ownDecoder(err error) bool {
	return err != nil && (strings.Contains(err.Error(), "parsing time") || strings.Contains(err.Error(), "quantities must match") ||
		strings.Contains(err.Error(), "illegal base64") || strings.Contains(err.Error(), "invalid duration"))
}
