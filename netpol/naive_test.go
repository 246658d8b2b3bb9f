package netpol

import (
	"net/netip"
	"slices"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// The second implementation. It judges one connection at a time, in the words of
// the API reference of NetworkPolicy (k8s.io/api/networking/v1/types.go) and
// nothing of this package, on the typed objects.

type naiveCluster struct {
	namespaces []corev1.Namespace
	pods       []naivePod
	policies   []networkingv1.NetworkPolicy
}

type naivePod struct {
	corev1.Pod
	ip netip.Addr
}

// naiveEnd is one end of a connection: a pod, or an address outside.
type naiveEnd struct {
	pod *naivePod
	ip  netip.Addr
}

// allows: "incoming traffic ... is allowed if there are no NetworkPolicies selecting
// the pod, OR if the traffic source is the pod's local node, OR if the traffic matches
// at least one ingress rule across all of the NetworkPolicy objects whose podSelector
// matches the pod", and the like for egress.
func (c *naiveCluster) allows(from, to naiveEnd, proto corev1.Protocol, port int32) bool {
	return c.side(from.pod, networkingv1.PolicyTypeEgress, func(p *networkingv1.NetworkPolicy) bool {
		for _, r := range p.Spec.Egress {
			if c.peers(r.To, p.Namespace, to) && c.ports(r.Ports, to.pod, proto, port) {
				return true
			}
		}
		return false
	}) && c.side(to.pod, networkingv1.PolicyTypeIngress, func(p *networkingv1.NetworkPolicy) bool {
		for _, r := range p.Spec.Ingress {
			if c.peers(r.From, p.Namespace, from) && c.ports(r.Ports, to.pod, proto, port) {
				return true
			}
		}
		return false
	})
}

func (c *naiveCluster) side(pod *naivePod, direction networkingv1.PolicyType, matches func(*networkingv1.NetworkPolicy) bool) bool {
	if pod == nil {
		return true
	}
	selected := false
	for i := range c.policies {
		p := &c.policies[i]
		if p.Namespace != pod.Namespace || !naiveSelects(&p.Spec.PodSelector, pod.Labels) || !naiveHasType(p, direction) {
			continue
		}
		selected = true
		if matches(p) {
			return true
		}
	}
	return !selected
}

// naiveHasType: "If this field is not specified, it will default based on the existence
// of ingress or egress rules; policies that contain an egress section are assumed to
// affect egress, and all policies (whether or not they contain an ingress section) are
// assumed to affect ingress."
func naiveHasType(p *networkingv1.NetworkPolicy, direction networkingv1.PolicyType) bool {
	if len(p.Spec.PolicyTypes) > 0 {
		return slices.Contains(p.Spec.PolicyTypes, direction)
	}
	return direction == networkingv1.PolicyTypeIngress || len(p.Spec.Egress) > 0
}

// ports: "If this field is empty or missing, this rule matches all ports"; "all ports
// between [port] and endPort are allowed"; protocol "defaults to TCP".
func (c *naiveCluster) ports(list []networkingv1.NetworkPolicyPort, dst *naivePod, proto corev1.Protocol, port int32) bool {
	if len(list) == 0 {
		return true
	}
	for _, p := range list {
		want := corev1.ProtocolTCP
		if p.Protocol != nil {
			want = *p.Protocol
		}
		if want != proto {
			continue
		}
		switch {
		case p.Port == nil:
			return true
		case p.Port.StrVal != "":
			if dst != nil && naiveNamed(dst, p.Port.StrVal, proto, port) {
				return true
			}
		case p.EndPort != nil:
			if p.Port.IntVal <= port && port <= *p.EndPort {
				return true
			}
		case p.Port.IntVal == port:
			return true
		}
	}
	return false
}

func naiveNamed(pod *naivePod, name string, proto corev1.Protocol, port int32) bool {
	for _, container := range pod.Spec.Containers {
		for _, p := range container.Ports {
			own := p.Protocol
			if own == "" {
				own = corev1.ProtocolTCP
			}
			if p.Name == name && own == proto && p.ContainerPort == port {
				return true
			}
		}
	}
	return false
}

// peers: "If this field is empty or missing, this rule matches all sources"; ipBlock
// "neither of the other fields can be set"; podSelector with namespaceSelector "selects
// the pods matching podSelector in the namespaces selected by namespaceSelector.
// Otherwise it selects the pods matching podSelector in the policy's own namespace".
func (c *naiveCluster) peers(list []networkingv1.NetworkPolicyPeer, namespace string, end naiveEnd) bool {
	if len(list) == 0 {
		return true
	}
	for _, p := range list {
		if p.IPBlock != nil {
			if naiveBlock(p.IPBlock, end.ip) {
				return true
			}
			continue
		}
		if end.pod == nil {
			continue
		}
		if p.NamespaceSelector == nil && end.pod.Namespace != namespace {
			continue
		}
		if p.NamespaceSelector != nil && !naiveSelects(p.NamespaceSelector, c.namespaceLabels(end.pod.Namespace)) {
			continue
		}
		if p.PodSelector == nil || naiveSelects(p.PodSelector, end.pod.Labels) {
			return true
		}
	}
	return false
}

func naiveBlock(b *networkingv1.IPBlock, ip netip.Addr) bool {
	if !netip.MustParsePrefix(b.CIDR).Contains(ip) {
		return false
	}
	for _, x := range b.Except {
		if netip.MustParsePrefix(x).Contains(ip) {
			return false
		}
	}
	return true
}

func (c *naiveCluster) namespaceLabels(name string) map[string]string {
	out := map[string]string{"kubernetes.io/metadata.name": name}
	for _, ns := range c.namespaces {
		if ns.Name == name {
			for k, v := range ns.Labels {
				out[k] = v
			}
		}
	}
	return out
}

// naiveSelects: "The result of matchLabels and matchExpressions are ANDed. An empty
// label selector matches all objects" (metav1.LabelSelector).
func naiveSelects(s *metav1.LabelSelector, labels map[string]string) bool {
	for k, v := range s.MatchLabels {
		if got, ok := labels[k]; !ok || got != v {
			return false
		}
	}
	for _, e := range s.MatchExpressions {
		got, ok := labels[e.Key]
		switch e.Operator {
		case metav1.LabelSelectorOpIn:
			if !ok || !slices.Contains(e.Values, got) {
				return false
			}
		case metav1.LabelSelectorOpNotIn:
			if ok && slices.Contains(e.Values, got) {
				return false
			}
		case metav1.LabelSelectorOpExists:
			if !ok {
				return false
			}
		case metav1.LabelSelectorOpDoesNotExist:
			if ok {
				return false
			}
		}
	}
	return true
}
