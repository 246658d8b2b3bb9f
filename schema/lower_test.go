package schema

import (
	"math/rand/v2"
	"strings"
	"testing"
	"testing/fstest"
)

// ruleFile is a rule on the object view with the given fields.
func ruleFile(fields string) string {
	return `package own

import (
	"list"
	"strings"
	"struct"

	"github.com/secgen/secgen/schema"
)

_imports: [list.MaxItems, strings.MinRunes, struct.MinFields]

#Port: int & >0 & <65536
#Named: {name?: string, port?: #Port}
_open: {name?: string}
#Choices: [{a!: 1}, {b?: "x"}]
#Deep: {list?: [...{n?: #Port}], map?: [string]: {k?: "v"}, choice?: {c?: 1} | string, open?: {...}}
#Both: {a?: int} & {b?: int}
#Bad: ["x", "y"]
limit: 3

own: schema.#Rule & {
	severity: "low"
	view:     "object"
	title:    "t"
	why:      "w"
	remedy:   "r"
	references: ["https://example.com/"]
` + fields + "\n}\n"
}

func loadOne(t *testing.T, fields string) (*Set, error) {
	t.Helper()
	// limit is no rule; it would be refused as one.
	text := strings.Replace(ruleFile(fields), "limit: 3\n", "_limit: 3\n", 1)
	return LoadRules(fstest.MapFS{"rules/own.cue": {Data: []byte(text)}}, "rules")
}

