package netpol

import (
	"sync"
	"testing"
)

// TestConcurrentQuestions lets the race detector look at a cluster that several
// goroutines ask at once.
func TestConcurrentQuestions(t *testing.T) {
	c := cluster(t, workloads(calicoPods)+hosts+policy("a", "podSelector: {}\n  egress: [{}]")+
		cnp("p", "b", "selector: app == 'web'\n  ingress: [{action: Allow, source: {namespaceSelector: \"team == 'x'\"}}]"), Options{})
	want := len(c.Connections())
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			if got := len(c.Connections()); got != want {
				t.Errorf("%d connections; want %d", got, want)
			}
			c.Ineffective()
			c.Opens()
			c.NamespaceIsolation("nowhere")
			for _, e := range c.Endpoints() {
				c.Isolation(e)
				c.BlocksDNS(e)
				c.Connection(c.Node(), e, TCP(80))
			}
		})
	}
	group.Wait()
}
