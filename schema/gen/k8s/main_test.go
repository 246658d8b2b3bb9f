package main

import (
	"bytes"
	"os"
	"testing"
)

func TestTypesAreFresh(t *testing.T) {
	text, err := os.ReadFile("../../k8s_gen.cue")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(text, types()) {
		t.Error("k8s_gen.cue is not what k8s.io/api says; run go generate ./schema")
	}
}