// constructs are schemas that have to be lowered, one of each kind that the rule
// compiler knows.
var constructs = map[string]string{
	"any":                   `require: x!: _`,
	"types":                 `require: {s?: string, i?: int, f?: float, n?: number, b?: bool}`,
	"sized integers":        `require: {a?: uint, b?: uint8, c?: uint16, d?: int32, e?: uint32, f?: int64}`,
	"constants":             `require: {a?: "x", b?: 1, c?: 1.5, d?: true, e?: [...null], f?: -1, g?: 1.0}`,
	"bounds":                `require: {a?: >1, b?: >=1.5, c?: <3, d?: <=-1, e?: >"b", f?: <="b", g?: >0 & <10}`,
	"unequal":               `require: {a?: !="x", b?: !=1, c?: [...!=null], d?: !=1.0}`,
	"regexps":               `require: {a?: =~"^a+$", b?: !~"x|y"}`,
	"forbidden":             `require: spec?: {hostNetwork?: _|_, a?: 1}`,
	"required":              `require: spec!: {a!: 1, b?: c!: 2}`,
	"implied":               `require: {spec: {a: b!: 1, c?: 2}, metadata: labels: x!: string}`,
	"implied twice":         `require: {spec: {a?: 1}, spec: {b?: 1}} & {spec!: c?: 1}`,
	"implied, then counted": `require: {spec: {a: {}}} & struct.MaxFields(2)`,
	"implied, then matched": `require: matchN(1, [{spec!: a!: b?: 1}, {x!: 1}]) & {spec: a: {}}`,
	"embedded":              `require: {{a?: 1}, b?: 2, matchN(>0, [{a!: _}, {b!: _}])}`,
	"patterns":              `require: x?: {[string]: int}`,
	"patterns of keys":      `require: x?: {[=~"^a"]: int, [!~"^a"]: string, a1!: <5}`,
	"pattern of one key":    `require: x?: {["a"]: int, ["b" | "c"]: string, [!="d" & =~"^d+$"]: bool, [strings.HasPrefix("p")]: 1}`,
	"closed":                `require: x?: close({a?: int, [=~"^b"]: string})`,
	"open in close":         `require: x?: close({a?: int, ...})`,
	"definition":            `require: x?: #Named`,
	"definition in a list":  `require: x?: [...#Named]`,
	"definition scalar":     `require: x?: #Port`,
	"hidden field":          `require: x?: _open`,
	"let":                   "let ok = {a?: 1}\n\trequire: {x?: ok, y?: [...ok]}",
	"lists":                 `require: {a?: [...string], b?: [int, string], c?: [int, ...string], d?: [], e?: [...]}`,
	"list of structs":       `require: x?: [...{a!: 1, b?: "x"}]`,
	"list sizes":            `require: {a?: list.MinItems(1), b?: list.MaxItems(2), c?: list.UniqueItems(), d?: list.UniqueItems, e?: [...int] & list.MaxItems(1)}`,
	"list contains":         `require: {a?: list.Contains("x"), b?: list.Contains(1)}`,
	"list.MatchN":           `require: {a?: list.MatchN(0, {n!: "x"}), b?: list.MatchN(>=1, {n!: "x"}), c?: list.MatchN(2, string), d?: list.MatchN(<=1, >3)}`,
	"matchN":                `require: {matchN(0, [{a!: 1}]), x?: matchN(1, [string, =~"a"]), y?: matchN(>1, [{a!: _}, {b!: _}, {c!: _}])}`,
	"matchN of implied":     `require: x?: matchN(1, [{a: b!: 1}, {a: c?: 1}])`,
	"matchIf":               `require: {matchIf({a!: 1}, {b!: 1}, {c!: 1}), x?: matchIf(string, "x", _)}`,
	"disjunction":           `require: {a?: "x" | "y", b?: 1 | "x", g?: [...1 | null], c?: string | {d?: 1}, e?: [...int] | bool | {f!: 1}}`,
	"or and and":            `require: {a?: or(["x", "y", =~"z"]), b?: and([>1, <5]), d?: or(#Bad)}`,
	"text":                  `require: {a?: strings.HasPrefix("ab"), b?: strings.HasSuffix("ab"), c?: strings.Contains("ab"), d?: strings.ContainsAny("ab"), e?: strings.MinRunes(2), f?: strings.MaxRunes(2)}`,
	"struct sizes":          `require: {a?: struct.MinFields(1), b?: struct.MaxFields(1)}`,
	"folded":                `require: {a?: "x" + "y", b?: >(1+1), c?: _limit * 2, d?: =~"^\(_limit)$", e?: strings.ToUpper("x")}`,
	"quoted labels":         `require: metadata?: annotations?: {"a.b/c"?: "x", "d"!: _}`,
	"several together":      `require: x?: {a?: 1} & {b?: 2} & {c!: 3} & struct.MaxFields(2)`,
	"slots": `parameters: {allowed: [...string] | *["a", "b"], max: int | *3, re: string | *"^a", on: bool | *true, text: string | *"t"}
	require: {a?: or(parameters.allowed), b?: <=parameters.max, c?: =~parameters.re, d?: parameters.on, e?: !=parameters.text, f?: [...parameters.text | null], g?: list.Contains(parameters.text), h?: list.MaxItems(parameters.max)}`,
	"loops": `parameters: {prefixes: [...string] | *["a", "b/"], pairs: [...{name: string, value: string}] | *[{name: "n", value: "v"}]}
	require: {
		a?: or([for p in parameters.prefixes {strings.HasPrefix(p)}])
		b?: matchN(0, [for p in parameters.prefixes {=~p}])
		c?: and([for p in parameters.prefixes {!=p}])
		d?: [...matchN(0, [for p in parameters.pairs {{name!: p.name, value!: p.value}}, {name!: "other"}])]
		for p in parameters.prefixes {e?: !=p}
	}`,
	"guards": `parameters: {strict: bool | *false, level: string | *"low", max: int | *2, names: [...string] | *[]}
	require: {
		x?: int
		if parameters.strict {y!: _}
		if !parameters.strict && parameters.level == "low" {z?: 1}
		if parameters.max > 1 || parameters.level != "low" {matchN(>=1, [{a!: _}, {b!: _}])}
		if len(parameters.names) > 0 {n?: or(parameters.names)}
	}`,
	"nested guards and loops": `parameters: {strict: bool | *false, names: [...string] | *["a"]}
	require: {
		x?: {if parameters.strict {b!: 1}}
		y?: {for n in parameters.names {b?: !=n}}
		z: {a?: 1} & {if parameters.strict {b!: 1}}
	}`,
	"definitions in matchN": `require: {x?: matchN(1, [#Named, string]), y?: [...matchN(0, [#Named])], z?: matchN(>0, #Choices)}`,
	"nested definition":     `require: x?: #Deep`,
	"match":                 "match: kind!: \"Secret\"\n\trequire: data?: _|_",
	"shorthand conjunction": `require: spec: a?: 1
	require: spec: b?: 2`,
}

func TestConstructsAreLowered(t *testing.T) {
	for name, fields := range constructs {
		t.Run(name, func(t *testing.T) {
			set, err := loadOne(t, fields)
			if err != nil {
				t.Fatal(err)
			}
			compareWithCUE(t, set, set.Rule("own"), rand.New(rand.NewPCG(1, 2)), 100)
		})
	}
}

