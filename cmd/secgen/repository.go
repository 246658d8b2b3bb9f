package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/secgen/secgen/isolate"
	"github.com/secgen/secgen/lint/view"
	"github.com/secgen/secgen/load/discover"
	"github.com/secgen/secgen/load/source"
	"github.com/secgen/secgen/manifest"
)

// limitFlags are the bounds of a run, which every command that renders has.
type limitFlags struct {
	root    string
	timeout time.Duration
	memory  string
	// warm says that there will be something to render, whatever a cache holds.
	warm bool
	// fileSize and rootSize are quantities of bytes.
	fileSize, rootSize string
}

func (f *limitFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.root, "root", "", "the repository's top folder (default: the nearest folder upward with .git)")
	cmd.Flags().DurationVar(&f.timeout, "timeout", 60*time.Second, "wall time that one root may take")
	cmd.Flags().StringVar(&f.memory, "memory", "1Gi", "memory that one worker process may hold")
	cmd.Flags().StringVar(&f.fileSize, "max-file-size", "5Mi", "the largest file that is read")
	cmd.Flags().StringVar(&f.rootSize, "max-root-size", "50Mi", "the most that one root may read in all")
}

func (f *limitFlags) limits() (isolate.Limits, error) {
	memory, err := resource.ParseQuantity(f.memory)
	if err != nil || memory.Value() < 64<<20 {
		return isolate.Limits{}, fmt.Errorf("--memory %s: want a quantity of at least 64Mi, such as 2Gi", f.memory)
	}
	if f.timeout <= 0 {
		return isolate.Limits{}, fmt.Errorf("--timeout %s: want a positive duration, such as 90s", f.timeout)
	}
	return isolate.Limits{Timeout: f.timeout, Memory: memory.Value()}, nil
}

// reading is the bounds of what is read.
func (f *limitFlags) reading() (source.Limits, error) {
	l := source.DefaultLimits()
	for _, size := range []struct {
		flag, value string
		limit       *int64
	}{{"--max-file-size", f.fileSize, &l.FileBytes}, {"--max-root-size", f.rootSize, &l.RootBytes}} {
		q, err := resource.ParseQuantity(size.value)
		if err != nil || q.Value() <= 0 {
			return l, fmt.Errorf("%s %s: want a quantity of bytes, such as 20Mi", size.flag, size.value)
		}
		*size.limit = q.Value()
	}
	// A larger file may hold more values, each of which takes memory of its own.
	l.Nodes = max(l.Nodes, int(l.FileBytes/5))
	return l, nil
}

// session is a repository that was opened for one run.
type session struct {
	tree     *source.Tree
	repo     *discover.Repository
	selected []discover.Root
	// paths are those that the user gave, relative to the repository.
	paths []string
	// stdin is standard input where that is what is linted, otherwise nil.
	stdin []byte
	// guards is which kinds of guards the files of roots that were not rendered hold.
	guards map[string][]view.GuardKind
	// cache of what workers found; nil keeps nothing.
	cache *cache
	pool  *isolate.Pool[job, answer]
	// survey asks the workers what else they see in a root.
	survey bool
	// full asks for resources as they would be applied, to be printed.
	full bool
}

// stdinPath stands for standard input among the paths, stdinFile in positions.
const (
	stdinPath = "-"
	stdinFile = "<stdin>"
)

// open finds the repository of the paths, discovers it and selects the roots.
func (a *app) open(paths []string, flags *limitFlags) (*session, error) {
	limits, err := flags.limits()
	if err != nil {
		return nil, err
	}
	bounds, err := flags.reading()
	if err != nil {
		return nil, err
	}
	cwd, err := a.getwd()
	if err != nil {
		return nil, fmt.Errorf("find the working directory: %w", err)
	}
	if slices.Contains(paths, stdinPath) {
		return a.openStdin(cwd, paths, limits, bounds)
	}
	top, rel, err := discover.Locate(cwd, flags.root, paths)
	if err != nil {
		return nil, err
	}
	s := &session{paths: rel, guards: map[string][]view.GuardKind{}}
	if s.pool, err = a.pool(limits); err != nil {
		return nil, err
	}
	if s.tree, err = source.Open(top, bounds); err != nil {
		return nil, err
	}
	if flags.warm {
		s.pool.Warm()
	}
	// Discovery, the cache and the search for exceptions read the same files.
	s.tree.Keep(128 << 20)
	if s.repo, err = discover.Discover(s.tree); err != nil {
		s.close()
		return nil, err
	}
	s.selected = s.repo.Select(rel)
	return s, nil
}

// openStdin makes a session of standard input alone: one plain root whose only
// file is what comes in.
func (a *app) openStdin(cwd string, paths []string, limits isolate.Limits, bounds source.Limits) (*session, error) {
	if len(paths) > 1 {
		return nil, errors.New("- reads standard input, alone: it cannot be combined with other paths")
	}
	input, err := io.ReadAll(io.LimitReader(a.in, bounds.FileBytes+1))
	if err != nil {
		return nil, fmt.Errorf("read standard input: %w", err)
	}
	if int64(len(input)) > bounds.FileBytes {
		return nil, fmt.Errorf("standard input is larger than the limit of %d bytes for a file; raise it with --max-file-size", bounds.FileBytes)
	}
	if len(bytes.TrimSpace(input)) == 0 {
		return nil, errors.New("nothing to lint: standard input is empty")
	}
	s := &session{paths: []string{stdinFile}, stdin: input, guards: map[string][]view.GuardKind{}}
	root := discover.Root{Name: stdinFile, Dir: ".", Manifests: []string{stdinFile}, Reads: []string{stdinFile}}
	s.selected = []discover.Root{root}
	s.repo = &discover.Repository{
		Roots: s.selected,
		Files: []discover.File{{Path: stdinFile, Bucket: discover.Linted, Roots: []string{stdinFile}}},
	}
	if s.tree, err = source.Open(cwd, bounds); err != nil {
		return nil, err
	}
	if s.pool, err = a.pool(limits); err != nil {
		s.tree.Close()
		return nil, err
	}
	return s, nil
}

// read returns the content of a file of the repository, or standard input.
func (s *session) read(file string) ([]byte, error) {
	if s.stdin != nil && file == stdinFile {
		return s.stdin, nil
	}
	return s.tree.ReadFile(file)
}

func (s *session) close() {
	s.pool.Close()
	s.tree.Close()
}

// firstLine is where to point at when a root as a whole could not be rendered.
func firstLine(root discover.Root) manifest.Position {
	file := root.Kustomization
	if root.Plain() {
		file = root.Manifests[0]
	}
	return manifest.Position{File: file, Line: 1, Column: 1}
}

// concerns tells whether a file lies at or below one of the user's paths.
func (s *session) concerns(file string) bool {
	for _, p := range s.paths {
		if p == "." || file == p || strings.HasPrefix(file, path.Clean(p)+"/") {
			return true
		}
	}
	return false
}

// lines serves source lines to reports. Files are read when they are first asked
// for.
type lines struct {
	read  func(file string) ([]byte, error)
	files map[string][]string
}

func (l *lines) Line(file string, n int) (string, bool) {
	text, seen := l.files[file]
	if !seen {
		if data, err := l.read(file); err == nil {
			text = strings.Split(strings.TrimPrefix(string(data), "\ufeff"), "\n")
		}
		l.files[file] = text
	}
	if n < 1 || n > len(text) {
		return "", false
	}
	return strings.TrimSuffix(text[n-1], "\r"), true
}
