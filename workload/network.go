package workload

import (
	"slices"
	"strings"

	"github.com/secgen/secgen/manifest"
)

// entryImages are parts of the names of images that take traffic from outside the
// cluster: ingress controllers and gateways.
var entryImages = []string{
	"/ingress-nginx/controller", "kubernetes-ingress-controller/nginx-ingress-controller", "nginx/nginx-ingress", "nginx-ingress-controller",
	"/traefik:", "/traefik@", "/library/traefik", "/traefik/traefik", "/kong/kubernetes-ingress-controller", "/library/kong", "/kong/kong", "haproxytech/kubernetes-ingress",
	"jcmoraisjr/haproxy-ingress", "/projectcontour/contour", "/emissaryingress/emissary", "/datawire/aes", "/datawire/ambassador",
	"apache/apisix", "zalando/skipper", "registry.opensource.zalan.do/teapot/skipper", "ibmcloud-alb", "/iks/alb", "ingress-gateway",
	"cloudflare/cloudflared", "voyagermesh/haproxy", "openshift/origin-haproxy-router", "nginxinc/nginx-unprivileged-ingress",
}

// proxyImages are proxies that are gateways where they stand alone in a pod, and
// otherwise sidecars.
var proxyImages = []string{"/istio/proxyv2", "/envoyproxy/envoy", "/pilot/proxyv2"}

// networkImages are parts of the names of images that make the cluster's network:
// load balancers, network plugins, DNS.
var networkImages = []string{
	"/metallb/", "/kube-vip", "/keepalived", "/calico/", "/tigera/", "/cilium/", "/flannel", "/coredns", "/kube-proxy", "/antrea", "/weave-",
	"/kube-router", "/multus", "/openebs/", "/k8s-dns-", "/loxilb", "/purelb/", "/ibm-cloud-provider-ip",
}

// TakesTraffic tells whether a pod is an ingress controller or a gateway, by the
// images of its containers.
func (p Pod) TakesTraffic() bool {
	main := p.Spec.Get("containers").Elems()
	for _, c := range main {
		image := "/" + c.Get("image").Str()
		if containsAny(image, entryImages) || len(main) == 1 && containsAny(image, proxyImages) {
			return true
		}
	}
	return false
}

// ServesNetwork tells whether a pod balances traffic, or is a network plugin or a
// DNS server, by the images of its containers. Nobody knows all images there are:
// false means that it is not known to be.
func (p Pod) ServesNetwork() bool {
	return slices.ContainsFunc(p.Spec.Get("containers").Elems(), func(c *manifest.Node) bool {
		return containsAny("/"+c.Get("image").Str(), networkImages)
	})
}

func containsAny(s string, parts []string) bool {
	return slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(s, part) })
}

// NodeLabels lists the labels, as key=value, of which a node must have one or
// all: those of the pod's node selector, and those that every term of its
// required node affinity names.
func (p Pod) NodeLabels() []string {
	var out []string
	for key, value := range p.Spec.Get("nodeSelector").StringMap() {
		out = append(out, key+"="+value)
	}
	terms := p.Spec.Get("affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms").Elems()
	counts := map[string]int{}
	for _, term := range terms {
		named := map[string]bool{}
		for _, e := range term.Get("matchExpressions").Elems() {
			if e.Get("operator").Str() == "In" {
				for _, value := range e.Get("values").Strings() {
					named[e.Get("key").Str()+"="+value] = true
				}
			}
		}
		for label := range named {
			counts[label]++
		}
	}
	for label, n := range counts {
		if n == len(terms) {
			out = append(out, label)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
