package netpol

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"

	networkingv1 "k8s.io/api/networking/v1"

	"github.com/secgen/secgen/manifest"
)

// TestAllowsOnlyAdd: adding a rule to a Kubernetes policy never removes a
// connection, as long as its types stay.
func TestAllowsOnlyAdd(t *testing.T) {
	for seed := range uint64(300) {
		g := generator{rand.New(rand.NewPCG(seed, 11))}
		second := g.cluster()
		if len(second.policies) == 0 {
			continue
		}
		p := &second.policies[g.IntN(len(second.policies))]
		p.Spec.PolicyTypes = []networkingv1.PolicyType{"Ingress", "Egress"}
		before, _ := New(second.resources(t), Options{})
		if g.chance(50) {
			p.Spec.Ingress = append(p.Spec.Ingress, networkingv1.NetworkPolicyIngressRule{From: g.peers(), Ports: g.ports()})
		} else {
			p.Spec.Egress = append(p.Spec.Egress, networkingv1.NetworkPolicyEgressRule{To: g.peers(), Ports: g.ports()})
		}
		after, problems := New(second.resources(t), Options{})
		if len(problems) > 0 {
			continue // a range of ports that ends before it begins makes the policy unknown
		}
		for _, change := range Diff(before, after) {
			if !change.Closed.Empty() {
				t.Fatalf("seed %d: %s to %s closed %s", seed, change.From, change.To, change.Closed)
			}
		}
	}
}

// TestOrderOfObjects: the order of the resources changes nothing.
func TestOrderOfObjects(t *testing.T) {
	for seed := range uint64(100) {
		g := generator{rand.New(rand.NewPCG(seed, 13))}
		resources := append(g.cluster().resources(t), g.calicoResources(t)...)
		want := describe(resources)
		g.Shuffle(len(resources), func(i, j int) { resources[i], resources[j] = resources[j], resources[i] })
		if got := describe(resources); got != want {
			t.Fatalf("seed %d: got\n%s\nwant\n%s", seed, got, want)
		}
	}
}

func describe(resources []*manifest.Resource) string {
	c, problems := New(resources, Options{})
	text := ""
	for _, p := range problems {
		text += fmt.Sprintln(p.Resource.ID, p.Path, p.Message)
	}
	for _, f := range c.Connections() {
		text += fmt.Sprintln(f.From, f.To, f.Allowed, f.Unknown)
	}
	for _, i := range c.Ineffective() {
		text += fmt.Sprintln(i.Rule, i.Why, i.By)
	}
	return text
}

// TestWalkAgreesWithSets: the walk for one connection and the walk for sets are
// two programs; they agree on random Calico policies.
func TestWalkAgreesWithSets(t *testing.T) {
	outcomes := map[Outcome]int{}
	for seed := range uint64(400) {
		g := generator{rand.New(rand.NewPCG(seed, 17))}
		resources := append(g.cluster().resources(t), g.calicoResources(t)...)
		c, _ := New(resources, Options{})
		endpoints := c.Endpoints()
		v := newEvaluator(c)
		for range 60 {
			from, to := pick(g, endpoints...), pick(g, endpoints...)
			port := Port{Protocol: pick(g, ProtoTCP, ProtoUDP, ProtoICMP, ProtoSCTP, 47), Number: pick[uint16](g, 22, 53, 80, 8080)}
			if !port.hasPorts() {
				port.Number = 0
			}
			s := v.pair(from, to)
			want := Denied
			if s.certain().Has(port) {
				want = Allowed
			} else if s.unknown().Has(port) {
				want = Unknown
			}
			got := c.Connection(from, to, port)
			if got.Outcome != want {
				t.Fatalf("seed %d: %s to %s on %s: the walk says %s, the sets %s", seed, from, to, port, got, want)
			}
			outcomes[want]++
		}
	}
	t.Log(outcomes)
	for _, o := range []Outcome{Allowed, Denied, Unknown} {
		if outcomes[o] < 100 {
			t.Errorf("only %d connections are %s: the policies prove too little", outcomes[o], o)
		}
	}
}

