package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/secgen/secgen/lint"
	"github.com/secgen/secgen/load/source"
	"github.com/secgen/secgen/manifest"
)

// TestEntries reads several entries with the same decoders: none must hold
// anything of another, also behind one that cannot be read.
func TestEntries(t *testing.T) {
	full := entry{
		Seen: []source.Seen{{Ask: source.AskContent, Path: "a.yaml", Answer: "1"}},
		Answer: answer{
			Problems: []source.Problem{{Position: manifest.Position{File: "a.yaml", Line: 3}, Reason: "bad"}},
			Verdict:  lint.Verdict{Resources: 3, Violations: []lint.Violation{{Rule: "a", Path: "spec"}}},
		},
	}
	small := entry{Seen: []source.Seen{{Ask: source.AskPath, Path: "b"}}}
	var d decoders
	for i, want := range []entry{full, small, {}, full, small} {
		data, err := encodeEntry(want)
		if err != nil {
			t.Fatal(err)
		}
		for cut := range len(data) {
			if cut%97 == i {
				if _, err := d.decode(data[:cut]); err == nil {
					t.Errorf("entry %d: the first %d of %d bytes are an entry", i, cut, len(data))
				}
			}
		}
		if _, err := d.decode(append(data[:len(data):len(data)], data...)); err == nil {
			t.Errorf("entry %d twice is an entry", i)
		}
		got, err := d.decode(data)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty(), cmpopts.IgnoreUnexported(source.Problem{})); diff != "" {
			t.Errorf("entry %d (-want +got):\n%s", i, diff)
		}
	}
}
