package pack

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

type sample struct {
	Text, More string
	Yes, No    bool
	Number     int
	Kind       uint8
	List       []sample
	Empty, Nil []string
	Map        map[string]*sample
	Next       *sample
	hidden     int
}

func TestRoundTrip(t *testing.T) {
	long := make([]sample, 100)
	long[99].Number = -7
	in := sample{
		Text: "ü", More: "ü", Yes: true, Number: 1 << 40, Kind: 255, List: long, Empty: []string{},
		Map: map[string]*sample{"b": {Text: "x"}, "a": nil}, Next: &sample{Next: &sample{}}, hidden: 1,
	}
	data, err := Encode(&in)
	if err != nil {
		t.Fatal(err)
	}
	var out sample
	if err := Decode(data, &out); err != nil {
		t.Fatal(err)
	}
	in.hidden = 0 // is not written
	if diff := cmp.Diff(in, out, cmp.AllowUnexported(sample{})); diff != "" {
		t.Error(diff)
	}
	if again, _ := Encode(&out); !bytes.Equal(data, again) {
		t.Error("equal values, different bytes")
	}
	for i := range data {
		if err := Decode(data[:i], new(sample)); err == nil {
			t.Errorf("the first %d of %d bytes are read as a whole", i, len(data))
		}
	}
}

func TestNoForm(t *testing.T) {
	for _, value := range []any{&struct{ F func() }{func() {}}, &[]any{1}, &map[string]float64{"a": 0.5}} {
		if _, err := Encode(value); err == nil || !strings.Contains(err.Error(), "no form for") {
			t.Errorf("%T: %v", value, err)
		}
	}
}

// FuzzDecode shows that damaged bytes are an error, or a value that can be written
// again, and cost no more memory than they have bytes for.
func FuzzDecode(f *testing.F) {
	data, err := Encode(&sample{Text: "a", List: []sample{{Number: 3}}, Map: map[string]*sample{"k": {}}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		var out, back sample
		if Decode(data, &out) != nil {
			return
		}
		again, err := Encode(&out)
		if err != nil {
			t.Fatal(err)
		}
		if err := Decode(again, &back); err != nil {
			t.Fatal(err)
		}
	})
}
