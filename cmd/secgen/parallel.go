package main

import (
	"sync"
	"sync/atomic"
)

// parallel calls do with every number below n, in rising order, at most so many at
// once.
func parallel(n, atOnce int, do func(i int)) {
	var next atomic.Int64
	var group sync.WaitGroup
	for range min(n, atOnce) {
		group.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				do(i)
			}
		})
	}
	group.Wait()
}
