package plan

import (
	"testing"

	"github.com/secgen/secgen/workload"
)

// As Portieris matches: a * stands for one character or more, slashes included.
func TestImageRules(t *testing.T) {
	rule := imageRule([]string{"registry.example.com/shop/", "*.icr.io/armada*", "docker.io/library/redis*"})
	for name, want := range map[string]bool{
		"registry.example.com/shop/web":     true,
		"registry.example.com/shop/a/b":     true,
		"registry.example.com/shopping/web": false,
		"registry.example.com/shop":         false,
		"de.icr.io/armada-master/agent":     true,
		"icr.io/armada-master/agent":        false,
		"evil.example.com/de.icr.io/armadx": false,
		"docker.io/library/redis":           false, // the pattern wants more
		"docker.io/library/redis-exporter":  true,
	} {
		image, err := workload.ParseImage(name)
		if err != nil {
			t.Fatal(err)
		}
		if got := rule.Allows(image); got != want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
