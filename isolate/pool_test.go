package isolate

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

type job struct{ Do, Arg string }

// TestMain lets the test binary be its own worker process.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "worker" {
		if err := Serve(handle); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func handle(j job) (string, bool, error) {
	switch j.Do {
	case "echo":
		fmt.Println("a library that prints") // must not corrupt the reply
		return j.Arg, false, nil
	case "pid":
		return fmt.Sprint(os.Getpid()), j.Arg == "retire", nil
	case "fail":
		return "", false, errors.New(j.Arg)
	case "hang":
		for {
			time.Sleep(time.Second)
		}
	case "spin":
		for i := 0; ; i++ {
			_ = i
		}
	case "panic":
		panic("boom")
	case "overflow":
		return overflow(0), false, nil
	case "grow":
		var held [][]byte
		for len(held) < 1<<20 {
			held = append(held, fill(8<<20))
		}
		return fmt.Sprint(len(held)), false, nil
	case "leap":
		return string(fill(64 << 30)[:1]), false, nil
	case "dial":
		_, err := http.Get("http://" + j.Arg)
		return fmt.Sprint(err), false, nil
	case "resolve":
		_, err := net.LookupHost("localhost.example")
		return fmt.Sprint(err), false, nil
	case "exec":
		return fmt.Sprint(exec.Command("git", "version").Run()), false, nil
	case "write":
		return fmt.Sprint(os.WriteFile(j.Arg, []byte("canary"), 0o600)), false, nil
	case "env":
		return strings.Join(os.Environ(), " "), false, nil
	}
	return "", false, nil
}

func fill(n int) []byte {
	b := make([]byte, n)
	for i := 0; i < n; i += 4096 {
		b[i] = 1
	}
	return b
}

func overflow(n int) string {
	if n < 0 {
		return ""
	}
	return overflow(n+1) + "x"
}

func pool(t *testing.T, size int, limits Limits) *Pool[job, string] {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := New[job, string](Command{Path: self, Args: []string{self, "worker"}}, size, limits)
	t.Cleanup(p.Close)
	return p
}

var roomy = Limits{Timeout: 30 * time.Second, Memory: 1 << 30}

func TestAnswers(t *testing.T) {
	p := pool(t, 2, roomy)
	var group sync.WaitGroup
	for i := range 40 {
		group.Go(func() {
			want := strings.Repeat("x", i*1000)
			if got, err := p.Do(context.Background(), job{"echo", want}); err != nil || got != want {
				t.Errorf("job %d: %d bytes, %v", i, len(got), err)
			}
		})
	}
	group.Wait()
	if _, err := p.Do(context.Background(), job{"fail", "no such thing"}); err == nil || err.Error() != "no such thing" {
		t.Errorf("a handler's error came back as %v", err)
	}
}

func TestProcessIsReusedUntilItRetires(t *testing.T) {
	p := pool(t, 1, roomy)
	pid := func(arg string) string {
		got, err := p.Do(context.Background(), job{"pid", arg})
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	first, second, third := pid(""), pid("retire"), pid("")
	if first != second {
		t.Errorf("a healthy worker was replaced: %s, %s", first, second)
	}
	if second == third {
		t.Errorf("a retired worker got another job: %s", third)
	}
}

// TestWarm: processes that were started ahead do the jobs, and a pool that nobody
// used ends them.
func TestWarm(t *testing.T) {
	p := pool(t, 2, roomy)
	p.Warm()
	for i := range 4 {
		if got, err := p.Do(context.Background(), job{"echo", "x"}); err != nil || got != "x" {
			t.Errorf("job %d: %q, %v", i, got, err)
		}
	}
	idle := pool(t, 2, roomy)
	idle.Warm()
	idle.Close()
	for range cap(idle.slots) { // Close leaves none behind
		idle.slots <- nil
	}
	broken := New[job, string](Command{Path: "/no/such/program", Args: []string{"x"}}, 1, roomy)
	broken.Warm()
	if _, err := broken.Do(context.Background(), job{"echo", "x"}); err == nil {
		t.Error("a program that does not exist did a job")
	}
	broken.Close()
}

func TestFailures(t *testing.T) {
	tests := []struct {
		do     string
		limits Limits
		cause  Cause
		text   string
	}{
		{"hang", Limits{300 * time.Millisecond, 1 << 30}, Timeout, "--timeout"},
		{"spin", Limits{300 * time.Millisecond, 1 << 30}, Timeout, "300ms"},
		{"panic", roomy, Crash, "panic: boom"},
		{"overflow", roomy, Crash, "stack"},
		{"grow", Limits{30 * time.Second, 256 << 20}, Memory, "256 MiB"},
		{"leap", Limits{30 * time.Second, 256 << 20}, Memory, "--memory"},
	}
	for _, test := range tests {
		t.Run(test.do, func(t *testing.T) {
			if raceDetector && test.cause == Memory {
				t.Skip("there is no memory cap under the race detector")
			}
			p := pool(t, 1, test.limits)
			_, err := p.Do(context.Background(), job{Do: test.do})
			var failure *Failure
			if !errors.As(err, &failure) || failure.Cause != test.cause || !strings.Contains(failure.Error(), test.text) {
				t.Fatalf("got %v, want cause %d with %q", err, test.cause, test.text)
			}
			if got, err := p.Do(context.Background(), job{"echo", "still here"}); err != nil || got != "still here" {
				t.Errorf("the next job got %q, %v", got, err)
			}
		})
	}
}

func TestCancel(t *testing.T) {
	p := pool(t, 1, roomy)
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(100*time.Millisecond, cancel)
	_, err := p.Do(ctx, job{Do: "hang"})
	var failure *Failure
	if !errors.As(err, &failure) || failure.Cause != Cancelled {
		t.Fatalf("got %v", err)
	}
}

func TestLockDown(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	dialled := make(chan struct{}, 1)
	go func() {
		if conn, err := listener.Accept(); err == nil {
			conn.Close()
			dialled <- struct{}{}
		}
	}()
	t.Setenv("SECRET_OF_THE_CALLER", "s3cret")
	canary := filepath.Join(t.TempDir(), "canary")
	p := pool(t, 1, roomy)
	for _, test := range []struct{ do, arg, want string }{
		{"dial", listener.Addr().String(), "no network"},
		{"resolve", "", "no network"},
		{"exec", "", "not found"},
		{"env", "", "PATH="},
	} {
		got, err := p.Do(context.Background(), job{test.do, test.arg})
		if err != nil || !strings.Contains(got, test.want) || strings.Contains(got, "s3cret") {
			t.Errorf("%s: got %q, %v; want %q", test.do, got, err, test.want)
		}
	}
	select {
	case <-dialled:
		t.Error("the worker opened a connection")
	default:
	}
	if raceDetector {
		return // limitProcess does not run there
	}
	_, _ = p.Do(context.Background(), job{"write", canary})
	if data, _ := os.ReadFile(canary); len(data) > 0 {
		t.Errorf("the worker wrote %q", data)
	}
}

func TestServeRefusesToRunByHand(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(self, "worker").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "own use") {
		t.Errorf("got %v: %s", err, out)
	}
}
