package schema

import (
	"strings"
	"testing"
	"testing/fstest"
)

// ownRule is a rule in a file of its own; the body starts on line 5.
func ownRule(body string) string {
	return "package own\n\nimport \"github.com/secgen/secgen/schema\"\n\n" + body
}

const documented = `"own-rule": schema.#Rule & {
	severity: "low", view: "container", title: "t", why: "w", remedy: "r", references: ["https://example.com/"]
`

// TestRefusals: what is wrong with a rule is told with file, line and the way
// out.
func TestRefusals(t *testing.T) {
	for name, c := range map[string]struct{ body, want string }{
		"sets a constant":     {documented + "\trequire: image: \"x\"\n}", `rules/own.cue:7:11: image: sets the field where it is missing instead of demanding something of it; write image!: to demand the field, or image?: to judge it where it is there`},
		"sets deeper":         {documented + "\trequire: securityContext?: privileged: false\n}", `rules/own.cue:7:29: securityContext.privileged: sets the field`},
		"sets a type":         {documented + "\trequire: image: string\n}", `rules/own.cue:7:11: image: sets the field`},
		"sets through a let":  {documented + "\tlet s = {privileged: false}\n\trequire: securityContext?: s\n}", `rules/own.cue:7:11: securityContext.privileged: sets the field`},
		"sets in matchN":      {documented + "\trequire: matchN(1, [{image: \"x\"}])\n}", `rules/own.cue:7:23: image: sets the field`},
		"sets in match":       {documented + "\tmatch: image: \"x\"\n\trequire: image!: _\n}", `rules/own.cue:7:9: image: sets the field`},
		"unknown field":       {documented + "\trequire: securityContext?: privilegd?: false\n}", `rules/own.cue:7:29: securityContext of the view "container" has no field "privilegd"; did you mean "privileged"?`},
		"unknown fact":        {documented + "\trequire: facts: efective: privileged?: false\n}", `rules/own.cue:7:18: facts of the view "container" has no field "efective"; did you mean "effective"?`},
		"unknown in a list":   {documented + "\trequire: ports?: [...{hostport?: _|_}]\n}", `rules/own.cue:7:24: ports[0] of the view "container" has no field "hostport"; did you mean "hostPort"?`},
		"unknown in if":       {documented + "\tparameters: p: *true | bool\n\trequire: {if parameters.p {imagge?: string}}\n}", `rules/own.cue:8:29: the view "container" has no field "imagge"; did you mean "image"?`},
		"unknown severity":    {strings.Replace(documented, `"low"`, `"lw"`, 1) + "\trequire: image!: _\n}", `rules/own.cue:6:12: there is no severity "lw"; did you mean "low"?`},
		"unknown view":        {strings.Replace(documented, `"container"`, `"contaner"`, 1) + "\trequire: image!: _\n}", `rules/own.cue:6:25: there is no view "contaner"; did you mean "container"?`},
		"unknown profile":     {documented + "\tprofiles: [\"strickt\"]\n\trequire: image!: _\n}", `rules/own.cue:7:13: there is no profile "strickt"; did you mean "strict"?`},
		"unknown control":     {documented + "\tcontrols: cis: [\"5.2.33\"]\n\trequire: image!: _\n}", `rules/own.cue:7:12: controls: CIS Kubernetes Benchmark, edition 1.11, has no control "5.2.33"; did you mean "5.2.3"?`},
		"unknown rule field":  {documented + "\trequires: image!: _\n}", `rules/own.cue:5:1: rule "own-rule" has no require; say the schema that the view must satisfy`},
		"misspelled metadata": {documented + "\tmesage: \"x\"\n\trequire: image!: _\n}", `rules/own.cue:7:2: a rule has no field "mesage"; did you mean "message"?`},
		"no title":            {strings.Replace(documented, `title: "t", `, "", 1) + "\trequire: image!: _\n}", `rules/own.cue:5:1: rule "own-rule" has no title; say in a few words, what is wrong where the rule is broken`},
		"demanded require":    {documented + "\trequire!: image!: _\n}", `rules/own.cue:5:1: rule "own-rule" gives require no value`},
		"empty why":           {strings.Replace(documented, `why: "w"`, `why: ""`, 1) + "\trequire: image!: _\n}", `rules/own.cue:6:55: why: `},
		"no references":       {strings.Replace(documented, `["https://example.com/"]`, `[]`, 1) + "\trequire: image!: _\n}", `rules/own.cue:6:73: references: `},
		"message slot":        {documented + "\tmessage: \"{imag} is bad\"\n\trequire: image!: _\n}", `rules/own.cue:7:11: message: {imag}: the view "container" has no field "imag"; did you mean "image"?`},
		"message parameter":   {documented + "\tmessage: \"{parameters.a} is bad\"\n\trequire: image!: _\n}", `rules/own.cue:7:11: message: {parameters.a}: the rule has no such parameter`},
		"message brace":       {documented + "\tmessage: \"{image is bad\"\n\trequire: image!: _\n}", `rules/own.cue:7:11: message: a slot is not closed`},
		"at":                  {documented + "\tat: \"imagge\"\n\trequire: image!: _\n}", `rules/own.cue:7:6: at: the view "container" has no field "imagge"`},
		"no default":          {documented + "\tparameters: p: string\n\trequire: image!: _\n}", `rules/own.cue:5:1: parameter "p" has no default`},
		"parameter name":      {documented + "\tparameters: Pq: *1 | int\n\trequire: image!: _\n}", `rules/own.cue:7:14: `},
		"pattern":             {documented + "\trequire: image!: =~\"(a\"\n}", `rules/own.cue:7:21: error parsing regexp: missing closing ): ` + "`(a`"},
		"pattern of a key":    {documented + "\trequire: {[!~\"a(\"]: _}\n}", `rules/own.cue:7:15: error parsing regexp: missing closing ): ` + "`a(`"},
		"pattern in match":    {documented + "\tmatch: image!: =~\"a{2,1}\"\n\trequire: image!: _\n}", `rules/own.cue:7:19: error parsing regexp: invalid repeat count`},
		"pattern by default":  {documented + "\tparameters: p: *\"[\" | string\n\trequire: image!: =~parameters.p\n}", `rules/own.cue:8:11: require: parameter "p": error parsing regexp: missing closing ]`},
		"no map":              {documented + "\trequire: [for x in [1] {x}]\n}", `rules/own.cue:7:11: require is a list; a view is a map, so want {...}`},
		"syntax":              {documented + "\trequire: {\n}", `rules/own.cue:`},
		"conflict":            {documented + "\ttitle: \"u\"\n\trequire: image!: _\n}", `rules/own.cue:7:9: title: conflicting values`},
		"unknown import":      {"import \"nonsense\"\n" + documented + "\trequire: image!: nonsense.x\n}", `rules/own.cue:5:8: `},
		"module":              {"import \"example.com/foreign\"\n" + documented + "\trequire: image!: foreign.x\n}", `rules/own.cue:5:8: `},
		"cycle":               {documented + "\trequire: image!: #A\n}\n#A: {a: #A}", `rules/own.cue:`},
		"embed":               {documented + "\trequire: image!: _ @embed(file=/etc/hostname)\n}", `rules/own.cue:7:21: @embed is refused: rules read no other files; write the value here`},
		"tool":                {"import \"tool/exec\"\n" + documented + "\trequire: image!: exec.Run\n}", `rules/own.cue:5:8: import "tool/exec" is refused: rules run no tools; remove it`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := LoadRules(fstest.MapFS{"rules/own.cue": {Data: []byte(ownRule(c.body + "\n"))}}, "rules")
			if err == nil {
				t.Fatal("was accepted")
			}
			if !strings.HasPrefix(err.Error(), c.want) {
				t.Errorf("error is\n%s\nwant\n%s", err, c.want)
			}
		})
	}
}

