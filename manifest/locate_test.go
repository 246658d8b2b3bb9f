package manifest

import "testing"

func TestResourceLocate(t *testing.T) {
	at := func(line int) Position { return Position{File: "a.yaml", Line: line, Column: 1} }
	r := &Resource{
		Origin: Origin{Position: Position{File: "origin.yaml", Line: 3, Column: 1}},
		Object: &Node{Kind: Map, Pos: at(1), Fields: []Field{
			{Key: "spec", KeyPos: at(2), Value: &Node{Kind: Map, Pos: at(3), Fields: []Field{
				{Key: "known", KeyPos: at(4), Value: &Node{Kind: String, Text: "x", Pos: at(4)}},
				{Key: "made", Value: &Node{Kind: String, Text: "x"}},
				{Key: "kept", KeyPos: at(5), Value: &Node{Kind: Map, Pos: at(6)}},
			}}},
		}},
		Removed: []Removal{
			{Path: Path("spec", "gone"), Position: at(20)},
			{Path: Path("spec", "gone"), Position: at(21)},
			{Path: Path("spec", "kept", "a"), Position: at(22)},
			{Path: Path("spec", "known"), Position: at(23)},
		},
	}
	approximate := r.Origin.Position
	approximate.Approximate = true
	for _, row := range []struct {
		name string
		path FieldPath
		want Position
	}{
		{"a value", Path("spec", "known"), at(4)},
		{"a value that nobody is known to have set", Path("spec", "made"), approximate},
		{"a missing field", Path("spec", "other"), at(2)},
		{"a missing field of a value of unknown origin", Path("spec", "made", "x"), approximate},
		{"a field that was taken away twice", Path("spec", "gone"), at(21)},
		{"below what was taken away", Path("spec", "gone", "deeper"), at(21)},
		{"a nested field that was taken away", Path("spec", "kept", "a"), at(22)},
		{"beside what was taken away", Path("spec", "kept", "b"), at(5)},
		{"the object", nil, at(1)},
	} {
		if got, _ := r.Locate(row.path); got != row.want {
			t.Errorf("%s: %v, want %v", row.name, got, row.want)
		}
	}
	if got, _ := (&Resource{Origin: r.Origin}).Locate(Path("a")); got != approximate {
		t.Errorf("without an object: %v, want %v", got, approximate)
	}
}
