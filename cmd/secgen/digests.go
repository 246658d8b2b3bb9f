package main

import (
	"runtime"

	"github.com/secgen/secgen/lint/view"
)

// digests are what is known of roots for the rules over all of them. Of one that
// was not rendered its files tell what it may hold.
func (s *session) digests(results []rendered) []view.Digest {
	s.learnGuards(results)
	out := make([]view.Digest, len(results))
	for i, r := range results {
		if !r.failed {
			out[i] = r.answer.Verdict.Digest
			continue
		}
		var held []view.GuardKind
		for _, name := range r.root.Reads {
			held = append(held, s.guards[name]...)
		}
		out[i] = view.UnreadDigest(r.root.Name, held...)
	}
	return out
}

// learnGuards looks into the files of roots that were not rendered, each once.
func (s *session) learnGuards(results []rendered) {
	var files []string
	for _, r := range results {
		if !r.failed {
			continue
		}
		for _, name := range r.root.Reads {
			if _, known := s.guards[name]; !known {
				s.guards[name] = nil
				files = append(files, name)
			}
		}
	}
	kinds := make([][]view.GuardKind, len(files))
	parallel(len(files), runtime.GOMAXPROCS(0), func(i int) {
		if data, err := s.read(files[i]); err == nil {
			kinds[i] = view.GuardsIn(data)
		}
	})
	for i, name := range files {
		s.guards[name] = kinds[i]
	}
}
