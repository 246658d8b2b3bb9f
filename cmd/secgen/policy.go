package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/secgen/secgen/isolate"
	"github.com/secgen/secgen/lint"
	"github.com/secgen/secgen/load/discover"
	"github.com/secgen/secgen/load/source"
	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/schema"
)

// policyJob asks a worker to evaluate the repository's own CUE.
type policyJob struct {
	// File is the configuration as messages name it, Text its content; no file is
	// read where File is "".
	File string
	Text []byte
	// Folders are those of the repository's own rules, relative to its top, and
	// RuleDirs those of --rules.
	Folders  []string
	RuleDirs []ruleDir
	// Only the configuration is wanted, and no rules.
	ConfigOnly bool
}

// ruleDir is a folder of --rules as it was given, and its absolute path.
type ruleDir struct{ Given, Abs string }

// at is a position in the folder as messages name it.
func (d ruleDir) at(p manifest.Position) manifest.Position {
	if p.File != "" {
		p.File = path.Join(filepath.ToSlash(d.Given), p.File)
	}
	return p
}

// policyAnswer is what the repository says about itself.
type policyAnswer struct {
	Config *schema.Config
	// File is the configuration as messages name it, or "".
	File string
	// Rules are those of the repository's Folders and of --rules.
	Rules   []*schema.Rule
	Folders []string
	// Problems are why the rest is not there.
	Problems []schema.Problem
}

// policy reads secgen.cue, or the file of --config, and the rules of the
// repository's own and of --rules, in a worker. It returns the job as well, with
// which another worker can load the same rules. Its error is one that the user has
// to mend: exit status 2.
func (s *session) policy(ctx context.Context, flags *ruleFlags, cwd string) (*policyAnswer, *policyJob, error) {
	j, err := s.policyJob(flags, cwd)
	if err != nil || j == nil {
		return &policyAnswer{Config: &schema.Config{Profile: schema.DefaultProfile}}, nil, err
	}
	policy, err := s.evaluated(ctx, j)
	if err != nil {
		return nil, nil, err
	}
	j.Folders = policy.Folders
	return policy, j, s.leaveOutTests(policy, j)
}

// evaluated has a worker do the job.
func (s *session) evaluated(ctx context.Context, j *policyJob) (*policyAnswer, error) {
	answer, err := s.pool.Do(ctx, job{Top: s.tree.Top(), Limits: s.tree.Limits(), Policy: j})
	var failure *isolate.Failure
	if errors.As(err, &failure) {
		return nil, fmt.Errorf("evaluating %s %w", j.name(), failure)
	}
	if err != nil {
		return nil, err
	}
	answer.Policy.File = j.File
	return answer.Policy, joined(answer.Policy.Problems)
}

// leaveOutTests discovers once more where the repository holds rules of its own,
// now that it is known which manifests are there to test them.
func (s *session) leaveOutTests(policy *policyAnswer, j *policyJob) error {
	var folders []discover.RuleFolder
	for _, f := range policy.Config.RuleFolders {
		f.Position.File = j.File
		folders = append(folders, discover.RuleFolder{Path: f.Path, Position: f.Position})
	}
	for _, d := range j.RuleDirs {
		if inside, err := filepath.Rel(s.tree.Top(), d.Abs); err == nil && filepath.IsLocal(inside) {
			inside = filepath.ToSlash(inside)
			folders = append(folders, discover.RuleFolder{Path: inside, Position: manifest.Position{File: inside}})
		}
	}
	if len(folders) == 0 || s.repo == nil || s.stdin != nil {
		return nil
	}
	repo, err := discover.Discover(s.tree, folders...)
	if err != nil {
		return err
	}
	s.repo, s.selected = repo, repo.Select(s.paths)
	return nil
}

