package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// terminal opens a pseudo terminal. What is written to tty comes out of read,
// which waits until tty is closed by all.
func terminal(t *testing.T) (tty *os.File, read func() string) {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skipf("no terminal can be made here: %v", err)
	}
	t.Cleanup(func() { master.Close() })
	fd := int(master.Fd())
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Skipf("no terminal can be made here: %v", err)
	}
	n, err := unix.IoctlGetUint32(fd, unix.TIOCGPTN)
	if err != nil {
		t.Skipf("no terminal can be made here: %v", err)
	}
	if tty, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0); err != nil {
		t.Skipf("no terminal can be made here: %v", err)
	}
	var out bytes.Buffer
	done := make(chan struct{})
	go func() {
		_, _ = io.Copy(&out, master) // ends with EIO once the terminal is closed
		close(done)
	}()
	return tty, func() string {
		tty.Close()
		<-done
		return out.String()
	}
}

// TestColour: colours on a terminal, unless NO_COLOR or a dumb terminal says no;
// progress on a terminal's error stream, and nothing of it left behind.
func TestColour(t *testing.T) {
	top := repository(t, healthy())
	tests := []struct {
		name   string
		env    []string
		format string
		colour bool
	}{
		{"plain", nil, "text", true},
		{"NO_COLOR", []string{"NO_COLOR=1"}, "text", false},
		{"NO_COLOR empty", []string{"NO_COLOR="}, "text", true},
		{"dumb", []string{"TERM=dumb"}, "text", false},
		{"json", nil, "json", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			tty, read := terminal(t)
			o := invocation{dir: top, args: []string{"lint", "--format", test.format}, env: append([]string{"TERM=xterm"}, test.env...),
				setup: func(cmd *exec.Cmd) { cmd.Stdout = tty }}.run(t)
			out := read()
			if o.status != 1 || o.stderr != "" || !strings.Contains(out, "host-namespaces") {
				t.Fatalf("exit status %d, stderr %q, output %q", o.status, o.stderr, out)
			}
			if got := strings.Contains(out, "\x1b["); got != test.colour {
				t.Errorf("colours: %t, want %t", got, test.colour)
			}
		})
	}
	t.Run("progress", func(t *testing.T) {
		tty, read := terminal(t)
		o := invocation{dir: top, args: []string{"lint"}, env: []string{"TERM=xterm"}, setup: func(cmd *exec.Cmd) { cmd.Stderr = tty }}.run(t)
		progress := read()
		if !strings.Contains(progress, "1 of 1 roots") || !strings.HasSuffix(progress, "\r\x1b[K") {
			t.Errorf("progress is %q", progress)
		}
		if strings.Contains(o.stdout, "\x1b") {
			t.Error("the report, which goes to no terminal, has colours")
		}
	})
}
