package plan

import (
	"testing"

	"k8s.io/apimachinery/pkg/api/resource"
)

func TestReadable(t *testing.T) {
	for _, c := range []struct {
		name, amount string
		factor       float64
		want         string
	}{
		{"requests.cpu", "300m", 1.2, "400m"}, {"requests.cpu", "1010m", 1, "1100m"}, {"limits.cpu", "9", 1.2, "11"}, {"cpu", "1m", 1, "50m"},
		{"requests.memory", "100Mi", 1.2, "128Mi"}, {"requests.memory", "1Gi", 1, "1Gi"}, {"limits.memory", "1025Mi", 1, "1280Mi"}, {"memory", "10241Mi", 1, "11Gi"},
		{"requests.ephemeral-storage", "2Gi", 1.2, "2560Mi"}, {"requests.storage", "2Gi", 1.2, "3Gi"}, {"requests.storage", "99Gi", 1.2, "120Gi"},
		{"pods", "3", 1.2, "4"}, {"pods", "18", 1.2, "25"}, {"pods", "100", 1.2, "120"}, {"pods", "5", 1.2, "6"}, {"pods", "10", 1.1, "11"},
		{"requests.nvidia.com/gpu", "2", 1.2, "3"}, {"pods", "0", 1.2, "0"},
	} {
		if got := readable(c.name, resource.MustParse(c.amount), c.factor); got.String() != c.want {
			t.Errorf("%s %s x %g: got %s, want %s", c.name, c.amount, c.factor, got.String(), c.want)
		}
	}
}

func TestReadableIsNeverLessAndNeverMuchMore(t *testing.T) {
	for _, name := range []string{"requests.cpu", "requests.memory", "requests.storage", "pods"} {
		var last resource.Quantity
		for n := int64(1); n < 1<<44; n = n*3/2 + 1 {
			q := *resource.NewQuantity(n, resource.DecimalSI)
			if name == "requests.cpu" {
				q = *resource.NewMilliQuantity(n, resource.DecimalSI)
			}
			got := readable(name, q, 1.2)
			need := q.AsApproximateFloat64() * 1.2
			if got.AsApproximateFloat64() < need*0.999999 || got.Cmp(last) < 0 {
				t.Errorf("%s %s: %s is too little", name, q.String(), got.String())
			}
			if got.AsApproximateFloat64() > need*1.5 && need > 4<<30 {
				t.Errorf("%s %s: %s is too much", name, q.String(), got.String())
			}
			last = got
		}
	}
}
