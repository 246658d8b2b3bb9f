package lint

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/secgen/secgen/manifest"
)

const annotated = `# secgen:ignore whole-object the object is legacy owner=platform expires=2027-01-31
apiVersion: apps/v1
kind: Deployment
spec:
  template:
    spec:
      containers:
      # secgen:ignore one-container needs the GPU
      - name: a
        image: a # secgen:ignore behind-value pinned elsewhere

        securityContext:
          privileged: true
      - name: b
        # secgen:ignore one-key because
        env:
        - name: X
          value: "1"
        args:
        - |
          # secgen:ignore not-a-comment this is a script
          echo
---
kind: Service
# secgen:ignore no-reason
spec: {}
`

func TestCommentWaivers(t *testing.T) {
	type row struct {
		rule, reason, owner, expires string
		line, column, first, last    int
	}
	want := []row{
		{"whole-object", "the object is legacy", "platform", "2027-01-31", 1, 1, 2, 22},
		{"one-container", "needs the GPU", "", "", 8, 7, 9, 13},
		{"behind-value", "pinned elsewhere", "", "", 10, 18, 10, 10},
		{"one-key", "because", "", "", 15, 9, 16, 18},
		{"no-reason", "", "", "", 25, 1, 26, 26},
	}
	for _, ending := range []string{"\n", "\r\n"} {
		got := CommentWaivers("a.yaml", []byte(strings.ReplaceAll(annotated, "\n", ending)))
		if len(got) != len(want) {
			t.Fatalf("found %d comments, want %d: %+v", len(got), len(want), got)
		}
		for i, w := range got {
			r := row{w.Rule, w.Reason, w.Owner, w.Expires, w.Position.Line, w.Position.Column, w.Scope.FirstLine, w.Scope.LastLine}
			if r != want[i] {
				t.Errorf("%q: got %+v, want %+v", ending, r, want[i])
			}
		}
	}
}

func TestApplyWaivers(t *testing.T) {
	today := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	web := manifest.ID{APIVersion: "apps/v1", Kind: "Deployment", Namespace: "shop", Name: "web"}
	reason := Exception{Reason: "it is"}
	known := func(rule string) bool { return slices.Contains([]string{"r", "other", "unread", "exception"}, rule) }
	tests := []struct {
		name     string
		waiver   Waiver
		demands  Demands
		excepted bool
		related  string // on the violation
		message  string // of an exception's own violation
	}{
		{name: "everything", waiver: Waiver{Rule: "r", Exception: reason}, excepted: true},
		{name: "another rule", waiver: Waiver{Rule: "other", Exception: reason}, message: "matches nothing"},
		{name: "file", waiver: Waiver{Rule: "r", Exception: reason, Scope: Scope{Files: []string{"base/**"}}}, excepted: true},
		{name: "another file", waiver: Waiver{Rule: "r", Exception: reason, Scope: Scope{Files: []string{"bas/*"}}}, message: "matches nothing"},
		{name: "kind, namespace and name", waiver: Waiver{Rule: "r", Exception: reason, Scope: Scope{Kinds: []string{"Deploy*"}, Namespaces: []string{"shop"}, Names: []string{"web"}}}, excepted: true},
		{name: "another name", waiver: Waiver{Rule: "r", Exception: reason, Scope: Scope{Names: []string{"api"}}}, message: "matches nothing"},
		{name: "root", waiver: Waiver{Rule: "r", Exception: reason, Scope: Scope{Roots: []string{"overlays/dev"}}}, excepted: true},
		{name: "path above", waiver: Waiver{Rule: "r", Exception: reason, Scope: Scope{Path: "spec.template"}}, excepted: true},
		{name: "half a key", waiver: Waiver{Rule: "r", Exception: reason, Scope: Scope{Path: "spec.temp"}}, message: "matches nothing"},
		{name: "lines", waiver: Waiver{Rule: "r", Exception: reason, Scope: Scope{Files: []string{"base/web.yaml"}, FirstLine: 3, LastLine: 9}}, excepted: true},
		{name: "other lines", waiver: Waiver{Rule: "r", Exception: reason, Scope: Scope{Files: []string{"base/web.yaml"}, FirstLine: 8, LastLine: 9}}, message: "matches nothing"},
		{name: "object", waiver: Waiver{Rule: "r", Exception: reason, Scope: Scope{Object: &web}}, excepted: true},
		{name: "unknown rule", waiver: Waiver{Rule: "privilegd", Exception: reason}, message: "does not exist"},
		{name: "what could not be read", waiver: Waiver{Rule: "unread", Exception: reason}, message: "nobody knows what it holds"},
		{name: "another exception", waiver: Waiver{Rule: "exception", Exception: reason}, message: "cannot accept another"},
		{name: "no reason", waiver: Waiver{Rule: "r"}, related: "gives no reason", message: "gives no reason"},
		{name: "last day", waiver: Waiver{Rule: "r", Exception: Exception{Reason: "x", Expires: "2026-11-22"}}, excepted: true},
		{name: "expired", waiver: Waiver{Rule: "r", Exception: Exception{Reason: "x", Expires: "2026-11-21"}}, related: "expired on 2026-11-21", message: "findings are back"},
		{name: "no date", waiver: Waiver{Rule: "r", Exception: Exception{Reason: "x", Expires: "soon"}}, related: "no date", message: "no date"},
		{name: "owner demanded", waiver: Waiver{Rule: "r", Exception: reason}, demands: Demands{Owner: true}, related: "owner", message: "owner=NAME"},
		{name: "expiry demanded", waiver: Waiver{Rule: "r", Exception: reason}, demands: Demands{Expires: true}, related: "never expires", message: "expires=YYYY-MM-DD"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			all := []RootViolations{{Root: "overlays/dev", Violations: []Violation{{
				Rule: "r", Resource: web, Origin: web, Path: "spec.template.spec.hostPID",
				Position: manifest.Position{File: "base/web.yaml", Line: 7},
			}}}}
			test.demands.Today, test.demands.Known = today, known
			own := ApplyWaivers(all, []Waiver{test.waiver}, test.demands, func(*Waiver) bool { return true })
			v := all[0].Violations[0]
			if (v.Exception != nil) != test.excepted {
				t.Errorf("excepted: %v", v.Exception)
			}
			if got := len(v.Related); (got == 1) != (test.related != "") || got == 1 && !strings.Contains(v.Related[0].Message, test.related) {
				t.Errorf("related: %v, want %q", v.Related, test.related)
			}
			if (len(own) == 1) != (test.message != "") || len(own) == 1 && !strings.Contains(own[0].Message, test.message) {
				t.Errorf("own violations: %+v, want %q", own, test.message)
			}
		})
	}
	own := ApplyWaivers(nil, []Waiver{{Rule: "r", Exception: reason}}, Demands{Today: today, Known: known}, func(*Waiver) bool { return false })
	if len(own) != 0 {
		t.Errorf("a waiver whose rule did not run is said to match nothing: %+v", own)
	}
}
