package netpol

import (
	"net/netip"

	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/workload"
)

// readPods adds an endpoint for each pod template of a resource.
func (w *world) readPods(r *manifest.Resource, table *workload.Table) {
	for _, pod := range table.Pods(r) {
		host, _ := pod.Spec.Get("hostNetwork").Bool()
		namespace, account := w.namespaceOf(r), pod.ServiceAccount()
		e := &Endpoint{
			Kind: Pod, Resource: r, Path: pod.Path, Namespace: namespace, ServiceAccount: account,
			Labels: pod.Metadata.Get("labels").StringMap(), Ports: podPorts(pod), Addrs: w.podAddrs, HostNetwork: host,
		}
		e.all = labels{
			own: e.Labels, fixed: podLabels(namespace, account), open: controllerLabels(r.ID.Kind),
			namespace: w.namespace(namespace), account: w.account(namespace, account),
		}
		if host {
			// Calico has no workload endpoint for a pod in the host's network
			// (IsValidCalicoWorkloadEndpoint); selectors never see its labels.
			e.all, e.Addrs, e.profile = labels{}, w.nodeAddrs, profileNone
		}
		w.endpoints = append(w.endpoints, e)
	}
}

// controllerLabels are those that a controller adds to its pods, with values that
// are only known at run time.
func controllerLabels(kind string) map[string]bool {
	switch kind {
	case "Deployment", "ReplicaSet":
		return map[string]bool{"pod-template-hash": true}
	case "DaemonSet":
		return map[string]bool{"controller-revision-hash": true, "pod-template-generation": true}
	case "StatefulSet":
		return map[string]bool{
			"controller-revision-hash": true, "statefulset.kubernetes.io/pod-name": true, "apps.kubernetes.io/pod-index": true,
		}
	case "Job", "CronJob":
		return map[string]bool{
			"job-name": true, "controller-uid": true, "batch.kubernetes.io/job-name": true,
			"batch.kubernetes.io/controller-uid": true, "batch.kubernetes.io/job-completion-index": true,
		}
	}
	return nil
}

// podPorts are the named ports of a pod: those of its containers, and of
// sidecars, which run beside them.
func podPorts(pod workload.Pod) []EndpointPort {
	var out []EndpointPort
	for _, c := range pod.Containers() {
		if c.Kind == workload.Init || c.Kind == workload.Ephemeral {
			continue
		}
		for _, p := range c.Node.Get("ports").Elems() {
			name := p.Get("name").Str()
			number, ok := p.Get("containerPort").Int()
			if name == "" || !ok || number < 1 || number > 65535 {
				continue
			}
			proto := ProtoTCP
			if text := p.Get("protocol"); !text.IsNull() {
				if proto, ok = protocolNumber(text); !ok {
					continue
				}
			}
			out = append(out, EndpointPort{Name: name, Protocol: proto, Number: uint16(number)})
		}
	}
	return out
}

// readCalico adds host endpoints and network sets.
func (w *world) readCalico(r *manifest.Resource) {
	if !isCalico(r.ID) {
		return
	}
	own := r.Object.Get("metadata", "labels").StringMap()
	switch r.ID.Kind {
	case "HostEndpoint":
		spec := r.Object.Get("spec")
		e := &Endpoint{
			Kind: Host, Resource: r, Labels: own, Addrs: netsOf(spec.Get("expectedIPs")),
			iface: spec.Get("interfaceName").Str(), profile: hostProfile(spec.Get("profiles").Strings()), Ports: hostPorts(spec.Get("ports")),
		}
		w.addEndpoint(e)
	case "GlobalNetworkSet":
		w.sets = append(w.sets, networkSet{labels: labels{own: own}, addrs: netsOf(r.Object.Get("spec", "nets"))})
	case "NetworkSet":
		ns := w.namespaceOf(r)
		w.sets = append(w.sets, networkSet{
			labels: labels{own: own, fixed: map[string]string{labelNamespace: ns}, namespace: w.namespace(ns)},
			addrs:  netsOf(r.Object.Get("spec", "nets")),
		})
	}
}

// addHost adds a host endpoint that the options declare.
func (w *world) addHost(h HostEndpoint) {
	r := &manifest.Resource{
		ID:     manifest.ID{APIVersion: "projectcalico.org/v3", Kind: "HostEndpoint", Name: h.Name},
		Object: manifest.Of(map[string]any{}),
	}
	w.addEndpoint(&Endpoint{
		Kind: Host, Resource: r, Labels: h.Labels, iface: h.Interface, Addrs: AddrsOf(h.Addresses...), profile: profileDeny,
	})
}

func (w *world) addEndpoint(e *Endpoint) {
	e.all = labels{own: e.Labels}
	// Selectors reach a host endpoint by its expected addresses, which is why they
	// are a network set as well (api HostEndpointSpec.ExpectedIPs).
	w.sets = append(w.sets, networkSet{labels: e.all, addrs: e.Addrs})
	if e.Addrs.Empty() {
		e.Addrs = w.nodeAddrs
	}
	w.endpoints = append(w.endpoints, e)
}

// hostProfile is the verdict of a host endpoint's profiles. Calico gives its
// automatic host endpoints the profile projectcalico-default-allow; without any
// profile traffic is denied.
func hostProfile(names []string) profile {
	switch {
	case len(names) == 0:
		return profileDeny
	case len(names) == 1 && names[0] == "projectcalico-default-allow":
		return profileAllow
	}
	return profileUnknown
}

func hostPorts(n *manifest.Node) []EndpointPort {
	var out []EndpointPort
	for _, p := range n.Elems() {
		proto, ok := protocolNumber(p.Get("protocol"))
		number, isInt := p.Get("port").Int()
		if ok && isInt && number > 0 && number <= 65535 {
			out = append(out, EndpointPort{Name: p.Get("name").Str(), Protocol: proto, Number: uint16(number)})
		}
	}
	return out
}

// netsOf reads a list of CIDRs and addresses; validation reports those that are
// neither.
func netsOf(n *manifest.Node) Addrs {
	var list []netip.Prefix
	for _, text := range n.Strings() {
		if p, err := parseNet(text); err == nil {
			list = append(list, p)
		}
	}
	return AddrsOf(list...)
}

// parseNet reads a CIDR, or an address as the CIDR of it alone.
func parseNet(text string) (netip.Prefix, error) {
	if p, err := netip.ParsePrefix(text); err == nil {
		return p, nil
	}
	addr, err := netip.ParseAddr(text)
	if err != nil {
		return netip.Prefix{}, err
	}
	return netip.PrefixFrom(addr, addr.BitLen()), nil
}

// protocolNumber reads a protocol by name, in either case, or number.
func protocolNumber(n *manifest.Node) (uint8, bool) {
	if i, ok := n.Int(); ok {
		return uint8(i), i > 0 && i < 256
	}
	for _, proto := range []uint8{ProtoTCP, ProtoUDP, ProtoSCTP, ProtoICMP, ProtoICMPv6, ProtoUDPLite} {
		if n != nil && n.Kind == manifest.String && equalFold(n.Text, protoName(proto)) {
			return proto, true
		}
	}
	return 0, false
}
