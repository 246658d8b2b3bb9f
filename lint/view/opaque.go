package view

import (
	"slices"
	"strings"

	"github.com/secgen/secgen/manifest"
)

// Opaque is an object of which a controller may make pods that nobody renders: a
// custom resource that secgen does not know, a Helm release.
type Opaque struct {
	ID manifest.ID
	// Namespace is where the pods may land, "" for anywhere.
	Namespace string
}

// podless are groups of custom resources of which no pods are made.
var podless = []string{
	"acme.cert-manager.io", "addons.cluster.x-k8s.io", "autoscaling.k8s.io", "bitnami.com", "cert-manager.io", "cilium.io",
	"cluster.x-k8s.io", "configuration.konghq.com", "constraints.gatekeeper.sh", "crd.projectcalico.org", "extensions.istio.io",
	"external-secrets.io", "generators.external-secrets.io", "image.toolkit.fluxcd.io", "infrastructure.cluster.x-k8s.io",
	"karpenter.sh", "kustomize.config.k8s.io", "kyverno.io", "metallb.io", "mutations.gatekeeper.sh", "networking.istio.io",
	"notification.toolkit.fluxcd.io", "policy.linkerd.io", "policy.networking.k8s.io", "portieris.cloud.ibm.com",
	"projectcalico.org", "projectcontour.io", "quota.openshift.io", "route.openshift.io", "secrets-store.csi.x-k8s.io",
	"security.istio.io", "security.openshift.io", "snapshot.storage.k8s.io", "source.toolkit.fluxcd.io", "telemetry.istio.io",
	"templates.gatekeeper.sh", "traefik.containo.us", "traefik.io", "trust.cert-manager.io", "user.openshift.io", "velero.io",
	// Files that components of the control plane read.
	"apiserver.config.k8s.io", "audit.k8s.io", "kubeadm.k8s.io", "kubelet.config.k8s.io",
}

// podlessKinds are further custom resources of which no pods are made, in groups
// that have others of which pods are made.
var podlessKinds = []string{
	"argoproj.io/AnalysisTemplate", "argoproj.io/AppProject", "argoproj.io/ClusterAnalysisTemplate", "argoproj.io/ClusterWorkflowTemplate",
	"argoproj.io/WorkflowTemplate",
	"gateway.networking.k8s.io/GRPCRoute", "gateway.networking.k8s.io/GatewayClass", "gateway.networking.k8s.io/HTTPRoute",
	"gateway.networking.k8s.io/ReferenceGrant", "gateway.networking.k8s.io/TCPRoute", "gateway.networking.k8s.io/TLSRoute",
	"keda.sh/ClusterTriggerAuthentication", "keda.sh/ScaledObject", "keda.sh/TriggerAuthentication",
	"monitoring.coreos.com/AlertmanagerConfig", "monitoring.coreos.com/PodMonitor", "monitoring.coreos.com/Probe",
	"monitoring.coreos.com/PrometheusRule", "monitoring.coreos.com/ScrapeConfig", "monitoring.coreos.com/ServiceMonitor",
}

// builtInGroups are those of Kubernetes itself. What of them has pods, the table
// of workloads knows.
var builtInGroups = []string{
	"", "admissionregistration.k8s.io", "apiextensions.k8s.io", "apiregistration.k8s.io", "apps", "autoscaling", "batch",
	"certificates.k8s.io", "coordination.k8s.io", "discovery.k8s.io", "events.k8s.io", "extensions", "flowcontrol.apiserver.k8s.io",
	"networking.k8s.io", "node.k8s.io", "policy", "rbac.authorization.k8s.io", "resource.k8s.io", "scheduling.k8s.io",
	"storage.k8s.io", "storagemigration.k8s.io",
}

// opaqueOf tells whether pods that nobody renders may come of an object, and
// where they may land.
func opaqueOf(r *manifest.Resource) (Opaque, bool) {
	group := r.ID.Group()
	if slices.Contains(builtInGroups, group) || slices.Contains(podless, group) || slices.Contains(podlessKinds, group+"/"+r.ID.Kind) {
		return Opaque{}, false
	}
	spec := r.Object.Get("spec")
	o := Opaque{ID: r.ID, Namespace: r.ID.Namespace}
	switch group + "/" + r.ID.Kind {
	case "argoproj.io/Application":
		o.Namespace = spec.Get("destination", "namespace").Str()
	case "argoproj.io/ApplicationSet":
		o.Namespace = ""
	case "kustomize.toolkit.fluxcd.io/Kustomization":
		if spec.Get("sourceRef", "name").Str() == "flux-system" {
			return Opaque{}, false // this repository, whose roots are all read
		}
		o.Namespace = spec.Get("targetNamespace").Str()
	case "helm.toolkit.fluxcd.io/HelmRelease", "helm.cattle.io/HelmChart":
		if target := spec.Get("targetNamespace").Str(); target != "" {
			o.Namespace = target
		}
	}
	if strings.Contains(o.Namespace, "$") || strings.Contains(o.Namespace, "{") {
		o.Namespace = ""
	}
	return o, true
}
