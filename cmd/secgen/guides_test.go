package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestGuides follows each guide as a reader does, from a folder of its own: it
// writes the files that the guide shows (```cue FILE, ```yaml FILE), applies its
// ```diff blocks with git, runs the commands of its ```console blocks, and wants
// the output that stands there. -update rewrites the output.
func TestGuides(t *testing.T) {
	pages, err := filepath.Glob("../../docs/guides/*.md")
	if err != nil || len(pages) == 0 {
		t.Fatalf("there are no guides: %v", err)
	}
	for _, page := range pages {
		t.Run(filepath.Base(page), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(page)
			if err != nil {
				t.Fatal(err)
			}
			for _, program := range []string{"git", "pre-commit", "sh"} {
				if _, err := exec.LookPath(program); err != nil && bytes.Contains(text, []byte("$ "+program+" ")) {
					t.Skipf("%s is not installed; .ci/run installs it", program)
				}
			}
			r := newReader(t)
			want := r.follow(string(text))
			if *update {
				if err := os.WriteFile(page, []byte(want), 0o644); err != nil {
					t.Fatal(err)
				}
			} else if want != string(text) {
				t.Errorf("%s shows what no longer happens; run go test ./cmd/secgen -run TestGuides -update. %s", page, firstDifference(string(text), want))
			}
		})
	}
}

// reader is somebody who follows a guide.
type reader struct {
	t    *testing.T
	env  []string
	home string
	dir  string // the working directory
	last int    // the exit status of the last command
}

// newReader starts in an empty home, beside a copy of testdata/repos.
func newReader(t *testing.T) *reader {
	home := t.TempDir()
	if err := os.CopyFS(filepath.Join(home, "testdata", "repos"), os.DirFS("../../testdata/repos")); err != nil {
		t.Fatal(err)
	}
	return &reader{t: t, home: home, dir: home, env: append(os.Environ(),
		"HOME="+home, "PRE_COMMIT_HOME="+filepath.Join(home, ".cache"), "PRE_COMMIT_COLOR=never", "NO_COLOR=1", "LC_ALL=C",
		"GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1", "GIT_AUTHOR_NAME=r", "GIT_AUTHOR_EMAIL=r@example.com",
		"GIT_COMMITTER_NAME=r", "GIT_COMMITTER_EMAIL=r@example.com", "SECGEN_TEST_TODAY=2026-11-22")}
}

// fence is a block of code: its language, the file that it names, its text.
var fence = regexp.MustCompile("(?ms)^```(console|cue|yaml|diff)(?: (\\S+))?\n(.*?)^```$")

// follow does what the guide says and returns it with the output that was seen.
func (r *reader) follow(guide string) string {
	return fence.ReplaceAllStringFunc(guide, func(block string) string {
		m := fence.FindStringSubmatch(block)
		switch language, file, text := m[1], m[2], m[3]; {
		case language == "console":
			return "```console\n" + r.console(text) + "```"
		case language == "diff":
			r.apply(text)
		case file != "":
			files{file: text}.write(r.t, r.dir)
		}
		return block
	})
}

// console runs the commands of a block: lines that begin with "$ ", with those that
// begin with "> " behind them.
func (r *reader) console(text string) string {
	var out strings.Builder
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	for i := 0; i < len(lines); i++ {
		command, ok := strings.CutPrefix(lines[i], "$ ")
		if !ok {
			continue // the output of before
		}
		fmt.Fprintln(&out, lines[i])
		for i+1 < len(lines) && strings.HasPrefix(lines[i+1], "> ") {
			i++
			command += "\n" + strings.TrimPrefix(lines[i], "> ")
			fmt.Fprintln(&out, lines[i])
		}
		out.WriteString(r.run(command))
	}
	return out.String()
}

// run runs a command in the shell, where the last one left off.
func (r *reader) run(command string) string {
	state := filepath.Join(r.home, ".state")
	cmd := exec.Command("sh", "-c", fmt.Sprintf("(exit %d)\n%s\nstatus=$?; pwd >'%s'; exit $status", r.last, command, state))
	cmd.Dir, cmd.Env = r.dir, r.env
	out, err := cmd.CombinedOutput()
	if r.last = cmd.ProcessState.ExitCode(); err != nil && r.last < 0 {
		r.t.Fatalf("%s: %v", command, err)
	}
	if dir, err := os.ReadFile(state); err == nil {
		r.dir = strings.TrimSpace(string(dir))
	}
	shown := strings.ReplaceAll(string(out), r.home, "~")
	if shown != "" && !strings.HasSuffix(shown, "\n") {
		shown += "\n"
	}
	return shown
}

// apply changes files as a diff says.
func (r *reader) apply(diff string) {
	cmd := exec.Command("git", "apply", "--verbose", "-")
	cmd.Dir, cmd.Env, cmd.Stdin = r.dir, r.env, strings.NewReader(diff)
	if out, err := cmd.CombinedOutput(); err != nil {
		r.t.Fatalf("%v: %s\n%s", err, out, diff)
	}
}

// firstDifference is the first line in which two texts differ, as both have it.
func firstDifference(a, b string) string {
	as, bs := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range max(len(as), len(bs)) {
		line := func(lines []string) string {
			if i < len(lines) {
				return lines[i]
			}
			return "(the end)"
		}
		if line(as) != line(bs) {
			return fmt.Sprintf("Line %d is\n%s\nand should be\n%s", i+1, line(as), line(bs))
		}
	}
	return ""
}
