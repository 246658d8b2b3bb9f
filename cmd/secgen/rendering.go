package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"

	"github.com/secgen/secgen/isolate"
	"github.com/secgen/secgen/lint"
	"github.com/secgen/secgen/load/discover"
	"github.com/secgen/secgen/load/render"
)

// rendered is what became of one root.
type rendered struct {
	root   discover.Root
	answer answer
	// unread is why the root, or a part of it, was not read.
	unread []lint.UnreadAt
	// failed says that nothing of the root was rendered.
	failed bool
}

// render hands roots to the workers and returns the results in the order of the
// roots. What an earlier run has left comes first; of the rest the largest roots
// are rendered first, so that no worker ends up with one alone. done is called
// after each root.
func (s *session) render(ctx context.Context, roots []discover.Root, rules *ruleSelection, done func()) ([]rendered, error) {
	out := make([]rendered, len(roots))
	known := make([]bool, len(roots))
	parallel(len(roots), runtime.GOMAXPROCS(0), func(i int) {
		if out[i], known[i] = s.known(roots[i], rules); known[i] {
			done()
		}
	})
	var todo []int
	for i := range roots {
		if !known[i] {
			todo = append(todo, i)
		}
	}
	weights := s.weights(roots)
	slices.SortStableFunc(todo, func(a, b int) int { return cmp.Compare(weights(b), weights(a)) })
	errs := make([]error, len(roots))
	// One more than there are workers: while an answer is kept, its worker has the
	// next job.
	parallel(len(todo), runtime.GOMAXPROCS(0)+1, func(n int) {
		i := todo[n]
		out[i], errs[i] = s.renderOne(ctx, roots[i], rules)
		done()
	})
	return out, errors.Join(errs...)
}

// weights tells how many bytes each root reads, by its index.
func (s *session) weights(roots []discover.Root) func(i int) int64 {
	sizes, weights := map[string]int64{}, map[int]int64{}
	return func(i int) int64 {
		weight, ok := weights[i]
		if !ok {
			for _, file := range roots[i].Reads {
				size, ok := sizes[file]
				if !ok {
					size = s.tree.Size(file)
					sizes[file] = size
				}
				weight += size
			}
			weights[i] = weight
		}
		return weight
	}
}

// known is what is known of a root without rendering it: that it must not be, or
// what an earlier run found.
func (s *session) known(root discover.Root, rules *ruleSelection) (rendered, bool) {
	if len(root.Refusals) > 0 {
		r := rendered{root: root, failed: true}
		for _, refusal := range root.Refusals {
			r.unread = append(r.unread, lint.UnreadAt{Position: refusal.Position, Roots: []string{root.Name}, Reason: refusal.Reason})
		}
		return r, true
	}
	a, ok := s.kept(rules).get(root, s.options())
	return rendered{root: root}.with(a), ok
}

// kept is the cache where it may be used: it holds what rules found in files.
func (s *session) kept(rules *ruleSelection) *cache {
	if rules == nil || s.survey || s.stdin != nil {
		return nil
	}
	return s.cache
}

// renderOne has a worker render a root, and keeps what it found.
func (s *session) renderOne(ctx context.Context, root discover.Root, rules *ruleSelection) (rendered, error) {
	r := rendered{root: root}
	kept := s.kept(rules)
	a, err := s.pool.Do(ctx, job{
		Top: s.tree.Top(), Limits: s.tree.Limits(), Rules: rules,
		Root: root, Options: s.options(), Survey: s.survey, Record: kept != nil,
	})
	var failure *isolate.Failure
	switch {
	case errors.As(err, &failure) && failure.Cause != isolate.Cancelled:
		r.failed = true
		r.unread = append(r.unread, lint.UnreadAt{
			Position: firstLine(root), Roots: []string{root.Name},
			Reason: fmt.Sprintf("rendering the root %s %s", root.Name, failure),
		})
		return r, nil
	case err != nil:
		return r, fmt.Errorf("root %s: %w", root.Name, err)
	}
	kept.put(root, s.options(), a)
	return r.with(a), nil
}

// with is the result with a worker's answer in it.
func (r rendered) with(a answer) rendered {
	r.answer = a
	for _, p := range a.Problems {
		r.unread = append(r.unread, lint.UnreadAt{Position: p.Position, Roots: []string{r.root.Name}, Reason: p.Reason})
	}
	r.failed = len(a.Problems) > 0 && !r.root.Plain()
	return r
}

// options say how roots are rendered: in full where they are printed, elsewhere
// without the schemas of custom resources, which nobody reads.
func (s *session) options() render.Options {
	options := render.Options{Trim: !s.full}
	if s.stdin != nil {
		options.Input = map[string][]byte{stdinFile: s.stdin}
	}
	return options
}
