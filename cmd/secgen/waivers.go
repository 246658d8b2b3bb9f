package main

import (
	"slices"

	"github.com/secgen/secgen/lint"
	"github.com/secgen/secgen/load/discover"
)

// waivers gathers the exceptions that concern this run: the annotations that the
// workers met, and the comments in every file that a selected root reads.
func (s *session) waivers(results []rendered) []lint.Waiver {
	var out []lint.Waiver
	for _, r := range results {
		out = append(out, r.answer.Verdict.Waivers...)
	}
	for _, f := range s.repo.Files {
		if f.Bucket != discover.Linted && f.Bucket != discover.Patches || !s.reads(f) {
			continue
		}
		data, err := s.read(f.Path)
		if err != nil {
			continue // it vanished since; the root that reads it says so
		}
		out = append(out, lint.CommentWaivers(f.Path, data)...)
	}
	return out
}

// reads tells whether a selected root reads the file.
func (s *session) reads(f discover.File) bool {
	return slices.ContainsFunc(s.selected, func(r discover.Root) bool { return slices.Contains(f.Roots, r.Name) })
}

// judgedFor tells of which waivers it is known that they cover nothing: their
// rule ran, and every root was judged that reads their file or, for one of the
// configuration, that it may concern.
func (s *session) judgedFor(rules *ruleSelection, results []rendered) func(*lint.Waiver) bool {
	judged := map[string]bool{}
	for _, r := range results {
		judged[r.root.Name] = !r.failed
	}
	readers := map[string][]string{}
	for _, f := range s.repo.Files {
		readers[f.Path] = f.Roots
	}
	var all []string
	for _, r := range s.repo.Roots {
		all = append(all, r.Name)
	}
	return func(w *lint.Waiver) bool {
		if !slices.Contains(rules.IDs, w.Rule) {
			return false
		}
		roots := readers[w.Position.File]
		if w.Scope.Configured() {
			if s.stdin != nil {
				return false // it is meant for the files of the repository
			}
			roots = w.Scope.RootsAmong(all)
		}
		return !slices.ContainsFunc(roots, func(root string) bool { return !judged[root] })
	}
}

// lacking counts the places of exceptions that name no owner or no end.
func lacking(waivers []lint.Waiver) int {
	places := map[string]bool{}
	for _, w := range waivers {
		if w.Owner == "" || w.Expires == "" {
			places[w.Position.String()] = true
		}
	}
	return len(places)
}
