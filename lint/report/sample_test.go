package report

import (
	"strings"

	"github.com/secgen/secgen/lint"
	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/schema"
)

// files are Sources held in memory.
type files map[string]string

func (f files) Line(file string, n int) (string, bool) {
	lines := strings.Split(strings.TrimSuffix(f[file], "\n"), "\n")
	if _, ok := f[file]; !ok || n < 1 || n > len(lines) {
		return "", false
	}
	return lines[n-1], true
}

// sample is a report with the sources that it speaks of.
type sample struct {
	report  *lint.Report
	sources files
}

func samples() map[string]sample {
	return map[string]sample{
		"clean":   {empty(), nil},
		"shop":    shop(),
		"hostile": hostile(),
		"secret":  secret(),
		"broken":  broken(),
		"many":    many(),
		"control": control(),
	}
}

// empty is the report of a run that found nothing, made as carelessly as the
// type allows: with nil for empty slices.
func empty() *lint.Report {
	return &lint.Report{
		Version: 1,
		Tool:    lint.Tool{Name: "secgen", Version: "0.1.0"},
		Profile: "recommended",
		Summary: lint.Summary{Roots: 3, Rendered: 3, Resources: 120, Files: lint.FileCounts{Linted: 30, Patches: 5, Other: 6}},
	}
}

func at(file string, line, column, endLine, endColumn int) manifest.Position {
	return manifest.Position{File: file, Line: line, Column: column, EndLine: endLine, EndColumn: endColumn}
}

func web(path string, roots ...string) lint.ResourceRef {
	return lint.ResourceRef{
		ID:   manifest.ID{APIVersion: "apps/v1", Kind: "Deployment", Namespace: "shop", Name: "web"},
		Path: path, Roots: roots,
	}
}

func privilegedRule() *schema.Rule {
	return &schema.Rule{
		ID: "privileged-container", Category: "containers", Severity: schema.Critical, View: schema.ViewContainer,
		Title:      "Container runs privileged",
		Why:        "A privileged container has every capability and all devices of the node:\nwhoever breaks into it owns the node.",
		Remedy:     "Remove privileged, and add the one capability that is needed.",
		References: []string{"Pod Security Standards, baseline", "https://kubernetes.io/docs/concepts/security/pod-security-standards/"},
		Examples:   schema.Examples{Fails: "securityContext:\n  privileged: true\n", Passes: "securityContext:\n  privileged: false\n"},
	}
}

// shop is the report of a small repository with something of everything.
func shop() sample {
	r := empty()
	r.Rules = []*schema.Rule{privilegedRule()}
	r.Findings = []lint.Finding{{
		Rule: "privileged-container", Severity: schema.Critical,
		Message: `Container "web" runs privileged: found true, want false`, Remediation: privilegedRule().Remedy,
		Position:  at("base/deployment.yaml", 3, 13, 3, 29),
		Related:   []manifest.Related{{Position: at("overlays/prod/kustomization.yaml", 4, 3, 0, 0), Message: "patched here"}},
		Resources: []lint.ResourceRef{web("spec.template.spec.containers[0].securityContext.privileged", "overlays/dev", "overlays/prod")},
		Roots:     []string{"overlays/dev", "overlays/prod"}, Fingerprint: "5f1d",
		Fix: &lint.Fix{Description: "Set it to false", Range: at("base/deployment.yaml", 3, 25, 3, 29), Text: "false"},
	}, {
		Rule: "image-tag", Severity: schema.Medium,
		Message: `Image "nginx:latest" has the tag latest; want a version or a digest`, Remediation: "Pin the image.",
		Position:  manifest.Position{File: "base/deployment.yaml", Line: 1, Column: 1, Approximate: true},
		Resources: []lint.ResourceRef{web("spec.template.spec.containers[0].image", "overlays/dev")},
		Roots:     []string{"overlays/dev"}, Fingerprint: "77aa",
	}, {
		Rule: "nodeport-service", Severity: schema.Low, Message: "Service is of type NodePort",
		Position: at("base/service.yaml", 2, 9, 2, 17), Roots: []string{"overlays/dev"}, Fingerprint: "99bb",
		Exception: &lint.Exception{Reason: "behind the old load balancer", Owner: "team-edge", Expires: "2027-03-31", Position: at("secgen.cue", 12, 3, 0, 0)},
	}, {
		Rule: "unread", Severity: schema.High, Message: "Remote base https://example.com/base is not vendored",
		Position: at("overlays/staging/kustomization.yaml", 2, 5, 2, 29), Roots: []string{"overlays/staging"}, Fingerprint: "ccdd",
		Remediation: "Copy the base into the repository.",
	}}
	r.Unread = []lint.Unread{
		{File: "overlays/staging/kustomization.yaml", Root: "overlays/staging", Reason: "remote base not vendored"},
		{Root: "overlays/gone", Reason: "the worker ran out of memory:\n\tmore than 1 GiB"},
	}
	r.RulesOff = []lint.RuleOff{{Rule: "read-only-root", Reason: "planned for May"}}
	r.Notes = []lint.Note{{Position: at("overlays/dev/kustomization.yaml", 7, 3, 0, 0), Message: "reads ../../common.env, which plain kustomize refuses"}}
	r.Summary = lint.Summary{
		Roots: 4, Rendered: 2, Resources: 12, Excepted: 1,
		Files:    lint.FileCounts{Linted: 7, Patches: 1, Other: 2, Templates: 1, Ignored: 1, Unread: 1},
		Findings: map[schema.Severity]int{schema.Critical: 1, schema.High: 1, schema.Medium: 1},
	}
	return sample{r, files{
		"base/deployment.yaml":                "kind: Deployment\n# ...\n            privileged: true\n",
		"base/service.yaml":                   "spec:\n  type: NodePort\n",
		"overlays/staging/kustomization.yaml": "resources:\n  - https://example.com/base\n",
	}}
}

