package inventory

import (
	"slices"
	"strings"

	"github.com/secgen/secgen/manifest"
)

// builtIn are the API groups of Kubernetes itself. What of them has pods, the
// table of workloads knows.
var builtIn = []string{
	"", "admissionregistration.k8s.io", "apiextensions.k8s.io", "apiregistration.k8s.io", "apps", "autoscaling", "batch",
	"certificates.k8s.io", "coordination.k8s.io", "discovery.k8s.io", "events.k8s.io", "extensions", "flowcontrol.apiserver.k8s.io",
	"networking.k8s.io", "node.k8s.io", "policy", "rbac.authorization.k8s.io", "resource.k8s.io", "scheduling.k8s.io", "storage.k8s.io",
}

// configuring are groups whose objects configure what runs already, so that no
// pods are made of them.
var configuring = []string{
	"acme.cert-manager.io", "autoscaling.k8s.io", "bitnami.com", "caching.internal.knative.dev",
	"cert-manager.io", "cloud.google.com", "cilium.io", "constraints.gatekeeper.sh",
	"crd.projectcalico.org", "external-secrets.io", "image.toolkit.fluxcd.io", "karpenter.sh", "kustomize.config.k8s.io",
	"kustomize.toolkit.fluxcd.io", "kyverno.io", "metallb.io", "networking.gke.io", "networking.internal.knative.dev", "networking.istio.io", "notification.toolkit.fluxcd.io",
	"policy.networking.k8s.io", "portieris.cloud.ibm.com", "projectcalico.org", "projectcontour.io", "route.openshift.io",
	"secrets-store.csi.x-k8s.io", "security.istio.io", "snapshot.storage.k8s.io", "source.toolkit.fluxcd.io", "telemetry.istio.io",
	"templates.gatekeeper.sh", "traefik.containo.us", "traefik.io", "trust.cert-manager.io",
}

// podless are kinds that make no pods, of groups that have others which do.
var podless = []string{
	"argoproj.io/AnalysisTemplate", "argoproj.io/AppProject", "argoproj.io/WorkflowTemplate", "gateway.networking.k8s.io/GRPCRoute",
	"gateway.networking.k8s.io/GatewayClass", "gateway.networking.k8s.io/HTTPRoute", "gateway.networking.k8s.io/ReferenceGrant",
	"gateway.networking.k8s.io/TCPRoute", "gateway.networking.k8s.io/TLSRoute", "keda.sh/ScaledObject", "keda.sh/TriggerAuthentication",
	"monitoring.coreos.com/AlertmanagerConfig", "monitoring.coreos.com/PodMonitor", "monitoring.coreos.com/Probe",
	"monitoring.coreos.com/PrometheusRule", "monitoring.coreos.com/ScrapeConfig", "monitoring.coreos.com/ServiceMonitor",
}

// opaqueOf tells whether a controller may make pods of the object that nobody
// renders, and in which namespace; "" where it may be any.
func opaqueOf(r *manifest.Resource) (namespace string, opaque bool) {
	group := r.ID.Group()
	if slices.Contains(builtIn, group) || slices.Contains(configuring, group) || slices.Contains(podless, group+"/"+r.ID.Kind) {
		return "", false
	}
	spec := r.Object.Get("spec")
	namespace = r.ID.Namespace
	switch r.ID.Kind {
	case "HelmRelease", "HelmChart":
		if target := spec.Get("targetNamespace").Str(); target != "" {
			namespace = target
		}
	case "Application":
		namespace = spec.Get("destination", "namespace").Str()
	}
	if strings.ContainsAny(namespace, "${}") {
		namespace = ""
	}
	return namespace, true
}