// TestRefusesModules: a repository whose module has dependencies is told that
// secgen fetches none.
func TestRefusesModules(t *testing.T) {
	_, err := LoadRules(fstest.MapFS{
		"cue.mod/module.cue": {Data: []byte("module: \"example.com/repo@v0\"\nlanguage: version: \"v0.15.0\"\ndeps: \"example.com/foreign@v0\": v: \"v0.1.0\"\n")},
		"rules/own.cue":      {Data: []byte(ownRule("import \"example.com/foreign@v0\"\n" + documented + "\trequire: image!: foreign.x\n}\n"))},
	}, "rules")
	if err == nil || !strings.Contains(err.Error(), "opens no connection") {
		t.Errorf("error is %v", err)
	}
}

// TestRulesOfRepository: rules may import packages of the repository, and a
// folder's rules are read once although its files belong to the folders below.
func TestRulesOfRepository(t *testing.T) {
	set, err := LoadRules(fstest.MapFS{
		"cue.mod/module.cue": {Data: []byte("module: \"example.com/repo@v0\"\nlanguage: version: \"v0.15.0\"\n")},
		"lib/lib.cue":        {Data: []byte("package lib\n\n#Tag: !=\"latest\"\n")},
		"policy/own.cue":     {Data: []byte(ownRule("import \"example.com/repo/lib\"\n" + documented + "\trequire: facts: image: tag?: lib.#Tag\n}\n"))},
		"policy/sub/sub.cue": {Data: []byte(ownRule(strings.Replace(documented, "own-rule", "sub-rule", 1) + "\trequire: image!: _\n}\n"))},
	}, "policy")
	if err != nil {
		t.Fatal(err)
	}
	if len(set.Rules) != 2 || set.Rules[0].ID != "own-rule" || set.Rules[1].ID != "sub-rule" {
		t.Fatalf("rules are %v", set.Rules)
	}
	for _, r := range set.Rules {
		if !r.Lowered() {
			t.Errorf("%s is left to CUE: %s", r.ID, r.NotLowered)
		}
	}
	if p := set.Rules[1].Position; p.File != "policy/sub/sub.cue" || p.Line != 5 {
		t.Errorf("position is %v", p)
	}
}
