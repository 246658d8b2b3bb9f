package workload

import (
	"slices"
	"testing"
)

func TestUnlisted(t *testing.T) {
	const pod = "{containers: [{name: a, image: 'a:1'}, {name: b}]}"
	tests := []struct {
		name, text string
		want       []string // the path of each, and its template where there can be one
	}{
		{"a kind that is known", "{apiVersion: v1, kind: Pod, spec: " + pod + "}", nil},
		{"a schema", "{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, spec: {default: {spec: " + pod + "}}}", nil},
		{"no names", "{apiVersion: a.io/v1, kind: A, spec: {containers: [{image: a}]}}", nil},
		{"no images", "{apiVersion: a.io/v1, kind: A, spec: {containers: [{name: a}]}}", nil},
		{"no list", "{apiVersion: a.io/v1, kind: A, spec: {containers: 3, x: [null, y]}}", nil},
		{"names only", "{apiVersion: a.io/v1, kind: A, spec: {containers: [web, api]}}", nil},
		{"the object itself", "{apiVersion: a.io/v1, kind: A, spec: " + pod + "}", []string{"spec -> "}},
		{"a template in a list", "{apiVersion: a.io/v1, kind: A, spec: {jobs: [{}, {t: {spec: " + pod + "}}]}}", []string{"spec.jobs[1].t.spec -> spec.jobs[*].t"}},
		{"two", "{apiVersion: a.io/v1, kind: A, spec: {b: {spec: " + pod + "}, a: {spec: " + pod + "}}}", []string{"spec.b.spec -> spec.b", "spec.a.spec -> spec.a"}},
		{"not in a spec", "{apiVersion: a.io/v1, kind: A, spec: {pod: " + pod + "}}", []string{"spec.pod"}},
		{"below a key that no template can name", "{apiVersion: a.io/v1, kind: A, spec: {a.b: {spec: " + pod + "}}}", []string{`spec["a.b"].spec`}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r, workloads := object(t, test.text), table(t)
			var got []string
			for _, u := range workloads.Unlisted(r, 10) {
				text := u.Path.String()
				if u.Listable {
					text += " -> " + u.Template
					// What is proposed must be what the table then finds.
					own := table(t, Shape{Group: "a.io", Kind: "A", Template: u.Template})
					if len(own.Pods(r)) == 0 {
						t.Errorf("the template %q finds no pod", u.Template)
					}
				}
				got = append(got, text)
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
			if first := workloads.Unlisted(r, 1); len(first) != min(1, len(test.want)) {
				t.Errorf("%d places where at most one was asked for", len(first))
			}
		})
	}
}
