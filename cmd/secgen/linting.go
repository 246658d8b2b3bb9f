package main

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/secgen/secgen/lint"
	"github.com/secgen/secgen/lint/view"
	"github.com/secgen/secgen/load/discover"
	"github.com/secgen/secgen/starter"
)

// linting is one run of lint: it gathers what the report is made of.
type linting struct {
	session *session
	policy  *policyAnswer
	cue     *policyJob
	rules   *ruleSelection
	judge   *lint.Judge
	demands lint.Demands
	in      lint.Input
	// surveyed asks for surveys; lacking counts the exceptions that name no owner or
	// no end.
	surveyed bool
	surveys  []starter.Survey
	lacking  int
}

// newLinting settles which rules run, by the flags and the configuration.
func (a *app) newLinting(ctx context.Context, s *session, flags *ruleFlags) (*linting, error) {
	cwd, err := a.getwd()
	if err != nil {
		return nil, err
	}
	policy, cue, err := s.policy(ctx, flags, cwd)
	if err != nil {
		return nil, err
	}
	return a.linting(s, flags, policy, cue)
}

// linting settles the same for a configuration that was read.
func (a *app) linting(s *session, flags *ruleFlags, policy *policyAnswer, cue *policyJob) (*linting, error) {
	l := &linting{session: s, policy: policy, cue: cue}
	set, err := rulesWith(l.policy.Rules)
	if err != nil {
		return nil, err
	}
	if l.rules, err = flags.selection(l.policy, set); err != nil {
		return nil, err
	}
	if l.judge, l.in.Rules, err = l.rules.judge(set, nil); err != nil {
		return nil, err
	}
	config := l.policy.Config
	l.demands = lint.Demands{Owner: config.DemandOwner, Expires: config.DemandExpires, Today: a.now().UTC().Truncate(24 * time.Hour),
		Known: func(id string) bool {
			return set.Rule(id) != nil || id == lint.UnreadRule().ID || id == lint.ExceptionRule().ID
		}}
	if l.in.Frameworks, err = flags.asked(set); err != nil {
		return nil, err
	}
	l.in.Known, l.in.Tallies, l.in.Alone = set.Rules, lint.Tallies{}, s.stdin != nil
	l.in.Version, l.in.Profile, l.in.RulesOff, l.in.Roots = version(), l.rules.Profile, l.rules.Off, len(s.selected)
	return l, nil
}

// run renders the selected roots, judges them and applies the exceptions.
func (l *linting) run(ctx context.Context, progress *progress, clock *timings) error {
	s := l.session
	s.survey = l.surveyed
	results, err := s.render(ctx, s.selected, l.rules, progress.step)
	progress.clear()
	if err != nil {
		return err
	}
	clock.stage("render and judge")
	clock.inWorkers(results)
	failed, digests := l.take(results)
	if s.stdin == nil { // standard input alone tells nothing about namespaces
		if err := l.together(ctx, digests); err != nil {
			return err
		}
		clock.stage("namespaces")
	}
	found, tallies := l.judge.Kustomizations(s.kustomizations())
	l.in.Violations = append(l.in.Violations, found...)
	l.in.Tallies.Add(tallies)
	clock.stage("kustomizations")
	if len(l.rules.leftToCUE()) > 0 {
		if err := l.byCUE(ctx, results, digests); err != nil {
			return err
		}
		clock.stage("rules left to CUE")
	}
	waivers := append(s.waivers(results), configWaivers(l.policy.Config, l.policy.File)...)
	l.lacking = lacking(waivers)
	own := lint.ApplyWaivers(l.in.Violations, waivers, l.demands, s.judgedFor(l.rules, results))
	l.in.Violations = append(l.in.Violations, lint.RootViolations{Violations: own})
	clock.stage("exceptions")
	l.in.Files = s.count(failed, l.in.Unread)
	return nil
}

// take adds what the workers found to the report. It returns the roots that were
// not rendered, with the reason, and the digests of all.
func (l *linting) take(results []rendered) (failed map[string]string, digests []view.Digest) {
	failed = map[string]string{}
	for _, r := range results {
		l.in.Unread = append(l.in.Unread, r.unread...)
		if r.failed {
			failed[r.root.Name] = r.unread[0].Reason
		} else {
			l.in.Rendered++
		}
		verdict := r.answer.Verdict
		l.surveys = append(l.surveys, r.answer.Survey)
		l.in.Violations = append(l.in.Violations, lint.RootViolations{Root: r.root.Name, Violations: verdict.Violations})
		l.in.Resources += verdict.Resources
		l.in.Unknown += verdict.Unknown
		l.in.Tallies.Add(verdict.Tallies)
		l.in.Notes = append(l.in.Notes, verdict.Notes...)
		if len(r.unread) == 0 && verdict.Resources == 0 {
			l.in.Notes = append(l.in.Notes, lint.Note{Position: firstLine(r.root), Message: "the root " + r.root.Name + " renders nothing"})
		}
		for _, n := range r.answer.Notes {
			l.in.Notes = append(l.in.Notes, lint.Note{Position: n.Position, Message: n.Message})
		}
		for _, n := range r.root.Notes {
			l.in.Notes = append(l.in.Notes, lint.Note{Position: n.Position, Message: n.Message})
		}
	}
	for _, n := range l.session.repo.Notes {
		if l.session.concerns(n.Position.File) {
			l.in.Notes = append(l.in.Notes, lint.Note{Position: n.Position, Message: n.Message})
		}
	}
	l.in.Notes = append(l.in.Notes, l.session.leftOut()...)
	for _, f := range l.session.unreadFiles() {
		l.in.Unread = append(l.in.Unread, lint.UnreadAt{Position: f.Position, Reason: f.Reason})
	}
	return failed, l.session.digests(results)
}

// together runs the rules over namespaces and environments. These concern the
// whole repository, so the roots that were not selected are rendered too, but
// only if the selected ones alone leave something to complain about.
func (l *linting) together(ctx context.Context, digests []view.Digest) error {
	s := l.session
	selected := map[string]bool{}
	for _, d := range digests {
		selected[d.Root] = true
	}
	landscape := landscapeOf(l.policy, s.repo.Roots)
	found, tallies := l.judge.RepositoryTallied(digests, landscape, selected)
	var others []discover.Root
	for _, root := range s.repo.Roots {
		if !selected[root.Name] {
			others = append(others, root)
		}
	}
	if len(found) > 0 && len(others) > 0 {
		results, err := s.render(ctx, others, l.rules, func() {})
		if err != nil {
			return err
		}
		digests = append(digests, s.digests(results)...)
		slices.SortFunc(digests, func(a, b view.Digest) int { return cmp.Compare(a.Root, b.Root) })
		found, tallies = l.judge.RepositoryTallied(digests, landscape, selected)
	}
	l.in.Tallies.Add(tallies)
	l.in.Violations = append(l.in.Violations, found...)
	return nil
}

// landscapeOf resolves the globs of the configured environments, and lays their
// policies over the one for all.
func landscapeOf(policy *policyAnswer, roots []discover.Root) view.Landscape {
	out := view.Landscape{Policy: policy.Config.Policy}
	for _, e := range policy.Config.Environments {
		env := view.Environment{Name: e.Name, Policy: e.Policy.Over(out.Policy)}
		for _, root := range roots {
			if slices.ContainsFunc(e.Roots, func(glob string) bool { return lint.Glob(glob, root.Name) }) {
				env.Roots = append(env.Roots, root.Name)
			}
		}
		out.Environments = append(out.Environments, env)
	}
	return out
}