// policyJob is nil where there is nothing to evaluate.
func (s *session) policyJob(flags *ruleFlags, cwd string) (*policyJob, error) {
	j := &policyJob{}
	switch {
	case flags.config != "":
		text, err := os.ReadFile(inDir(cwd, flags.config))
		if err != nil {
			return nil, fmt.Errorf("--config: %w", err)
		}
		j.File, j.Text = filepath.ToSlash(flags.config), text
	default:
		text, err := s.tree.ReadFile(schema.ConfigFile)
		if err == nil {
			j.File, j.Text = schema.ConfigFile, text
		} else if !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	for _, dir := range flags.ruleDirs {
		abs := inDir(cwd, dir)
		if info, err := os.Stat(abs); err != nil || !info.IsDir() {
			return nil, fmt.Errorf("--rules %s: want a folder with rules", dir)
		}
		j.RuleDirs = append(j.RuleDirs, ruleDir{Given: dir, Abs: abs})
	}
	if j.File == "" && len(j.RuleDirs) == 0 {
		return nil, nil
	}
	return j, nil
}

func inDir(cwd, name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(cwd, name)
}

func (j *policyJob) name() string {
	if j.File != "" {
		return j.File
	}
	return "the rules of " + j.RuleDirs[0].Given
}

// evaluate runs in a worker.
func (j *policyJob) evaluate(tree *source.Tree) *policyAnswer {
	out := &policyAnswer{Config: &schema.Config{Profile: schema.DefaultProfile}}
	var err error
	if j.File != "" {
		if out.Config, err = schema.LoadConfig(tree.FS(), j.Text); err != nil {
			out.Problems = problemsOf(err)
			for i := range out.Problems {
				if out.Problems[i].Position.File == schema.ConfigFile || out.Problems[i].Position.IsZero() {
					out.Problems[i].Position.File = j.File
				}
			}
			return out
		}
	}
	if j.ConfigOnly {
		return out
	}
	for _, f := range out.Config.RuleFolders {
		if !holdsCUE(tree.FS(), f.Path) {
			at := f.Position
			at.File = j.File
			out.Problems = append(out.Problems, schema.Problem{Position: at,
				Message: fmt.Sprintf("ruleFolders: %s holds no rules: there is no such folder with .cue files in it or below", f.Path)})
		}
		j.Folders = append(j.Folders, f.Path)
	}
	if len(out.Problems) > 0 {
		return out
	}
	set, err := j.load(tree)
	if err != nil {
		out.Problems = problemsOf(err)
		return out
	}
	out.Rules, out.Folders = set.Rules, j.Folders
	out.Config.Policy.WrittenIn(j.File)
	for _, e := range out.Config.Environments {
		e.Policy.WrittenIn(j.File)
	}
	return out
}

// holdsCUE tells whether some file of a folder, or below it, is one of CUE.
func holdsCUE(fsys fs.FS, dir string) bool {
	found := false
	err := fs.WalkDir(fsys, dir, func(name string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && path.Ext(name) == ".cue" {
			found = true
			return fs.SkipAll
		}
		return err
	})
	return err == nil && found
}

// load reads the rules of the repository's folders, and of those outside it.
func (j *policyJob) load(tree *source.Tree) (*schema.Set, error) {
	all := &schema.Set{}
	if len(j.Folders) > 0 {
		set, err := schema.LoadRules(tree.FS(), j.Folders...)
		if err != nil {
			return nil, err
		}
		all = set
	}
	for _, dir := range j.RuleDirs {
		set, err := schema.LoadRules(os.DirFS(dir.Abs), ".")
		if err != nil {
			var placed schema.Problems
			for _, p := range problemsOf(err) {
				p.Position = dir.at(p.Position)
				placed = append(placed, &p)
			}
			return nil, placed
		}
		for _, r := range set.Rules {
			r.Position = dir.at(r.Position)
		}
		all = all.With(set)
	}
	return all, nil
}

// joined is one error of several problems, or nil.
func joined(problems []schema.Problem) error {
	if len(problems) == 0 {
		return nil
	}
	lines := make([]string, len(problems))
	for i, p := range problems {
		lines[i] = p.Error()
	}
	return errors.New(strings.Join(lines, "\n"))
}

// problemsOf takes an error about CUE apart.
func problemsOf(err error) []schema.Problem {
	var many schema.Problems
	var one *schema.Problem
	var out []schema.Problem
	switch {
	case errors.As(err, &many):
		for _, p := range many {
			out = append(out, *p)
		}
	case errors.As(err, &one):
		out = append(out, *one)
	default:
		out = append(out, schema.Problem{Message: err.Error()})
	}
	return out
}

// configWaivers are the exceptions of the configuration.
func configWaivers(c *schema.Config, file string) []lint.Waiver {
	out := make([]lint.Waiver, 0, len(c.Exceptions))
	for _, e := range c.Exceptions {
		at := e.Position
		at.File = file
		out = append(out, lint.Waiver{
			Rule:      e.Rule,
			Exception: lint.Exception{Reason: e.Reason, Owner: e.Owner, Expires: e.Expires, Position: at},
			Scope:     lint.Scope{Files: e.Files, Kinds: e.Kinds, Namespaces: e.Namespaces, Names: e.Names, Roots: e.Roots, Path: e.Path},
		})
	}
	return out
}
