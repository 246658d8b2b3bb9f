package view_test

import (
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/secgen/secgen/schema"
)

// What the built-in rules say about themselves fits together.
func TestRulesAreDescribed(t *testing.T) {
	set, err := schema.CompileBuiltin()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range set.Rules {
		t.Run(r.ID, func(t *testing.T) {
			for framework, profiles := range map[string][]string{"iks": {"iks"}, "pss": {"pss-baseline", "pss-restricted"}} {
				if slices.ContainsFunc(profiles, r.In) && len(r.Controls[framework]) == 0 {
					t.Errorf("the rule is in one of the profiles %v, but names no control of %s", profiles, framework)
				}
			}
			if len(r.Profiles) == 0 {
				t.Error("the rule is in no profile")
			}
			if r.Message == "" || !strings.Contains(r.Message, "want") {
				t.Errorf("message %q does not say what is wanted", r.Message)
			}
			sentence, fragment, found := strings.Cut(r.Remedy, "\n\n")
			if !found || strings.Contains(sentence, "\n") || !strings.HasSuffix(sentence, ".") {
				t.Errorf("the remedy is not one line with a sentence, then YAML to paste:\n%s", r.Remedy)
			}
			var pasted map[string]any
			if err := yaml.Unmarshal([]byte(fragment), &pasted); err != nil || len(pasted) == 0 {
				t.Errorf("the remedy's fragment is no YAML (%v):\n%s", err, fragment)
			}
			for _, text := range []string{r.Title, r.Why, sentence} {
				if strings.ContainsAny(text, "—–“”…") {
					t.Errorf("%q has a character that plain terminals may lack", text)
				}
			}
			if strings.HasSuffix(r.Title, ".") || len(r.Title) > 72 {
				t.Errorf("title %q: want at most 72 characters, and no full stop", r.Title)
			}
		})
	}
}
