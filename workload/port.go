package workload

import (
	"strconv"
	"strings"
)

// PortRange reads a port, or a range of ports as Calico writes it, low:high; ok is
// false for a name and for what is no port.
func PortRange(text string) (low, high int, ok bool) {
	first, last, isRange := strings.Cut(text, ":")
	low, err := strconv.Atoi(first)
	if err != nil || low < 0 || low > 65535 {
		return 0, 0, false
	}
	if !isRange {
		return low, low, true
	}
	high, err = strconv.Atoi(last)
	return low, high, err == nil && low <= high && high <= 65535
}
