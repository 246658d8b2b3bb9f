package isolate

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// limitProcess sets the kernel's limits. RLIMIT_DATA rather than RLIMIT_AS, since
// Go reserves more address space than it ever uses; a quarter on top of the cap
// leaves the watchdog the first word. No regular file can be written at all.
func limitProcess(limits Limits) error {
	for _, l := range []struct {
		name     string
		resource int
		value    uint64
	}{
		{"RLIMIT_DATA", unix.RLIMIT_DATA, uint64(limits.Memory + limits.Memory/4 + 256<<20)},
		{"RLIMIT_FSIZE", unix.RLIMIT_FSIZE, 0},
		{"RLIMIT_CORE", unix.RLIMIT_CORE, 0},
	} {
		if l.resource == unix.RLIMIT_DATA && limits.Memory <= 0 {
			continue
		}
		if err := unix.Setrlimit(l.resource, &unix.Rlimit{Cur: l.value, Max: l.value}); err != nil {
			return fmt.Errorf("set %s to %d: %w", l.name, l.value, err)
		}
	}
	return nil
}
