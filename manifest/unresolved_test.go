package manifest

import "testing"

func TestUnresolved(t *testing.T) {
	for text, want := range map[string]bool{
		"":                   false,
		"web":                false,
		"${TAG}":             true,
		"web:${TAG:-latest}": true,
		"$${TAG}":            false,
		"$${TAG}-${_x}":      true,
		"${}":                false,
		"${1}":               false,
		"${TAG":              false,
		"$(TAG)":             false,
		"$TAG":               false,
	} {
		if got := Unresolved(text); got != want {
			t.Errorf("Unresolved(%q) = %v, want %v", text, got, want)
		}
	}
}
