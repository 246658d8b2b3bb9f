package isolate

import (
	"bufio"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"
)

// How a pool tells its worker processes their limits.
const (
	envMemory  = "SECGEN_WORKER_MEMORY"
	envTimeout = "SECGEN_WORKER_TIMEOUT"
)

// Serve is the main function of a worker process: it locks the process down and
// answers jobs from standard input on standard output until the input ends.
// handle returns the result and whether the process must not be used again,
// because the job left traces in it; an error retires the process too.
func Serve[J, R any](handle func(J) (result R, retire bool, err error)) error {
	limits, err := limitsFromEnv()
	if err != nil {
		return err
	}
	out := os.Stdout
	os.Stdout = os.Stderr // libraries that print must not corrupt the reply
	if err := lockDown(limits); err != nil {
		return fmt.Errorf("worker: %w", err)
	}
	return serve(os.Stdin, out, limits, handle)
}

func serve[J, R any](in io.Reader, out io.Writer, limits Limits, handle func(J) (R, bool, error)) error {
	jobs := make(chan J)
	broken := make(chan error, 1)
	var working atomic.Bool
	go func() {
		dec := gob.NewDecoder(bufio.NewReader(in))
		for {
			var job J
			if err := dec.Decode(&job); err != nil {
				broken <- err
				if working.Load() {
					os.Exit(1) // the parent is gone, and nobody waits for the job
				}
				return
			}
			jobs <- job
		}
	}()
	buffered := bufio.NewWriterSize(out, 64<<10)
	enc := gob.NewEncoder(buffered)
	for {
		select {
		case err := <-broken:
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		case job := <-jobs:
			working.Store(true)
			// Should the parent hang, nobody else would end a job that hangs too.
			orphan := time.AfterFunc(limits.Timeout+5*time.Second, func() { os.Exit(1) })
			var answer reply[R]
			result, retire, err := handle(job)
			answer.Result, answer.Retire = result, retire
			if err != nil {
				answer.Err = err.Error()
			}
			orphan.Stop()
			working.Store(false)
			if err := enc.Encode(&answer); err != nil {
				return err
			}
			if err := buffered.Flush(); err != nil {
				return err
			}
		}
	}
}

func limitsFromEnv() (Limits, error) {
	memory, err := strconv.ParseInt(os.Getenv(envMemory), 10, 64)
	if err != nil {
		return Limits{}, errors.New("this command is for secgen's own use: it serves jobs of a parent process")
	}
	timeout, err := time.ParseDuration(os.Getenv(envTimeout))
	if err != nil {
		return Limits{}, errors.New("this command is for secgen's own use: it serves jobs of a parent process")
	}
	return Limits{Timeout: timeout, Memory: memory}, nil
}

// lockDown takes from this process what no job needs.
func lockDown(limits Limits) error {
	os.Clearenv()
	if err := os.Setenv("PATH", ""); err != nil {
		return err
	}
	refuseNetwork()
	// Signals to the process group are for the parent, which ends its workers
	// itself: a worker that dies by one would look like a root that crashes.
	signal.Ignore(os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	// Rendering makes much garbage and little that lives: collect seldom while
	// there is room, and eagerly near the cap.
	debug.SetGCPercent(400)
	debug.SetMemoryLimit(limits.Memory * 3 / 4)
	debug.SetMaxStack(128 << 20)
	watchMemory(limits.Memory)
	if raceDetector {
		return nil // its shadow memory does not fit under any cap
	}
	return limitProcess(limits)
}