// control is the shop's report by the controls of two frameworks.
func control() sample {
	s := shop()
	section := lint.SectionName{ID: "5.2", Title: "Pods"}
	named := lint.SectionName{ID: "Baseline", Title: "Known escalations"}
	far := func(id string) lint.ControlReport {
		return lint.ControlReport{Control: id, Title: "Mode of a file", Section: section, State: lint.OutOfReach,
			Reasons: []string{"it is on the nodes"}, Instead: "kube-bench"}
	}
	s.report.Frameworks = []lint.FrameworkReport{{
		Framework: "cis", Title: "CIS Kubernetes Benchmark", Edition: "1.11", URL: "https://www.cisecurity.org/benchmark/kubernetes",
		Publisher: "Center for Internet Security", Summary: map[lint.ControlState]int{lint.Failed: 1, lint.OutOfReach: 2, lint.Accepted: 1, lint.NothingToJudge: 1, lint.NotCovered: 1},
		Controls: []lint.ControlReport{
			far("5.2.1"),
			{Control: "5.2.2", Title: "No privileged containers", Section: section, State: lint.Failed, Rules: []string{"privileged-container"}, Findings: []string{"5f1d"},
				Reasons: []string{"no rule judges the rest"}},
			{Control: "5.2.3", Title: "No node ports", Section: section, State: lint.Accepted, Rules: []string{"nodeport-service"}, Accepted: []string{"99bb"}},
			far("5.2.10"),
			{Control: "5.2.11", Title: "No kubelet", Section: section, State: lint.NothingToJudge, Rules: []string{"kubelet"}, Instead: "kube-bench"},
			{Control: "5.2.12", Title: "No proxy", Section: section, State: lint.NotCovered, Reasons: []string{"no rule judges it"}},
		},
	}, {
		Framework: "pss", Title: "Pod Security Standards", Edition: "Kubernetes 1.37", URL: "https://kubernetes.io/", Publisher: "The Kubernetes Authors",
		Summary: map[lint.ControlState]int{lint.NotJudged: 1, lint.Passed: 1},
		Controls: []lint.ControlReport{
			{Control: "Baseline: Privileged Containers", Title: "None", Section: named, State: lint.Passed, Rules: []string{"privileged-container"}},
			{Control: "Baseline: Seccomp", Title: "On", Section: named, State: lint.NotJudged, Rules: []string{"read-only-root"}, Reasons: []string{"rule read-only-root is off: planned for May"}},
		},
	}}
	return s
}

// hostile holds everything that must not get through to a terminal.
func hostile() sample {
	r := empty()
	name := "a\nb\x1b[31m\u202e.yaml"
	r.Findings = []lint.Finding{{
		Rule: "privileged-container", Severity: schema.Critical,
		Message:     "Container \"\x1b]0;owned\x07\u202egnp.exe\" ##[error]x ##vso[task.setvariable]y [click](https://example.com)",
		Remediation: "::error::100% wrong, \r\nor not: really",
		Position:    at(name, 1, 7, 1, 12),
		Related:     []manifest.Related{{Position: at("\x9b2J\xff.yaml", 1, 1, 0, 0), Message: "\u2066here\u2069"}},
		Resources: []lint.ResourceRef{
			{ID: manifest.ID{APIVersion: "v1", Kind: "Pod\x00", Name: "x\x1b[2J"}, Path: "spec[\"\x1b\"]", Roots: []string{"r\n::stop-commands::x"}},
			web("spec"),
		},
		Roots: []string{"r\n::stop-commands::x", "caf\u00e9/a+b @~#%,c"}, Fingerprint: "f",
	}, {
		Rule: "image-tag", Severity: "extreme\x1b[0m", Message: "file name that is a workflow command",
		Position: at("::error::x,y:z%.yaml", 2, 2, 4, 1), Fingerprint: "g",
	}}
	r.Unread = []lint.Unread{{File: "c\x1b[2J.yaml", Root: "\u202er", Reason: "bad\x1b[1mbytes\nsecond line"}}
	r.RulesOff = []lint.RuleOff{{Rule: "x\x1b[0m", Reason: "y\u200bz"}}
	r.Errors = []lint.Problem{{Rule: "own\x07", Position: at("rules/\x1b.cue", 1, 1, 0, 0), Message: "first\nsecond\x1b[0m"}}
	r.Notes = []lint.Note{{Message: "note\x7f"}, {Message: "::stop-commands::x\n::error::y"}}
	r.Profile = "p\x1b[0m"
	bad := "::error::x\n\x1b[31m\u202e##[group]y"
	r.Frameworks = []lint.FrameworkReport{{Framework: bad, Title: bad, Edition: bad, URL: "https://example.com/", Publisher: bad, Controls: []lint.ControlReport{{
		Control: bad, Title: bad, Section: lint.SectionName{ID: bad, Title: "t"}, State: lint.ControlState(bad), Rules: []string{"image-tag"},
		Findings: []string{"g"}, Reasons: []string{bad}, Instead: bad,
	}}}}
	return sample{r, files{
		name:                   "key: \u202etext\x1b[31m ##[group]x\n",
		"::error::x,y:z%.yaml": "\n\tb: \xff\xfe 日本\n",
	}}
}