// calicoResources are random policies of Calico over the generated clusters.
func (g generator) calicoResources(t testing.TB) []*manifest.Resource {
	text := calico("Tier", "sec", "", fmt.Sprintf("order: %d\n  defaultAction: %s", g.IntN(10), pick(g, "Deny", "Pass")))
	text += "\n---\napiVersion: projectcalico.org/v3\nkind: GlobalNetworkSet\nmetadata: {name: set, labels: {app: set}}\nspec: {nets: [203.0.113.0/24]}\n"
	if g.chance(30) {
		text += hosts
	}
	for i := range 1 + g.IntN(4) {
		spec := fmt.Sprintf("order: %d\n  selector: \"%s\"\n  types: %s\n  applyOnForward: %v\n", g.IntN(3)*1000, g.expression(), pick(g, "[Ingress]", "[Egress]", "[Ingress, Egress]"), g.chance(50))
		for _, direction := range []string{"ingress", "egress"} {
			spec += "  " + direction + ":\n"
			for range g.IntN(4) {
				spec += "  - " + g.calicoRule() + "\n"
			}
		}
		name := fmt.Sprintf("p%d", i)
		if g.chance(30) {
			spec, name = "tier: sec\n  "+spec, "sec."+name
		}
		text += gnp(name, spec)
	}
	return load(t, text)
}

func (g generator) expression() string {
	return pick(g, "all()", "app == 'a'", "app != 'b'", "has(tier)", "!has(tier)", "app in {'a','b'} && tier == 'c'",
		"app == 'a' || tier == 'a'", "projectcalico.org/namespace == 'ns0'", "role == 'worker'", "app == 'set'", "app starts with 'a'")
}

func (g generator) calicoRule() string {
	side := func() string {
		return pick(g, "{}", fmt.Sprintf("{selector: \"%s\"}", g.expression()), "{nets: [203.0.113.0/25]}", "{notNets: [10.0.0.0/8]}",
			"{namespaceSelector: \"projectcalico.org/name == 'ns1'\"}", fmt.Sprintf("{notSelector: \"%s\"}", g.expression()))
	}
	match := pick(g, "", "protocol: TCP, ", "protocol: UDP, ", "notProtocol: TCP, ", "protocol: ICMP, icmp: {type: 0}, ")
	return fmt.Sprintf("{action: %s, %ssource: %s, destination: %s}", pick(g, "Allow", "Allow", "Deny", "Pass", "Log"), match, side(), side())
}

// TestConns: what sets print as, and that equal sets are equal however made.
func TestConns(t *testing.T) {
	web := rangeConns(ProtoTCP, oneRange(80, 80)).Union(rangeConns(ProtoTCP, oneRange(8000, 8080)))
	for _, tt := range []struct {
		c    Conns
		want string
	}{
		{Conns{}, "none"},
		{AllConns(), "all"},
		{AllConns().Minus(protoConns(ProtoTCP)).Union(protoConns(ProtoTCP)), "all"},
		{web.Union(rangeConns(ProtoUDP, oneRange(53, 53))), "TCP 80,8000-8080; UDP 53"},
		{AllConns().Minus(protoConns(ProtoTCP)), "UDP; SCTP; ICMP; ICMPv6; other protocols"},
		{rangeConns(ProtoICMP, oneRange(8<<8, 8<<8)).Union(rangeConns(ProtoICMP, oneRange(3<<8, 3<<8|255))), "ICMP type 3, type 8 code 0"},
		{rangeConns(ProtoICMPv6, oneRange(1, 300)), "ICMPv6 type 0 code 1 to type 1 code 44"},
		{protoConns(47).Union(protoConns(ProtoUDPLite)), "protocol 47; UDPLite"},
		{web.Minus(web), "none"},
	} {
		if got := tt.c.String(); got != tt.want {
			t.Errorf("%q; want %q", got, tt.want)
		}
		if again := AllConns().Minus(AllConns().Minus(tt.c)); !again.Equal(tt.c) || again.key() != tt.c.key() || again.Empty() != tt.c.Empty() {
			t.Errorf("%s is not the complement of its complement, %s", tt.c, again)
		}
		if p, ok := tt.c.First(); ok && !tt.c.Has(p) || ok == tt.c.Empty() {
			t.Errorf("the first of %s is %s", tt.c, p)
		}
	}
}

