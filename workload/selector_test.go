package workload

import (
	"testing"

	"k8s.io/apimachinery/pkg/labels"
)

func TestSelectors(t *testing.T) {
	web := labels.Set{"app": "web", "tier": "front"}
	tests := []struct {
		name, selector string
		plain, matches bool
	}{
		{"plain", "{app: web}", true, true},
		{"plain, one label more", "{app: web, version: v2}", true, false},
		{"plain and empty selects nothing", "{}", true, false},
		{"plain and absent selects nothing", "", true, false},
		{"matchLabels", "{matchLabels: {app: web}}", false, true},
		{"empty selects everything", "{}", false, true},
		{"absent selects nothing", "", false, false},
		{"In", "{matchExpressions: [{key: app, operator: In, values: [web, api]}]}", false, true},
		{"NotIn", "{matchExpressions: [{key: app, operator: NotIn, values: [web, api]}]}", false, false},
		{"Exists", "{matchExpressions: [{key: tier, operator: Exists}]}", false, true},
		{"DoesNotExist", "{matchExpressions: [{key: tier, operator: DoesNotExist}]}", false, false},
		{"both", "{matchLabels: {app: web}, matchExpressions: [{key: x, operator: Exists}]}", false, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			read := LabelSelector
			if tt.plain {
				read = PlainSelector
			}
			s, err := read(parse(t, "x: "+tt.selector).Get("x"))
			if err != nil {
				t.Fatal(err)
			}
			if got := s.Matches(web); got != tt.matches {
				t.Errorf("%s matches %v: %v, want %v", tt.selector, web, got, tt.matches)
			}
		})
	}
	for _, bad := range []string{"{matchLabels: {app: \"${APP}\"}}", "{matchLabels: {app: 1}}", "{matchExpressions: [{key: a, operator: Like}]}",
		"{matchExpressions: [{key: a, operator: In}]}", "{matchLabels: {\"a b\": c}}", "[app]"} {
		if s, err := LabelSelector(parse(t, "x: "+bad).Get("x")); err == nil {
			t.Errorf("LabelSelector(%s) = %s, want an error", bad, s)
		}
	}
}