// secret has findings about credentials, and texts that give them away.
func secret() sample {
	r := empty()
	finding := func(position manifest.Position, message string) lint.Finding {
		return lint.Finding{Rule: "plain-secret", Severity: schema.High, Message: message, Position: position, Secret: true,
			Remediation: "Encrypt it.", Fingerprint: "s"}
	}
	r.Findings = []lint.Finding{
		finding(at("secret.yaml", 2, 13, 2, 29), "The value correcthorse001 is no secret any more"),
		finding(at("secret.yaml", 3, 3, 3, 8), "Key token holds a credential"),
		finding(at("secret.yaml", 4, 8, 6, 1), "A key: BEGINPRIVATE"),
		finding(at("secret.yaml", 7, 9, 7, 24), "Flow mapping with correcthorse004"),
		finding(at("secret.yaml", 8, 5, 0, 0), "Point"),
		{Rule: "other", Severity: schema.Low, Message: "Another rule about correcthorse001", Position: at("secret.yaml", 2, 13, 2, 20), Fingerprint: "o"},
	}
	inSecret := web("data.password")
	inSecret.Kind = "Secret"
	r.Findings = append(r.Findings,
		lint.Finding{Rule: "other", Severity: schema.Low, Message: "A value of a Secret", Position: at("secret.yaml", 9, 13, 9, 28), Resources: []lint.ResourceRef{inSecret}},
		lint.Finding{Rule: "other", Severity: schema.Low, Message: "Compact", Position: at("secret.yaml", 10, 9, 10, 17)},
		lint.Finding{Rule: "plain-secret", Severity: schema.Low, Message: "Somewhere", Secret: true, Position: manifest.Position{File: "secret.yaml", Line: 11, Column: 1, Approximate: true}})
	r.Findings[0].Fix = &lint.Fix{Description: "Remove correcthorse001", Range: at("secret.yaml", 2, 1, 2, 5), Text: "correcthorse001"}
	r.Notes = []lint.Note{{Message: "saw correcthorse001"}}
	return sample{r, files{"secret.yaml": strings.Join([]string{
		"stringData:",
		`  password: "correcthorse001"`,
		"  token: correcthorse002 # of the shop",
		"  key: |",
		"    BEGINPRIVATE: correcthorse003",
		"    correcthorse003",
		"  deep: {user: correcthorse004, x: y}",
		"  - correcthorse005",
		"  password: correcthorse006",
		`{"kind":"Secret","data":{"a":"correcthorse007"}}`,
		"kind: [correcthorse008]",
	}, "\n")}}
}

// broken is a run in which secgen failed, and a finding has no position.
func broken() sample {
	r := empty()
	r.Findings = []lint.Finding{{Rule: "namespace-quota", Severity: schema.Medium, Message: "Namespace shop has no resource quota",
		Resources: []lint.ResourceRef{{ID: manifest.ID{APIVersion: "v1", Kind: "Namespace", Name: "shop"}}}, Fingerprint: "n"}}
	r.Errors = []lint.Problem{
		{Rule: "own-rule", Position: at("rules/own.cue", 3, 2, 0, 0), Message: "require: conflicting values\n    true and false"},
		{Message: "the worker did not start"},
	}
	return sample{r, nil}
}

// many has more of everything than is shown.
func many() sample {
	r := empty()
	f := lint.Finding{Rule: "privileged-container", Severity: schema.High, Message: "Runs privileged", Position: at("base/a.yaml", 1, 4, 1, 8), Fingerprint: "m"}
	for _, c := range "abcdefghijkl" {
		root := "overlays/" + string(c)
		f.Roots = append(f.Roots, root)
		ref := web("spec", root)
		ref.Name = "web-" + string(c)
		f.Resources = append(f.Resources, ref)
		f.Related = append(f.Related, manifest.Related{Position: at(root+"/kustomization.yaml", 1, 1, 0, 0), Message: "patched here"})
	}
	for range 12 {
		r.Findings = append(r.Findings, f)
	}
	r.Findings[11].Severity = schema.Critical
	return sample{r, files{"base/a.yaml": "ab: true\n"}}
}
