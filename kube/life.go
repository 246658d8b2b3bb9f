package kube

import (
	"cmp"
	"sort"
	"strings"
)

// Newest is the minor number of the newest Kubernetes 1.x release whose API is
// known here.
const Newest = 37

// Life is when an API version of a kind goes out of use. Releases are minor
// numbers of Kubernetes 1.x; 0 stands for none.
type Life struct {
	DeprecatedIn, RemovedIn int
	// Replacement is the API version to write instead, followed by the kind where
	// that is another one; "" where there is none.
	Replacement string
}

// apiLife is the life of one kind in one API version.
type apiLife struct {
	apiVersion, kind string
	life             Life
}

// gone holds what k8s.io/api v0.37 no longer has or never had, sorted. Sources:
// https://kubernetes.io/docs/reference/using-api/deprecation-guide/ (custom
// resource definitions, API services, autoscalers, pod security policies), the
// changelogs of 1.19 (AuditSink), 1.20 (PodPreset), 1.21 (batch/v2alpha1), 1.24
// (audit policies) and 1.27 (kubernetes/kubernetes#114540, kubeadm's v1beta2), and
// the package comment of kubeadm's v1beta3.
var gone = [...]apiLife{
	{"apiextensions.k8s.io/v1beta1", "CustomResourceDefinition", Life{16, 22, "apiextensions.k8s.io/v1 CustomResourceDefinition"}},
	{"apiregistration.k8s.io/v1beta1", "APIService", Life{19, 22, "apiregistration.k8s.io/v1 APIService"}},
	{"audit.k8s.io/v1alpha1", "Policy", Life{21, 24, "audit.k8s.io/v1 Policy"}},
	{"audit.k8s.io/v1beta1", "Policy", Life{21, 24, "audit.k8s.io/v1 Policy"}},
	{"auditregistration.k8s.io/v1alpha1", "AuditSink", Life{18, 19, ""}},
	{"autoscaling/v2beta1", "HorizontalPodAutoscaler", Life{22, 25, "autoscaling/v2 HorizontalPodAutoscaler"}},
	{"autoscaling/v2beta2", "HorizontalPodAutoscaler", Life{23, 26, "autoscaling/v2 HorizontalPodAutoscaler"}},
	{"batch/v2alpha1", "CronJob", Life{8, 21, "batch/v1 CronJob"}},
	{"extensions/v1beta1", "PodSecurityPolicy", Life{11, 16, ""}},
	{"kubeadm.k8s.io/v1beta2", "ClusterConfiguration", Life{22, 27, "kubeadm.k8s.io/v1beta4 ClusterConfiguration"}},
	{"kubeadm.k8s.io/v1beta2", "InitConfiguration", Life{22, 27, "kubeadm.k8s.io/v1beta4 InitConfiguration"}},
	{"kubeadm.k8s.io/v1beta2", "JoinConfiguration", Life{22, 27, "kubeadm.k8s.io/v1beta4 JoinConfiguration"}},
	{"kubeadm.k8s.io/v1beta3", "ClusterConfiguration", Life{31, 0, "kubeadm.k8s.io/v1beta4 ClusterConfiguration"}},
	{"kubeadm.k8s.io/v1beta3", "InitConfiguration", Life{31, 0, "kubeadm.k8s.io/v1beta4 InitConfiguration"}},
	{"kubeadm.k8s.io/v1beta3", "JoinConfiguration", Life{31, 0, "kubeadm.k8s.io/v1beta4 JoinConfiguration"}},
	{"policy/v1beta1", "PodSecurityPolicy", Life{21, 25, ""}},
	{"settings.k8s.io/v1alpha1", "PodPreset", Life{0, 20, ""}},
}

// LifeOf tells when a kind goes out of use in an API version; ok is false where
// it is not known to. A replacement that has a life of its own is followed to the
// version that has none.
func LifeOf(apiVersion, kind string) (life Life, ok bool) {
	life, ok = find(lives[:], apiVersion, kind)
	if !ok {
		if life, ok = find(gone[:], apiVersion, kind); !ok {
			return Life{}, false
		}
	}
	version, newKind, _ := strings.Cut(life.Replacement, " ")
	for next, more := find(lives[:], version, newKind); more && next.Replacement != ""; next, more = find(lives[:], version, newKind) {
		version, newKind, _ = strings.Cut(next.Replacement, " ")
	}
	life.Replacement = version
	if newKind != kind && newKind != "" {
		life.Replacement += " " + newKind
	}
	return life, true
}

func find(table []apiLife, apiVersion, kind string) (Life, bool) {
	i, found := sort.Find(len(table), func(i int) int {
		return cmp.Or(cmp.Compare(apiVersion, table[i].apiVersion), cmp.Compare(kind, table[i].kind))
	})
	if !found {
		return Life{}, false
	}
	return table[i].life, true
}
