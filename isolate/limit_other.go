//go:build !linux

package isolate

// limitProcess has no kernel limit to set here; the watchdog and the deadline
// stand alone.
func limitProcess(Limits) error { return nil }
