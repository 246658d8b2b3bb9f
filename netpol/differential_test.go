package netpol

import (
	"math/rand/v2"
	"net/netip"
	"os"
	"strconv"
	"testing"

	corev1 "k8s.io/api/core/v1"
)

// TestDifferential holds this package against the second implementation in
// naive_test.go. SECGEN_NETPOL_CLUSTERS says how many clusters to generate; 2,000
// without it.
func TestDifferential(t *testing.T) {
	clusters := 2000
	if text := os.Getenv("SECGEN_NETPOL_CLUSTERS"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatalf("SECGEN_NETPOL_CLUSTERS is %q; want a number", text)
		}
		clusters = n
	}
	asked, open := 0, 0
	for seed := range clusters {
		a, o := compareOnce(t, uint64(seed))
		asked, open = asked+a, open+o
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
	t.Logf("%d clusters, %d connections, %d of them allowed", clusters, asked, open)
	if open == 0 || open == asked {
		t.Error("the clusters allow nothing or everything: they prove nothing")
	}
}

var (
	generatedOutside = []netip.Addr{
		netip.MustParseAddr("203.0.113.5"), netip.MustParseAddr("203.0.113.200"), netip.MustParseAddr("8.8.8.8"),
		netip.MustParseAddr("192.168.1.1"), netip.MustParseAddr("10.1.2.3"),
	}
	generatedProtocols = map[corev1.Protocol]uint8{corev1.ProtocolTCP: ProtoTCP, corev1.ProtocolUDP: ProtoUDP, corev1.ProtocolSCTP: ProtoSCTP}
	generatedPorts     = []int32{1, 53, 54, 80, 443, 8080, 65535}
)

func compareOnce(t *testing.T, seed uint64) (asked, open int) {
	g := generator{rand.New(rand.NewPCG(seed, 7))}
	second := g.cluster()
	c, problems := New(second.resources(t), Options{PodCIDRs: []netip.Prefix{generatedPods}})
	for _, p := range problems {
		if p.Code != CodePort { // a range of ports may end before it begins
			t.Fatalf("%s %s: %s", p.Resource.ID, p.Path, p.Message)
		}
	}
	if len(problems) > 0 {
		return 0, 0
	}
	type end struct {
		naiveEnd
		*Endpoint
	}
	var ends []end
	for i := range second.pods {
		p := &second.pods[i]
		ends = append(ends, end{naiveEnd{p, p.ip}, endpoint(t, c, p.Namespace+"/"+p.Name)})
	}
	for _, ip := range generatedOutside {
		ends = append(ends, end{naiveEnd{nil, ip}, c.Address(ip)})
	}
	v := newEvaluator(c)
	for _, from := range ends {
		for _, to := range ends {
			if from.pod == nil && to.pod == nil {
				continue
			}
			s := v.pair(from.Endpoint, to.Endpoint)
			for name, proto := range generatedProtocols {
				for _, number := range generatedPorts {
					port := Port{Protocol: proto, Number: uint16(number)}
					want := second.allows(from.naiveEnd, to.naiveEnd, name, number)
					if asked++; want {
						open++
					}
					if s.allow.Has(port) != want || s.deny.Has(port) == want {
						t.Errorf("%s to %s on %s: allowed %v, may be denied %v; the second implementation says %v",
							from.Endpoint, to.Endpoint, port, s.allow.Has(port), s.deny.Has(port), want)
					}
					if g.chance(3) {
						checkWalk(t, c, from.Endpoint, to.Endpoint, port, want)
					}
				}
			}
		}
	}
	return asked, open
}

func checkWalk(t *testing.T, c *Cluster, from, to *Endpoint, port Port, want bool) {
	t.Helper()
	outcome := Denied
	if want {
		outcome = Allowed
	}
	if v := c.Connection(from, to, port); v.Outcome != outcome {
		t.Errorf("%s to %s on %s: the walk says %s; the second implementation %s", from, to, port, v, outcome)
	}
}
