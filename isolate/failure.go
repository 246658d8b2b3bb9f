package isolate

import (
	"fmt"
	"os"
	"strings"
	"time"
)

// Limits bound one job.
type Limits struct {
	// Timeout is the wall time that one job may take.
	Timeout time.Duration
	// Memory is the number of bytes that one worker process may hold.
	Memory int64
}

// Cause is why a job failed.
type Cause int

// The causes.
const (
	Crash Cause = iota
	Timeout
	Memory
	Cancelled
)

// Failure is a job that ended its worker process.
type Failure struct {
	Cause  Cause
	Limits Limits
	// Detail is the telling line of what the process printed before it ended.
	Detail string
}

func (f *Failure) Error() string {
	switch f.Cause {
	case Timeout:
		return fmt.Sprintf("took longer than %s; raise the limit with --timeout if this is to be expected", f.Limits.Timeout)
	case Memory:
		return fmt.Sprintf("needs more than %d MiB of memory; raise the limit with --memory if this is to be expected", f.Limits.Memory>>20)
	case Cancelled:
		return "was cancelled"
	}
	if f.Detail == "" {
		return "ended its worker process without a word"
	}
	return "crashed: " + f.Detail
}

// exitMemory is the exit status of a worker whose watchdog saw it outgrow its cap.
const exitMemory = 77

// failureOf tells from how a worker ended and its last words why it died.
func failureOf(limits Limits, state *os.ProcessState, stderr string) *Failure {
	f := &Failure{Cause: Crash, Limits: limits}
	if state.ExitCode() == exitMemory || strings.Contains(stderr, "out of memory") || strings.Contains(stderr, "cannot allocate memory") {
		f.Cause = Memory
		return f
	}
	for line := range strings.Lines(stderr) {
		line = strings.TrimSpace(line)
		for _, sign := range []string{"panic: ", "fatal error: ", "runtime: goroutine stack exceeds"} {
			if strings.HasPrefix(line, sign) {
				f.Detail = line
				return f
			}
		}
		if line != "" {
			f.Detail = line
		}
	}
	if f.Detail == "" && state.ExitCode() < 0 {
		f.Detail = fmt.Sprintf("its process was ended from outside (%s), as the kernel does where memory runs out", state)
	}
	return f
}
