package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/secgen/secgen/lint"
)

var update = flag.Bool("update", false, "rewrite the expected output in testdata/script")

// TestMain lets the test binary be the program, its workers included: they are
// started from the same file under the same name. A test that needs a certain day
// sets SECGEN_TEST_TODAY.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"secgen": func() { os.Exit(mainOn(os.Getenv("SECGEN_TEST_TODAY"))) },
	})
}

// mainOn is Main on a day, YYYY-MM-DD, or today.
func mainOn(day string) int {
	if day == "" {
		return Main()
	}
	date, err := time.Parse(time.DateOnly, day)
	if err != nil {
		panic(err)
	}
	a := process()
	a.now = func() time.Time { return date }
	return a.run(context.Background(), os.Args[1:])
}

// TestScripts tells what the command line does, one topic a file.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "../../testdata/script",
		UpdateScripts:       *update,
		RequireUniqueNames:  true,
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("XDG_CACHE_HOME", filepath.Join(env.Getenv("TMPDIR"), "cache"))
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"status":   statusCommand,
			"json":     jsonCommand,
			"findings": findingsCommand,
		},
	})
}

// statusCommand is "status N PROGRAM ARG...": the program must end with that
// exit status. It leaves stdout and stderr to the commands that follow.
func statusCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status N PROGRAM ARG...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	var exit *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
}

// findingsCommand is "findings PROGRAM ARG...": it runs the program, which has to
// print a report as JSON, and prints each finding in one line.
func findingsCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: findings PROGRAM ARG...")
	}
	// What it found decides about the exit status, so that says no more.
	_ = ts.Exec(args[0], args[1:]...)
	var r lint.Report
	if err := json.Unmarshal([]byte(ts.ReadFile("stdout")), &r); err != nil {
		ts.Fatalf("no report: %v\n%s", err, ts.ReadFile("stderr"))
	}
	for _, f := range r.Findings {
		fmt.Fprintf(ts.Stdout(), "%s %s", f.Position, f.Rule)
		if e := f.Exception; e != nil {
			fmt.Fprintf(ts.Stdout(), " accepted at %s: %s", e.Position, e.Reason)
		} else if f.Rule == "exception" {
			fmt.Fprintf(ts.Stdout(), ": %s", f.Message)
		}
		fmt.Fprintln(ts.Stdout())
	}
}

// jsonCommand is "json FILE PATH WANT": in the JSON of FILE (or stdout), the
// values at PATH are WANT, as JSON without spaces. PATH is keys and indexes with
// dots between them; * stands for each element of a list, whose values are then
// written with commas between them.
func jsonCommand(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: json FILE PATH WANT")
	}
	var doc any
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &doc))
	values, err := valuesAt(doc, strings.Split(args[1], "."))
	ts.Check(err)
	var texts []string
	for _, v := range values {
		var text bytes.Buffer
		e := json.NewEncoder(&text)
		e.SetEscapeHTML(false)
		ts.Check(e.Encode(v))
		texts = append(texts, strings.TrimSpace(text.String()))
	}
	if got := strings.Join(texts, ","); (got == args[2]) == neg {
		ts.Fatalf("%s is %s; expected (%t): %s", args[1], got, !neg, args[2])
	}
}

func valuesAt(v any, path []string) ([]any, error) {
	if len(path) == 0 {
		return []any{v}, nil
	}
	switch v := v.(type) {
	case map[string]any:
		field, ok := v[path[0]]
		if !ok {
			return nil, fmt.Errorf("there is no field %s", path[0])
		}
		return valuesAt(field, path[1:])
	case []any:
		if path[0] == "*" {
			var out []any
			for _, item := range v {
				values, err := valuesAt(item, path[1:])
				if err != nil {
					return nil, err
				}
				out = append(out, values...)
			}
			return out, nil
		}
		i, err := strconv.Atoi(path[0])
		if err != nil || i < 0 || i >= len(v) {
			return nil, fmt.Errorf("there is no element %s in a list of %d", path[0], len(v))
		}
		return valuesAt(v[i], path[1:])
	}
	return nil, fmt.Errorf("nothing below %v at %s", v, path[0])
}
