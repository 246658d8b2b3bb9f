package discover

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// each calls do with every number below n, on all processors. Calls must not
// depend on one another.
func each(n int, do func(i int)) {
	var next atomic.Int64
	var group sync.WaitGroup
	for range min(n, runtime.GOMAXPROCS(0)) {
		group.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				do(i)
			}
		})
	}
	group.Wait()
}
