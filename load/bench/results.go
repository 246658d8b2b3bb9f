package main

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"
)

// results are what each thing took, round by round.
type results struct {
	names []string
	rows  map[string][]usage
	peaks map[string]int64
}

// bars are the most that each thing may take, as a share of another.
var bars = map[string]struct {
	of  string
	max float64
}{
	cold: {theLoop, 0.7}, unchanged: {theLoop, 0.1}, changed: {theLoop, 0.2}, reaching: {theLoop, 0.2}, doubled: {cold, 2.1}, fleet: {cold, 1.5},
}

// limits are the most that each thing may take by the clock.
var limits = map[string]time.Duration{start: 30 * time.Millisecond, small: 250 * time.Millisecond}

// peakLimit is the most bytes that all processes of a lint may hold together.
const peakLimit = 700e6

func (r results) median(name string, of func(usage) time.Duration) time.Duration {
	var all []time.Duration
	for _, u := range r.rows[name] {
		all = append(all, of(u))
	}
	slices.Sort(all)
	return all[len(all)/2]
}

// ratio is the median of the ratios of each round.
func (r results) ratio(name, to string, of func(usage) time.Duration) float64 {
	var all []float64
	for i, u := range r.rows[name] {
		all = append(all, float64(of(u))/float64(of(r.rows[to][i])))
	}
	slices.Sort(all)
	return all[len(all)/2]
}

func wall(u usage) time.Duration { return u.wall }
func cpu(u usage) time.Duration  { return u.cpu }

func milliseconds(d time.Duration) string {
	return fmt.Sprintf("%.0f ms", float64(d)/float64(time.Millisecond))
}

// print shows medians: of the wall and processor time, and of the ratios round by
// round.
func (r results) print(to io.Writer) {
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "what\twall\tprocessor\tpeak memory\twall ratio\tprocessor ratio\tbar\t")
	for _, name := range r.names {
		bar, of := "", theLoop
		held := true
		if b, ok := bars[name]; ok {
			of, bar = b.of, fmt.Sprintf("%.2g x %s", b.max, b.of)
			held = r.ratio(name, b.of, wall) <= b.max
		} else if limit, ok := limits[name]; ok {
			bar, held = milliseconds(limit), r.median(name, wall) <= limit
		}
		if name == cold || name == doubled {
			held = held && r.peaks[name] <= peakLimit
			bar += fmt.Sprintf(", %.0f MB", peakLimit/1e6)
		}
		if bar != "" && !held {
			bar += ": MISSED"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%.0f MB\t%.3f\t%.3f\t%s\t\n", name, milliseconds(r.median(name, wall)), milliseconds(r.median(name, cpu)),
			float64(r.peaks[name])/1e6, r.ratio(name, of, wall), r.ratio(name, of, cpu), bar)
	}
	w.Flush()
}
