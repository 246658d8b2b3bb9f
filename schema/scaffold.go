package schema

import (
	"fmt"
	"path"
	"regexp"
	"strings"
)

var ruleName = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)

// Scaffold returns the files of a first rule with its tests, by path below the
// folder that holds them. The rule is whole: its tests pass, and its author
// changes them step by step.
func Scaffold(name string) (map[string][]byte, error) {
	if !ruleName.MatchString(name) {
		return nil, fmt.Errorf("%q is no name for a rule; use lower-case words joined by -, such as team-label", name)
	}
	files := map[string]string{"rule.cue": scaffoldRule, "fail.yaml": scaffoldFail, "pass.yaml": scaffoldPass}
	out := map[string][]byte{}
	for file, text := range files {
		out[path.Join(name, file)] = []byte(strings.ReplaceAll(text, "NAME", name))
	}
	return out, nil
}

const scaffoldRule = `package rules

import "github.com/secgen/secgen/schema"

"NAME": schema.#Rule & {
	severity: "low"
	// view is what the rule looks at: object, pod, container, service, ingress, role,
	// binding, namespace or environment.
	view:   "object"
	title:  "Workload names no team"
	why:    "Nobody knows whom to ask when it misbehaves."
	remedy: "Add the label team."
	references: ["https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/"]

	// Repositories set parameters in secgen.cue.
	parameters: {
		// teams that may own a workload.
		teams: *["shop", "platform"] | [...string]
	}

	// match selects the objects that the rule judges.
	match: facts: workload!: true

	// require is what they must satisfy: x!: demands a field, x?: demands something
	// of a field that is there.
	require: metadata: labels!: team!: or(parameters.teams)
}
`

const scaffoldFail = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels:
    team: unknown # want NAME
spec:
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
        - name: web
          image: registry.example.com/web:1.0.0
`

const scaffoldPass = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels:
    team: shop
spec:
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
        - name: web
          image: registry.example.com/web:1.0.0
---
# No workload, so the rule does not concern it.
apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
`
