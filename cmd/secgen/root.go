package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
)

// Exit statuses: a contract with scripts.
const (
	exitOK       = 0
	exitFindings = 1 // lint found something, or could not read something
	exitFailure  = 2 // usage, configuration, policy or internal error
)

// app is what commands get from outside.
type app struct {
	in       io.Reader
	out, err io.Writer
	getenv   func(string) string
	getwd    func() (string, error)
	now      func() time.Time
	// self starts a worker process: the program's path and the name under
	// which it was called.
	self func() (path string, args []string, err error)
}

// exitError is a run that ends with a status and has said all that there is to say.
type exitError int

func (e exitError) Error() string { return fmt.Sprintf("exit status %d", int(e)) }

// Main runs the program with the process's own arguments and streams and returns
// its exit status.
func Main() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	if os.Getenv("GOGC") == "" {
		// Most runs are over before a collection pays. Those that hold much are not.
		debug.SetGCPercent(800)
		debug.SetMemoryLimit(512 << 20)
	}
	return process().run(ctx, os.Args[1:])
}

// process is the program as it runs outside tests.
func process() *app {
	return &app{in: os.Stdin, out: os.Stdout, err: os.Stderr, getenv: os.Getenv, getwd: os.Getwd, now: time.Now, self: self}
}

func self() (string, []string, error) {
	path, err := os.Executable()
	return path, []string{os.Args[0], workerCommand}, err
}

func (a *app) run(ctx context.Context, args []string) int {
	root := a.rootCommand()
	root.SetArgs(args)
	root.SetIn(a.in)
	root.SetOut(a.out)
	root.SetErr(a.err)
	err := root.ExecuteContext(ctx)
	var status exitError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &status):
		return int(status)
	case ctx.Err() != nil:
		fmt.Fprintln(a.err, "secgen: interrupted, so there is no report")
		return exitFailure
	case errors.Is(err, syscall.EPIPE):
		return exitFailure // the reader went away; there is nobody to tell
	}
	fmt.Fprintf(a.err, "secgen: %s\n", strings.TrimSpace(err.Error()))
	return exitFailure
}

func (a *app) rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "secgen",
		Short: "Lint the Kubernetes manifests of a GitOps repository, and compile the guardrails of its namespaces",
		Long: `secgen renders the kustomize bases and overlays and the plain manifests of a Git
repository as Argo CD or Flux would, checks what would be deployed against security
rules written in CUE, and names the line of the source that causes each violation.`,
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return cmd.Help()
		},
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return fmt.Errorf("%w\nRun '%s --help' for the flags", err, cmd.CommandPath())
	})
	root.AddCommand(
		a.initCommand(),
		a.lintCommand(),
		a.compileCommand(),
		a.renderCommand(),
		a.graphCommand(),
		a.rulesCommand(),
		a.explainCommand(),
		a.testCommand(),
		a.versionCommand(),
		a.workerCommand(),
	)
	return root
}
