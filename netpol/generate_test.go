package netpol

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"testing"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/secgen/secgen/manifest"
)

// generator makes small random clusters that are dense in coincidences: few keys,
// few values, few ports.
type generator struct{ *rand.Rand }

func pick[T any](g generator, list ...T) T { return list[g.IntN(len(list))] }

func (g generator) chance(percent int) bool { return g.IntN(100) < percent }

var generatedPods = netip.MustParsePrefix("10.244.0.0/16")

func (g generator) cluster() *naiveCluster {
	c := &naiveCluster{}
	for i := range 1 + g.IntN(3) {
		c.namespaces = append(c.namespaces, corev1.Namespace{
			TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Namespace"},
			ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("ns%d", i), Labels: g.labels()},
		})
	}
	for i := range 2 + g.IntN(5) {
		p := naivePod{ip: netip.MustParseAddr(fmt.Sprintf("10.244.%d.%d", g.IntN(4), i+1))}
		p.TypeMeta = metav1.TypeMeta{APIVersion: "v1", Kind: "Pod"}
		p.Namespace, p.Name, p.Labels = c.namespaces[g.IntN(len(c.namespaces))].Name, fmt.Sprintf("p%d", i), g.labels()
		p.Spec.Containers = []corev1.Container{{Name: "c", Ports: g.containerPorts()}}
		c.pods = append(c.pods, p)
	}
	for i := range g.IntN(6) {
		c.policies = append(c.policies, g.policy(fmt.Sprintf("np%d", i), c.namespaces[g.IntN(len(c.namespaces))].Name))
	}
	return c
}

func (g generator) labels() map[string]string {
	out := map[string]string{}
	for _, key := range []string{"app", "tier"} {
		if g.chance(70) {
			out[key] = pick(g, "a", "b", "c")
		}
	}
	return out
}

func (g generator) containerPorts() []corev1.ContainerPort {
	var out []corev1.ContainerPort
	for _, name := range []string{"http", "dns"} {
		if g.chance(50) {
			out = append(out, corev1.ContainerPort{
				Name: name, ContainerPort: pick[int32](g, 53, 80, 8080), Protocol: pick[corev1.Protocol](g, "", "TCP", "UDP"),
			})
		}
	}
	return out
}

func (g generator) policy(name, namespace string) networkingv1.NetworkPolicy {
	p := networkingv1.NetworkPolicy{
		TypeMeta:   metav1.TypeMeta{APIVersion: "networking.k8s.io/v1", Kind: "NetworkPolicy"},
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: namespace},
	}
	p.Spec.PodSelector = *g.selector()
	p.Spec.PolicyTypes = pick(g, nil, nil, []networkingv1.PolicyType{"Ingress"}, []networkingv1.PolicyType{"Egress"}, []networkingv1.PolicyType{"Ingress", "Egress"})
	for range g.IntN(3) {
		p.Spec.Ingress = append(p.Spec.Ingress, networkingv1.NetworkPolicyIngressRule{From: g.peers(), Ports: g.ports()})
	}
	for range g.IntN(3) {
		p.Spec.Egress = append(p.Spec.Egress, networkingv1.NetworkPolicyEgressRule{To: g.peers(), Ports: g.ports()})
	}
	return p
}

func (g generator) selector() *metav1.LabelSelector {
	s := &metav1.LabelSelector{}
	if g.chance(50) {
		s.MatchLabels = g.labels()
	}
	if g.chance(40) {
		e := metav1.LabelSelectorRequirement{Key: pick(g, "app", "tier", "other"), Operator: pick(g,
			metav1.LabelSelectorOpIn, metav1.LabelSelectorOpNotIn, metav1.LabelSelectorOpExists, metav1.LabelSelectorOpDoesNotExist)}
		if e.Operator == metav1.LabelSelectorOpIn || e.Operator == metav1.LabelSelectorOpNotIn {
			e.Values = pick(g, []string{"a"}, []string{"b", "c"})
		}
		s.MatchExpressions = append(s.MatchExpressions, e)
	}
	return s
}

