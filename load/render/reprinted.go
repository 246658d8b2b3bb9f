package render

import (
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// reprinted is the first line behind those that kustomize gives to resources which
// it prints and reads back, as it does for a JSON 6902 patch: their nodes are numbered
// from 1 again.
func (p *plan) reprinted() int {
	var targets []func(kind string) bool
	most, added := firstTag, 0
	for _, u := range p.patches {
		if !u.patch.json {
			continue
		}
		added += size(u.doc.node)
		kind := fold(u.patch.target, "kind").Str()
		match, err := regexp.Compile("^(?:" + kind + ")$")
		targets = append(targets, func(k string) bool { return kind == "" || err != nil || match.MatchString(k) })
	}
	for _, rec := range p.records {
		if rec.node == nil {
			continue
		}
		kind := rec.id().Kind
		if slices.ContainsFunc(targets, func(match func(string) bool) bool { return match(kind) }) {
			most = max(most, size(rec.node))
		}
	}
	if added > 0 {
		for _, u := range p.patches {
			if !u.patch.json {
				added += size(u.doc.node)
			}
		}
	}
	return most + added
}

// size is at least the number of lines on which kustomize prints a value.
func size(n *yaml.Node) int {
	if n == nil {
		return 0
	}
	lines := 1 + strings.Count(n.Value, "\n") + len(n.Value)/40
	if n.Kind == yaml.AliasNode {
		return lines + size(n.Alias)
	}
	for _, c := range n.Content {
		lines += size(c)
	}
	return lines
}
