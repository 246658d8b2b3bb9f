package compile_test

import (
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/secgen/secgen/compile"
	"github.com/secgen/secgen/schema"
)

// filled puts something into the gaps of a proposed answer.
var filled = strings.NewReplacer(
	`sources: ["..."]`, `sources: ["192.0.2.0/24"]`, `cidrs: ["..."]`, `cidrs: ["192.0.2.0/24"]`, `podNetwork: "..."`, `podNetwork: "172.30.0.0/16"`, `nodeNetworks: ["..."]`, `nodeNetworks: ["192.0.2.0/24"]`, `ports: ["..."]`, `ports: ["443"]`,
	`namespace: "..."`, `namespace: "elsewhere"`, `group: "..."`, `group: "team"`, `labels: {...}`, `labels: app: "web"`, `"..."`, `"because"`, `settled: [...]`, `settled: []`,
	`"MachineDeployment/..."`, `"MachineDeployment/a"`)

// What a question proposes is CUE that secgen.cue takes, beside what it holds and
// as an environment's own, and then the question is not asked again.
func TestAnswersAnswer(t *testing.T) {
	names, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	asked := 0
	for _, name := range names {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		policy := ""
		for _, f := range archive.Files {
			if f.Name == "secgen.cue" {
				policy = string(f.Data)
			}
		}
		for _, q := range run(t, archive).Questions {
			if q.Answer == "" {
				continue
			}
			asked++
			answers := func(text string, pick func(*schema.Config) *schema.Policy) {
				c, err := schema.LoadConfig(fstest.MapFS{}, []byte(text))
				if err != nil {
					t.Errorf("%s: %s: %v", name, q, err)
					return
				}
				in := input(t, archive)
				in.Policy = pick(c)
				result, err := compile.Run(in)
				if err != nil {
					t.Errorf("%s: %s: %v", name, q, err)
					return
				}
				for _, again := range result.Questions {
					if again.Text == q.Text && again.Namespace == q.Namespace && again.Position == q.Position {
						t.Errorf("%s: asks again: %s", name, again)
					}
				}
			}
			if !q.Joins {
				answers(policy+"\n"+filled.Replace(q.Answer)+"\n", func(c *schema.Config) *schema.Policy { return c.Policy })
			}
			own := q.In("prod")
			answers(policy+"\nenvironments: prod: roots: [\"r\"]\n"+filled.Replace(own.Answer)+"\n",
				func(c *schema.Config) *schema.Policy { return c.Environments[0].Policy.Over(c.Policy) })
		}
	}
	if asked < 15 {
		t.Errorf("%d answers were tried", asked)
	}
}
