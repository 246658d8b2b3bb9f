// Package isolate runs work that foreign input can derail in worker processes:
// the same program under a hidden command, one job at a time, each with a
// deadline and a memory cap, and locked down so that it can neither dial nor
// find a program to run nor write a file.
//
// It promises that a job which hangs, crashes or outgrows its cap costs that job
// a *Failure and nothing else. It knows nothing of what the jobs are: they and
// their results are values that encoding/gob can carry.
//
// What it cannot do: on systems other than Linux there is no hard cap on memory,
// so that a single huge allocation between two looks of the watchdog passes; the
// deadline holds everywhere.
package isolate