// TestTopPatternIsLeftToCUE: a pattern at the top of the package may add to any
// rule.
func TestTopPatternIsLeftToCUE(t *testing.T) {
	text := ruleFile("require: a?: 1") + "\n[=~\"^own\"]: require: b!: 1\n"
	set, err := LoadRules(fstest.MapFS{"rules/own.cue": {Data: []byte(strings.Replace(text, "limit: 3\n", "_limit: 3\n", 1))}}, "rules")
	if err != nil {
		t.Fatal(err)
	}
	rule := set.Rule("own")
	if rule.Lowered() {
		t.Fatalf("was lowered to %s", describe(rule.Require))
	}
	bound, err := set.Bind(rule, nil)
	if err != nil {
		t.Fatal(err)
	}
	if r := bound.Eval(fromYAML(t, "a: 1")); len(r.Violations) != 1 || r.Violations[0].Path.String() != "b" {
		t.Errorf("result is %+v", r)
	}
}

// TestUnknownIsLeftToCUE: what the compiler does not know, it leaves alone.
func TestUnknownIsLeftToCUE(t *testing.T) {
	for name, c := range map[string]struct{ fields, reason string }{
		"field reference":            {`require: {a?: int, b?: >a}`, `it depends on "a"`},
		"sibling":                    {`require: x?: {a?: int, b?: a}`, `another field`},
		"struct disjunction":         {`require: x?: {a!: 1} | {b!: 1}`, "write matchN"},
		"list disjunction":           {`require: x?: [...int] | [...string]`, "write matchN"},
		"unequal true":               {`require: x?: !=true`, "does not go with"},
		"condition on data":          {`require: {a?: int, if a != _|_ {b!: 1}}`, "condition"},
		"loop over data":             {`require: {a?: [...string], for x in a {b?: x}}`, "loop over something other"},
		"computed label":             {`require: {"\(_limit)"?: 1}`, "label"},
		"label alias":                {`require: {[K=string]: {name?: K}}`, "alias"},
		"definition of two":          {`require: x?: #Both`, "several structs"},
		"implied in a choice":        {`require: {x: {a: {}} & ({b: {}} | string)} & struct.MinFields(1)`, "only CUE can tell"},
		"condition beside fields":    {"parameters: p: bool | *false\n\trequire: x?: {a?: 1, if parameters.p {b!: 1}}", "join the two with &"},
		"loop beside fields":         {"parameters: p: [...string] | *[]\n\trequire: x?: {a?: 1, for v in parameters.p {b?: v}}", "join the two with &"},
		"implied, seen from above":   {`require: {x?: {a: {}}} & matchN(1, [{x!: a!: _}])`, "only CUE can tell"},
		"implied in a list, seen":    {`require: {x?: [...{a: {}}]} & matchN(1, [{x!: [...{a!: _}]}])`, "only CUE can tell"},
		"implied in a pattern, seen": {`require: x?: {[string]: {a: {}}}`, "only CUE can tell"},
		"unknown function":           {`require: x?: strings.HasPrefix("a", "b", "c")`, ""},
		"validator":                  {`require: x?: strings.SplitN`, ""},
		"attribute":                  {`require: x?: int @go(X)`, "attribute"},
		"default":                    {`require: x?: *1 | 2`, "default"},
		"hidden field inside":        {`require: {_x: 1, a?: int}`, "hidden"},
		"struct with scalar":         {`require: x?: {matchN(0, ["x"]), a?: 1}`, "no struct"},
		"bytes":                      {`require: x?: 'abc'`, ""},
		"interpolated slot":          {"parameters: p: string | *\"a\"\n\trequire: x?: =~\"^\\(parameters.p)\"", "depends on"},
	} {
		t.Run(name, func(t *testing.T) {
			set, err := loadOne(t, c.fields)
			if err != nil {
				t.Fatal(err)
			}
			rule := set.Rule("own")
			if rule.Lowered() {
				t.Fatalf("was lowered to %s", describe(rule.Require))
			}
			if !strings.Contains(rule.NotLowered, c.reason) {
				t.Errorf("reason is %q, want %q in it", rule.NotLowered, c.reason)
			}
			if _, err := set.Bind(rule, nil); err != nil {
				t.Errorf("cannot be bound to CUE: %v", err)
			}
		})
	}
}
