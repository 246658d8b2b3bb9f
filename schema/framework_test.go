package schema

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
)

// checkedBy lists the rules of each control of a framework.
func checkedBy(set *Set, framework string) map[string][]string {
	out := map[string][]string{}
	for _, r := range set.Rules {
		for _, id := range r.Controls[framework] {
			out[id] = append(out[id], r.ID)
		}
	}
	return out
}

// TestControls: a control is checked by a rule, or cannot be, or it is said that no
// rule does so yet; and rules name no others.
func TestControls(t *testing.T) {
	set, err := Builtin()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range set.Frameworks {
		if name := frameworkName(f.Name); name != f.Title {
			t.Errorf("the pages of the rules call %s %q, frameworks call it %q", f.Name, name, f.Title)
		}
		rules := checkedBy(set, f.Name)
		counts := map[string]int{}
		for _, section := range f.Sections {
			for _, c := range section.Controls {
				by := rules[c.ID]
				for rule := range c.By {
					if !slices.Contains(by, rule) {
						t.Errorf("%s %q: by names %s, which does not check it", f.Name, c.ID, rule)
					}
				}
				delete(rules, c.ID)
				switch {
				case len(by) > 0 && c.Beyond != nil:
					t.Errorf("%s %q: no manifest is said to show it, and %s check it; take beyond out, or the control out of the rule", f.Name, c.ID, strings.Join(by, ", "))
				case len(by) > 0 && c.NotYet != "":
					t.Errorf("%s %q: no rule is said to check it, and now %s do; take notYet out", f.Name, c.ID, strings.Join(by, ", "))
				case c.Beyond != nil && c.NotYet != "":
					t.Errorf("%s %q: no manifest shows it, and yet a rule is missed; take one of beyond and notYet out", f.Name, c.ID)
				case len(by) == 0 && c.Partly != "":
					t.Errorf("%s %q: partly says what rules leave out, and no rule checks it; say notYet", f.Name, c.ID)
				case len(by) > 0:
					counts["checked"]++
				case c.Beyond != nil:
					counts["beyond"]++
				case c.NotYet != "":
					counts["not yet"]++
				default:
					t.Errorf("%s %q (%s): no rule checks it; say beyond why none can, or notYet what one would have to judge", f.Name, c.ID, c.Title)
				}
			}
		}
		for id, by := range rules {
			t.Errorf("%s has no control %q, which %s name", f.Name, id, strings.Join(by, ", "))
		}
		t.Logf("%s: %v", f.Name, counts)
	}
}

// TestControlsOfPodSecurity: the Pod Security Standards have as many controls at
// each level as Kubernetes has checks.
func TestControlsOfPodSecurity(t *testing.T) {
	set, err := Builtin()
	if err != nil {
		t.Fatal(err)
	}
	f, err := set.Framework("pss")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]int{}
	for _, check := range policy.DefaultChecks() {
		want[string(check.Level)]++
	}
	for i, level := range []api.Level{api.LevelBaseline, api.LevelRestricted} {
		section := f.Sections[i]
		if !strings.EqualFold(section.ID, string(level)) || len(section.Controls) != want[string(level)] {
			t.Errorf("section %s has %d controls; Kubernetes has %d checks at the level %s", section.ID, len(section.Controls), want[string(level)], level)
		}
	}
}

// TestControlsOfSource: the rows of the source documents are numbered without a gap.
func TestControlsOfSource(t *testing.T) {
	set, err := Builtin()
	if err != nil {
		t.Fatal(err)
	}
	f, err := set.Framework("iks")
	if err != nil {
		t.Fatal(err)
	}
	var got, want []string
	for _, section := range f.Sections {
		for _, c := range section.Controls {
			got = append(got, c.ID)
			want = append(want, strconv.Itoa(len(want)+1))
		}
	}
	if len(got) != 28 || !slices.Equal(got, want) {
		t.Errorf("the rows are %v; want 1 to 28", got)
	}
}

func TestUnknownFramework(t *testing.T) {
	set, err := Builtin()
	if err != nil {
		t.Fatal(err)
	}
	_, err = set.Framework("soc2")
	if err == nil || err.Error() != `there is no framework "soc2"; known are cis, iks, nsa, pss` {
		t.Errorf("error %v", err)
	}
}
