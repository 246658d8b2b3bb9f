package schema

import (
	"bytes"
	"encoding/gob"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.yaml.in/yaml/v3"

	"github.com/secgen/secgen/manifest"
)

func fromYAML(t *testing.T, text string) *manifest.Node {
	t.Helper()
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
		t.Fatal(err)
	}
	n, err := manifest.FromYAML(&doc, nil)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestExplain: a violation names the field, what was found and what is wanted.
func TestExplain(t *testing.T) {
	for name, c := range map[string]struct {
		fields, view string
		want         []string
	}{
		"constant":           {`require: a?: false`, `a: true`, []string{"a: true, want false or unset"}},
		"required":           {`require: a!: true`, `{}`, []string{"a: unset, want true"}},
		"required, any":      {`require: a!: _`, `a: null`, []string{"a: unset, want to be set"}},
		"required, deep":     {`require: a: b!: >3`, `{}`, []string{"a.b: unset, want more than 3"}},
		"forbidden":          {`require: a?: _|_`, `a: {b: 1}`, []string{"a: a map of 1 field, want unset"}},
		"bound":              {`require: a?: >=1 & <=3`, `a: 5`, []string{"a: 5, want at most 3"}},
		"type":               {`require: a?: string`, `a: [1]`, []string{"a: a list of 1 item, want a string or unset"}},
		"regexp":             {`require: a?: =~"^x"`, `a: zz`, []string{`a: "zz", want to match "^x"`}},
		"prefix":             {`require: a?: strings.HasPrefix("x/")`, `a: zz`, []string{`a: "zz", want to start with "x/"`}},
		"one of":             {`require: a!: "x" | "y" | 3`, `a: z`, []string{`a: "z", want one of "x", "y", 3`}},
		"value or type":      {`require: a!: "x" | int`, `a: z`, []string{`a: "z", want "x" or an integer`}},
		"unequal":            {`require: a?: !="x"`, `a: x`, []string{`a: "x", want other than "x"`}},
		"sizes":              {`require: {a?: list.MaxItems(1), b?: strings.MinRunes(2)}`, `{a: [1, 2], b: é}`, []string{`a: a list of 2 items, want at most 1 item`, `b: "é", want at least 2 characters`}},
		"items":              {`require: a?: [...{n?: <3}]`, `a: [{n: 1}, {n: 4}, {n: 9}]`, []string{"a[1].n: 4, want less than 3", "a[2].n: 9, want less than 3"}},
		"pattern":            {`require: a?: [=~"^x"]: string`, `a: {x.y/z: 1, y: 1}`, []string{`a["x.y/z"]: 1, want a string`}},
		"closed":             {`require: a?: close({b?: 1})`, `a: {c: 1}`, []string{"a.c: 1, want unset"}},
		"not":                {`require: matchN(0, [{a!: b!: 1}])`, `a: {b: 1}`, []string{"a.b: 1, want not 1"}},
		"not, several":       {`require: a?: matchN(0, [{b!: 1, c!: 2}])`, `a: {b: 1, c: 2}`, []string{"a: a map of 2 fields, want not a map with b 1 and c 2"}},
		"not set":            {`require: matchN(0, [{a?: _|_}])`, `{}`, []string{": a map of 0 fields, want not a map with no a"}},
		"any of, nearest":    {`require: a?: matchN(>0, [{b!: "x"}, {c!: d!: 1}])`, `a: {c: {d: 2}}`, []string{"a.c.d: 2, want 1"}},
		"any of, tied":       {`require: a?: matchN(>0, [{b!: "x"}, {c!: "y"}])`, `a: {}`, []string{`a: a map of 0 fields, want a map with b "x" or a map with c "y"`}},
		"struct or string":   {`require: a?: {b!: 1} | string`, `a: {b: 2}`, []string{"a.b: 2, want 1"}},
		"no item":            {`require: a?: list.MatchN(0, {n!: "x"})`, `a: [{n: y}, {n: x}]`, []string{`a[1].n: "x", want not "x"`}},
		"some item":          {`require: a!: list.MatchN(>=1, "x")`, `a: ["y"]`, []string{`a: a list of 1 item, want at least 1 of its items to be "x"`}},
		"contains":           {`require: a!: list.Contains("x")`, `a: ["y"]`, []string{`a: a list of 1 item, want to contain "x"`}},
		"not contains":       {`require: a?: matchN(0, [list.Contains("x")])`, `a: ["y", "x"]`, []string{`a[1]: "x", want not "x"`}},
		"if":                 {`require: matchIf({a!: 1}, {b!: 2}, _)`, `a: 1`, []string{"b: unset, want 2"}},
		"else":               {`require: matchIf({a!: 1}, _, {b!: 2})`, `a: 2`, []string{"b: unset, want 2"}},
		"several":            {`require: {a?: 1, b?: 2}`, `{a: 2, b: 1}`, []string{"a: 2, want 1 or unset", "b: 1, want 2 or unset"}},
		"once":               {`require: {a?: <5} & {a?: <5}`, `a: 9`, []string{"a: 9, want less than 5"}},
		"empty parameter":    {"parameters: p: [...string] | *[]\n\trequire: a?: or(parameters.p)", `a: x`, []string{`a: "x", want nothing: the list of what is allowed is empty`}},
		"long string is cut": {`require: a?: int`, `a: ` + string(bytes.Repeat([]byte("x"), 100)), []string{`a: "` + string(bytes.Repeat([]byte("x"), 80)) + `...", want an integer or unset`}},
	} {
		t.Run(name, func(t *testing.T) {
			set, err := loadOne(t, c.fields)
			if err != nil {
				t.Fatal(err)
			}
			bound, err := set.Rules[0].Bind(nil)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, v := range bound.Eval(fromYAML(t, c.view)).Violations {
				got = append(got, v.Path.String()+": "+Show(v.Found)+", want "+v.Want)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestUnknown: a value with an unresolved variable is neither right nor wrong.
func TestUnknown(t *testing.T) {
	for name, c := range map[string]struct {
		fields, view string
		want         int // violations; -1: unknown, -2: skipped
	}{
		"constant":            {`require: a?: "x"`, `a: ${X}`, -1},
		"number":              {`require: a?: <3`, `a: ${X}`, -1},
		"map":                 {`require: a?: {b!: 1}`, `a: ${X}`, -1},
		"list":                {`require: a?: [...int]`, `a: ${X}`, -1},
		"present":             {`require: a!: _`, `a: ${X}`, 0},
		"string":              {`require: a?: string`, `a: ${X}`, 0},
		"forbidden":           {`require: a?: _|_`, `a: ${X}`, 1},
		"not":                 {`require: a?: matchN(0, ["x"])`, `a: ${X}`, -1},
		"one known is enough": {`require: matchN(>0, [{a!: "x"}, {b!: 1}])`, `{a: "${X}", b: 1}`, 0},
		"one known is bad":    {`require: {a?: "x", b?: 1}`, `{a: "${X}", b: 2}`, 1},
		"at most one":         {`require: matchN(<=1, [{a!: "x"}, {b!: 1}])`, `{a: "${X}", b: 2}`, 0},
		"contains":            {`require: a?: list.Contains("x")`, `a: ["y", "${X}"]`, -1},
		"contains anyway":     {`require: a?: list.Contains("x")`, `a: ["x", "${X}"]`, 0},
		"items":               {`require: a?: list.MatchN(0, "x")`, `a: ["y", "${X}"]`, -1},
		"condition":           {`require: matchIf({a!: 1}, {b!: 1}, _)`, `{a: "${X}"}`, -1},
		"condition, both":     {`require: matchIf({a!: 1}, {b!: 1}, {b!: 2})`, `{a: "${X}"}`, 1},
		"match":               {"match: a!: 1\n\trequire: b!: _", `a: ${X}`, -1},
		"match fails":         {"match: {a!: 1, c!: 1}\n\trequire: b!: _", `a: ${X}`, -2},
		"escaped":             {`require: a?: "x"`, `a: $${X}`, 1},
	} {
		t.Run(name, func(t *testing.T) {
			set, err := loadOne(t, c.fields)
			if err != nil {
				t.Fatal(err)
			}
			bound, err := set.Rules[0].Bind(nil)
			if err != nil {
				t.Fatal(err)
			}
			r := bound.Eval(fromYAML(t, c.view))
			got := len(r.Violations)
			switch {
			case r.Skipped:
				got = -2
			case r.Unknown > 0:
				got = -1
			}
			if got != c.want {
				t.Errorf("result is %+v, want %d", r, c.want)
			}
		})
	}
}

// TestRulesTravel: rules come out of gob, as workers get them, and out of their own
// form as they went in; what is cut off is an error.
func TestRulesTravel(t *testing.T) {
	set, err := Builtin()
	if err != nil {
		t.Fatal(err)
	}
	text, err := set.Encode()
	if err != nil {
		t.Fatal(err)
	}
	var buf bytes.Buffer
	if err := gob.NewEncoder(&buf).Encode(set); err != nil {
		t.Fatal(err)
	}
	var got Set
	if err := gob.NewDecoder(&buf).Decode(&got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(set, &got, cmpopts.IgnoreUnexported(Set{}, Rule{}), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("gob changes rules: %s", diff)
	}
	decoded, err := Decode(text)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(set, decoded, cmpopts.IgnoreUnexported(Set{}, Rule{})); diff != "" {
		t.Error(diff)
	}
	for _, end := range []int{0, 1, 100, len(text) / 2, len(text) - 1} {
		if _, err := Decode(text[:end]); err == nil {
			t.Errorf("the first %d bytes were read without an error", end)
		}
	}
	for _, r := range decoded.Rules {
		if _, err := r.Bind(nil); err != nil {
			t.Errorf("%s: %v", r.ID, err)
		}
	}
}

func TestProfiles(t *testing.T) {
	set, err := Builtin()
	if err != nil {
		t.Fatal(err)
	}
	recommended, _, err := set.InProfile(DefaultProfile)
	if err != nil {
		t.Fatal(err)
	}
	strict, _, err := set.InProfile("strict")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range recommended {
		if !slices.Contains(strict, r) {
			t.Errorf("%s is recommended, but not in strict, which includes that", r.ID)
		}
	}
	if len(recommended) == 0 || len(strict) <= len(recommended) {
		t.Errorf("%d rules are recommended, %d in strict", len(recommended), len(strict))
	}
	if _, _, err := set.InProfile("strickt"); err == nil || err.Error() != `there is no profile "strickt"; did you mean "strict"?` {
		t.Errorf("error is %v", err)
	}
}
