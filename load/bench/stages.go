package main

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
)

// groups are stages of lint that share a bar, as --timings names them, and the most
// that they may take as a share of the loop.
var groups = []struct {
	name          string
	inWorkers, in []string
	max           float64
}{
	{"pre-check", []string{"of it pre-check"}, nil, 0.05},
	{"facts, rules and report", []string{"facts, rules"}, []string{"namespaces", "exceptions", "merge", "report"}, 0.1},
}

// stages prints what the stages of a lint take of its wall time, as a share of the
// loop's in the same round. Workers run at once, so that the loop's two goroutines
// and two workers are alike: what workers took is halved.
func (b *bench) stages(to io.Writer, rounds int) error {
	shares := map[string][]float64{}
	for range rounds {
		loop, err := use(b.loopOn(b.roots), false)
		if err != nil {
			return err
		}
		took, err := b.timings()
		if err != nil {
			return err
		}
		for _, g := range groups {
			var sum time.Duration
			for _, name := range g.inWorkers {
				sum += took[name] / 2
			}
			for _, name := range g.in {
				sum += took[name]
			}
			shares[g.name] = append(shares[g.name], float64(sum)/float64(loop.wall))
		}
	}
	fmt.Fprintln(to)
	for _, g := range groups {
		all := shares[g.name]
		slices.Sort(all)
		verdict := ""
		if all[len(all)/2] > g.max {
			verdict = ": MISSED"
		}
		fmt.Fprintf(to, "%s: %.3f of the loop (bar %.2g%s)\n", g.name, all[len(all)/2], g.max, verdict)
	}
	return nil
}

// timings is what lint --no-cache says of its stages.
func (b *bench) timings() (map[string]time.Duration, error) {
	cmd := b.lint(b.once, "--no-cache", "--timings")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	_ = cmd.Run() // exit status 1 says that there are findings; what is missing below is an error
	out := map[string]time.Duration{}
	for line := range strings.Lines(stderr.String()) {
		fields := strings.Fields(strings.TrimSuffix(strings.TrimSpace(line), " ms"))
		if len(fields) < 2 {
			continue
		}
		ms, err := strconv.ParseFloat(fields[len(fields)-1], 64)
		if err != nil {
			continue
		}
		out[strings.Join(fields[:len(fields)-1], " ")] = time.Duration(ms * float64(time.Millisecond))
	}
	for _, g := range groups {
		for _, name := range slices.Concat(g.inWorkers, g.in) {
			if _, ok := out[name]; !ok {
				return nil, fmt.Errorf("lint --timings does not name the stage %q:\n%s", name, stderr.String())
			}
		}
	}
	return out, nil
}
