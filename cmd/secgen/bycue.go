package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/secgen/secgen/isolate"
	"github.com/secgen/secgen/lint"
	"github.com/secgen/secgen/lint/view"
)

// byCUE runs the repository's own rules that are not compiled, each root in a
// worker of its own that evaluates CUE. A failure there is the rules' failure,
// not the root's, since the root was rendered before.
func (l *linting) byCUE(ctx context.Context, results []rendered, digests []view.Digest) error {
	s := l.session
	var jobs []job
	if s.stdin == nil { // standard input alone tells nothing about namespaces
		all := &together{Digests: digests, Kustomizations: s.kustomizations(), Landscape: landscapeOf(l.policy, s.repo.Roots), Selected: map[string]bool{}}
		for _, r := range results {
			all.Selected[r.root.Name] = true
		}
		jobs = append(jobs, job{Together: all})
	}
	for _, r := range results {
		if !r.failed {
			jobs = append(jobs, job{Root: r.root, Options: s.options()})
		}
	}
	return l.evaluate(ctx, jobs, l.rules.leftToCUE())
}

// evaluate runs some rules on all jobs. Where one of several fails, each runs
// alone, so that the failure has a name and the others have their findings.
func (l *linting) evaluate(ctx context.Context, jobs []job, rules []string) error {
	s := l.session
	selection := *l.rules
	selection.IDs = rules
	var found []lint.RootViolations
	tallies := lint.Tallies{}
	for _, j := range jobs {
		j.Top, j.Limits, j.Rules, j.CUE = s.tree.Top(), s.tree.Limits(), &selection, l.cue
		answer, err := s.pool.Do(ctx, j)
		var failure *isolate.Failure
		if errors.As(err, &failure) && failure.Cause != isolate.Cancelled {
			if len(rules) == 1 {
				l.in.Errors = append(l.in.Errors, l.failed(rules[0], j, failure))
				return nil // every other root would take as long
			}
			for i := range rules {
				if err := l.evaluate(ctx, jobs, rules[i:i+1]); err != nil {
					return err
				}
			}
			return nil
		}
		if err != nil {
			return err
		}
		found = append(found, answer.Together...)
		found = append(found, lint.RootViolations{Root: j.Root.Name, Violations: answer.Verdict.Violations})
		tallies.Add(answer.Verdict.Tallies)
	}
	l.in.Violations = append(l.in.Violations, found...)
	l.in.Tallies.Add(tallies)
	return nil
}

// failed says which rule could not be evaluated on what.
func (l *linting) failed(id string, j job, failure *isolate.Failure) lint.Problem {
	where := "the namespaces"
	if j.Together == nil {
		where = "the root " + j.Root.Name
	}
	p := lint.Problem{Rule: id, Message: fmt.Sprintf("evaluating the rule, which is left to CUE, on %s %s", where, failure)}
	for _, r := range l.rules.Own {
		if r.ID == id {
			p.Position = r.Position
		}
	}
	return p
}
