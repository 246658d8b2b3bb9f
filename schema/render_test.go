package schema

import (
	"testing"

	"github.com/secgen/secgen/manifest"
)

func TestItemOf(t *testing.T) {
	pod := manifest.Of(map[string]any{"spec": map[string]any{
		"initContainers":      []any{map[string]any{"name": "migrate", "ports": []any{map[string]any{"containerPort": 80}}}},
		"ephemeralContainers": []any{map[string]any{}},
		"volumes":             []any{map[string]any{"name": "a\"b"}},
	}})
	for path, want := range map[string]string{
		"spec.hostPID":                      "pod",
		"spec.initContainers[0].image":      `init container "migrate"`,
		"spec.initContainers[0]":            `init container "migrate"`,
		"spec.initContainers[0].ports[0]":   `init container "migrate"`,
		"spec.ephemeralContainers[0].image": "pod",
		"spec.initContainers[7].image":      "pod",
		"spec.volumes[0].hostPath":          `volume "a\"b"`,
		"metadata.annotations[\"x.org/y\"]": "pod",
		"":                                  "pod",
	} {
		at, err := manifest.ParsePath(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := itemOf(ViewPod, pod, at); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
}
