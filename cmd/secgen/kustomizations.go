package main

import (
	"slices"

	"github.com/secgen/secgen/lint/view"
)

// kustomizations are the files that say what the selected roots are made of, those
// of roots that cannot be rendered included.
func (s *session) kustomizations() []view.Kustomization {
	users := map[string][]string{}
	for _, root := range s.selected {
		for _, dir := range root.Folders {
			users[dir] = append(users[dir], root.Name)
		}
	}
	var out []view.Kustomization
	for _, k := range s.repo.Kustomizations {
		if k.Object == nil || users[k.Dir] == nil {
			continue
		}
		slices.Sort(users[k.Dir])
		out = append(out, view.NewKustomization(k.Dir, k.File, k.Object, k.Component, users[k.Dir]))
	}
	return out
}
