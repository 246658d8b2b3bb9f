package isolate

import (
	"context"
	"encoding/gob"
	"errors"
	"io"
	"os/exec"
	"strconv"
	"sync"
	"time"
)

// Command is how a worker process is started: the program itself, with the
// arguments that make it call Serve. It gets no environment but what isolate
// needs.
type Command struct {
	Path string
	Args []string // including argv[0]
}

// Pool hands jobs of type J to worker processes and brings back results of
// type R. Its methods are safe for use by several goroutines.
type Pool[J, R any] struct {
	command Command
	limits  Limits
	slots   chan *process[J, R] // nil stands for a worker not yet started
}

// New makes a pool of at most size processes. They start when they are needed.
func New[J, R any](command Command, size int, limits Limits) *Pool[J, R] {
	p := &Pool[J, R]{command: command, limits: limits, slots: make(chan *process[J, R], size)}
	for range size {
		p.slots <- nil
	}
	return p
}

// Warm starts all processes, in the background, for a caller who knows that there
// will be jobs for them. One that does not start now does so with its first job,
// or fails then.
func (p *Pool[J, R]) Warm() {
	for range cap(p.slots) {
		go func() {
			worker := <-p.slots
			if worker == nil {
				if started, err := start[J, R](p.command, p.limits); err == nil {
					worker = started
				}
			}
			p.slots <- worker
		}()
	}
}

// Do runs one job and returns its result. An error of type *Failure says that
// the job ended its process; any other error that no process could be started
// or that the job's handler returned it.
func (p *Pool[J, R]) Do(ctx context.Context, job J) (R, error) {
	var none R
	var worker *process[J, R]
	select {
	case worker = <-p.slots:
	case <-ctx.Done():
		return none, &Failure{Cause: Cancelled, Limits: p.limits}
	}
	if worker == nil {
		var err error
		if worker, err = start[J, R](p.command, p.limits); err != nil {
			p.slots <- nil
			return none, err
		}
	}
	answer, err := worker.do(ctx, job, p.limits)
	if err != nil || answer.Retire || answer.Err != "" {
		worker.stop()
		worker = nil
	}
	p.slots <- worker
	if err == nil && answer.Err != "" {
		err = errors.New(answer.Err)
	}
	return answer.Result, err
}

// Close ends all processes. No job may be under way.
func (p *Pool[J, R]) Close() {
	for range cap(p.slots) {
		if worker := <-p.slots; worker != nil {
			worker.stop()
		}
	}
}

// reply is what a worker sends back for a job.
type reply[R any] struct {
	Result R
	Err    string
	Retire bool
}

type process[J, R any] struct {
	cmd    *exec.Cmd
	in     io.WriteCloser
	enc    *gob.Encoder
	dec    *gob.Decoder
	stderr *tail
	once   sync.Once
}

func start[J, R any](command Command, limits Limits) (*process[J, R], error) {
	cmd := &exec.Cmd{Path: command.Path, Args: command.Args, Env: []string{
		"PATH=", "GOTRACEBACK=none",
		envMemory + "=" + strconv.FormatInt(limits.Memory, 10),
		envTimeout + "=" + limits.Timeout.String(),
	}}
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	stderr := &tail{}
	cmd.Stderr = stderr
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return &process[J, R]{cmd: cmd, in: in, enc: gob.NewEncoder(in), dec: gob.NewDecoder(out), stderr: stderr}, nil
}

// do sends the job and waits for its reply, the deadline, or the process's end.
func (w *process[J, R]) do(ctx context.Context, job J, limits Limits) (reply[R], error) {
	var answer reply[R]
	done := make(chan error, 1)
	go func() {
		if err := w.enc.Encode(&job); err != nil {
			done <- err
			return
		}
		done <- w.dec.Decode(&answer)
	}()
	timer := time.NewTimer(limits.Timeout)
	defer timer.Stop()
	cause := Crash
	select {
	case err := <-done:
		if err == nil {
			return answer, nil
		}
	case <-timer.C:
		cause = Timeout
	case <-ctx.Done():
		cause = Cancelled
	}
	if cause != Crash {
		w.stop()
		<-done
		return reply[R]{}, &Failure{Cause: cause, Limits: limits}
	}
	// The pipe broke: the process is ending by itself. Its exit status and last
	// words tell why, so wait for them before making sure.
	exited := make(chan struct{})
	go func() { w.wait(); close(exited) }()
	select {
	case <-exited:
	case <-time.After(5 * time.Second):
		w.stop()
	}
	return reply[R]{}, failureOf(limits, w.cmd.ProcessState, w.stderr.String())
}

func (w *process[J, R]) stop() {
	_ = w.cmd.Process.Kill() // it may have ended already
	w.wait()
}

func (w *process[J, R]) wait() {
	w.once.Do(func() {
		_ = w.in.Close()
		_ = w.cmd.Wait() // how it ended is read from ProcessState
	})
}

// tail keeps the first and the last bytes of what a process prints: the first
// line of a Go crash tells the reason, and a crash can print megabytes.
type tail struct {
	mu   sync.Mutex
	head []byte
	last []byte
}

const tailSize = 4 << 10

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := len(p)
	if room := tailSize - len(t.head); room > 0 {
		take := min(room, len(p))
		t.head = append(t.head, p[:take]...)
		p = p[take:]
	}
	t.last = append(t.last, p...)
	if len(t.last) > tailSize {
		t.last = append(t.last[:0], t.last[len(t.last)-tailSize:]...)
	}
	return n, nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.head) + string(t.last)
}
