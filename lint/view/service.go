package view

import (
	"strings"

	"github.com/secgen/secgen/manifest"
	"github.com/secgen/secgen/workload"
)

// sourceRangesAnnotation is the form of spec.loadBalancerSourceRanges that
// cloud providers still read.
const sourceRangesAnnotation = "service.beta.kubernetes.io/load-balancer-source-ranges"

// internalAnnotations ask a cloud for a load balancer that only its private
// network reaches; the value is compared without regard to case.
var internalAnnotations = []struct{ key, value string }{
	{"service.kubernetes.io/ibm-load-balancer-cloud-provider-ip-type", "private"},
	{"service.beta.kubernetes.io/aws-load-balancer-internal", "true"},
	{"service.beta.kubernetes.io/aws-load-balancer-internal", "0.0.0.0/0"},
	{"service.beta.kubernetes.io/aws-load-balancer-scheme", "internal"},
	{"service.beta.kubernetes.io/azure-load-balancer-internal", "true"},
	{"networking.gke.io/load-balancer-type", "internal"},
	{"cloud.google.com/load-balancer-type", "internal"},
	{"service.beta.kubernetes.io/oci-load-balancer-internal", "true"},
	{"service.beta.kubernetes.io/openstack-internal-load-balancer", "true"},
	{"service.beta.kubernetes.io/alibaba-cloud-loadbalancer-address-type", "intranet"},
}

var (
	clusterIP     = text("ClusterIP")
	policyCluster = text("Cluster")
)

func (b *builder) service() *manifest.Node {
	spec, annotations := b.resource.Object.Get("spec"), b.resource.Object.Get("metadata", "annotations")
	facts := facts{}
	facts.set("object", b.object)
	facts.set("type", first(spec.Get("type"), clusterIP))
	facts.set("externalTrafficPolicy", first(spec.Get("externalTrafficPolicy"), policyCluster))
	facts.set("internal", isFalse)
	for _, a := range internalAnnotations {
		if value := annotations.Get(a.key); strings.EqualFold(value.Str(), a.value) {
			facts[len(facts)-1].Value = from(value, isTrue)
		}
	}
	facts.set("sourceRanges", sourceRanges(spec.Get("loadBalancerSourceRanges"), annotations.Get(sourceRangesAnnotation)))
	if selector, err := workload.PlainSelector(spec.Get("selector")); err == nil {
		facts.set("selector", from(spec.Get("selector"), text(selector.String())))
	}
	return facts.node()
}

// sourceRanges is the addresses that a load balancer lets in: the field's or, as
// the cloud providers have it, the annotation's; nothing where one of them holds
// a variable.
func sourceRanges(field, annotation *manifest.Node) *manifest.Node {
	if len(field.Elems()) > 0 {
		return field
	}
	if manifest.Unresolved(annotation.Str()) {
		return nil
	}
	ranges := []*manifest.Node{}
	for part := range strings.SplitSeq(annotation.Str(), ",") {
		if part = strings.TrimSpace(part); part != "" {
			ranges = append(ranges, from(annotation, text(part)))
		}
	}
	return from(annotation, manifest.Of(ranges))
}

func first(values ...*manifest.Node) *manifest.Node {
	for _, v := range values {
		if !v.IsNull() {
			return v
		}
	}
	return nil
}
