package main

import (
	"fmt"
	"sync"
)

// progress counts on the terminal's error stream how far a stage is. It prints
// nothing anywhere else.
type progress struct {
	mu    sync.Mutex
	app   *app
	what  string
	total int
	done  int
}

func (a *app) progress(what string, total int) *progress {
	p := &progress{what: what, total: total}
	if _, terminal := terminalOf(a.err); terminal && a.getenv("TERM") != "dumb" {
		p.app = a
	}
	return p
}

func (p *progress) step() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done++
	if p.app != nil {
		fmt.Fprintf(p.app.err, "\r\x1b[K%s %d of %d roots", p.what, p.done, p.total)
	}
}

// clear takes the counter off the terminal.
func (p *progress) clear() {
	if p.app != nil {
		fmt.Fprint(p.app.err, "\r\x1b[K")
	}
}
