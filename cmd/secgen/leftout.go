package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/secgen/secgen/lint"
	"github.com/secgen/secgen/load/discover"
	"github.com/secgen/secgen/manifest"
)

// maxNamed is how many of the files that were left out for one reason a note names.
const maxNamed = 3

// leftOut names the files that somebody wanted left alone, and templates, one note
// for each reason, so that nobody takes them for linted.
func (s *session) leftOut() []lint.Note {
	type why struct {
		reason string
		at     manifest.Position
	}
	files := map[why][]string{}
	for _, f := range s.repo.Files {
		if (f.Bucket != discover.Ignored && f.Bucket != discover.Template) || !s.concerns(f.Path) {
			continue
		}
		w := why{reason: f.Reason}
		if f.Bucket == discover.Ignored {
			w.at = f.Position
		}
		files[w] = append(files[w], f.Path)
	}
	var notes []lint.Note
	for _, w := range slices.SortedFunc(maps.Keys(files), func(a, b why) int { return strings.Compare(a.reason, b.reason) }) {
		names, rest := files[w], ""
		if n := len(names) - maxNamed; n > 0 {
			names, rest = names[:maxNamed], fmt.Sprintf(" and %d more", n)
		}
		at := w.at
		if at.IsZero() {
			at = manifest.Position{File: names[0], Line: 1, Column: 1}
		}
		noun := "files"
		if len(files[w]) == 1 {
			noun = "file"
		}
		notes = append(notes, lint.Note{Position: at, Message: fmt.Sprintf("%d %s not linted (%s): %s%s",
			len(files[w]), noun, w.reason, strings.Join(names, ", "), rest)})
	}
	return notes
}
