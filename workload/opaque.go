package workload

import (
	"slices"
	"strings"

	"github.com/secgen/secgen/manifest"
)

// builtInGroups are the API groups of Kubernetes itself. What of them has pods,
// the table knows.
var builtInGroups = []string{
	"", "admissionregistration.k8s.io", "apiextensions.k8s.io", "apiregistration.k8s.io", "apps", "autoscaling", "batch",
	"certificates.k8s.io", "coordination.k8s.io", "discovery.k8s.io", "events.k8s.io", "extensions", "flowcontrol.apiserver.k8s.io",
	"networking.k8s.io", "node.k8s.io", "policy", "rbac.authorization.k8s.io", "resource.k8s.io", "scheduling.k8s.io",
	"storage.k8s.io", "storagemigration.k8s.io",
}

// podless are groups of custom resources of which no pods are made.
var podless = []string{
	"acme.cert-manager.io", "addons.cluster.x-k8s.io", "app.k8s.io", "autoscaling.k8s.io", "bitnami.com", "bootstrap.cluster.x-k8s.io", "caching.internal.knative.dev",
	"cert-manager.io", "cilium.io", "cloud.google.com", "cluster.x-k8s.io", "configuration.konghq.com", "constraints.gatekeeper.sh",
	"controlplane.cluster.x-k8s.io",
	"crd.projectcalico.org", "extensions.istio.io", "external-secrets.io", "generators.external-secrets.io", "image.toolkit.fluxcd.io",
	"infrastructure.cluster.x-k8s.io", "karpenter.sh", "kustomize.config.k8s.io", "kyverno.io", "metallb.io", "mutations.gatekeeper.sh",
	"networking.gke.io", "networking.internal.knative.dev", "networking.istio.io", "notification.toolkit.fluxcd.io", "policy.linkerd.io",
	"policy.networking.k8s.io", "portieris.cloud.ibm.com", "projectcalico.org", "projectcontour.io", "quota.openshift.io",
	"route.openshift.io", "secrets-store.csi.x-k8s.io", "security.istio.io", "security.openshift.io", "snapshot.storage.k8s.io",
	"source.toolkit.fluxcd.io", "telemetry.istio.io", "templates.gatekeeper.sh", "traefik.containo.us", "traefik.io",
	"trust.cert-manager.io", "user.openshift.io", "velero.io",
	// Files that components of the control plane read.
	"apiserver.config.k8s.io", "audit.k8s.io", "kubeadm.k8s.io", "kubelet.config.k8s.io", "kubeproxy.config.k8s.io",
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

// IsBuiltIn tells whether an API group is one of Kubernetes itself.
func IsBuiltIn(group string) bool { return slices.Contains(builtInGroups, group) }

// Opaque tells whether a controller may make pods of an object that nobody
// renders (a custom resource that is not known, a Helm release), and in which
// namespace; "" where it may be any. What the table knows is not opaque.
func (t *Table) Opaque(r *manifest.Resource) (namespace string, opaque bool) {
	group := r.ID.Group()
	if t.Knows(r.ID) || IsBuiltIn(group) || slices.Contains(podless, group) || slices.Contains(podlessKinds, group+"/"+r.ID.Kind) {
		return "", false
	}
	spec := r.Object.Get("spec")
	namespace = r.ID.Namespace
	switch group + "/" + r.ID.Kind {
	case "argoproj.io/Application":
		namespace = spec.Get("destination", "namespace").Str()
	case "argoproj.io/ApplicationSet":
		namespace = ""
	case "kustomize.toolkit.fluxcd.io/Kustomization":
		if spec.Get("sourceRef", "name").Str() == "flux-system" {
			return "", false // this repository, whose roots are all read
		}
		namespace = spec.Get("targetNamespace").Str()
	case "helm.toolkit.fluxcd.io/HelmRelease", "helm.fluxcd.io/HelmRelease", "helm.cattle.io/HelmChart":
		if target := spec.Get("targetNamespace").Str(); target != "" {
			namespace = target
		}
	}
	if strings.ContainsAny(namespace, "${}") {
		namespace = ""
	}
	return namespace, true
}
