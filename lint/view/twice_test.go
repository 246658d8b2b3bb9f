package view

import (
	"testing"

	"github.com/secgen/secgen/schema"
)

const twiceSettings = `
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: shop}
data: {a: "1", b: "2"}
`

// Two roots are only one cluster where an environment says so, and what names no
// namespace may be in two.
func TestRenderedTwice(t *testing.T) {
	environment := []Environment{{Name: "prod", Roots: []string{"a", "b"}}}
	tests := []struct {
		name, a, b   string
		environments []Environment
		want         string // the fact differs, or "none"
	}{
		{"alternatives", twiceSettings, twiceSettings, nil, "none"},
		{"the same", twiceSettings, "data: {b: \"2\", a: \"1\"}\nkind: ConfigMap\napiVersion: v1\nmetadata: {namespace: shop, name: settings}", environment, "false"},
		{"nulls are nothing", twiceSettings, twiceSettings + "immutable: null\n", environment, "false"},
		{"another value", twiceSettings, "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, namespace: shop}\ndata: {a: \"2\", b: \"1\"}", environment, "true"},
		{"another namespace", twiceSettings, "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, namespace: other}", environment, "none"},
		{"no namespace", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}", environment, "none"},
		{"cluster-wide", "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}", "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}", environment, "false"},
		{"another API version", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop}", "apiVersion: apps/v1beta1\nkind: Deployment\nmetadata: {name: web, namespace: shop}", environment, "true"},
		{"a variable", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, namespace: '${NS}'}", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, namespace: '${NS}'}", environment, "none"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			views := whole(t, schema.ViewEnvironment, []Digest{digest(t, "a", tt.a), digest(t, "b", tt.b)}, tt.environments)
			got := "none"
			if len(views) > 0 {
				got = fact(t, views[0], "also.differs")
			}
			if got != tt.want || len(views) > 1 {
				t.Errorf("%d views, differs %s; want %s", len(views), got, tt.want)
			}
		})
	}
}