func (g generator) namespaceSelector() *metav1.LabelSelector {
	if g.chance(20) {
		return &metav1.LabelSelector{MatchLabels: map[string]string{"kubernetes.io/metadata.name": pick(g, "ns0", "ns1")}}
	}
	return g.selector()
}

func (g generator) peers() []networkingv1.NetworkPolicyPeer {
	var out []networkingv1.NetworkPolicyPeer
	for range g.IntN(3) {
		switch g.IntN(4) {
		case 0:
			out = append(out, networkingv1.NetworkPolicyPeer{PodSelector: g.selector()})
		case 1:
			out = append(out, networkingv1.NetworkPolicyPeer{NamespaceSelector: g.namespaceSelector()})
		case 2:
			out = append(out, networkingv1.NetworkPolicyPeer{PodSelector: g.selector(), NamespaceSelector: g.namespaceSelector()})
		default:
			out = append(out, networkingv1.NetworkPolicyPeer{IPBlock: g.block()})
		}
	}
	return out
}

// block never tells two addresses of pods apart, since this package knows only
// where pods are and not which has which address.
func (g generator) block() *networkingv1.IPBlock {
	switch g.IntN(4) {
	case 0:
		return &networkingv1.IPBlock{CIDR: "0.0.0.0/0", Except: pick(g, nil, []string{"10.0.0.0/8"}, []string{"203.0.113.0/25", "192.168.0.0/16"})}
	case 1:
		return &networkingv1.IPBlock{CIDR: "10.0.0.0/8", Except: pick(g, nil, []string{"10.244.0.0/16"}, []string{"10.1.0.0/16"})}
	case 2:
		return &networkingv1.IPBlock{CIDR: "203.0.113.0/24", Except: pick(g, nil, []string{"203.0.113.200/32"}, []string{"203.0.113.128/25"})}
	}
	return &networkingv1.IPBlock{CIDR: pick(g, "192.168.0.0/16", "10.244.0.0/16", "8.8.8.8/32")}
}

func (g generator) ports() []networkingv1.NetworkPolicyPort {
	var out []networkingv1.NetworkPolicyPort
	for range g.IntN(3) {
		var p networkingv1.NetworkPolicyPort
		if proto := pick[corev1.Protocol](g, "", "TCP", "UDP", "SCTP"); proto != "" {
			p.Protocol = &proto
		}
		switch g.IntN(4) {
		case 0:
			v := intstr.FromString(pick(g, "http", "dns", "nobody"))
			p.Port = &v
		case 1:
			v, end := intstr.FromInt32(pick[int32](g, 53, 80)), pick[int32](g, 80, 8080, 65535)
			p.Port, p.EndPort = &v, &end
		case 2:
			v := intstr.FromInt32(pick[int32](g, 53, 80, 8080, 65535))
			p.Port = &v
		}
		out = append(out, p)
	}
	return out
}

// resources turns typed objects into manifests, by way of JSON.
func (c *naiveCluster) resources(t testing.TB) []*manifest.Resource {
	var out []*manifest.Resource
	add := func(object any) {
		data, err := json.Marshal(object)
		if err != nil {
			t.Fatal(err)
		}
		d := json.NewDecoder(bytes.NewReader(data))
		d.UseNumber()
		var v any
		if err := d.Decode(&v); err != nil {
			t.Fatal(err)
		}
		n := nodeOf(v)
		out = append(out, &manifest.Resource{ID: manifest.IDOf(n), Object: n})
	}
	for i := range c.namespaces {
		add(c.namespaces[i])
	}
	for i := range c.pods {
		add(c.pods[i].Pod)
	}
	for i := range c.policies {
		add(c.policies[i])
	}
	return out
}

func nodeOf(v any) *manifest.Node {
	switch v := v.(type) {
	case json.Number:
		return &manifest.Node{Kind: manifest.Int, Text: v.String()}
	case []any:
		items := make([]*manifest.Node, len(v))
		for i := range v {
			items[i] = nodeOf(v[i])
		}
		return manifest.Of(items)
	case map[string]any:
		fields := make(map[string]*manifest.Node, len(v))
		for key, value := range v {
			fields[key] = nodeOf(value)
		}
		return manifest.Of(fields)
	}
	return manifest.Of(v)
}
