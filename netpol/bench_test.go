package netpol

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/secgen/secgen/manifest"
)

// town is a cluster of distinct pods: every pod has a label of its own, every
// namespace a default deny, policies between apps, some of Calico's.
func town(tb testing.TB, pods, spaces, policies int) []*manifest.Resource {
	tb.Helper()
	var b strings.Builder
	for i := range spaces {
		b.WriteString(namespaces(fmt.Sprintf("ns%d team=t%d", i, i%7)))
	}
	var lines strings.Builder
	for i := range pods {
		fmt.Fprintf(&lines, "ns%d/p%d id=i%d app=a%d tier=t%d port:http=%d\n", i%spaces, i, i, i%20, i%3, 8000+i%5)
	}
	b.WriteString(workloads(lines.String()))
	for i := range policies {
		ns := fmt.Sprintf("ns%d", i%spaces)
		switch {
		case i < spaces:
			b.WriteString(named(fmt.Sprintf("deny%d", i), ns, "podSelector: {}\n  policyTypes: [Ingress, Egress]\n  egress: [{ports: [{port: 53, protocol: UDP}]}]"))
		case i%10 == 0:
			b.WriteString(cnp(fmt.Sprintf("c%d", i), ns, fmt.Sprintf("order: %d\n  selector: app == 'a%d'\n  ingress: [{action: Allow, protocol: TCP, source: {namespaceSelector: \"team == 't%d'\"}, destination: {ports: [%d]}}, {action: Pass}]", i, i%20, i%7, 1000+i)))
		case i%3 == 0:
			b.WriteString(named(fmt.Sprintf("e%d", i), ns, fmt.Sprintf("podSelector: {matchLabels: {app: a%d}}\n  policyTypes: [Egress]\n  egress: [{to: [{namespaceSelector: {}, podSelector: {matchLabels: {app: a%d}}}, {ipBlock: {cidr: 203.0.%d.0/24}}], ports: [{port: http}]}]", i%20, (i+7)%20, i%200)))
		default:
			b.WriteString(named(fmt.Sprintf("i%d", i), ns, fmt.Sprintf("podSelector: {matchLabels: {tier: t%d}}\n  ingress: [{from: [{namespaceSelector: {matchLabels: {team: t%d}}}, {podSelector: {matchLabels: {app: a%d}}}], ports: [{port: %d}, {port: http}]}]", i%3, i%7, i%20, 80+i%10)))
		}
	}
	return load(tb, b.String())
}

// BenchmarkAllPairs is the bound: 1,000 pods in 50 namespaces with 500
// policies in under 2 s and 300 MB; and its growth with pods and with policies. heapMB is what
// the process holds for its heap, resources included.
func BenchmarkAllPairs(b *testing.B) {
	for _, size := range [][3]int{{250, 50, 500}, {500, 50, 500}, {1000, 50, 500}, {1000, 50, 250}, {1000, 50, 1000}, {2000, 50, 500}} {
		b.Run(fmt.Sprintf("pods=%d/policies=%d", size[0], size[2]), func(b *testing.B) {
			resources := town(b, size[0], size[1], size[2])
			open := 0
			for b.Loop() {
				c, _ := New(resources, Options{})
				open = len(c.Connections())
			}
			var after runtime.MemStats
			runtime.ReadMemStats(&after)
			b.ReportMetric(float64(open), "open")
			b.ReportMetric(float64(after.HeapSys)/1e6, "heapMB")
			if size == [3]int{1000, 50, 500} && (b.Elapsed().Seconds()/float64(b.N) > 2 || after.HeapSys > 300e6) {
				b.Errorf("%s a round and %d MB; want under 2 s and 300 MB", b.Elapsed()/time.Duration(b.N), after.HeapSys/1e6)
			}
		})
	}
}

func BenchmarkConnection(b *testing.B) {
	c, _ := New(town(b, 1000, 50, 500), Options{})
	from, to := endpoint(b, c, "ns1/p1"), endpoint(b, c, "ns2/p2")
	for b.Loop() {
		c.Connection(from, to, TCP(80))
	}
}