// TestRanges holds the algebra of ranges against sets of numbers.
func TestRanges(t *testing.T) {
	g := generator{rand.New(rand.NewPCG(1, 2))}
	random := func() (ranges, map[uint16]bool) {
		var list []interval
		set := map[uint16]bool{}
		for range g.IntN(5) {
			lo := pick[uint16](g, 0, 1, 2, 5, 9, 65530, 65535)
			hi := uint16(min(int(lo)+g.IntN(6), 65535))
			list = append(list, interval{lo, hi})
			for n := int(lo); n <= int(hi); n++ {
				set[uint16(n)] = true
			}
		}
		return rangesOf(list), set
	}
	for range 2000 {
		a, as := random()
		b, bs := random()
		for n := range 65536 {
			n := uint16(n)
			if n > 20 && n < 65520 {
				continue
			}
			if a.has(n) != as[n] || a.union(b).has(n) != (as[n] || bs[n]) || a.intersect(b).has(n) != (as[n] && bs[n]) ||
				a.minus(b).has(n) != (as[n] && !bs[n]) || a.complement().has(n) == as[n] {
				t.Fatalf("%v and %v disagree at %d", a, b, n)
			}
		}
		if !slices.Equal(a.complement().complement(), a) {
			t.Fatalf("the complement of the complement of %v is %v", a, a.complement().complement())
		}
	}
}

// TestAddrs holds the algebra of addresses against membership, at all edges.
func TestAddrs(t *testing.T) {
	g := generator{rand.New(rand.NewPCG(3, 4))}
	random := func() []netip.Prefix {
		var out []netip.Prefix
		for range g.IntN(5) {
			out = append(out, netip.MustParsePrefix(pick(g, "0.0.0.0/0", "10.0.0.0/8", "10.0.0.0/9", "10.128.0.0/9", "10.1.0.0/16",
				"255.255.255.255/32", "0.0.0.0/32", "::/0", "fd00::/8", "fd00::1/128", "ffff::/16", "203.0.113.0/25")))
		}
		return out
	}
	var probes []netip.Addr
	for _, text := range []string{"0.0.0.0", "0.0.0.1", "9.255.255.255", "10.0.0.0", "10.1.2.3", "10.127.255.255", "10.128.0.0", "10.255.255.255",
		"11.0.0.0", "203.0.113.127", "203.0.113.128", "255.255.255.255", "::", "fd00::1", "fd00::2", "fe00::", "ffff::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"} {
		probes = append(probes, netip.MustParseAddr(text))
	}
	in := func(list []netip.Prefix, ip netip.Addr) bool {
		return slices.ContainsFunc(list, func(p netip.Prefix) bool { return p.Contains(ip) })
	}
	for range 2000 {
		a, b := random(), random()
		A, B := AddrsOf(a...), AddrsOf(b...)
		for _, ip := range probes {
			x, y := in(a, ip), in(b, ip)
			if A.Has(ip) != x || A.Union(B).Has(ip) != (x || y) || A.Intersect(B).Has(ip) != (x && y) || A.Minus(B).Has(ip) != (x && !y) {
				t.Fatalf("%v and %v disagree at %s", a, b, ip)
			}
			if in(A.Prefixes(), ip) != x {
				t.Fatalf("the prefixes of %v are %v", a, A.Prefixes())
			}
		}
		classes := addressClasses([]Addrs{A, B})
		for _, ip := range probes {
			found := 0
			for _, class := range classes {
				if class.Has(ip) {
					found++
					if A.covers(class) == maybe || B.covers(class) == maybe {
						t.Fatalf("%v and %v tell addresses of the class %v apart", a, b, class)
					}
				}
			}
			if found != 1 {
				t.Fatalf("%s is in %d classes of %v and %v", ip, found, a, b)
			}
		}
	}
}
