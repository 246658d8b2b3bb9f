package main

import (
	"bytes"
	"os"
	"testing"
)

// TestPictureOfShop keeps the picture in the documentation what the program draws;
// -update draws it anew.
func TestPictureOfShop(t *testing.T) {
	const file = "../../docs/images/shop-graph.svg"
	got := secgen(t, "../..", "graph", "testdata/repos/shop/overlays/prod", "testdata/repos/shop/clusters/prod", "testdata/repos/shop/platform", "--format", "svg")
	if got.status != exitOK {
		t.Fatalf("exit status %d\n%s", got.status, got.stderr)
	}
	if *update {
		if err := os.WriteFile(file, []byte(got.stdout), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want, []byte(got.stdout)) {
		t.Errorf("%s is not what secgen draws; run go test ./cmd/secgen -run TestPictureOfShop -update, and look at it", file)
	}
}
