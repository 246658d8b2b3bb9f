package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// watchMemory looks at the resident memory of a process and its children every few
// milliseconds until the function that it returns is called, which gives the most
// that it saw. What processes share is counted for each of them.
func watchMemory(pid int) (peak func() int64) {
	stop, most := make(chan struct{}), make(chan int64)
	go func() {
		tick := time.NewTicker(3 * time.Millisecond)
		defer tick.Stop()
		var max int64
		for {
			select {
			case <-tick.C:
				if held := residentWithChildren(pid); held > max {
					max = held
				}
			case <-stop:
				most <- max
				return
			}
		}
	}()
	return func() int64 { close(stop); return <-most }
}

func residentWithChildren(pid int) int64 {
	sum := resident(pid)
	tasks, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", pid))
	if err != nil {
		return sum // it has ended
	}
	for _, task := range tasks {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%s/children", pid, task.Name()))
		if err != nil {
			continue
		}
		for _, child := range strings.Fields(string(text)) {
			if id, err := strconv.Atoi(child); err == nil {
				sum += residentWithChildren(id)
			}
		}
	}
	return sum
}

func resident(pid int) int64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if err != nil {
		return 0
	}
	var size, pages int64
	if _, err := fmt.Sscan(string(text), &size, &pages); err != nil {
		return 0
	}
	return pages * int64(os.Getpagesize())
}
