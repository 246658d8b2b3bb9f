package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// example is a console block of the documentation: a command and the findings
// that it prints, without the summary.
var example = regexp.MustCompile("(?s)```console\n\\$ go run \\./cmd/secgen ([^\n]*)\n(.*?)```")

// TestDocumentedExamples runs the commands that the documentation shows and wants
// the output that it shows; -update rewrites the pages.
func TestDocumentedExamples(t *testing.T) {
	for _, page := range []string{"README.md"} {
		file := filepath.Join("../..", page)
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		examples := 0
		want := example.ReplaceAllFunc(text, func(block []byte) []byte {
			examples++
			args := string(example.FindSubmatch(block)[1])
			return []byte("```console\n$ go run ./cmd/secgen " + args + "\n" + findings(t, args) + "```")
		})
		if examples == 0 {
			t.Errorf("%s shows no example", page)
		}
		if *update {
			if err := os.WriteFile(file, want, 0o644); err != nil {
				t.Fatal(err)
			}
		} else if !bytes.Equal(text, want) {
			t.Errorf("%s shows what secgen no longer prints; run go test ./cmd/secgen -update. It should be\n%s", page, want)
		}
	}
}

// quotation is a block of YAML of the README, and the file that it is taken from.
var quotation = regexp.MustCompile("(?s)From `([^`]+)`:\n\n```yaml\n(.*?)```")

// TestReadmeQuotes wants what the README quotes to stand in the files.
func TestReadmeQuotes(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	quoted := quotation.FindAllSubmatch(readme, -1)
	if len(quoted) == 0 {
		t.Error("the README quotes no file")
	}
	for _, q := range quoted {
		text, err := os.ReadFile(filepath.Join("../..", string(q[1])))
		if err != nil {
			t.Error(err)
		} else if !bytes.Contains(text, q[2]) {
			t.Errorf("the README quotes what %s no longer holds:\n%s", q[1], q[2])
		}
	}
}

// TestReadmeListsEveryCommand holds the table of commands against the program.
func TestReadmeListsEveryCommand(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	root := process().rootCommand()
	root.InitDefaultCompletionCmd()
	commands := 0
	for _, cmd := range root.Commands() {
		if cmd.Hidden {
			continue
		}
		commands++
		if row := "\n| `secgen " + cmd.Name(); !strings.Contains(string(readme), row+" ") && !strings.Contains(string(readme), row+"`") {
			t.Errorf("the README's table has no row for secgen %s: %s", cmd.Name(), cmd.Short)
		}
	}
	if commands < 10 {
		t.Errorf("%d commands were held against it", commands)
	}
}

// findings runs secgen at the top of the project and returns what it prints
// before its notes and the summary.
func findings(t *testing.T, args string) string {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, strings.Fields(args)...)
	cmd.Args[0] = "secgen" // by which testscript tells the program from the tests
	cmd.Dir = "../.."
	out, err := cmd.Output()
	if err != nil && cmd.ProcessState.ExitCode() != exitFindings {
		t.Fatalf("secgen %s: %v", args, err)
	}
	shown, _, _ := strings.Cut(string(out), "\nProfile ")
	shown, _, _ = strings.Cut(shown, "\nNotes (")
	return shown
}
