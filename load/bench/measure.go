package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"time"
)

// usage is what one process and all that it started took.
type usage struct {
	wall, cpu time.Duration
	// peak is the most bytes that they held together, where memory was watched.
	peak int64
}

// use runs a command to its end. Exit status 1 of secgen says that there are
// findings, or that something is to be answered.
func use(cmd *exec.Cmd, watch bool) (usage, error) {
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	begin := time.Now()
	if err := cmd.Start(); err != nil {
		return usage{}, err
	}
	peak := func() int64 { return 0 }
	if watch {
		peak = watchMemory(cmd.Process.Pid)
	}
	err := cmd.Wait()
	u := usage{wall: time.Since(begin), peak: peak()}
	var exit *exec.ExitError
	if err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 1 || cmd.Args[1] == loopCommand) {
		return u, fmt.Errorf("%s %s: %w: %s", path.Base(cmd.Path), strings.Join(cmd.Args[1:min(3, len(cmd.Args))], " "), err, stderr.String())
	}
	u.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	return u, nil
}

// The names of what is measured.
const (
	theLoop   = "plain krusty loop"
	cold      = "lint --no-cache"
	unchanged = "lint, nothing changed"
	changed   = "lint, one patch changed"
	reaching  = "lint, the most used patch changed"
	doubled   = "lint --no-cache, twice the roots"
	start     = "version"
	small     = "lint --no-cache, ten files"
	guardrail = "compile, ten files"
	fleet     = "compile, each root a cluster"
)

func (b *bench) commands() []struct {
	name string
	make func() (*exec.Cmd, error)
} {
	lint := func(top string, flags ...string) func() (*exec.Cmd, error) {
		return func() (*exec.Cmd, error) { return b.lint(top, flags...), nil }
	}
	return []struct {
		name string
		make func() (*exec.Cmd, error)
	}{
		{theLoop, func() (*exec.Cmd, error) { return b.loopOn(b.roots), nil }},
		{cold, lint(b.once, "--no-cache")},
		{unchanged, lint(b.once)},
		{changed, func() (*exec.Cmd, error) { return b.lint(b.once), b.touch(b.usual) }},
		{reaching, func() (*exec.Cmd, error) { return b.lint(b.once), b.touch(b.common) }},
		{doubled, lint(b.twice, "--no-cache")},
		{start, func() (*exec.Cmd, error) { return exec.Command(b.secgen, "version"), nil }},
		{small, lint(b.overlay, "--no-cache")},
		{guardrail, func() (*exec.Cmd, error) {
			return exec.Command(b.secgen, "compile", "--root", b.compiled, "--dialect", "kubernetes",
				"-o", filepath.Join(b.compiled, "guardrails"), filepath.Join(b.compiled, "prod")), nil
		}},
		{fleet, func() (*exec.Cmd, error) {
			return exec.Command(b.secgen, "compile", "--root", b.clusters, "--dialect", "kubernetes", "-o", filepath.Join(b.clusters, "guardrails"), b.clusters), nil
		}},
	}
}

// touch changes a patch, each time to something new, by a comment at its end.
func (b *bench) touch(p patch) error {
	f, err := os.OpenFile(filepath.Join(b.once, filepath.FromSlash(p.file)), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteString("\n# changed\n")
	return errors.Join(err, f.Close())
}

// measure runs everything in turn, so many times, and memory once more by itself:
// watching it takes time.
func (b *bench) measure(rounds int) (results, error) {
	r := results{rows: map[string][]usage{}, peaks: map[string]int64{}}
	for i := -1; i < rounds; i++ { // the first round fills caches and does not count
		for _, c := range b.commands() {
			cmd, err := c.make()
			if err != nil {
				return r, err
			}
			u, err := use(cmd, i < 0)
			if err != nil {
				return r, fmt.Errorf("%s: %w", c.name, err)
			}
			if i < 0 {
				r.names, r.peaks[c.name] = append(r.names, c.name), u.peak
			} else {
				r.rows[c.name] = append(r.rows[c.name], u)
			}
		}
	}
	return r, nil
}
