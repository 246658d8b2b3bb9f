package workload

import "testing"

func TestQuantity(t *testing.T) {
	for text, want := range map[string]string{
		"500m": "500m", "1": "1", "0.5": "500m", `"2"`: "2", "1Gi": "1Gi", "1e3": "1k", "017": "15",
		"": "none", "1 Gi": "none", "${MEM}": "none", "[1]": "none", "true": "none", "null": "none", "1gi": "none",
	} {
		got := "none"
		if q, ok := Quantity(parse(t, "x: "+text).Get("x")); ok {
			got = q.String()
		}
		if got != want {
			t.Errorf("Quantity(%s) = %s, want %s", text, got, want)
		}
	}
}

func TestResourcesOf(t *testing.T) {
	r := ResourcesOf(parse(t, "{limits: {cpu: 1, memory: 1Gi, x: null}, requests: {cpu: 500m, ephemeral-storage: 2Gi}}"))
	if len(r.Limits) != 2 || len(r.Requests) != 3 {
		t.Fatalf("got %d limits and %d requests, want 2 and 3", len(r.Limits), len(r.Requests))
	}
	if r.Requests["memory"].Text != "1Gi" || r.Requests["cpu"].Text != "500m" {
		t.Errorf("requests are cpu %s and memory %s; want 500m, and the limit 1Gi", r.Requests["cpu"].Text, r.Requests["memory"].Text)
	}
	if none := ResourcesOf(nil); none.Limits != nil || none.Requests != nil {
		t.Errorf("ResourcesOf(nil) = %+v, want nothing", none)
	}
}

func TestDemand(t *testing.T) {
	tests := []struct {
		name, spec, cpu, memory, limit string
		incomplete                     bool
	}{
		{"sum of the containers", "{containers: [{resources: {requests: {cpu: 100m, memory: 1Gi}}}, {resources: {limits: {cpu: 200m}}}]}", "300m", "1Gi", "200m", false},
		{"the largest init container", "{initContainers: [{resources: {requests: {cpu: 2}}}], containers: [{resources: {requests: {cpu: 100m}}}]}", "2", "0", "0", false},
		{"a sidecar runs beside the others", "{initContainers: [{restartPolicy: Always, resources: {requests: {cpu: 2}}}], containers: [{resources: {requests: {cpu: 100m}}}]}", "2100m", "0", "0", false},
		{"resources of the pod", "{resources: {requests: {cpu: 3}, limits: {cpu: 4}}, containers: [{resources: {requests: {cpu: 100m}}}]}", "3", "0", "4", false},
		{"overhead", "{overhead: {cpu: 250m}, containers: [{resources: {requests: {cpu: 100m}}}]}", "350m", "0", "0", false},
		{"a variable", "{containers: [{resources: {requests: {cpu: \"${CPU}\", memory: 1Gi}}}]}", "0", "1Gi", "0", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := pod(t, tt.spec).Demand()
			cpu, memory, limit := d.Requests.Cpu().String(), d.Requests.Memory().String(), d.Limits.Cpu().String()
			if cpu != tt.cpu || memory != tt.memory || limit != tt.limit || d.Complete == tt.incomplete {
				t.Errorf("cpu %s, memory %s, cpu limit %s, complete %v; want %s, %s, %s, %v", cpu, memory, limit, d.Complete, tt.cpu, tt.memory, tt.limit, !tt.incomplete)
			}
		})
	}
}
