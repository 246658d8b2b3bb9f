package workload

import "testing"

func TestPortRange(t *testing.T) {
	for _, tt := range []struct {
		text      string
		low, high int
		ok        bool
	}{
		{"22", 22, 22, true}, {"30000:32767", 30000, 32767, true}, {"0:65535", 0, 65535, true},
		{"http", 0, 0, false}, {"", 0, 0, false}, {"65536", 0, 0, false}, {"-1", 0, 0, false},
		{"2:1", 2, 1, false}, {"1:x", 1, 0, false}, {"1:65536", 1, 65536, false},
	} {
		low, high, ok := PortRange(tt.text)
		if ok != tt.ok || ok && (low != tt.low || high != tt.high) {
			t.Errorf("PortRange(%q) is %d, %d, %t; want %d, %d, %t", tt.text, low, high, ok, tt.low, tt.high, tt.ok)
		}
	}
}
