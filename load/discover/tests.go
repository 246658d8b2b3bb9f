package discover

import (
	"path"
	"strings"
)

// tests knows the manifests that test the rules of one folder: those that the
// harness of rules takes, fail* and pass* beside a file of CUE.
type tests struct {
	rule
	// folders are those with rules.
	folders map[string]bool
}

func testsOf(rules []RuleFolder, files []string) []tests {
	var all []tests
	for _, r := range rules {
		dir := path.Clean(r.Path)
		t := tests{folders: map[string]bool{}, rule: rule{at: r.Position, reason: "tests the rules in " + dir, why: "tests the rules in " + dir}}
		for _, file := range files {
			if path.Ext(file) == ".cue" && (dir == "." || strings.HasPrefix(file, dir+"/")) {
				t.folders[path.Dir(file)] = true
			}
		}
		all = append(all, t)
	}
	return all
}

// has tells whether a file is a fixture, or in a folder that is one.
func (t *tests) has(file string) bool {
	for at, inside := file, false; at != "."; at, inside = path.Dir(at), true {
		name := path.Base(at)
		if !strings.HasPrefix(name, "fail") && !strings.HasPrefix(name, "pass") || !t.folders[path.Dir(at)] {
			continue
		}
		if ext := path.Ext(name); inside || ext == ".yaml" || ext == ".yml" {
			return true
		}
	}
	return false
}
