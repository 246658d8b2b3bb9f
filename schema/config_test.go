package schema

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/secgen/secgen/manifest"
)

const fullConfig = `package secgen

import "github.com/secgen/secgen/schema"

schema.#Config & {
	profile: "strict"
	rules: {
		"image-registry": parameters: allowed: ["de.icr.io/shop/"]
		"node-port": off: "the node ports are behind a firewall"
	}
	ruleFolders: ["policy/rules/"]
	environments: prod: roots: ["overlays/prod", "infra/**"]
	exceptions: [{
		rule:    "privileged-container"
		reason:  "the network plug-in needs the node"
		owner:   "team-net"
		expires: "2027-01-31"
		files: ["infra/cni/**"]
		kinds: ["DaemonSet"]
		path: "spec.template.spec.containers[0]"
	}]
	demand: owner: true
	workloads: [{group: "example.com", kind: "App", template: "spec.pod"}]
}
`

func TestLoadConfig(t *testing.T) {
	for name, text := range map[string]string{
		"with the type":    fullConfig,
		"without the type": "package secgen\n\n\n\n" + strings.Replace(fullConfig[strings.Index(fullConfig, "schema.#Config & {"):], "schema.#Config & {", "{", 1),
	} {
		t.Run(name, func(t *testing.T) {
			got, err := LoadConfig(fstest.MapFS{}, []byte(text))
			if err != nil {
				t.Fatal(err)
			}
			at := func(line, column int) manifest.Position {
				return manifest.Position{File: "secgen.cue", Line: line, Column: column}
			}
			allowed := manifest.Of([]any{"de.icr.io/shop/"})
			allowed.Pos = at(8, 33)
			want := &Config{
				Profile: "strict", ProfileAt: at(6, 2),
				Rules: []RuleConfig{
					{Rule: "image-registry", Parameters: Parameters{"allowed": allowed}, Position: at(8, 21)},
					{Rule: "node-port", Off: "the node ports are behind a firewall", Position: at(9, 16)},
				},
				RuleFolders:  []RuleFolder{{"policy/rules", at(11, 16)}},
				Environments: []EnvironmentConfig{{Name: "prod", Roots: []string{"overlays/prod", "infra/**"}, Position: at(12, 22)}},
				Exceptions: []ExceptionConfig{{
					Rule: "privileged-container", Reason: "the network plug-in needs the node", Owner: "team-net", Expires: "2027-01-31",
					Files: []string{"infra/cni/**"}, Kinds: []string{"DaemonSet"}, Path: "spec.template.spec.containers[0]", Position: at(13, 15),
				}},
				Workloads:   []WorkloadConfig{{"example.com", "App", "spec.pod", at(23, 14)}},
				DemandOwner: true,
			}
			for i := range got.Rules {
				got.Rules[i].Position.Column, want.Rules[i].Position.Column = 0, 0
			}
			got.Environments[0].Position.Column, want.Environments[0].Position.Column = 0, 0
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestLoadConfigEmpty(t *testing.T) {
	got, err := LoadConfig(fstest.MapFS{}, []byte("package secgen\n"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(&Config{Profile: DefaultProfile}, got); diff != "" {
		t.Error(diff)
	}
}

// TestConfigErrors: each mistake is told with file and line and the way out.
func TestConfigErrors(t *testing.T) {
	set, err := Builtin()
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ text, want string }{
		"misspelled setting": {"profil: \"strict\"", `secgen.cue:2:1: there is no setting profil; did you mean "profile"?`},
		"nested setting":     {"rules: {\n\t\"node-port\": of: \"x\"\n}", `secgen.cue:3:15: there is no setting rules."node-port".of; did you mean "off"?`},
		"setting in a list":  {"exceptions: [{rule: \"node-port\", reason: \"r\", onwer: \"x\"}]", `secgen.cue:2:47: there is no setting exceptions[0].onwer; did you mean "owner"?`},
		"unknown profile":    {`profile: "strickt"`, `secgen.cue:2:1: there is no profile "strickt"; did you mean "strict"?`},
		"wrong type":         {`demand: owner: "yes"`, `secgen.cue:2:16: demand.owner is "yes"; want true or false`},
		"no reason":          {"exceptions: [{\n\trule: \"node-port\"\n}]", `secgen.cue:2:14: exceptions.0.reason is missing`},
		"empty off":          {`rules: "node-port": off: ""`, `secgen.cue:2:26: `},
		"unknown rule":       {`rules: "nodeport": off: "x"`, `secgen.cue:2:8: there is no rule "nodeport"; did you mean "node-port"?`},
		"exception's rule":   {`exceptions: [{rule: "node-prot", reason: "x"}]`, `secgen.cue:2:14: the exception names the rule "node-prot", which does not exist; did you mean "node-port"?`},
		"unknown parameter":  {`rules: "image-registry": parameters: allow: []`, `secgen.cue:2:38: rule "image-registry" has no parameter "allow"; did you mean "allowed"?`},
		"parameter's type":   {`rules: "image-registry": parameters: allowed: [1]`, `secgen.cue:2:38: rule "image-registry": parameter allowed[0] is 1; want a string`},
		"no date":            {`exceptions: [{rule: "node-port", reason: "x", expires: "2027-02-30"}]`, `secgen.cue:2:14: the exception expires on "2027-02-30", which is no date`},
		"path":               {`exceptions: [{rule: "node-port", reason: "x", path: "a..b"}]`, `secgen.cue:2:14: field path "a..b"`},
		"folder outside":     {`ruleFolders: ["../rules"]`, `secgen.cue:2:15: ruleFolders.0 is "../rules"; want a folder`},
		"syntax":             {`profile: `, `secgen.cue:2:`},
		"conflict":           {"profile: \"strict\"\nprofile: \"recommended\"", `secgen.cue:`},
		"embed":              {`profile: _ @embed(file=x.json)`, `secgen.cue:2:12: @embed is refused`},
		"module":             {"import \"example.com/x\"\nprofile: x.p", `secgen.cue:2:8: `},
		"not concrete":       {`profile: string`, `secgen.cue:2:`},
	} {
		t.Run(name, func(t *testing.T) {
			config, err := LoadConfig(fstest.MapFS{}, []byte("package secgen\n"+c.text+"\n"))
			if err == nil {
				err = config.Check(set, "unread")
			}
			if err == nil {
				t.Fatal("was accepted")
			}
			if !strings.HasPrefix(err.Error(), c.want) {
				t.Errorf("error is\n%s\nwant\n%s", err, c.want)
			}
		})
	}
}
